"""/week [last]"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from domain.people import Role
from domain.quota import DayState, Metric, day_state, half_up, plan, standings, week_completion
from domain.workdays import monday
from handlers.args import Args
from handlers.pieces.bars import bars
from handlers.pieces.listed import listed
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Facts, Line, Note, Text, Words, card, t
from handlers.words import catalogue

LAST = "last"


def _which(value: Any) -> Any:
    said = value.casefold() if isinstance(value, str) else value
    return LAST if said in catalogue().listed("week.last_words") else value


class WeekArgs(Args):
    """This week, or the `last`."""

    lead = ("which",)
    which: Annotated[Literal["last"], BeforeValidator(_which)] | None = None


@command(roles=frozenset({Role.REP}))
def week(turn: Turn, args: WeekArgs) -> Card:
    """The week's numbers against the plan, and how each day was closed."""
    turn.store.note_seen(turn.me.id, Metric.DATA_REVIEW, turn.today)
    first = monday(turn.today) - timedelta(days=7 if args.which else 0)
    last = first + timedelta(days=6)
    until = min(turn.today, last)
    calendar = turn.calendar()
    records = turn.store.activities(turn.me.id, first, last)
    targets = plan(turn.me.profile, turn.me.joined_on, until)
    done = week_completion(targets, records, calendar, first, until)
    title = "week.title_last" if args.which else "week.title"
    blocks: list[Block] = [Line(t(title, first=first, last=last))]
    if done is None:
        blocks.append(Note(t("week.excused")))
    else:
        blocks.append(Line(t("week.completion", percent=half_up(done * Fraction(100)))))
        blocks += [*bars(standings(targets, records, calendar, until)), Facts(_days(turn, first, until))]
    other = (t("button.this_week"), "/week") if args.which else (t("button.last_week"), "/week last")
    return card(*blocks, rows=((Button(*other), Button(t("button.today"), "/today")),))


def _days(turn: Turn, first: date, until: date) -> tuple[tuple[Words, Words], ...]:
    """The days of each way a day was closed: one line a way, not one a day."""
    calendar, zone = turn.calendar(), turn.me.zone
    reports = {each.on: each.sent_at for each in turn.store.reports(turn.me.id, first, until)}
    days: dict[DayState, list[Text]] = {}
    for day in calendar.workdays(first, until):
        state = day_state(day, reports.get(day), turn.now, calendar, zone)
        days.setdefault(state, []).append(t("week.day", on=day))
    return tuple((t(f"state.{state}"), listed(names)) for state, names in days.items())
