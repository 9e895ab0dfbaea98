"""/away DATES; reason: TEXT"""

from domain.refusals import NotUnderstood
from domain.workdays import Leave
from handlers.args import Args, Days, Words
from handlers.pieces.undo_button import undo_button
from handlers.registry import command
from handlers.tick import plan_pushes
from handlers.turn import Turn
from handlers.view import Card, Line, Mark, card, t

LONGEST_DAYS = 180


class AwayArgs(Args):
    """A day or a span of days."""

    lead = ("dates",)
    dates: Days
    reason: Words | None = None


@command()
def away(turn: Turn, args: AwayArgs) -> Card:
    """No pushes, nothing missed and smaller weekly targets while one is away."""
    first, last = args.dates
    if last < turn.today:
        raise NotUnderstood("args.past_date", said=last.isoformat(), on=last)
    if (last - first).days > LONGEST_DAYS:
        raise NotUnderstood("away.too_long", n=LONGEST_DAYS)
    turn.store.add_leave(turn.me.id, Leave(first=first, last=last), args.reason or "")
    plan_pushes(turn.store, turn.org, turn.me, turn.now)
    text = t("away.day", first=first) if first == last else t("away.days", first=first, last=last)
    return card(Line(text, Mark.DONE), t("away.means"), rows=((undo_button(turn),),))
