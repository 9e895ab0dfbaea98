"""What a deal owes and what came in: noted, planned, taken out, and shown (method section 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.collection import NOTHING, Instalment, Owed, Payment, dues, settled
from domain.deals import CLOSED, Deal, State
from domain.ports import Subject
from domain.quota import half_up
from domain.refusals import NotFound, NotNow, NotUnderstood
from handlers.dealing import title_of, works
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.reading.amounts import amount
from handlers.turn import Turn
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Rows, Text, card, t
from handlers.words import catalogue

SHOWN, TEXT_COLUMNS = 4, 24


class Way(StrEnum):
    """What is done with an amount."""

    PAID = "paid"
    DUE = "due"
    REMOVE = "remove"
    REMOVE_DUE = "remove_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An amount, and what is done with it."""

    way: Way
    amount: Decimal


def deed_of(said: str) -> Deed:
    """`200k`, `due 200k`, `remove 200k`, `remove due 200k`. Raises `NotUnderstood` where no amount above 0 stands."""
    words, rest = said.split(), said
    way = Way.PAID
    if words and words[0].casefold() in catalogue().listed("paid.remove_words"):
        way, words = Way.REMOVE, words[1:]
    if words and words[0].casefold() in catalogue().listed("paid.due_words"):
        way, words = Way.REMOVE_DUE if way is Way.REMOVE else Way.DUE, words[1:]
    rest = " ".join(words)
    found = amount(rest)
    if found is None:
        raise NotUnderstood("args.no_amount", said=clipped(rest, TEXT_COLUMNS) or "-").at("what")
    return Deed(way=way, amount=above_zero(found, "what"))


def above_zero(money: Decimal, part: str) -> Decimal:
    if money <= 0:
        raise NotUnderstood("paid.nothing").at(part)
    return money


def kept(turn: Turn, deal: Deal, money: Decimal, on: date, again: str, *, sure: bool) -> Card:
    """A payment; more than the deal is worth is asked about first."""
    _must_owe(deal)
    if on > turn.today:
        raise NotUnderstood("paid.ahead", on=on).at("on")
    received = _sum(turn.store.payments([deal.id]).get(deal.id, ()))
    whole = max(deal.amount or NOTHING, _sum(turn.store.instalments([deal.id]).get(deal.id, ())))
    if whole and not sure and received + money > whole:
        return _too_much(deal, t("paid.over", more=received + money - whole), again)
    turn.store.add_payment(Payment(deal_id=deal.id, amount=money, on=on), "", turn.me.id)
    return collected_card(turn, deal)


def planned(turn: Turn, deal: Deal, money: Decimal, on: date | None, again: str, *, sure: bool) -> Card:
    """An instalment; its date is asked for, and more than the deal is worth is asked about."""
    _must_owe(deal)
    if on is None:
        line = f"/paid D{deal.id}\ndue: {money:f}"
        return card(
            Line(t("deals.named", id=f"D{deal.id}", what=title_of(deal)), Mark.DONE),
            t("paid.when_due"),
            ask=Ask(line, "on"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    there = _sum(turn.store.instalments([deal.id]).get(deal.id, ()))
    if deal.amount and not sure and there + money > deal.amount:
        return _too_much(deal, t("paid.over_planned", more=there + money - deal.amount), again)
    turn.store.add_instalment(Instalment(deal_id=deal.id, amount=money, due_on=on))
    return collected_card(turn, deal)


def removed(turn: Turn, deal: Deal, deed: Deed, on: date | None) -> Card:
    """The last payment or instalment of that amount goes, of that day if one is said. Raises `NotFound` for none."""
    found: list[tuple[Subject, int]]
    if deed.way is Way.REMOVE_DUE:
        planned_ones = turn.store.instalments([deal.id]).get(deal.id, ())
        found = [
            (Subject.INSTALMENT, each.id)
            for each in planned_ones
            if each.amount == deed.amount and on in (None, each.due_on)
        ]
    else:
        paid_ones = turn.store.payments([deal.id]).get(deal.id, ())
        found = [
            (Subject.PAYMENT, each.id)
            for each in paid_ones
            if each.amount == deed.amount and on in (None, each.on)
        ]
    if not found:
        raise NotFound(f"paid.no_{deed.way}", id=f"D{deal.id}").at("what")
    turn.store.withdraw(*found[-1])
    return collected_card(turn, deal)


def collected_card(turn: Turn, deal: Deal) -> Card:
    """What was received of what is due, what is overdue, and what comes next."""
    payments = turn.store.payments([deal.id]).get(deal.id, ())
    plan = turn.store.instalments([deal.id]).get(deal.id, ())
    blocks: list[Block] = [
        Line(
            t("paid.title", id=f"D{deal.id}", what=title_of(deal)),
            Mark.DONE if turn.store.changed else None,
        )
    ]
    if deal.state is State.WON and deal.amount and deal.closed_on:
        owed = Owed(deal_id=deal.id, owner_id=deal.owner_id, amount=deal.amount, won_on=deal.closed_on)
        blocks += _due_lines(
            sorted(dues(owed, plan), key=lambda each: (each.due_on, each.id)), payments, turn
        )
    else:
        blocks.append(Line(t("paid.received", received=_sum(payments))))
        blocks += [Line(t("paid.planned", amount=each.amount, on=each.due_on)) for each in plan[:SHOWN]]
        blocks.append(Note(t("paid.not_won")))
    return card(*blocks, rows=_rows(turn, deal, payments))


def _due_lines(owed: Sequence[Instalment], payments: Sequence[Payment], turn: Turn) -> list[Block]:
    """The rate of what is due today, and each instalment with what is open of it."""
    paid = settled(owed, payments, turn.today)
    due = [(each, done) for each, done in zip(owed, paid, strict=True) if each.due_on <= turn.today]
    asked = sum((each.amount for each, _ in due), NOTHING)
    came = sum((done for _, done in due), NOTHING)
    received = _sum(payments)
    lines: list[Block] = [Line(t("paid.received_of", received=received, amount=_sum(owed)))]
    if asked:
        lines.append(Line(t("paid.rate", due=asked, percent=half_up(Fraction(came) / Fraction(asked) * 100))))
    open_ones = [
        (each, each.amount - done) for each, done in zip(owed, paid, strict=True) if done < each.amount
    ]
    for each, left in open_ones[:SHOWN]:
        key = "paid.overdue" if each.due_on < turn.today else "paid.comes"
        lines.append(Line(t(key, amount=left, on=each.due_on), Mark.OPEN))
    if len(open_ones) > SHOWN:
        lines.append(Note(t("day.more", n=len(open_ones) - SHOWN)))
    if not open_ones:
        lines.append(Line(t("paid.whole"), Mark.DONE))
    return lines


def _rows(turn: Turn, deal: Deal, payments: Sequence[Payment]) -> Rows:
    if not works(turn.me, turn.store.dossier(deal), turn.store.teams()):
        return ()
    line = f"/paid D{deal.id}"
    buttons = [
        Button(t("paid.add_button"), f"{line}\nwhat:"),
        Button(t("paid.due_button"), f"{line}\ndue:"),
    ]
    more: list[Button] = []
    if turn.store.changed:
        more.append(undo_button(turn))
    elif payments:
        last = payments[-1]
        more.append(
            Button(t("paid.remove_button"), f"{line} remove {last.amount:f}\non: {last.on.isoformat()}")
        )
    return (tuple(buttons), *((tuple(more),) if more else ()))


def _too_much(deal: Deal, asked: Text, again: str) -> Card:
    return card(
        t("paid.title", id=f"D{deal.id}", what=title_of(deal)),
        asked,
        rows=((Button(t("paid.sure_button"), again), Button(t("button.cancel"), "/cancel")),),
    )


def _must_owe(deal: Deal) -> None:
    """Raises `NotNow` for a deal that came to nothing: nobody pays for it."""
    if deal.state in CLOSED and deal.state is not State.WON:
        raise NotNow(f"deals.ended_{deal.state}", id=f"D{deal.id}", on=deal.closed_on or deal.entered_on)


def _sum(parts: Sequence[Instalment] | Sequence[Payment]) -> Decimal:
    return sum((each.amount for each in parts), NOTHING)
