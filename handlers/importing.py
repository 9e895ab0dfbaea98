"""Deals that were there before the bot: pasted as lines, read back once, then kept (product section 2.4)."""

from domain.customers import Customer
from domain.deals import BuyingRole
from domain.refusals import NotUnderstood
from domain.stalled import IMPORT_WORKDAYS
from handlers.dealmaking import opened
from handlers.matching import contacts_named
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.promising import set_next, touch_owner
from handlers.reading.names import fold
from handlers.reading.pasted import Pasted, pasted
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Text, card, t
from handlers.words import catalogue

MOST_LINES, SHOWN = 30, 5
NAME_COLUMNS = 18


def paste(turn: Turn, lines: str, again: str, *, sure: bool) -> Card:
    """Reads the lines back, or keeps them once that was confirmed."""
    said = [each for each in lines.splitlines() if each.strip()]
    if len(said) > MOST_LINES:
        raise NotUnderstood("importing.too_many", n=len(said), most=MOST_LINES)
    read = [(each, pasted(each, turn.today)) for each in said]
    good = [each for _, each in read if each]
    bad = [line for line, each in read if each is None]
    if not good:
        raise NotUnderstood("importing.nothing", said=clipped(said[0], 40) if said else "-")
    return _kept(turn, good) if sure else _read_back(good, bad, again)


def _read_back(good: list[Pasted], bad: list[str], again: str) -> Card:
    """What was understood of each line, before anything is kept."""
    lines: list[Block] = [Line(_line(each)) for each in good[:SHOWN]]
    if len(good) > SHOWN:
        lines.append(Note(t("day.more", n=len(good) - SHOWN)))
    if bad:
        lines.append(Note(t("importing.unread", said=clipped(bad[0], 24), n=len(bad))))
    keep = Button(t("importing.keep", n=len(good)), again)
    return card(
        t("importing.read", n=len(good)), *lines, rows=((keep, Button(t("button.cancel"), "/cancel")),)
    )


def _line(each: Pasted) -> Text:
    what, n = clipped(each.customer, NAME_COLUMNS), each.milestone
    if each.amount is not None and each.next_on:
        return t("importing.line", what=what, n=n, amount=each.amount, on=each.next_on)
    if each.amount is not None:
        return t("importing.line_amount", what=what, n=n, amount=each.amount)
    if each.next_on:
        return t("importing.line_date", what=what, n=n, on=each.next_on)
    return t("importing.line_bare", what=what, n=n)


def _kept(turn: Turn, good: list[Pasted]) -> Card:
    """Every line becomes a deal of the speaker's, unproven up to where it is; its clocks start now (product section 5)."""
    follow_up = catalogue().say(t("importing.follow_up"), turn.language)
    for each in good:
        customer = _customer(turn, each.customer)
        deal = opened(
            turn,
            customer,
            title="",
            amount=each.amount,
            close_on=None,
            promise=None,
            milestone=each.milestone,
            imported=True,
        )
        if each.next_on:
            set_next(turn.store, deal, follow_up, each.next_on)
        met = contacts_named(turn, customer, f'"{each.contact}"', str) if each.contact else ()
        if not isinstance(met, Card):
            for contact in met:
                turn.store.add_buyer(deal.id, contact.id, frozenset[BuyingRole]())
    touch_owner(turn.store, deal, turn.today)
    return card(
        Line(t("importing.kept", n=len(good)), Mark.DONE),
        t("importing.means", n=IMPORT_WORKDAYS),
        rows=((Button(t("importing.list_button"), "/deals"), undo_button(turn)),),
    )


def _customer(turn: Turn, name: str) -> Customer:
    """The customer of that name, or a new one: a list of one's own is not asked about name by name."""
    return turn.store.customer_by_key(fold(name)) or turn.store.add_customer(name, fold(name), turn.me.id)
