"""Every card of every transcript is legal and readable on each platform and in each language, not only in its own."""

import html

import pytest

from bot.slack.modal import view
from bot.slack.render import home
from bot.telegram.render import render
from domain.people import Language
from handlers.view import Card, encode
from tests.support.rendered import TOKEN, illegal_on_slack, illegal_on_telegram, slack_arguments
from tests.support.shown import shown_in_transcripts
from tests.support.slack_payloads import check_view, objects_in

# One worker plays all transcripts once for every test that looks at their cards.
pytestmark = pytest.mark.xdist_group("transcripts")


def cards() -> list[tuple[str, Card]]:
    """Each different card once, with a file that shows it."""
    return list({encode(shown.card): (name, shown.card) for name, shown in shown_in_transcripts()}.values())


@pytest.mark.parametrize("language", Language)
def test_telegram_takes_every_card(language: Language) -> None:
    wrong = [
        (name, problems, message.html)
        for name, card in cards()
        for message in [render(card, language, TOKEN)]
        if (problems := illegal_on_telegram(message))
    ]
    assert not wrong


@pytest.mark.parametrize("language", Language)
def test_slack_takes_every_card(language: Language) -> None:
    wrong = [
        (name, problems, encode(card))
        for name, card in cards()
        if (problems := illegal_on_slack(card, language))
    ]
    assert not wrong


@pytest.mark.parametrize("language", Language)
def test_slack_takes_every_form(language: Language) -> None:
    forms = [(name, card) for name, card in cards() if card.form]
    assert forms
    wrong = [
        (name, problems) for name, card in forms if (problems := check_view(view(card, language, TOKEN)))
    ]
    assert not wrong


def test_slack_takes_every_card_as_a_home() -> None:
    for number, (name, card) in enumerate(cards()):
        language = list(Language)[number % len(Language)]
        assert check_view(home(card, language, TOKEN)) == [], name


@pytest.mark.parametrize("language", Language)
def test_a_card_says_the_same_on_both_platforms_and_has_the_same_buttons(language: Language) -> None:
    for name, card in cards():
        message, said = render(card, language, TOKEN), slack_arguments(card, language)
        keys = [key for row in message.keyboard for key in row]
        assert len({data for _, data in keys}) == sum(map(len, card.rows)), name
        buttons = [each for each in objects_in(said["blocks"]) if each.get("type") == "button"]
        pressed = [(each["text"]["text"].replace("/pace ", "/"), each["value"]) for each in buttons]
        # Where there are forms, one more button opens it.
        fill_in = f"{TOKEN}.{len(card.commands) - 1}" if card.form else None
        assert [each for each in pressed if each[1] != fill_in] == keys, name
        assert len(pressed) == len(card.commands), name
        # Slack's own command stands where on Telegram there is a slash, a joiner keeps mentions from coming alive.
        assert html.unescape(said["text"]).replace("/pace ", "/").replace("\u2060", "") == message.plain, name
