"""From a card to what Telegram is sent: HTML with every word escaped, within its limits, and the keyboard."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.layout import lines
from domain.people import Language
from handlers.view import Block, Card, Note
from handlers.words import catalogue

# Telegram counts UTF-16 units after parsing; a little is left for the sign that something was cut.
TEXT_MOST, LINE_MOST, LABEL_MOST = 4000, 1000, 60
ROW_MOST, BUTTONS_MOST = 8, 100
CUT, NOTHING = "…", "·"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Lines that stand in one element, or in none; it is shown whole, shortened or not at all."""

    lines: tuple[str, ...]
    tag: str = ""

    @property
    def html(self) -> str:
        text = html.escape("\n".join(self.lines), quote=False)
        return f"<{self.tag}>{text}</{self.tag}>" if self.tag and text.strip() else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent: `plain` says the same without markup, should Telegram refuse the HTML."""

    html: str
    plain: str
    keyboard: tuple[tuple[tuple[str, str], ...], ...]

    @property
    def markup(self) -> dict[str, Any] | None:
        """The inline keyboard as the Bot API wants it."""
        if not self.keyboard:
            return None
        rows = [[{"text": label, "callback_data": data} for label, data in row] for row in self.keyboard]
        return {"inline_keyboard": rows}


def render(shown: Card, language: Language, token: str | None) -> Message:
    """The message of a card; a button carries `token.index`, counted in reading order."""
    passages = list(_fitting(_passages(shown.blocks, language)))
    return Message(
        html="\n".join(passage.html for passage in passages) or NOTHING,
        plain="\n".join(line for passage in passages for line in passage.lines) or NOTHING,
        keyboard=tuple(_keyboard(shown, language, token)) if token else (),
    )


def _passages(blocks: Sequence[Block], language: Language) -> Iterator[Passage]:
    for number, block in enumerate(blocks):
        said = [_shortened(_sound(line), LINE_MOST) for line in lines(block, language)]
        if isinstance(block, Note) and block.code:
            yield Passage(lines=tuple(said), tag="pre" if len(said) > 1 else "code")
        elif number == 0:
            yield Passage(lines=tuple(said[:1]), tag="b")
            yield from (Passage(lines=(line,)) for line in said[1:])
        else:
            yield from (Passage(lines=(line,)) for line in said)


def _fitting(passages: Iterator[Passage]) -> Iterator[Passage]:
    """The passages, as far as there is room; the last one says that something is missing."""
    left, seen = TEXT_MOST, False
    for passage in passages:
        size = sum(units(line) + 1 for line in passage.lines)
        if size > left:
            yield Passage(lines=(CUT,))
            return
        left -= size
        seen = seen or any(line.strip() for line in passage.lines)
        # Telegram drops blank lines at the start, and refuses a message that has no others.
        if seen:
            yield passage


def _keyboard(shown: Card, language: Language, token: str) -> Iterator[tuple[tuple[str, str], ...]]:
    index = 0
    for row in shown.rows:
        keys = []
        for button in row:
            label = _shortened(_sound(catalogue().say(button.label, language)).strip(), LABEL_MOST)
            keys.append((label or NOTHING, f"{token}.{index}"))
            index += 1
        fitting = keys[: max(0, len(keys) - max(0, index - BUTTONS_MOST))]
        yield from (tuple(fitting[i : i + ROW_MOST]) for i in range(0, len(fitting), ROW_MOST))


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le")) // 2


def _shortened(text: str, most: int) -> str:
    """The text within so many UTF-16 units, never cutting a character in two."""
    if len(text) * 2 <= most or units(text) <= most:
        return text
    return text.encode("utf-16-le")[: (most - 1) * 2].decode("utf-16-le", "ignore") + CUT


def _sound(text: str) -> str:
    """The text without what cannot be sent: halves of surrogate pairs and control characters."""
    if text.isprintable():
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join(" " if char < " " or char == "\x7f" else char for char in whole)
