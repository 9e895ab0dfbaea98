"""/week [last]"""

from datetime import date, timedelta
from typing import Literal

from domain.people import Role
from domain.quota import Metric, day_state, percent, plan, standings, week_completion
from domain.workdays import monday
from handlers.args import Args
from handlers.pieces.bars import bar
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Facts, Line, Note, Text, card, t


class WeekArgs(Args):
    """This week, or the `last`."""

    lead = ("which",)
    which: Literal["last"] | None = None


@command(roles=frozenset({Role.REP}))
def week(turn: Turn, args: WeekArgs) -> Card:
    """The week's numbers against the plan, and how each day was closed."""
    turn.store.note_seen(turn.me.id, Metric.DATA_REVIEW, turn.today)
    first = monday(turn.today) - timedelta(days=7 if args.which else 0)
    last = first + timedelta(days=6)
    until = min(turn.today, last)
    calendar = turn.calendar()
    records = turn.store.activities(turn.me.id, first, last)
    targets = plan(turn.me.profile, turn.me.joined_on, first)
    done = week_completion(targets, records, calendar, first, until)
    blocks: list[Block] = [Line(t("week.title", first=first, last=last))]
    if done is None:
        return card(*blocks, Note(t("week.excused")))
    blocks.append(Line(t("week.completion", percent=percent(done))))
    blocks += [bar(each) for each in standings(targets, records, calendar, until) if each.target]
    blocks.append(Facts(_days(turn, first, until)))
    other = (
        Button(t("button.this_week"), "/week") if args.which else Button(t("button.last_week"), "/week last")
    )
    return card(*blocks, rows=((other, Button(t("button.today"), "/today")),))


def _days(turn: Turn, first: date, until: date) -> tuple[tuple[Text, Text], ...]:
    calendar, zone = turn.calendar(), turn.me.zone
    sent = {each.on: each.sent_at for each in turn.store.reports(turn.me.id, first, until)}
    return tuple(
        (t("week.day", on=day), t(f"state.{day_state(day, sent.get(day), turn.now, calendar, zone)}"))
        for day in calendar.workdays(first, until)
    )
