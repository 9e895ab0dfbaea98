"""Cards as Telegram messages: legal whatever people type, whole within the limits, the same words without markup."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.telegram.render import BUTTONS_MOST, TEXT_MOST, Message, render
from domain.people import Language
from handlers.view import Button, Card, Facts, Line, Mark, Note, Progress, Steps, card, t
from tests.support.arguments import utf16_length
from tests.support.rendered import TOKEN, illegal_on_telegram, telegram_arguments
from tests.support.telegram_payloads import formatted_text

HOSTILE = {
    "open tag": "<b>",
    "closing tag and link": '</b><a href="http://evil.example">Acme</a>',
    "closing pre": "</pre></code><pre>",
    "entity": "Fish & Chips &lt;script&gt; &#60;b&#62;",
    "script": "<script>alert(1)</script>",
    "right to left": "\u202eemca\u202c \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "zero width": "A\u200bc\u200dm\ufeffe",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e8\U0001f1f3",
    "long": "x" * 10_000,
    "long astral": "\U0001f600" * 10_000,
    "long ampersands": "&" * 10_000,
    "broken surrogate": "A\ud83dB",
    "control": "A\x00B\x1b[31mC\x7f",
    "markdown": "*_`[Acme](http://evil.example)~|",
    "blank": "   ",
    "mention": "@everyone /start #tag",
}


def shown_text(message: Message) -> str:
    return formatted_text(telegram_arguments(message)).text


def kinds(message: Message) -> list[str]:
    return [entity["type"] for entity in formatted_text(telegram_arguments(message)).entities]


def everything(name: str) -> Card:
    """Somebody's words in every place of a card where words can stand."""
    return card(
        Line(t("undo.done", what=name), Mark.DONE),
        Line(name),
        Facts(((t("parts.result.label"), name), (name, t("parts.result.label")))),
        Progress(name, 1, 10),
        Steps(((Mark.OPEN, name), (Mark.DONE, name))),
        Note(name),
        Note(name, code=True),
        Note(f"{name}\n{name}", code=True),
        rows=((Button(name, "/today"), Button(t("button.today"), f"/visit {name}")),),
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_legal_everywhere(name: str, language: Language) -> None:
    assert illegal_on_telegram(render(everything(name), language, TOKEN)) == []


@pytest.mark.parametrize("name", ["<b>", "Fish & Chips &lt;", '</b><a href="http://evil.example">Acme</a>'])
def test_what_people_typed_is_shown_as_typed_and_becomes_no_markup(name: str) -> None:
    message = render(card(Line(name), Line(name), Note(name)), Language.EN, None)
    assert shown_text(message).split("\n") == [name, name, name]
    assert kinds(message) == ["bold"]
    assert message.plain.split("\n") == [name, name, name]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=1500), max_size=12), st.sampled_from(list(Language)))
def test_any_words_are_legal(words: list[str], language: Language) -> None:
    blocks = [
        Note(each, code=number % 3 == 2) if number % 2 else Line(each) for number, each in enumerate(words)
    ]
    message = render(card(*blocks, rows=((Button(words[0] if words else "", "/x"),),)), language, TOKEN)
    assert illegal_on_telegram(message) == []
    assert utf16_length(shown_text(message)) <= 4096


def test_one_long_line_leaves_room_for_the_rest_of_the_card() -> None:
    message = render(card(Line("x" * 10_000), Line("after")), Language.EN, None)
    first, second = shown_text(message).split("\n")
    assert first.endswith("…") and len(first) == 1000
    assert second == "after"


def test_a_card_too_long_ends_at_a_line_and_says_so() -> None:
    message = render(card(*(Line(f"{number} " + "&" * 90) for number in range(100))), Language.EN, None)
    *whole, last = shown_text(message).split("\n")
    assert last == "…"
    assert all(len(line) >= 92 and line.endswith("&" * 90) for line in whole)
    assert TEXT_MOST - 200 < utf16_length(shown_text(message)) <= 4096


def test_code_too_long_is_left_out_whole() -> None:
    code = Note("\n".join("z" * 100 for _ in range(20)), code=True)
    message = render(card(*(Line("y" * 900) for _ in range(4)), code), Language.EN, None)
    assert illegal_on_telegram(message) == []
    assert "z" not in shown_text(message)
    assert shown_text(message).endswith("\n…")


def test_the_first_line_is_bold_and_examples_can_be_copied() -> None:
    message = render(
        card(Line("Title"), Line("body"), Note("/visit Acme", code=True), Note("/visit\nmet: Li", code=True)),
        Language.EN,
        None,
    )
    assert message.html == "<b>Title</b>\nbody\n<code>/visit Acme</code>\n<pre>/visit\nmet: Li</pre>"


def test_buttons_count_over_all_rows_and_fit_in_64_bytes() -> None:
    rows = (
        (Button("a", "/a"), Button("b", "/b")),
        (Button("c", "/c"),),
        tuple(Button(str(number), "/n") for number in range(10)),
    )
    message = render(card("x", rows=rows), Language.EN, TOKEN)
    data = [key for row in message.keyboard for _, key in row]
    assert data == [f"{TOKEN}.{index}" for index in range(13)]
    assert [len(row) for row in message.keyboard] == [2, 1, 8, 2]
    assert max(len(each.encode()) for each in data) <= 64
    assert illegal_on_telegram(message) == []


def test_more_buttons_than_telegram_takes_are_cut() -> None:
    rows = tuple((Button("a", "/a"), Button("b", "/b"), Button("c", "/c")) for _ in range(50))
    message = render(card("x", rows=rows), Language.EN, TOKEN)
    assert sum(map(len, message.keyboard)) == BUTTONS_MOST
    assert illegal_on_telegram(message) == []


def test_a_card_without_a_token_has_no_buttons() -> None:
    assert render(card("x", rows=((Button("a", "/a"),),)), Language.EN, None).markup is None


@pytest.mark.parametrize("blocks", [(), (Line(""),), (Line(" "), Note("\n", code=True))])
def test_a_card_without_words_is_still_a_message(blocks: tuple[Line | Note, ...]) -> None:
    assert illegal_on_telegram(render(card(*blocks), Language.EN, None)) == []


@pytest.mark.parametrize("language", Language)
def test_a_day_card_looks_like_this(language: Language, snapshot: SnapshotAssertion) -> None:
    shown = card(
        Line(t("day.open", on=date(2026, 3, 3))),
        Line("10:00 R&D <Labs>"),
        Progress(t("metric.visits.bar"), 3, 10),
        Steps(((Mark.OPEN, "R&D"), (Mark.DONE, t("button.today")))),
        Facts(((t("parts.result.label"), "ok"),)),
        Note(t("visit.command.example"), code=True),
        rows=((Button(t("button.visit"), "/visit"), Button(t("button.more"), "/today more")),),
    )
    message = render(shown, language, TOKEN)
    assert illegal_on_telegram(message) == []
    assert f"{message.html}\n\n{json.dumps(message.markup, ensure_ascii=False)}" == snapshot
