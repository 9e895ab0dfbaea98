"""/next DEAL [TEXT by DATE]; by: DATE"""

from domain.refusals import NotUnderstood
from handlers.args import Args, Missing, Name, NextStep, Promise, When
from handlers.dealing import SELLERS, deal_in_question, dossier_meant, title_of
from handlers.gating import must_be_active
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.promising import set_next, touch_owner
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Rows, card, t


class NextArgs(Args):
    """Which deal, what is next and by when."""

    lead = ("deal", "step")
    deal: Name
    step: NextStep
    by: When | None = None


def _days(turn: Turn, missing: Missing) -> Rows:
    if missing.part != "by":
        return ()
    soon = turn.calendar().after(turn.today)
    later = turn.calendar().after(soon)
    return (
        tuple(
            Button(t("record.due_on", on=day), f"{missing.line}\nby: {day.isoformat()}")
            for day in (soon, later)
        ),
    )


@command(roles=SELLERS, choices=_days, about=deal_in_question)
def next_(turn: Turn, args: NextArgs) -> Card:
    """Sets what is next on a deal and by when; what was promised before gives way."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("next", deal=number))
    if isinstance(found, Card):
        return found
    deal = found.deal
    must_be_active(deal)
    promise: Promise = args.step
    on = (args.by.on or turn.today) if args.by else promise.due_on
    at = args.by.at if args.by else promise.due_time
    if on is not None and on < turn.today:
        raise NotUnderstood("args.past_date", said=on.isoformat(), on=on).at("by")
    set_next(turn.store, deal, promise.text, on, at)
    touch_owner(turn.store, deal, turn.today)
    said = clipped(promise.text)
    words = t("next.set", text=said, on=on) if on else t("next.undated", text=said)
    ask = () if on else ((Button(t("next.pick_day"), f"/next D{deal.id} {promise.text}\nby:"),),)
    return card(
        Line(t("deals.named", id=f"D{deal.id}", what=title_of(deal)), Mark.DONE),
        words,
        rows=(*ask, (undo_button(turn),)),
    )
