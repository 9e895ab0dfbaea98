"""What a person is shown: cards of closed blocks, buttons that carry commands, and their JSON form."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import UnionType
from typing import Any, assert_never

from domain.files import FileId, FileKind
from domain.kinds import Notice
from handlers import charts
from handlers.charts import Drawing, Theme
from handlers.wording import Param as Param
from handlers.wording import Text as Text
from handlers.wording import Words as Words
from handlers.wording import from_json, to_json
from handlers.wording import t as t


class Mark(StrEnum):
    """A sign before a line; its meaning also stands in the words."""

    DONE = "done"
    OPEN = "open"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words."""

    words: Words
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of label and value, one line each."""

    pairs: tuple[tuple[Words, Words], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A bar: how far of a target."""

    label: Words
    actual: int
    target: int


@dataclass(frozen=True, slots=True)
class Steps:
    """A list of done and open things."""

    items: tuple[tuple[Mark, Words], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: why, how, an example to copy."""

    words: Words
    code: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the organisation: a picture with what it shows in words, or a file to open."""

    file_id: FileId
    name: str
    kind: FileKind
    alt: Words


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture that is drawn when the card is sent; `alt` says all that it shows, and the card says the same numbers."""

    drawing: Drawing
    alt: Words
    theme: Theme = Theme.LIGHT


Block = Line | Facts | Progress | Steps | Note | Attachment | Chart


@dataclass(frozen=True, slots=True)
class Button:
    """A command somebody typed for you."""

    label: Words
    command: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A command not yet finished: its line so far and the part the next words fill."""

    line: str
    part: str


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a form: what it is called, how it is asked for, what may be chosen; `lines` takes several lines."""

    name: str
    label: Words
    ask: Words
    required: bool = False
    value: str = ""
    options: tuple[tuple[Words, str], ...] = ()
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The parts a command still takes, to be filled in at once where a platform has forms.

    `line` is the command so far; what is submitted is filled into it and run as if it had been typed.
    """

    title: Words
    line: str
    fields: tuple[Field, ...]


Rows = tuple[tuple[Button, ...], ...]


def in_rows(buttons: Sequence[Button], wide: int = 2) -> Rows:
    """Buttons in their order, so many to a row."""
    return tuple(tuple(buttons[i : i + wide]) for i in range(0, len(buttons), wide))


@dataclass(frozen=True, slots=True)
class Card:
    """One answer or push. `key` names a card that lives on and is edited (`day:5:2026-03-02`).

    `kind` is what kind of push it is where that is not its push's own.
    """

    blocks: tuple[Block, ...]
    rows: Rows = ()
    key: str | None = None
    ask: Ask | None = None
    form: Form | None = None
    # That it comes late: said when it is sent, and no reason to edit it afterwards.
    late: Text | None = None
    kind: Notice | None = None

    def plus(self, *blocks: Block, rows: Rows = ()) -> "Card":
        """The same card with more at its end."""
        return replace(self, blocks=self.blocks + blocks, rows=self.rows + rows)

    def with_form(self, form: Form | None) -> "Card":
        """The same card, to be filled in at once where a platform has forms."""
        return replace(self, form=form)

    @property
    def attachments(self) -> tuple[Attachment | Chart, ...]:
        """The files and pictures it shows, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Attachment | Chart))

    def without_attachments(self) -> "Card":
        """The same card, but for its files and pictures: they are sent beside it."""
        return self._without(Attachment | Chart)

    def without_charts(self) -> "Card":
        """The same card, but for its pictures: its words say the same numbers."""
        return self._without(Chart)

    def _without(self, kind: type | UnionType) -> "Card":
        return replace(self, blocks=tuple(each for each in self.blocks if not isinstance(each, kind)))

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands of the buttons, in reading order, then the form's; a token's index counts them."""
        buttons = tuple(button.command for row in self.rows for button in row)
        return (*buttons, self.form.line) if self.form else buttons


def card(*blocks: Block | Words, rows: Rows = (), key: str | None = None, ask: Ask | None = None) -> Card:
    """A card of blocks; bare words become lines."""
    made = tuple(Line(block) if isinstance(block, Text | str) else block for block in blocks)
    return Card(made, rows, key, ask)


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
WRITTEN_MOST = 256
_written: dict[str, Card] = {}


def encode(shown: Card) -> str:
    """The card as JSON text, for the outbox. The ask stays behind: it is a draft, not a letter."""
    body: dict[str, Any] = {"b": [_block(block) for block in shown.blocks]}
    if shown.rows:
        body["r"] = [[[to_json(button.label), button.command] for button in row] for row in shown.rows]
    if shown.key:
        body["k"] = shown.key
    if shown.form:
        body["o"] = _form(shown.form)
    if shown.late:
        body["l"] = to_json(shown.late)
    text = _JSON.encode(body)
    # Mostly read once more, right after the commit: the courier need not take it apart again.
    if len(_written) >= WRITTEN_MOST:
        _written.clear()
    is_plain = shown.ask is None and shown.kind is None
    _written[text] = _sent(shown if is_plain else replace(shown, ask=None, kind=None))
    return text


def _sent(shown: Card) -> Card:
    """The card as it is sent: that it comes late is its last line."""
    return replace(shown.plus(Note(shown.late)), late=None) if shown.late else shown


def lasting(text: str) -> str:
    """The encoded card without what is said only when it is sent."""
    if ',"l":{' not in text:
        return text
    body = json.loads(text)
    return _JSON.encode(body) if body.pop("l", None) else text


def decode(text: str) -> Card:
    """The card that `encode` wrote."""
    if known := _written.pop(text, None):
        return known
    body = json.loads(text)
    rows = tuple(
        tuple(Button(from_json(label), command) for label, command in row) for row in body.get("r", ())
    )
    form = _unform(body["o"]) if "o" in body else None
    late = from_json(body["l"]) if "l" in body else None
    blocks = tuple(_unblock(block) for block in body["b"])
    if late:
        blocks = (*blocks, Note(late))
    return Card(blocks, rows, body.get("k"), form=form)


def _form(form: Form) -> list[Any]:
    fields = [
        [
            each.name,
            to_json(each.label),
            to_json(each.ask),
            each.required,
            each.value,
            [[to_json(label), value] for label, value in each.options],
            each.lines,
        ]
        for each in form.fields
    ]
    return [to_json(form.title), form.line, fields]


def _unform(body: list[Any]) -> Form:
    title, line, fields = body
    return Form(
        from_json(title),
        line,
        tuple(
            Field(
                name,
                from_json(label),
                from_json(ask),
                required,
                value,
                tuple((from_json(each), code) for each, code in options),
                several,
            )
            for name, label, ask, required, value, options, several in fields
        ),
    )


def _block(block: Block) -> list[Any]:
    match block:
        case Line(words, mark):
            return ["l", to_json(words), mark]
        case Facts(pairs):
            return ["f", [[to_json(label), to_json(value)] for label, value in pairs]]
        case Progress(label, actual, target):
            return ["p", to_json(label), actual, target]
        case Steps(items):
            return ["s", [[mark, to_json(words)] for mark, words in items]]
        case Note(words, code):
            return ["n", to_json(words), code]
        case Attachment(file_id, name, kind, alt):
            return ["a", file_id, name, kind, to_json(alt)]
        case Chart(drawing, alt, theme):
            return ["c", charts.to_json(drawing), to_json(alt), theme]
        case _:
            assert_never(block)


def _unblock(body: list[Any]) -> Block:
    match body:
        case ["l", words, mark]:
            return Line(from_json(words), Mark(mark) if mark else None)
        case ["f", pairs]:
            return Facts(tuple((from_json(label), from_json(value)) for label, value in pairs))
        case ["p", label, actual, target]:
            return Progress(from_json(label), actual, target)
        case ["s", items]:
            return Steps(tuple((Mark(mark), from_json(words)) for mark, words in items))
        case ["n", words, code]:
            return Note(from_json(words), code)
        case ["a", file_id, name, kind, alt]:
            return Attachment(FileId(file_id), name, FileKind(kind), from_json(alt))
        case ["c", drawing, alt, theme]:
            return Chart(charts.from_json(drawing), from_json(alt), Theme(theme))
        case _:
            raise ValueError(f"no such block: {body[:1]}")
