"""The probability of a deal moved by hand: a few points, for a while, with a reason (method section 3)."""

import re

from domain.c139 import SHIFT_POINTS, shift_from
from domain.deals import Dossier
from domain.refusals import NotUnderstood
from handlers.pieces.checklist import checklist_card, done_line, last_day, points_words
from handlers.reaching import dossier_now
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, card, t

POINTS = re.compile(r"(?P<sign>[+\-\u2212\uff0b\uff0d]?)\s*(?P<points>\d{1,6})\s*%?")


def moved(turn: Turn, dossier: Dossier, said: str, reason: str | None) -> Card:
    """Moves the shown probability by at most 10 points for 14 days, with a reason; 0 takes the move back (method 3)."""
    number, found = f"D{dossier.deal.id}", POINTS.fullmatch(said.strip())
    if found is None:
        raise NotUnderstood("check.no_points", most=SHIFT_POINTS, id=number)
    points = int(found["points"])
    if points > SHIFT_POINTS:
        raise NotUnderstood("check.too_far", most=SHIFT_POINTS, n=points)
    points = points if found["sign"] in ("", "+", "\uff0b") else -points
    if points and not (reason and reason.strip()):
        return card(
            t("check.named", id=number, name=points_words(points)),
            t("parts.reason.ask"),
            ask=Ask(f"/check {number} move {points_words(points)}", "reason"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    if not points:
        turn.store.revise_deal(dossier.deal.id, shift=0, shift_until=None, shift_reason="")
        return checklist_card(
            turn, dossier_now(turn, dossier), done_line(t("check.moved_back", id=number)), undo=True
        )
    shift = shift_from(turn.today, points, reason or "")
    turn.store.revise_deal(
        dossier.deal.id, shift=shift.points, shift_until=shift.until, shift_reason=shift.reason
    )
    done = t("check.moved_now", id=number, points=points_words(points), on=last_day(shift.until))
    return checklist_card(turn, dossier_now(turn, dossier), done_line(done), undo=True)
