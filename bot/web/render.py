"""A card as plain JSON for the page: text only, never markup; the page makes elements of it."""

from typing import Any, assert_never

from bot.layout import SIGNS
from domain.people import Language
from handlers.view import Block, Card, Facts, Line, Mark, Note, Progress, Steps, Words, t
from handlers.words import catalogue


def render(shown: Card, language: Language, token: str | None) -> dict[str, Any]:
    """The blocks in order and the rows of buttons, each button with what a press sends."""
    numbers = iter(range(len(shown.commands)))
    rows = [
        [
            {"label": _say(button.label, language), "token": f"{token}.{next(numbers)}" if token else ""}
            for button in row
        ]
        for row in shown.rows
    ]
    return {"blocks": [block(each, language) for each in shown.blocks], "rows": rows}


def block(each: Block, language: Language) -> dict[str, Any]:
    """One block; a mark is its sign, whose meaning also stands in the words."""
    match each:
        case Line(words, mark):
            return {"kind": "line", "mark": _sign(mark), "text": _say(words, language)}
        case Facts(pairs):
            return {
                "kind": "facts",
                # The label with the colon its language uses.
                "pairs": [
                    [_say(t("formats.pair", label=label, value=""), language), _say(value, language)]
                    for label, value in pairs
                ],
            }
        case Progress(label, actual, target):
            return {
                "kind": "progress",
                "label": _say(label, language),
                "actual": actual,
                "target": target,
            }
        case Steps(items):
            return {
                "kind": "steps",
                "items": [[_sign(mark), _say(words, language)] for mark, words in items],
            }
        case Note(words, code):
            return {"kind": "code" if code else "note", "text": _say(words, language)}
        case _:
            assert_never(each)


def _say(words: Words, language: Language) -> str:
    return catalogue().say(words, language)


def _sign(mark: Mark | None) -> str:
    return SIGNS[mark] if mark else ""
