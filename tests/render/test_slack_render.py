"""Every card is a legal Slack message, and nobody's words become a mention, a link or formatting."""

from typing import Any

import pytest

from bot.slack.render import LONGEST_LABEL, LONGEST_TEXT, MOST_BLOCKS, blocks, text
from domain.people import Language
from handlers.view import Button, Card, Facts, Line, Mark, Note, Progress, Steps, card, t
from tests.support.rendered import TOKEN, illegal_on_slack
from tests.support.slack_payloads import objects_in

LIVE_NAMES = (
    "<!channel> Ltd",
    "<!here>",
    "<@U1>",
    "<#C1|general>",
    "<!subteam^S1>",
    "<http://evil.example|Acme>",
    "<mailto:a@b.example|write>",
    "*bold* _it_ ~gone~ `code`",
    ":tada: @here",
    "& < > &lt;!channel&gt;",
    "```block```\n> quote",
    "=1+1",
    "</b><a href=x>",
)


def everything(words: str) -> Card:
    """A card with these words wherever words of a person can stand."""
    return card(
        words,
        Line(words, Mark.DONE),
        Facts(((t("parts.result.label"), words), (words, words))),
        Progress(words, 2, 5),
        Steps(((Mark.OPEN, words), (Mark.DONE, words))),
        Note(words),
        Note(words, code=True),
        rows=((Button(words, "/today"), Button("Undo", "/undo")), (Button(words, "/help"),)),
    )


def texts(body: Any) -> list[str]:
    return [item["text"] for item in objects_in(body) if isinstance(item.get("text"), str)]


def test_a_card_as_blocks() -> None:
    shown = card(
        "Blue Harbor visit, 10:52",
        Progress("Visits", 2, 4),
        Facts((("Result", "budget confirmed"),)),
        Note("One more is needed."),
        Note("visit Acme\nmet: Li Wei", code=True),
        rows=((Button("Undo", "/undo 5"), Button("Today", "/today")), (Button("Help", "/help"),)),
    )
    title = {"type": "text", "text": "Blue Harbor visit, 10:52", "style": {"bold": True}}
    rest = {"type": "text", "text": "\nVisits ▮▮▯▯ 2/4\nResult: budget confirmed"}

    def press(index: int, label: str) -> dict[str, Any]:
        words = {"type": "plain_text", "text": label, "emoji": False}
        return {
            "type": "button",
            "text": words,
            "action_id": f"press.{index}",
            "value": f"{TOKEN}.{index}",
        }

    code = {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": "visit Acme\nmet: Li Wei"}],
    }
    note = {"type": "plain_text", "text": "One more is needed.", "emoji": False}
    assert blocks(shown, Language.EN, TOKEN) == [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [title, rest]}]},
        {"type": "context", "elements": [note]},
        {"type": "rich_text", "elements": [code]},
        {"type": "actions", "elements": [press(0, "Undo"), press(1, "Today")]},
        {"type": "actions", "elements": [press(2, "Help")]},
    ]
    assert text(shown, Language.EN).startswith("Blue Harbor visit, 10:52\nVisits ▮▮▯▯ 2/4\n")
    assert illegal_on_slack(shown, Language.EN) == []


def test_the_words_of_the_catalogue_come_in_the_readers_language() -> None:
    shown = card(t("answer.nothing_to_read"), rows=((Button(t("button.cancel"), "/cancel"),),))
    english, chinese = (texts(blocks(shown, each, TOKEN)) for each in (Language.EN, Language.ZH))
    assert len(english) == len(chinese) == 2
    assert not set(english) & set(chinese)
    assert text(shown, Language.ZH) == chinese[0]


def test_commands_are_shown_as_they_are_typed_on_slack() -> None:
    shown = card(t("answer.nothing_to_read"), Note("/visit Acme\nmet: /Li", code=True), Line("/srv Ltd"))
    found = texts(blocks(shown, Language.EN, None))
    assert "/pace visit Acme\nmet: /Li" in found and "/srv Ltd" in found
    assert "\n/pace visit Acme\n" in text(shown, Language.EN)


def test_without_a_token_there_are_no_buttons() -> None:
    assert {each["type"] for each in blocks(everything("Acme"), Language.EN, None)} == {
        "rich_text",
        "context",
    }


@pytest.mark.parametrize("name", LIVE_NAMES)
def test_nobodys_words_become_a_mention_a_link_or_formatting(name: str) -> None:
    shown = everything(name)
    assert illegal_on_slack(shown, Language.EN) == []
    made = blocks(shown, Language.EN, TOKEN)
    kinds = {item.get("type") for item in objects_in(made)}
    # Nothing of what Slack parses, and no element that stands for a person, a channel or a link.
    assert kinds <= {
        "rich_text",
        "rich_text_section",
        "rich_text_preformatted",
        "text",
        "plain_text",
        "context",
        "actions",
        "button",
        None,
    }
    assert not {"<!", "<@", "<#"} & {said[i : i + 2] for said in texts(made) for i in range(len(said))}
    assert "<" not in text(shown, Language.EN) and ">" not in text(shown, Language.EN)
    # What a person reads is what was written.
    assert name.splitlines()[0] in texts(made)[0].replace("\u2060", "")


@pytest.mark.parametrize(
    "char", ["a", "&", "\u62dc", "\U0001f600", "e\u0301", "x\n", "\U0001f468\u200d\U0001f469"]
)
def test_long_words_are_split_or_cut_within_the_limits(char: str) -> None:
    shown = everything(char * 4000)
    assert illegal_on_slack(shown, Language.EN) == []
    made = blocks(shown, Language.EN, TOKEN)
    assert max(map(units, texts(made))) <= LONGEST_TEXT
    assert (
        max(units(item["text"]["text"]) for item in objects_in(made) if item.get("type") == "button")
        <= LONGEST_LABEL
    )
    for said in texts(made):
        assert not said.startswith(("\u0301", "\u200d")), "an accent or a joined emoji was cut in two"


def test_a_long_text_is_split_without_losing_a_word() -> None:
    words = [f"line {number} of a long report" for number in range(400)]
    shown = card("Report", Line("\n".join(words)))
    found = "\n".join(texts(blocks(shown, Language.EN, None)))
    assert [line for line in found.split("\n") if line] == ["Report", *words]


def test_more_blocks_than_slack_takes_are_cut_and_the_buttons_stay() -> None:
    many: list[Any] = []
    for number in range(60):
        many += [Line(f"line {number}"), Note(f"note {number}")]
    shown = card(*many, rows=((Button("Today", "/today"),),))
    made = blocks(shown, Language.EN, TOKEN)
    assert len(made) == MOST_BLOCKS
    assert made[-1]["type"] == "actions"
    assert illegal_on_slack(shown, Language.EN) == []


def test_blank_words_still_make_a_legal_message() -> None:
    assert illegal_on_slack(everything(" "), Language.EN) == []
    assert illegal_on_slack(card("\n"), Language.EN) == []
    assert text(card(" "), Language.EN).strip()


def units(said: str) -> int:
    return len(said.encode("utf-16-le", "surrogatepass")) // 2
