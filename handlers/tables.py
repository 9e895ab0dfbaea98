"""Tables that somebody pastes or sends as a file: each broken row with its number, column and reason (product section 8)."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.files import OTHER, TEXT, FileId
from domain.refusals import NotUnderstood, Refusal
from handlers.pieces.clipped import clipped
from handlers.reading.typed import halved, tidy
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, card, t
from handlers.words import catalogue

# What one paste or file may hold; a file so large that it cannot be such a table is not even opened.
MOST_ROWS, MOST_BYTES = 500, 200_000
SHOWN, CELL_COLUMNS = 3, 16
# What stands between cells, the likeliest first; the wide ones are U+FF0C and U+FF1B.
BETWEEN = ("\t", ";", "\uff1b", ",", "\uff0c", "|")
# Spreadsheets of Chinese offices write the last of these unless told otherwise.
CODINGS = ("utf-8-sig", "gb18030")
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its field, the text of its name, the list of words a heading may have, and how a cell is read.

    `read` raises a `Refusal` for a cell it cannot read. One that is not `required` may be empty or missing: None.
    """

    field: str
    key: str
    words: str
    read: Callable[[str], Any]
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A row that was not read: its number in the table, the column (None: the row as a whole), and why."""

    row: int
    column: Column | None
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was read: the good rows by their number, each a mapping from fields to values, and the broken ones."""

    good: tuple[tuple[int, Mapping[str, Any]], ...]
    broken: tuple[Broken, ...]


Whole = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def as_read(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row whose cells need nothing of each other."""
    return values


def table_of(said: str, columns: Sequence[Column], whole: Whole = as_read) -> Table:
    """Reads a table. A first row of headings says the order of its columns; without one they come in their order.

    `whole` looks at the cells of a row together: it returns the values to keep, or raises a `Refusal` at a field.

    Cells are apart by tab, comma, semicolon or bar; a row without any of these is cut where its words make sense.
    Raises `NotUnderstood` for nothing at all, and for more than `MOST_ROWS`.
    """
    lines = [(number, line) for number, line in enumerate(said.splitlines(), 1) if line.strip()]
    between = _between([line for _, line in lines])
    rows = [(number, _cells(line, between)) for number, line in lines]
    order = _order(rows[0][1], columns) if rows else None
    if order:
        rows = rows[1:]
    if not rows:
        raise NotUnderstood("tables.nothing")
    if len(rows) > MOST_ROWS:
        raise NotUnderstood("tables.too_many", n=len(rows), most=MOST_ROWS)
    good: list[tuple[int, Mapping[str, Any]]] = []
    broken: list[Broken] = []
    for number, cells in rows:
        found = _guessed(number, cells[0], columns) if len(cells) == 1 and not order else None
        found = found or _row(number, cells, order or columns, columns)
        if not isinstance(found, Broken):
            found = _together(number, found, columns, whole)
        if isinstance(found, Broken):
            broken.append(found)
        else:
            good.append((number, found))
    return Table(good=tuple(good), broken=tuple(broken))


def words_of_file(turn: Turn, number: FileId) -> str:
    """The words of a file that somebody sent. Raises `NotUnderstood` for one that holds no plain text, or too much."""
    found = turn.store.file(number)
    if found is None:
        raise NotUnderstood("tables.no_text").at("file")
    # Spreadsheets of Chinese offices are no UTF-8: nobody knows what they are by their first bytes.
    if found.mime not in (TEXT, OTHER):
        raise NotUnderstood("tables.no_text").at("file")
    if found.size > MOST_BYTES:
        raise NotUnderstood("tables.too_large", most=MOST_BYTES // 1000).at("file")
    return decoded(turn.content(found))


def decoded(content: bytes) -> str:
    """The words in some bytes, tidied but for the tabs between cells; raises `NotUnderstood` for what is no text."""
    codings = ("utf-16",) if content.startswith(WIDE_BOMS) else CODINGS
    for coding in codings:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return "\n".join("\t".join(map(tidy, line.split("\t"))) for line in text.splitlines())
    raise NotUnderstood("tables.no_text").at("file")


def read_back(table: Table, title: Block, lines: Sequence[Block], keep: str) -> Card:
    """What was read, before anything is kept: the first good rows as the caller says them, and what is broken.

    `keep` is the command that keeps the good ones.
    """
    more = len(table.good) - len(lines[:SHOWN])
    rest = (Note(t("tables.more", n=more)),) if more else ()
    leave = Button(t("button.cancel"), "/cancel")
    rows = ((Button(t("tables.keep", n=len(table.good)), keep), leave),) if table.good else ((leave,),)
    return card(title, *lines[:SHOWN], *rest, *broken_lines(table.broken), rows=rows)


def broken_lines(broken: Sequence[Broken], most: int = 2) -> tuple[Block, ...]:
    """The first broken rows with column and reason, and how many more there are."""
    shown: list[Block] = []
    for each in broken[:most]:
        why = t(each.reason.key, **each.reason.values)
        if each.column is None:
            shown.append(Note(t("tables.broken_row", row=each.row, why=why)))
        else:
            shown.append(Note(t("tables.broken", row=each.row, column=t(each.column.key), why=why)))
    if len(broken) > most:
        shown.append(Note(t("tables.more_broken", n=len(broken) - most)))
    return tuple(shown)


def title_of(table: Table) -> Block:
    """How many rows were read, and how many were not."""
    if table.broken:
        return Line(t("tables.read_some", n=len(table.good), broken=len(table.broken)))
    return Line(t("tables.read", n=len(table.good)))


def _between(lines: Sequence[str]) -> str | None:
    """What stands between the cells: in most rows, the likeliest sign first."""
    counts = [(sum(1 for line in lines if sign in line), sign) for sign in BETWEEN]
    most = max((n for n, _ in counts), default=0)
    return next((sign for n, sign in counts if n == most), None) if most else None


def _cells(line: str, between: str | None) -> list[str]:
    if between is None:
        return [line.strip()]
    # A quote that is never closed takes only its own line.
    row = next(csv.reader(io.StringIO(line), delimiter=between, skipinitialspace=True), [])
    cells = [" ".join(cell.split()) for cell in row]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return cells


def _order(cells: Sequence[str], columns: Sequence[Column]) -> list[Column | None] | None:
    """The columns in the order of a row of headings, None for one nobody asked for; None where it is no such row."""
    by_word = {word: each for each in columns for word in catalogue().listed(each.words)}
    found = [by_word.get(halved(cell).strip().casefold()) for cell in cells]
    named = {each.field for each in found if each}
    return found if named >= {each.field for each in columns if each.required} else None


def _together(
    number: int, values: Mapping[str, Any], columns: Sequence[Column], whole: Whole
) -> Mapping[str, Any] | Broken:
    try:
        return whole(values)
    except Refusal as reason:
        column = next((each for each in columns if each.field == reason.part), None)
        return Broken(row=number, column=column, reason=reason)


def _row(
    number: int, cells: Sequence[str], order: Sequence[Column | None], columns: Sequence[Column]
) -> Mapping[str, Any] | Broken:
    if len(cells) > len(order):
        return Broken(
            row=number,
            column=None,
            reason=NotUnderstood("tables.too_wide", n=len(cells), most=len(order)),
        )
    values: dict[str, Any] = {each.field: None for each in columns}
    padded = [*cells, *[""] * (len(order) - len(cells))]
    for column, cell in zip(order, padded, strict=True):
        if column is None:
            continue
        if not cell:
            if column.required:
                return Broken(row=number, column=column, reason=NotUnderstood("tables.empty"))
            continue
        try:
            values[column.field] = column.read(cell)
        except Refusal as reason:
            return Broken(row=number, column=column, reason=reason)
    return values


def _guessed(number: int, line: str, columns: Sequence[Column]) -> Mapping[str, Any] | Broken | None:
    """A row whose cells are apart by blanks only, as a chat makes of tabs: the first cut that every column can read."""
    words = line.split()
    if len(words) > LONGEST_GUESS:
        return None
    found = _cut(words, list(columns))
    if found is not None:
        return found
    # None fits: the last words are the short ones, so what is wrong is said of the column it most likely stands in.
    firsts = max(1, len(words) - sum(1 for each in columns if each.required) + 1)
    return _row(number, [" ".join(words[:firsts]), *words[firsts:]][: len(columns)], columns, columns)


LONGEST_GUESS = 12


def _cut(words: Sequence[str], columns: Sequence[Column]) -> dict[str, Any] | None:
    if not columns:
        return None if words else {}
    first, *rest = columns
    # The longest name first: `Li Wei` is not `Li` and something else.
    for count in range(len(words) - sum(1 for each in rest if each.required), 0, -1):
        try:
            value = first.read(" ".join(words[:count]))
        except Refusal:
            continue
        following = _cut(words[count:], rest)
        if following is not None:
            return {first.field: value, **following}
    if first.required:
        return None
    following = _cut(words, rest)
    return None if following is None else {first.field: None, **following}


def cell(said: str) -> str:
    """Somebody's own cell, short enough for a reason."""
    return clipped(said, CELL_COLUMNS)
