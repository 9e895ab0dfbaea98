"""Cards as plain lines: bars, marks and rows of labels, with the width of Chinese glyphs respected."""

import unicodedata
from typing import assert_never

from domain.files import FileKind
from domain.people import Language
from handlers.view import Attachment, Block, Card, Chart, Facts, Line, Mark, Note, Progress, Steps, Words, t
from handlers.words import catalogue

BAR_CELLS = 10
FULL, EMPTY = "▮", "▯"
SIGNS = {Mark.DONE: "✓", Mark.OPEN: "○", Mark.NOTE: "·"}


def width(text: str) -> int:
    """Columns on a terminal or a monospaced phone line: Chinese glyphs count two, joiners none."""
    return sum(
        0
        if unicodedata.combining(each) or unicodedata.category(each) == "Cf"
        else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )


def meter(actual: int, target: int) -> str:
    """A bar of at most ten cells; full only when the target is reached."""
    cells = min(target, BAR_CELLS) if target > 0 else 0
    filled = min(cells, actual * cells // target) if target > 0 else 0
    return FULL * filled + EMPTY * (cells - filled)


def lines(block: Block, language: Language) -> list[str]:
    """One block as plain lines."""
    say = catalogue().say
    match block:
        case Line(words, mark):
            text = say(words, language)
            return [f"{SIGNS[mark]} {text}" if mark else text]
        case Facts(pairs):
            return [label_and_value(label, value, language) for label, value in pairs]
        case Progress(label, actual, target):
            return [f"{say(label, language)} {meter(actual, target)} {actual}/{target}"]
        case Steps(items):
            return [f"{SIGNS[mark]} {say(words, language)}" for mark, words in items]
        case Note(words, _):
            return say(words, language).split("\n")
        case Attachment(_, name, kind, alt):
            is_picture = kind is FileKind.PHOTO
            return [
                say(t("formats.picture", alt=alt) if is_picture else t("formats.file", name=name), language)
            ]
        case Chart(_, alt, _):
            return [say(t("formats.picture", alt=alt), language)]
        case _:
            assert_never(block)


def label_and_value(label: Words, value: Words, language: Language) -> str:
    """`Result: budget confirmed`, with the colon the language uses."""
    return catalogue().say(t("formats.pair", label=label, value=value), language)


def plain(shown: Card, language: Language) -> list[str]:
    """The whole card as a script can read it: its lines, then a row of labels per row of buttons."""
    body = [line for block in shown.blocks for line in lines(block, language)]
    rows = [" ".join(f"[{catalogue().say(button.label, language)}]" for button in row) for row in shown.rows]
    return [_visible(line) for line in (*body, *rows)]


def _visible(line: str) -> str:
    """A blank row is a dot, so that it survives a transcript."""
    return line if line.strip() else "."
