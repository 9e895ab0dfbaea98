"""/snooze KIND DATE [now | 15 | 60 | tomorrow]"""

from typing import Annotated, Literal

from domain.refusals import NotNow
from domain.schedule import local_date, local_time
from handlers.anew import made_anew
from handlers.args import Args, OnDate, said_as
from handlers.muting import Known
from handlers.registry import command
from handlers.snoozing import snoozed_until
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, card, t


class SnoozeArgs(Args):
    """Which push, the date it was for, and when to see it again."""

    lead = ("kind", "on", "when")
    kind: Known
    on: OnDate
    when: Annotated[Literal["now", "15", "60", "tomorrow"], said_as("tomorrow", "snooze.tomorrow_words")] = (
        "60"
    )


@command(hidden=True)
def snooze(turn: Turn, args: SnoozeArgs) -> Card:
    """The same card again, made anew: at once, in a while, or on the next day worked."""
    if args.when == "now":
        shown = made_anew(turn.store, turn.org, turn.me, args.kind, args.on, turn.now)
        if shown is None:
            raise NotNow("snooze.over")
        return shown
    at = snoozed_until(turn, args.kind, args.on, args.when)
    day, wall = local_date(at, turn.me.zone), local_time(at, turn.me.zone)
    said = t("snooze.at", at=wall) if day == turn.today else t("snooze.on", on=day, at=wall)
    back = Button(t("why.back_button"), f"/snooze {args.kind} {args.on.isoformat()} now")
    return card(Line(said, Mark.DONE), rows=((back,),))
