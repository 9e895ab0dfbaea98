"""/today [more]"""

from typing import Literal

from domain.people import Role
from domain.quota import HABITS, Metric, MetricRow, Period, Source
from domain.workdays import monday
from handlers.args import Args
from handlers.pieces.home import home_card, today_card
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Mark, Note, Steps, card, in_rows, t

# Six on a card (product section 6).
BUTTONS = 6


class TodayArgs(Args):
    """`more` shows the habits and why this card comes."""

    lead = ("how",)
    how: Literal["more"] | None = None


@command(roles=frozenset({Role.REP, Role.MANAGER}))
def today(turn: Turn, args: TodayArgs) -> Card:
    """The day of a rep, the digest of who leads a team; opening it is the habit of looking at one's own numbers."""
    turn.store.note_seen(turn.me.id, Metric.DATA_REVIEW, turn.today)
    if args.how == "more" and Role.REP in turn.me.roles:
        return _more(turn)
    shown = today_card(turn.store, turn.org, turn.me, turn.today, turn.now)
    return shown or home_card(turn.store, turn.org, turn.me, turn.now)


def _more(turn: Turn) -> Card:
    done = {row.metric: _count(turn, row) for row in HABITS}
    shown = [row for row in HABITS if row.period in (Period.DAY, Period.WEEK)]
    items = tuple(
        (Mark.DONE if done[row.metric] >= row.quantity else Mark.OPEN, t(f"metric.{row.metric}.name"))
        for row in shown
    )
    open_ticks = [row for row in shown if row.source is Source.TICK and done[row.metric] < row.quantity]
    works = turn.calendar().is_present(turn.today)
    room = BUTTONS - 2 - works
    buttons = [Button(t(f"metric.{row.metric}.button"), f"/done {row.metric}") for row in open_ticks[:room]]
    rows = in_rows(buttons)
    skip = (Button(t("away.skip_today"), "/away today"),) if works else ()
    return card(
        t("today.habits"),
        Steps(items),
        Note(t("today.why", at=turn.me.day_starts)),
        rows=(*rows, (*skip, Button(t("button.settings"), "/settings"), Button(t("button.week"), "/week"))),
    )


def _count(turn: Turn, row: MetricRow) -> int:
    """How often a habit was done in its period; the reflection comes with the day's report."""
    first = {Period.DAY: turn.today, Period.WEEK: monday(turn.today)}.get(
        row.period, turn.today.replace(day=1)
    )
    if row.source is Source.REPORT:
        report = turn.store.report(turn.me.id, turn.today)
        return int(bool(report and report.reflection))
    return sum(1 for metric, _ in turn.store.ticks(turn.me.id, first, turn.today) if metric is row.metric)
