"""Stalled deals: the deadlines tell of every day what an assessment of that day finds."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.stalled import (
    LIMITS,
    Assessment,
    Clock,
    Deadlines,
    Level,
    Limits,
    Signal,
    SizeClass,
    answered_by,
    asks_to_decide,
    assess,
    begins,
    benchmark,
    deadlines,
    elapsed,
    escalates_on,
    import_quiet,
    overstay_days,
    slot,
    snooze,
    speaks,
    step_quiet,
    stopped_days,
)
from domain.workdays import ONE_DAY, Calendar, Leave
from tests.domain.records import CALENDAR, MON_TO_FRI, MONDAY, ZONE, away, day, wall

# So crowded that stopped days are met while others are passed.
STOPPED = st.lists(st.integers(-30, 200), max_size=40, unique=True).map(
    lambda numbers: tuple(MONDAY + number * ONE_DAY for number in sorted(numbers))
)
DAYS = st.integers(-40, 120).map(lambda number: MONDAY + number * ONE_DAY)
CLOCKS = st.builds(
    Clock,
    entered_on=st.integers(-60, 10).map(lambda number: MONDAY + number * ONE_DAY),
    benchmark_days=st.one_of(st.integers(1, 60), st.integers(1, 120).map(lambda half: Fraction(half, 2))),
    next_on=st.none() | DAYS,
    last_customer_on=st.none() | DAYS,
    hold_days=st.integers(0, 20),
    held=st.integers(0, 9).map(lambda number: number == 0),
    close_moves=st.integers(0, 4),
    limits=st.sampled_from(list(LIMITS.values())),
    stopped=STOPPED,
)
FAR = date(2027, 12, 31)


def deal(**other: Any) -> Clock:
    """Entered and heard of on the first Monday, with a step far away; `other` says what differs."""
    values: dict[str, Any] = {"entered_on": MONDAY, "benchmark_days": 30, "next_on": FAR, **other}
    return Clock(**values)


# --- deadlines and assessments agree


@given(CLOCKS)
def test_the_deadlines_tell_the_level_of_every_day(clock: Clock) -> None:
    """From the day of entry until long after the last clock has run out."""
    found = deadlines(clock)
    for number in range(400):
        today = clock.entered_on + number * ONE_DAY
        assert assess(clock, today).level is found.level(today), today


@given(CLOCKS)
def test_whatever_runs_ends_in_critical_and_warns_no_later(clock: Clock) -> None:
    found = deadlines(clock)
    if clock.held:
        assert found == Deadlines()
        return
    assert found.warn_on
    assert found.critical_on
    assert found.warn_on <= found.critical_on


@given(CLOCKS, st.integers(0, 300))
def test_a_level_is_what_its_signals_say(clock: Clock, number: int) -> None:
    found = assess(clock, clock.entered_on + number * ONE_DAY)
    assert not set(found.critical) & set(found.warn)
    for signals in (found.critical, found.warn):
        assert list(signals) == [signal for signal in Signal if signal in signals]
    assert (found.level is Level.CRITICAL) == (bool(found.critical) or len(found.warn) > 1)
    assert (found.level is Level.WARN) == (not found.critical and len(found.warn) == 1)


@given(CLOCKS, st.integers(0, 300))
def test_no_clock_moves_on_a_stopped_day(clock: Clock, number: int) -> None:
    today = clock.entered_on + number * ONE_DAY
    before, after = assess(clock, today), assess(clock, today + ONE_DAY)
    moved = 0 if today + ONE_DAY in clock.stopped else 1
    assert after.days - before.days in (0, moved)
    assert after.idle_days - before.idle_days in (0, moved)
    if not moved:
        assert after == before


@given(DAYS, DAYS, STOPPED)
def test_elapsed_counts_the_days_that_run(since: date, today: date, stopped: tuple[date, ...]) -> None:
    run = [
        since + number * ONE_DAY
        for number in range(1, (today - since).days + 1)
        if since + number * ONE_DAY not in stopped
    ]
    assert elapsed(since, today, stopped) == len(run)


# --- by hand


def test_a_step_is_overdue_the_day_after_its_date() -> None:
    clock = deal(next_on=day(6))
    assert assess(clock, day(6)).level is Level.OK
    assert assess(clock, day(7)).warn == (Signal.NEXT_STEP,)
    assert deadlines(clock) == Deadlines(warn_on=day(7), critical_on=day(16))


def test_a_missing_step_warns_from_the_beginning() -> None:
    clock = deal(next_on=None)
    assert assess(clock, MONDAY).warn == (Signal.NEXT_STEP,)
    assert deadlines(clock).warn_on == MONDAY


def test_moves_of_the_close_warn_at_two_and_are_critical_at_three() -> None:
    levels = [assess(deal(close_moves=number), MONDAY).level for number in range(5)]
    assert levels == [Level.OK, Level.OK, Level.WARN, Level.CRITICAL, Level.CRITICAL]
    assert deadlines(deal(close_moves=3)) == Deadlines(warn_on=MONDAY, critical_on=MONDAY)
    assert deadlines(deal(close_moves=2, next_on=None)).critical_on == MONDAY


@pytest.mark.parametrize(
    ("size", "warn", "critical"), [("small", 7, 14), ("standard", 14, 30), ("large", 30, 60)]
)
def test_larger_deals_may_rest_longer(size: str, warn: int, critical: int) -> None:
    clock = deal(benchmark_days=365, limits=LIMITS[SizeClass(size)])
    found = deadlines(clock)
    assert found == Deadlines(warn_on=MONDAY + warn * ONE_DAY, critical_on=MONDAY + critical * ONE_DAY)
    assert assess(clock, MONDAY + critical * ONE_DAY).critical == (Signal.IDLE,)


def test_days_on_hold_are_no_time_in_the_milestone() -> None:
    clock = deal(hold_days=10, last_customer_on=day(30))
    assert assess(clock, day(31)) == Assessment(days=19, idle_days=1, ratio=Fraction(19, 30), level=Level.OK)
    held = deal(held=True, next_on=None, close_moves=5)
    assert assess(held, FAR).level is Level.OK
    assert deadlines(held) == Deadlines()


def test_holidays_stop_all_clocks_and_the_step_with_them() -> None:
    """A step of the 4th, the 3rd to the 9th off: overdue on the 10th; a silence of 14 days on the 23rd."""
    off = tuple(day(number) for number in range(3, 10))
    clock = deal(next_on=day(4), stopped=off)
    assert [assess(clock, day(number)).level for number in (4, 5, 9)] == [Level.OK] * 3
    assert deadlines(clock) == Deadlines(warn_on=day(10), critical_on=day(23))
    assert assess(clock, day(23)).idle_days == 14


def test_a_fraction_of_a_day_is_not_yet_there() -> None:
    """1.5 x 15.5 days are 23.25: the 24th day is the first."""
    half = Fraction(31, 2)
    assert overstay_days(Fraction(3, 2), half) == 24
    clock = deal(benchmark_days=half, last_customer_on=day(24))
    assert deadlines(clock).warn_on == MONDAY + 24 * ONE_DAY
    assert assess(clock, MONDAY + 23 * ONE_DAY).level is Level.OK


def test_a_deadline_is_a_midnight_of_the_owner() -> None:
    assert begins(day(7), ZONE) == datetime(2026, 3, 6, 16, tzinfo=UTC)
    # Midnight is skipped in Cairo on 24 April 2026.
    assert begins(date(2026, 4, 24), "Africa/Cairo") == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert begins(None, ZONE) is None


@pytest.mark.parametrize(
    "wrong", [{"benchmark_days": 0}, {"benchmark_days": -1}, {"hold_days": -1}, {"close_moves": -1}]
)
def test_a_clock_that_cannot_be_is_an_error(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        deal(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Limits(idle_warn=0),
        lambda: Limits(idle_critical=13),
        lambda: Limits(pushes_warn=4),
        lambda: Limits(overstay_warn=Fraction(3)),
    ],
)
def test_limits_out_of_order_are_an_error(wrong: Callable[[], Limits]) -> None:
    with pytest.raises(ValueError, match="critical"):
        wrong()


# --- benchmark and stopped days


@given(st.lists(st.integers(1, 200), max_size=40))
def test_a_benchmark_is_in_the_middle_of_what_happened(passages: list[int]) -> None:
    usual = benchmark(passages, 30)
    if len(passages) < 10:
        assert usual == 30
        return
    below, above = (sum(each < usual for each in passages), sum(each > usual for each in passages))
    assert 2 * below <= len(passages)
    assert 2 * above <= len(passages)
    assert min(passages) <= usual <= max(passages)
    assert benchmark(sorted(passages, reverse=True), 30) == usual


def test_a_benchmark_of_an_odd_and_an_even_number() -> None:
    assert benchmark([1] * 5 + [4] * 5, 30) == Fraction(5, 2)
    assert benchmark([1] * 5 + [3] + [4] * 5, 30) == 3


def test_a_weekend_stops_nothing_but_a_long_one_does() -> None:
    assert stopped_days(CALENDAR, day(1), day(31)) == ()
    long = Calendar(week=MON_TO_FRI, off=frozenset({day(9)}))
    assert stopped_days(long, day(1), day(31)) == (day(7), day(8), day(9))
    # A run counts as a whole, though only a part of it lies between the days asked for.
    for number in (7, 8, 9):
        assert stopped_days(long, day(number), day(number)) == (day(number),)
    four_days = Calendar(week=frozenset({1, 2, 3, 4}))
    assert stopped_days(four_days, day(2), day(8)) == (day(6), day(7), day(8))
    worked = Calendar(week=MON_TO_FRI, off=frozenset({day(9)}), extra=frozenset({day(8)}))
    assert stopped_days(worked, day(1), day(31)) == ()


def test_leave_stops_the_clocks_however_short() -> None:
    assert stopped_days(away(4, 4), day(1), day(31)) == (day(4),)
    # A leave of Thursday to Monday covers the weekend; one of a Friday makes no run with it.
    assert stopped_days(away(5, 9), day(1), day(31)) == tuple(day(number) for number in range(5, 10))
    assert stopped_days(away(6, 6), day(1), day(31)) == (day(6),)


@given(
    st.sets(st.integers(1, 7), min_size=1),
    st.sets(st.integers(1, 31), max_size=10),
    st.lists(st.tuples(st.integers(1, 25), st.integers(0, 6)), max_size=2),
)
def test_stopped_days_one_by_one(week: set[int], off: set[int], leaves: list[tuple[int, int]]) -> None:
    calendar = Calendar(
        week=frozenset(week),
        off=frozenset(day(number) for number in off),
        leaves=tuple(Leave(first=day(first), last=day(first + length)) for first, length in leaves),
    )

    def stops(on: date) -> bool:
        runs = ([on + (start + step) * ONE_DAY for step in range(3)] for start in (-2, -1, 0))
        return calendar.is_away(on) or any(not any(map(calendar.is_workday, run)) for run in runs)

    expected = tuple(day(number) for number in range(1, 32) if stops(day(number)))
    assert stopped_days(calendar, day(1), day(31)) == expected


# --- quiet, slots, who hears


def test_a_step_keeps_a_warn_quiet_until_the_working_day_after_it() -> None:
    friday = day(6)
    until = step_quiet(friday, CALENDAR, 0)
    assert until == step_quiet(friday, CALENDAR, 1) == day(9)
    assert step_quiet(friday, CALENDAR, 2) is None
    spoken = [speaks(Level.WARN, day(number), step_quiet_until=until) for number in (6, 8, 9)]
    assert spoken == [False, False, True]
    assert speaks(Level.CRITICAL, day(6), step_quiet_until=until)


def test_a_snooze_keeps_both_levels_quiet() -> None:
    until = snooze(14, MONDAY)
    assert until == day(16)
    for level in (Level.WARN, Level.CRITICAL):
        assert not speaks(level, day(15), snoozed_until=until)
        assert speaks(level, day(16), snoozed_until=until)
        assert speaks(level, MONDAY)
    assert not speaks(Level.OK, MONDAY)
    # The later of the two holds for a warn.
    assert not speaks(Level.WARN, day(16), snoozed_until=until, step_quiet_until=day(18))


@pytest.mark.parametrize("count", [0, -1, 15])
def test_a_snooze_is_a_fortnight_at_most(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 14"):
        snooze(count, MONDAY)


def test_slots_are_seven_days_long() -> None:
    slots = [slot(MONDAY, MONDAY + number * ONE_DAY) for number in range(15)]
    assert slots == [0] * 7 + [1] * 7 + [2]
    with pytest.raises(ValueError, match="before"):
        slot(day(3), MONDAY)


@pytest.mark.parametrize(
    ("calendar", "warned", "heard"),
    [
        (CALENDAR, day(2), day(4)),
        (CALENDAR, day(5), day(9)),
        (CALENDAR, day(6), day(10)),
        # Warned on a Saturday, the rep has Monday and Tuesday.
        (CALENDAR, day(7), day(11)),
        (away(3, 4), day(2), day(6)),
    ],
)
def test_the_manager_hears_of_a_warn_after_two_working_days(
    calendar: Calendar, warned: date, heard: date
) -> None:
    assert escalates_on(warned, calendar) == heard


@pytest.mark.parametrize(
    ("told", "by"),
    [
        ((day(2), "08:30"), (day(2), "12:30")),
        ((day(2), "07:00"), (day(2), "12:30")),
        ((day(2), "16:00"), (day(2), "20:00")),
        ((day(2), "18:00"), (day(3), "10:30")),
        ((day(6), "17:00"), (day(9), "09:30")),
        ((day(7), "12:00"), (day(9), "12:30")),
        ((day(6), "22:00"), (day(9), "12:30")),
    ],
)
def test_the_rep_has_four_working_hours(told: tuple[date, str], by: tuple[date, str]) -> None:
    assert answered_by(wall(*told), CALENDAR, ZONE, time(8, 30)) == wall(*by)


def test_hours_that_never_come_are_an_error() -> None:
    with pytest.raises(LookupError):
        answered_by(wall(MONDAY, "09:00"), Calendar(week=frozenset()), ZONE, time(8, 30))


@given(st.integers(0, 14 * 24 * 60), st.integers(1, 30 * 60))
def test_working_hours_are_counted_minute_by_minute(minute: int, length: int) -> None:
    told = wall(MONDAY, "00:00") + timedelta(minutes=minute)
    by = answered_by(told, CALENDAR, ZONE, time(8, 30), time(18), timedelta(minutes=length))
    worked = 0
    local = told + timedelta(hours=8)
    for _ in range(int((by - told) / timedelta(minutes=1))):
        worked += CALENDAR.is_present(local.date()) and time(8, 30) <= local.time() < time(18)
        local += timedelta(minutes=1)
    assert worked == length


def test_an_imported_deal_rests_for_ten_working_days_of_its_owner() -> None:
    assert import_quiet(MONDAY, CALENDAR) == MONDAY + 14 * ONE_DAY
    assert import_quiet(MONDAY, away(9, 10)) == MONDAY + 16 * ONE_DAY


@pytest.mark.parametrize(
    ("idle", "known", "asked"), [(30, 1, True), (30, 0, True), (29, 0, False), (30, 2, False), (99, 2, False)]
)
def test_after_a_month_without_a_second_contact_it_is_to_be_decided(
    *, idle: int, known: int, asked: bool
) -> None:
    assert asks_to_decide(idle, known) is asked
