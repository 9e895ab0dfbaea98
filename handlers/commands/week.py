"""/week [last]"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated, Literal

from domain.people import Role
from domain.quota import Metric, half_up
from domain.workdays import monday
from handlers.args import Args, said_as
from handlers.numbers import numbers
from handlers.pieces.bars import bars
from handlers.pieces.closed import days_closed
from handlers.pieces.listed import listed
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Facts, Line, Note, Words, card, t


class WeekArgs(Args):
    """This week, or the `last`."""

    lead = ("which",)
    which: Annotated[Literal["last"], said_as("last", "week.last_words")] | None = None


@command(roles=frozenset({Role.REP}))
def week(turn: Turn, args: WeekArgs) -> Card:
    """The week's numbers against the plan, and how each day was closed."""
    turn.store.note_seen(turn.me.id, Metric.DATA_REVIEW, turn.today)
    first = monday(turn.today) - timedelta(days=7 if args.which else 0)
    last = first + timedelta(days=6)
    until = min(turn.today, last)
    did = numbers(turn.store, turn.org, turn.me, turn.calendar(), first, last)
    done = did.completion(first, until)
    title = "week.title_last" if args.which else "week.title"
    blocks: list[Block] = [Line(t(title, first=first, last=last))]
    if done is None:
        blocks.append(Note(t("week.excused")))
    else:
        blocks.append(Line(t("week.completion", percent=half_up(done * Fraction(100)))))
        days = _days(turn, first, until)
        blocks += [*bars(did.standings(until)), *((Facts(days),) if days else ())]
    other = (t("button.this_week"), "/week") if args.which else (t("button.last_week"), "/week last")
    return card(*blocks, rows=((Button(*other), Button(t("button.today"), "/today")),))


def _days(turn: Turn, first: date, until: date) -> tuple[tuple[Words, Words], ...]:
    """The days of each way a day was closed: one line a way, not one a day."""
    closed = days_closed(turn, first, until)
    return tuple(
        (t(f"state.{state}"), listed([t("week.day", on=day) for day in days]))
        for state, days in closed.items()
    )
