"""/month [last]"""

import math
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from domain.people import Role
from domain.quota import METRICS, DayState, Metric, Period, Standing, attained, completion, half_up, pace
from domain.rollups import Cell
from domain.workdays import ONE_DAY, month_end
from handlers.args import Args, said_as
from handlers.numbers import numbers
from handlers.pieces.bars import bars
from handlers.pieces.closed import days_closed
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Text, card, t

LINES = 8


class MonthArgs(Args):
    """This month, or the `last`."""

    lead = ("which",)
    which: Annotated[Literal["last"], said_as("last", "month.last_words")] | None = None


@command(roles=frozenset({Role.REP}))
def month(turn: Turn, args: MonthArgs) -> Card:
    """The month's numbers against the plan, the pace, and how the days were closed."""
    turn.store.note_seen(turn.me.id, Metric.DATA_REVIEW, turn.today)
    first = turn.today.replace(day=1)
    if args.which:
        first = (first - ONE_DAY).replace(day=1)
    last = month_end(first)
    did = numbers(turn.store, turn.org, turn.me, turn.calendar(), first, last)
    cells = turn.store.day_cells([turn.me.id], first, last, [Cell.NEW_CUSTOMERS]).get(turn.me.id, {})
    standings = did.over(first, last, sum(of.get(Cell.NEW_CUSTOMERS, 0) for of in cells.values()))
    blocks: list[Block] = [Line(t("month.title_last" if args.which else "month.title", on=first))]
    if standings:
        how = _done(standings) if args.which else _pace(standings, *did.elapsed(first, turn.today, last))
        under = (*how, Line(_closed(turn, first, min(turn.today, last))))
        # What nobody verified is said as far as a card has room (product 6).
        blocks += [*bars(standings)[: LINES - 1 - len(under)], *under]
    else:
        blocks.append(Note(t("month.excused")))
    other = (t("button.this_month"), "/month") if args.which else (t("button.last_month"), "/month last")
    return card(*blocks, rows=((Button(*other), Button(t("button.week"), "/week")),))


def _pace(standings: Sequence[Standing], elapsed: int, total: int) -> tuple[Block, ...]:
    """The pace of what is furthest behind, and what catches up (method 2); nothing before the first day worked.

    Of what the days ask for: two new customers a month come when they come, and "1 a day" would mislead.
    """
    daily = [each for each in standings if METRICS[each.metric].period is not Period.MONTH]
    if not elapsed or not daily:
        return ()
    slowest = min(daily, key=lambda each: Fraction(each.actual, each.target))
    found = pace(slowest.target, slowest.actual, elapsed, total)
    done, what = half_up(found.pace * 100), t(f"metric.{slowest.metric}.short")
    if found.pace >= 1:
        return (Line(t("month.on_pace", percent=done)),)
    if found.needed_per_day is None:
        return (Line(t("month.last_day", what=what, n=slowest.missing)),)
    return (Line(t("month.behind", percent=done, what=what, n=math.ceil(found.needed_per_day))),)


def _done(standings: Sequence[Standing]) -> tuple[Block, ...]:
    """A month that is over has its completion instead of a pace."""
    done = completion([attained(each.actual, each.target) for each in standings]) or Fraction(0)
    return (Line(t("month.completion", percent=half_up(done * 100))),)


def _closed(turn: Turn, first: date, until: date) -> Text:
    days = days_closed(turn, first, until)
    on_time, late, missed = (
        len(days.get(state, ())) for state in (DayState.ON_TIME, DayState.LATE, DayState.MISSED)
    )
    return t("month.closed", on_time=on_time, late=late, missed=missed)
