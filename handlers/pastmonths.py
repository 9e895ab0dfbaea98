"""What somebody sold in months before the bot: a table of months and amounts, its good rows kept (method section 5)."""

from datetime import date
from decimal import Decimal

from domain.files import FileId
from domain.people import Member
from domain.refusals import NotUnderstood
from domain.results import Origin
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.reading.amounts import amount
from handlers.reading.periods import Span, is_month, period
from handlers.tables import SHOWN, Column, read_back, table_of, title_of, words_of_file
from handlers.targeting import keep_history
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, card, t

SAID_COLUMNS = 20


def months_read(turn: Turn, person: Member, pasted: str | None, file: FileId | None, *, sure: bool) -> Card:
    """Keeps the months where every row was read, or once it was confirmed; else names what is broken first."""
    said = words_of_file(turn, file) if file is not None else pasted or ""
    table = table_of(said, _columns(turn.today))
    if table.broken and not (sure and table.good):
        source = f"file: F{file}" if file is not None else f"lines: {pasted}"
        lines: list[Block] = [
            Line(t("target.history_row", on=values["month"][0], amount=values["amount"]))
            for _, values in table.good[:SHOWN]
        ]
        again = f"/target history M{person.id}\nsure: yes\n{source}"
        return read_back(table, title_of(table), lines, again)
    origin = Origin.TYPED if file is None else Origin.IMPORTED
    for _, values in table.good:
        keep_history(turn, person, values["month"], values["amount"], origin)
    return card(
        Line(t("target.history_kept", n=len(table.good), name=person.name), Mark.DONE),
        rows=((Button(t("target.propose_button"), f"/target M{person.id}"), undo_button(turn)),),
    )


def _columns(today: date) -> tuple[Column, Column]:
    """A month that is over, and what was sold in it."""

    def month(said: str) -> Span:
        found = period(said, today)
        if found is None or not is_month(found):
            raise NotUnderstood("target.no_month", said=clipped(said, SAID_COLUMNS))
        if found[1] >= today:
            raise NotUnderstood("target.month_not_over", on=found[0])
        return found

    return (
        Column(field="month", key="target.column_month", words="target.month_words", read=month),
        Column(field="amount", key="target.column_amount", words="target.amount_words", read=_money),
    )


def _money(said: str) -> Decimal:
    found = amount(said)
    if found is None or found < 0:
        raise NotUnderstood("args.no_amount", said=clipped(said, SAID_COLUMNS))
    return found
