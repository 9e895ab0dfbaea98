"""Stalled deals: four clocks, the day each level begins, and who hears of it when (method section 4)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil

from domain.quota import DAY_CLOSE
from domain.schedule import instant, local_date
from domain.workdays import ONE_DAY, SEARCH_DAYS, Calendar, days

BENCHMARK_FROM = 10
# Runs of so many days off stop the clocks; a weekend does not.
RUN_STOPS = 3
STEP_QUIETS = 2
SNOOZE_DAYS = 14
SLOT_DAYS = 7
# What the rep has before the manager hears: working days of warn, working hours of critical.
WARN_WORKDAYS = 2
# Imported deals are given so many working days before anything is said about them (product section 5).
IMPORT_WORKDAYS = 10
# So long without the customer, and nobody else there who could be asked: it is time to decide.
DECIDE_IDLE_DAYS = 30
DECIDE_CONTACTS = 2
CRITICAL_HOURS = timedelta(hours=4)


class SizeClass(StrEnum):
    """How large a deal is, as its template says; larger deals may rest longer."""

    SMALL = "small"
    STANDARD = "standard"
    LARGE = "large"


class Level(StrEnum):
    """How badly a deal has stalled."""

    OK = "ok"
    WARN = "warn"
    CRITICAL = "critical"


class Signal(StrEnum):
    """What can stall a deal, in the order of the method's table."""

    OVERSTAY = "overstay"
    IDLE = "idle"
    NEXT_STEP = "next_step"
    PUSHES = "pushes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where each signal warns and is critical: a ratio to the benchmark, days of silence, moves of the close.

    Raises `ValueError` unless 0 < warn <= critical.
    """

    idle_warn: int = 14
    idle_critical: int = 30
    overstay_warn: Fraction = Fraction(3, 2)
    overstay_critical: Fraction = Fraction(2)
    pushes_warn: int = 2
    pushes_critical: int = 3

    def __post_init__(self) -> None:
        pairs: tuple[tuple[Fraction | int, Fraction | int], ...] = (
            (self.idle_warn, self.idle_critical),
            (self.overstay_warn, self.overstay_critical),
            (self.pushes_warn, self.pushes_critical),
        )
        if not all(0 < warn <= critical for warn, critical in pairs):
            raise ValueError("limits are above 0, and critical is not below warn")


LIMITS: Mapping[SizeClass, Limits] = {
    SizeClass.SMALL: Limits(idle_warn=7, idle_critical=14),
    SizeClass.STANDARD: Limits(),
    SizeClass.LARGE: Limits(idle_warn=30, idle_critical=60),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What the clocks of a deal go by; all dates are local to its owner.

    `hold_days` are whole days on hold since `entered_on`, as `elapsed` counts them. `held` stands for on hold, won,
    lost and cancelled: nothing stalls. `last_customer_on` is the last credited customer activity, None for the day of
    entry. `close_moves` is how often the expected close was moved. `stopped` are the days on which no clock runs,
    sorted, each once (`stopped_days`). Raises `ValueError` for a benchmark not above 0 and for days or moves below 0.
    """

    entered_on: date
    benchmark_days: Fraction | int
    next_on: date | None
    last_customer_on: date | None = None
    hold_days: int = 0
    held: bool = False
    close_moves: int = 0
    limits: Limits = LIMITS[SizeClass.STANDARD]
    stopped: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if self.benchmark_days <= 0 or self.hold_days < 0 or self.close_moves < 0:
            raise ValueError("a benchmark is above 0 days; days on hold and moves are not below 0")

    @property
    def idle_since(self) -> date:
        """The day the idle clock was last reset."""
        return self.last_customer_on or self.entered_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How a deal stands on a day: days in the milestone without hold, days without the customer, and the signals.

    `ratio` is the days against the benchmark; a signal is in `critical` or in `warn`, never in both.
    """

    days: int
    idle_days: int
    ratio: Fraction
    level: Level
    critical: tuple[Signal, ...] = ()
    warn: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The first local dates of each level if nothing changes, from their midnight on; None when there is none.

    A state that has no beginning (no next step, moves of the close) began with the milestone.
    """

    warn_on: date | None = None
    critical_on: date | None = None

    def level(self, today: date) -> Level:
        """The level of `today`, from the day of entry on; the same as `assess` finds."""
        if self.critical_on and today >= self.critical_on:
            return Level.CRITICAL
        return Level.WARN if self.warn_on and today >= self.warn_on else Level.OK


def stopped_days(calendar: Calendar, first: date, last: date) -> tuple[date, ...]:
    """The days from `first` to `last` on which the clocks of a calendar's owner stop, sorted (method 4).

    Those are the days of the owner's leave, and runs of three or more days on which the organisation does not work.
    """
    # A run may begin before the first day and end after the last.
    reach = (RUN_STOPS - 1) * ONE_DAY
    found: set[date] = set()
    run: list[date] = []
    for day in days(first - reach, last + reach):
        run = [] if calendar.is_workday(day) else [*run, day]
        if len(run) == RUN_STOPS:
            found.update(run)
        elif len(run) > RUN_STOPS or calendar.is_away(day):
            found.add(day)
    return tuple(sorted(day for day in found if first <= day <= last))


def elapsed(since: date, today: date, stopped: Sequence[date] = ()) -> int:
    """Whole days after `since` up to `today`, those of `stopped` left out; 0 when `today` is not after `since`.

    So no count grows on a day on which the clocks stop. `stopped` is sorted, each day once.
    """
    if today <= since:
        return 0
    return (today - since).days - (bisect_right(stopped, today) - bisect_right(stopped, since))


def _reached(since: date, count: int, stopped: Sequence[date]) -> date:
    """The first day on which `elapsed` since a day is `count`, 1 or more."""
    day, before = since + count * ONE_DAY, since
    # Each stopped day on the way puts the day off by one, and may bring more of them onto the way.
    while on_the_way := bisect_right(stopped, day) - bisect_right(stopped, before):
        day, before = day + on_the_way * ONE_DAY, day
    return day


def overstay_days(ratio: Fraction, benchmark_days: Fraction | int) -> int:
    """The first whole day in a milestone that is `ratio` times the benchmark or more (method 4)."""
    return ceil(ratio * benchmark_days)


def benchmark(passages: Sequence[int], template_days: int) -> Fraction:
    """How many days a milestone takes: the median of the won passages from 10 on, else the template's (method 4)."""
    if len(passages) < BENCHMARK_FROM:
        return Fraction(template_days)
    ordered, half = sorted(passages), len(passages) // 2
    return Fraction(ordered[half] + ordered[-half - 1], 2)


def assess(clock: Clock, today: date) -> Assessment:
    """How a deal stands on `today`, a date on the wall of its owner (method 4, stalled deals)."""
    stood = max(elapsed(clock.entered_on, today, clock.stopped) - clock.hold_days, 0)
    idle = elapsed(clock.idle_since, today, clock.stopped)
    ratio = Fraction(stood) / clock.benchmark_days
    if clock.held:
        return Assessment(days=stood, idle_days=idle, ratio=ratio, level=Level.OK)
    limits = clock.limits
    overdue = clock.next_on is None or elapsed(clock.next_on, today, clock.stopped) > 0
    found = {
        Signal.OVERSTAY: _level(ratio, limits.overstay_warn, limits.overstay_critical),
        Signal.IDLE: _level(idle, limits.idle_warn, limits.idle_critical),
        Signal.NEXT_STEP: Level.WARN if overdue else Level.OK,
        Signal.PUSHES: _level(clock.close_moves, limits.pushes_warn, limits.pushes_critical),
    }
    critical = tuple(signal for signal, level in found.items() if level is Level.CRITICAL)
    warn = tuple(signal for signal, level in found.items() if level is Level.WARN)
    level = Level.CRITICAL if critical or len(warn) > 1 else Level.WARN if warn else Level.OK
    return Assessment(days=stood, idle_days=idle, ratio=ratio, level=level, critical=critical, warn=warn)


def _level(value: Fraction | int, warn: Fraction | int, critical: Fraction | int) -> Level:
    if value >= critical:
        return Level.CRITICAL
    return Level.WARN if value >= warn else Level.OK


def deadlines(clock: Clock) -> Deadlines:
    """When a deal begins to warn and to be critical if nothing changes; none while it is held (method 4).

    The second of two warns counts as critical. The instants are the midnights of the owner's zone (`begins`).
    """
    if clock.held:
        return Deadlines()
    limits, stopped = clock.limits, clock.stopped

    def overstayed(ratio: Fraction) -> date:
        count = overstay_days(ratio, clock.benchmark_days) + clock.hold_days
        return _reached(clock.entered_on, count, stopped)

    warns = [overstayed(limits.overstay_warn), _reached(clock.idle_since, limits.idle_warn, stopped)]
    criticals = [
        overstayed(limits.overstay_critical),
        _reached(clock.idle_since, limits.idle_critical, stopped),
    ]
    warns.append(_reached(clock.next_on, 1, stopped) if clock.next_on else clock.entered_on)
    if clock.close_moves >= limits.pushes_warn:
        warns.append(clock.entered_on)
    if clock.close_moves >= limits.pushes_critical:
        criticals.append(clock.entered_on)
    first, second, *_ = sorted(warns)
    return Deadlines(warn_on=first, critical_on=min(second, *criticals))


def begins(day: date | None, zone: str) -> datetime | None:
    """The instant a deadline falls: the local midnight that begins its day; None for none (method 4)."""
    return instant(day, time(), zone) if day else None


def step_quiet(next_on: date, calendar: Calendar, in_a_row: int) -> date | None:
    """The date until which a new next step keeps a warn quiet: the working day after the step's (architecture 5b).

    `in_a_row` is how many steps kept this deal quiet before it, running; after two a step keeps nothing quiet: None.
    """
    return calendar.after(next_on) if in_a_row < STEP_QUIETS else None


def snooze(count: int, today: date) -> date:
    """The date until which a snooze of `count` days lasts; raises `ValueError` unless it is 1..14 (method 4)."""
    if not 1 <= count <= SNOOZE_DAYS:
        raise ValueError(f"a snooze is 1 to {SNOOZE_DAYS} days, not {count}")
    return today + count * ONE_DAY


def speaks(
    level: Level, on: date, *, step_quiet_until: date | None = None, snoozed_until: date | None = None
) -> bool:
    """Whether a level is spoken of on a day (architecture 5b).

    Quiet lasts through the days before its date. A step quiets a warn only, a snooze both levels; neither changes the
    level.
    """
    if level is Level.OK or (snoozed_until and on < snoozed_until):
        return False
    return level is Level.CRITICAL or step_quiet_until is None or on >= step_quiet_until


def import_quiet(opened_on: date, calendar: Calendar) -> date:
    """The date until which an imported deal is not spoken of: 10 working days after its import (product section 5)."""
    day = opened_on
    for _ in range(IMPORT_WORKDAYS):
        day = calendar.after(day)
    return day


def asks_to_decide(idle_days: int, known: int) -> bool:
    """Whether "lose, park or re-open?" is asked: 30 days without the customer and no second contact (method 4).

    `known` counts the people on the customer's side who were named or met on the deal.
    """
    return idle_days >= DECIDE_IDLE_DAYS and known < DECIDE_CONTACTS


def slot(since: date, today: date) -> int:
    """Which 7 days of an episode `today` is in, 0 for the first: one alert per deal, level and slot (method 4).

    `since` is the day the level began; raises `ValueError` before it.
    """
    if today < since:
        raise ValueError(f"{today} is before {since}")
    return (today - since).days // SLOT_DAYS


def escalates_on(warned_on: date, calendar: Calendar) -> date:
    """The first working day on which the manager hears of a warn: after 2 working days of it (method 4).

    `calendar` is the rep's; the day the warn began counts when the rep worked on it.
    """
    day = warned_on if calendar.is_present(warned_on) else calendar.after(warned_on)
    for _ in range(WARN_WORKDAYS):
        day = calendar.after(day)
    return day


def answered_by(
    told_at: datetime,
    calendar: Calendar,
    zone: str,
    starts: time,
    ends: time = DAY_CLOSE,
    hours: timedelta = CRITICAL_HOURS,
) -> datetime:
    """The UTC instant by which the rep had 4 working hours: the manager's next digest from then on tells of a critical.

    Working hours are those from `starts` to `ends` of the days the rep works, on the wall of `zone` (method 4, the
    hours of a day *ours*). Raises `LookupError` when there are not enough within ten years.
    """
    day, left = local_date(told_at, zone), hours
    for _ in range(SEARCH_DAYS):
        if calendar.is_present(day):
            begin = max(instant(day, starts, zone), told_at)
            had = max(instant(day, ends, zone) - begin, timedelta())
            if had >= left:
                return begin + left
            left -= had
        day += ONE_DAY
    raise LookupError("no working hours within ten years")
