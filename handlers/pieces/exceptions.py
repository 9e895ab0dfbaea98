"""Exceptions as they are shown: one line each, the list, and one with everything that can be decided about it."""

from collections.abc import Sequence

from domain.deals import Dossier
from domain.matters import Cause
from domain.snapshots import Change, is_swing
from handlers.comparing import Compared
from handlers.dealing import title_of, works
from handlers.excepting import Exceptional
from handlers.handing import may_hand
from handlers.pieces.clipped import clipped
from handlers.pieces.deal import money
from handlers.pieces.differences import forecast_lines, how_words
from handlers.pieces.listed import listed
from handlers.pieces.pages import last_page, turning
from handlers.pieces.stalled import answer_words, reason_words
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Rows, Text, Words, card, in_rows, t

PER_PAGE, CAUSES_SHOWN = 5, 2
WHAT_COLUMNS, WHO_COLUMNS = 12, 8
OF_CAUSE = {
    Cause.SLIPPED: Change.SLIPPED,
    Cause.BACK: Change.BACK,
    Cause.OVERRIDE: Change.OVERRIDE,
    Cause.ITEMS: Change.ITEMS,
}


def cause_words(each: Exceptional, cause: Cause) -> Words:
    """Why a deal is an exception, with its numbers."""
    if cause is Cause.PAST_CLOSE and each.deal.close_on:
        return t("exceptions.past_close", on=each.deal.close_on)
    if cause is Cause.STALLED and each.waiting:
        return reason_words(each.waiting)
    found = each.change(OF_CAUSE[cause]) if cause in OF_CAUSE else None
    return how_words(found) if found else t("exceptions.stalled")


def line_words(place: int, each: Exceptional) -> Text:
    """One numbered line: the deal, whose it is, and what weighs most."""
    return t(
        "exceptions.line",
        n=place,
        id=f"D{each.deal.id}",
        what=clipped(each.deal.customer_name, WHAT_COLUMNS),
        name=clipped(each.owner.name, WHO_COLUMNS),
        why=listed([cause_words(each, cause) for cause in each.matter.causes[:CAUSES_SHOWN]]),
    )


def number_buttons(shown: Sequence[Exceptional], first: int = 1) -> list[Button]:
    """Opens each with what can be decided."""
    return [
        Button(t("stalled.n_open", n=place, id=f"D{each.deal.id}"), f"/exceptions D{each.deal.id}")
        for place, each in enumerate(shown, first)
    ]


def exceptions_card(found: Sequence[Exceptional], changes: Compared, page: int) -> Card:
    """All that waits, the weightiest first."""
    last = last_page(len(found), PER_PAGE, page)
    first = (page - 1) * PER_PAGE
    shown = found[first : first + PER_PAGE]
    swing = forecast_lines(changes) if is_swing(changes.swing) else ()
    if not shown:
        return card(t("exceptions.none"), *swing, rows=((Button(t("funnel.bars_button"), "/funnel"),),))
    lines = [Line(line_words(place, each)) for place, each in enumerate(shown, first + 1)]
    turned = turning("/exceptions", page, last)
    return card(
        t("stalled.title", first=first + 1, last=first + len(shown), n=len(found)),
        *lines,
        *swing,
        rows=(*in_rows(number_buttons(shown, first + 1), 3), *((turned[-1:],) if turned else ())),
    )


def exception_card(turn: Turn, dossier: Dossier, each: Exceptional | None) -> Card:
    """Everything that is said of one deal, and the five decisions: ask, join, accept, hand over, give up."""
    deal = dossier.deal
    owner = turn.store.member(deal.owner_id)
    blocks: list[Block] = [Line(t("exceptions.owner", name=owner.name))]
    if each is None:
        blocks.append(Note(t("exceptions.decided")))
    else:
        blocks += [Line(cause_words(each, cause)) for cause in each.matter.causes]
        if each.waiting:
            blocks.append(Note(answer_words(each.waiting)))
    blocks.append(Line(money(deal)))
    return card(t("deals.named", id=f"D{deal.id}", what=title_of(deal)), *blocks, rows=_rows(turn, dossier))


def _rows(turn: Turn, dossier: Dossier) -> Rows:
    """Who may only look at a deal is offered no button that would be refused."""
    deal, number = dossier.deal, f"D{dossier.deal.id}"
    buttons = [
        Button(t("stalled.ask_button"), f"/exceptions {number} ask"),
        Button(t("stalled.join_button"), f"/exceptions {number} join"),
        Button(t("exceptions.accept_button"), f"/exceptions {number} accept"),
    ]
    if works(turn.me, dossier, turn.store.teams()):
        if may_hand(turn):
            line = f"/handover M{deal.owner_id}\ncustomers: A{deal.customer_id}"
            buttons.append(Button(t("exceptions.hand_button"), line))
        buttons.append(Button(t("deal.lost_button"), f"/lost {number}"))
    buttons.append(Button(t("stalled.open_button"), f"/deal {number}"))
    return in_rows(buttons)
