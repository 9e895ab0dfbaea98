"""A card as plain JSON for the page: text only, never markup; the page makes elements of it."""

from typing import Any, assert_never

from bot.layout import SIGNS
from domain.people import Language
from handlers.view import (
    Attachment,
    Block,
    Card,
    Chart,
    Facts,
    Form,
    Line,
    Mark,
    Note,
    Progress,
    Steps,
    Words,
    t,
)
from handlers.words import catalogue


def render(shown: Card, language: Language, token: str | None) -> dict[str, Any]:
    """The blocks in order, the rows of buttons, each with what a press sends, and the form."""
    numbers = iter(range(len(shown.commands)))
    rows = [
        [
            {"label": _say(button.label, language), "token": f"{token}.{next(numbers)}" if token else ""}
            for button in row
        ]
        for row in shown.rows
    ]
    return {
        "blocks": [block(each, language) for each in shown.blocks],
        "rows": rows,
        "form": form(shown.form, language, f"{token}.{next(numbers)}") if shown.form and token else None,
    }


def form(shown: Form, language: Language, token: str) -> dict[str, Any]:
    """The fields in order and what a submission sends; a part without a label of its own is called by its question."""
    return {
        "title": _say(shown.title, language),
        "token": token,
        "fields": [
            {
                "name": each.name,
                "label": _say(each.label, language),
                "ask": "" if each.ask == each.label else _say(each.ask, language),
                "required": each.required,
                "value": each.value,
                "options": [[_say(label, language), code] for label, code in each.options],
                "lines": each.lines,
            }
            for each in shown.fields
        ],
    }


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
        case Attachment(_, name, kind, alt):
            return {"kind": kind, "name": name, "text": _say(alt, language)}
        case Chart(_, alt, _):
            return {"kind": "chart", "text": _say(alt, language)}
        case _:
            assert_never(each)


def _say(words: Words, language: Language) -> str:
    return catalogue().say(words, language)


def _sign(mark: Mark | None) -> str:
    return SIGNS[mark] if mark else ""
