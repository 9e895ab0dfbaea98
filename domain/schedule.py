"""When a push is due: local wall time to an instant, and the next period of a cadence (method section 10)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.workdays import (
    MIDDLE,
    ONE_DAY,
    Calendar,
    monday,
    month_end,
    month_label,
    quarter_start,
    week_label,
)

# A calendar without a day worked for so long is a mistake in the data, or of somebody who does not come back.
SEARCH_DAYS = 800
# Quiet hours of a person's own wall (method section 10).
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(8, 0)
# What comes later than this after its time says so.
LATE = timedelta(minutes=10)
# From here on the clock, or the bot, was away: what is due now may be a later period than the one that was waited for.
AWAY = timedelta(hours=4)


class Cadence(StrEnum):
    """How often a push comes; each period has one label. `DAILY` asks for no working day, all others do."""

    DAILY = "daily"
    WORKDAYS = "workdays"
    FIRST_OF_WEEK = "first_of_week"
    LAST_OF_WEEK = "last_of_week"
    MID_MONTH = "mid_month"
    FIRST_OF_MONTH = "first_of_month"
    LAST_OF_MONTH = "last_of_month"
    FIRST_OF_QUARTER = "first_of_quarter"
    FIRST_OF_YEAR = "first_of_year"


class Quiet(StrEnum):
    """What becomes of a push whose time lies in the quiet hours (method section 10).

    `MOVES`: it comes when they end. `DROPS`: it is of no use then, and does not come. `OWN`: its time is the person's
    own word and stands above them; late it moves like others. `SILENT`: it says nothing, it only edits.
    """

    MOVES = "moves"
    DROPS = "drops"
    OWN = "own"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One period of a push: the date it is for (`2026-03-02`), the instant it is due and the last useful instant."""

    label: str
    due_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a push comes: how often, at which time of the wall, how long it is of use, and what quiet hours do to it."""

    cadence: Cadence
    at: time
    patience: timedelta
    quiet: Quiet = Quiet.OWN


def instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall time; in a gap the first instant after it, in a fold the first occurrence."""
    return _instant(day, at, zone)


# Everybody of a zone asks for the same few instants.
@lru_cache(maxsize=4096)
def _instant(day: date, at: time, zone: str) -> datetime:
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


def is_quiet(moment: datetime, zone: str) -> bool:
    """Whether it is nobody's time to be written to: 21:00 to 08:00 of the wall in `zone`."""
    return not QUIET_UNTIL <= local_time(moment, zone) < QUIET_FROM


def after_quiet(moment: datetime, zone: str) -> datetime:
    """`moment` itself, or the end of the quiet hours in `zone` that it falls into (method section 10)."""
    if not is_quiet(moment, zone):
        return moment
    on, at = local_date(moment, zone), local_time(moment, zone)
    return instant(on if at < QUIET_UNTIL else on + ONE_DAY, QUIET_UNTIL, zone)


# The days among which a cadence picks one, those of the period in which a day lies.
Among = Callable[[date], tuple[date, date]]
PERIODS: dict[Cadence, Among] = {
    Cadence.DAILY: lambda day: (day, day),
    Cadence.WORKDAYS: lambda day: (day, day),
    Cadence.FIRST_OF_WEEK: lambda day: (monday(day), monday(day) + 6 * ONE_DAY),
    Cadence.LAST_OF_WEEK: lambda day: (monday(day), monday(day) + 6 * ONE_DAY),
    # Method section 2, "1:15:30".
    Cadence.MID_MONTH: lambda day: (day.replace(day=MIDDLE), month_end(day)),
    Cadence.FIRST_OF_MONTH: lambda day: (day.replace(day=1), month_end(day)),
    Cadence.LAST_OF_MONTH: lambda day: (day.replace(day=1), month_end(day)),
    Cadence.FIRST_OF_QUARTER: lambda day: (quarter_start(day), month_end(quarter_start(day) + 65 * ONE_DAY)),
    Cadence.FIRST_OF_YEAR: lambda day: (day.replace(month=1, day=1), day.replace(month=12, day=31)),
}
LASTS = frozenset({Cadence.LAST_OF_WEEK, Cadence.LAST_OF_MONTH})


def period_label(cadence: Cadence, label: str) -> str:
    """What the period of a date is called: what is said once a week is said once however its days are moved."""
    if cadence in (Cadence.DAILY, Cadence.WORKDAYS):
        return label
    day = date.fromisoformat(label)
    match cadence:
        case Cadence.FIRST_OF_WEEK | Cadence.LAST_OF_WEEK:
            return week_label(day)
        case Cadence.FIRST_OF_QUARTER:
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case Cadence.FIRST_OF_YEAR:
            return f"{day.year}"
        case _:
            return month_label(day)


def _picked(cadence: Cadence, calendar: Calendar, first: date, last: date) -> date | None:
    """The day of a period on which it is due: "Monday" and "Friday" are the first and last worked (product section 6)."""
    if cadence is Cadence.DAILY:
        return first
    day, step, stop = (last, -ONE_DAY, first) if cadence in LASTS else (first, ONE_DAY, last)
    while not calendar.is_present(day):
        if day == stop:
            return None
        day += step
    return day


def due_on(rule: Rule, day: date, zone: str) -> Due | None:
    """The period that is due on a local date; None where its time lies in quiet hours that drop it."""
    at, on = rule.at, day
    if not QUIET_UNTIL <= at < QUIET_FROM:
        if rule.quiet is Quiet.DROPS:
            return None
        if rule.quiet is Quiet.MOVES:
            at, on = QUIET_UNTIL, day if at < QUIET_UNTIL else day + ONE_DAY
    due_at = instant(on, at, zone)
    return Due(label=day.isoformat(), due_at=due_at, not_after=due_at + rule.patience)


def next_due(rule: Rule, zone: str, calendar: Calendar, after: datetime, served: str = "") -> Due | None:
    """The first period due later than `after` that was not served yet; None when there is none within 800 days.

    `served` is the label of the last one that was: whoever flies west lives through a date twice and is told once.
    """
    # A push that quiet hours move to the next morning belongs to the day before.
    day = local_date(after, zone) - (ONE_DAY if rule.at >= QUIET_FROM else timedelta(0))
    last = day + SEARCH_DAYS * ONE_DAY
    while day <= last:
        first, end = PERIODS[rule.cadence](day)
        found = _picked(rule.cadence, calendar, first, end)
        due = due_on(rule, found, zone) if found and not _is_served(rule.cadence, found, served) else None
        if due and due.due_at > after:
            return due
        day = end + ONE_DAY
    return None


def _is_served(cadence: Cadence, day: date, served: str) -> bool:
    if not served:
        return False
    label = day.isoformat()
    return label <= served or period_label(cadence, label) == period_label(cadence, served)


def caught_up(
    rule: Rule, zone: str, calendar: Calendar, waited: Due, now: datetime, served: str = ""
) -> Due | None:
    """What is due now of a push that waited for one period: of several missed ones the latest, if it is still of use.

    After an outage nobody gets five morning cards, and nobody goes without today's while it helps (method section 10).
    A period that ends before it is due is open: it is worked out anew from the instant it is due at.
    """
    is_open = waited.due_at > waited.not_after
    if now - waited.due_at < min(AWAY, rule.patience) and not is_open:
        return waited if now <= waited.not_after else None
    found = waited if now <= waited.not_after else None
    due = next_due(
        rule, zone, calendar, max(waited.due_at, now - rule.patience - timedelta(seconds=1)), served
    )
    while due and due.due_at <= now:
        found = due
        due = next_due(rule, zone, calendar, due.due_at, served)
    return found


def spoken(rule: Rule, zone: str, due: Due, now: datetime) -> Due | None:
    """What is due now as it may be said: at once, when the quiet hours end, or not at all where it is of no use then.

    Its own time may stand above quiet hours, being late does not.
    """
    if rule.quiet is Quiet.SILENT or not is_quiet(now, zone):
        return due
    if rule.quiet is Quiet.OWN and now - due.due_at <= LATE:
        return due
    ends_at = after_quiet(now, zone)
    return None if rule.quiet is Quiet.DROPS or ends_at > due.not_after else replace(due, due_at=ends_at)


def late_since(patience: timedelta, due: Due, now: datetime) -> datetime | None:
    """When it was due, where it comes so late that it says so; quiet hours that moved it are no excuse.

    A push that somebody is owed because their wall changed is not late: its time is now.
    """
    was_at = due.not_after - patience
    return was_at if now - was_at > LATE else None


def replanned(
    rule: Rule,
    zone: str,
    calendar: Calendar,
    now: datetime,
    waited: Due | None = None,
    served: str = "",
) -> Due | None:
    """The period to wait for after zone, calendar or settings changed; `waited` is the one waited for until now.

    What is due and not served yet stays due. Who flies east over the time of a push is owed today's, at once unless it
    is quiet: so with times until 09:00 nobody goes without for more than 36 hours.
    """
    today = local_date(now, zone)
    first, end = PERIODS[rule.cadence](today)
    if waited and _picked(rule.cadence, calendar, first, end) == today and waited.label <= today.isoformat():
        if _is_served(rule.cadence, today, served):
            return next_due(rule, zone, calendar, now, served)
        if waited.due_at <= now <= waited.not_after and waited.label == today.isoformat():
            return waited
        due = due_on(rule, today, zone)
        if waited.due_at > now and due and due.due_at <= now and not is_quiet(now, zone):
            return Due(label=due.label, due_at=now, not_after=now + rule.patience)
    return next_due(rule, zone, calendar, now, served)
