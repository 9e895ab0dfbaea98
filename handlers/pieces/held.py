"""The card of a deal that rests: until when, why, and that no day of it counts (method section 3)."""

from domain.deals import Deal, HoldReason
from handlers.dealing import title_of
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Note, Words, card, t

NOTE_COLUMNS = 48


def held_card(turn: Turn, deal: Deal) -> Card:
    """What was just parked, with the ways on."""
    number = f"D{deal.id}"
    return card(
        Line(t("hold.done", id=number, what=title_of(deal)), Mark.DONE),
        Line(t("deal.on_hold", on=deal.held_until or turn.today)),
        Line(t("deal.because", reason=hold_reason(deal))),
        Note(t("hold.means")),
        rows=((Button(t("deal.activate_button"), f"/deal {number} activate"), undo_button(turn)),),
    )


def hold_reason(deal: Deal) -> Words:
    """Why a deal rests, in the owner's own words where none of the few fits."""
    if deal.reason == HoldReason.OTHER and deal.note:
        return clipped(deal.note, NOTE_COLUMNS)
    return t(f"hold.reason_{deal.reason}")
