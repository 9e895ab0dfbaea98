"""When a push is due: local wall time to an instant, and the next period of a cadence (method section 10)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.workdays import ONE_DAY, Calendar

SEARCH_DAYS = 400
# Quiet hours of a person's own wall (method section 10).
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(8, 0)


class Cadence(StrEnum):
    """How often a push comes; each period has one label."""

    WORKDAYS = "workdays"
    FIRST_OF_WEEK = "first_of_week"
    LAST_OF_WEEK = "last_of_week"
    MID_MONTH = "mid_month"
    FIRST_OF_MONTH = "first_of_month"
    LAST_OF_MONTH = "last_of_month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One period of a push: its label (`2026-03-02`), the instant it is due and the last useful instant."""

    label: str
    due_at: datetime
    not_after: datetime


def instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall time; in a gap the first instant after it, in a fold the first occurrence."""
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, at)
    found = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if found.astimezone(tz).replace(tzinfo=None) == wall:
        return found
    return _end_of_gap(wall, tz)


def _end_of_gap(wall: datetime, tz: ZoneInfo) -> datetime:
    """The instant of the transition that skips `wall`, to the second."""
    early = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    late = wall.replace(tzinfo=tz, fold=0).astimezone(UTC)
    before = early.astimezone(tz).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(tz).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def local_date(moment: datetime, zone: str) -> date:
    """The date on the wall in `zone` at an aware instant."""
    return moment.astimezone(ZoneInfo(zone)).date()


def local_time(moment: datetime, zone: str) -> time:
    """The time on the wall in `zone` at an aware instant, to the minute."""
    return moment.astimezone(ZoneInfo(zone)).time().replace(second=0, microsecond=0)


def after_quiet(moment: datetime, zone: str) -> datetime:
    """`moment` itself, or the end of the quiet hours in `zone` that it falls into (method section 10)."""
    on, at = local_date(moment, zone), local_time(moment, zone)
    if QUIET_UNTIL <= at < QUIET_FROM:
        return moment
    return instant(on if at < QUIET_UNTIL else on + ONE_DAY, QUIET_UNTIL, zone)


# "Monday" and "Friday" are the week's first and last day worked (product section 6).
FITS: dict[Cadence, Callable[[Calendar, date], bool]] = {
    Cadence.WORKDAYS: Calendar.is_present,
    Cadence.FIRST_OF_WEEK: Calendar.first_of_week,
    Cadence.LAST_OF_WEEK: Calendar.last_of_week,
    Cadence.MID_MONTH: Calendar.mid_month,
    Cadence.FIRST_OF_MONTH: Calendar.first_of_month,
    Cadence.LAST_OF_MONTH: Calendar.last_of_month,
}


def next_due(
    cadence: Cadence, at: time, patience: timedelta, zone: str, calendar: Calendar, after: datetime
) -> Due | None:
    """The first period due later than `after`; None when the calendar has none within 400 days."""
    day = local_date(after, zone)
    for _ in range(SEARCH_DAYS):
        if FITS[cadence](calendar, day):
            due_at = instant(day, at, zone)
            if due_at > after:
                return Due(label=day.isoformat(), due_at=due_at, not_after=due_at + patience)
        day += ONE_DAY
    return None
