"""Silence: which days count, when it is asked about, and that days away and off never do (product 6)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import Profile
from domain.schedule import after_quiet
from domain.silence import (
    LOOK_BACK,
    SILENT_DAYS,
    asks_to_pause,
    heard,
    silent_days,
    silent_since,
    stops_nudging,
    team_silent_days,
)
from domain.workdays import Calendar, Leave
from tests.domain.records import CALENDAR, MON_TO_FRI, MONDAY, ZONE, away, day, wall
from tests.domain.staff import planner

DAYS = st.integers(-40, 40).map(lambda n: MONDAY + timedelta(days=n))
CALENDARS = st.builds(
    lambda week, first, length, off, extra: Calendar(
        week=frozenset(week),
        leaves=(Leave(first=first, last=first + timedelta(days=length)),),
        off=off - extra,
        extra=extra,
    ),
    st.sets(st.integers(1, 7), min_size=1),
    DAYS,
    st.integers(0, 10),
    st.frozensets(DAYS, max_size=8),
    st.frozensets(DAYS, max_size=3),
)
HEARD = st.none() | DAYS


@pytest.mark.parametrize(("ignored", "stops"), [(0, False), (1, False), (2, True), (7, True)])
def test_two_ignored_evenings_end_the_nudges(ignored: int, stops: bool) -> None:
    assert stops_nudging(ignored) is stops


@pytest.mark.parametrize(
    ("heard_on", "calendar", "today", "count"),
    [
        # Heard on Monday: Tuesday to Friday and the next Monday are five, and Tuesday morning asks.
        (day(2), CALENDAR, day(10), 5),
        (day(2), CALENDAR, day(9), 4),
        (day(2), CALENDAR, day(3), 0),
        (day(2), CALENDAR, day(2), 0),
        # Two days away are two days later.
        (day(2), away(4, 5), day(10), 3),
        # Nobody is silent who was never planned for.
        (None, CALENDAR, day(30), 0),
    ],
)
def test_silent_days(heard_on: date | None, calendar: Calendar, today: date, count: int) -> None:
    assert len(silent_days(heard_on, calendar, today)) == count


@pytest.mark.parametrize(
    ("heard_on", "paused_until", "since"),
    [
        (day(2), None, day(2)),
        (day(2), day(9), day(9)),
        (day(12), day(9), day(12)),
        (None, day(9), None),
    ],
)
def test_after_a_pause_silence_begins_anew(
    heard_on: date | None, paused_until: date | None, since: date | None
) -> None:
    member = planner(Profile.FIELD, day(1), heard_on=heard_on, paused_until=paused_until)
    assert heard(member) == since


def test_a_day_declared_off_is_not_silent_and_a_worked_saturday_is() -> None:
    declared = Calendar(week=MON_TO_FRI, off=frozenset({day(4)}), extra=frozenset({day(7)}))
    assert silent_days(day(2), declared, day(10)) == (day(3), day(5), day(6), day(7), day(9))


def test_silence_begins_the_day_after_the_last_silent_one() -> None:
    silent = silent_days(day(2), CALENDAR, day(12))
    assert silent_since(silent, SILENT_DAYS) == day(10)
    assert silent_since(silent[:4], SILENT_DAYS) is None


def test_pause_is_asked_every_fifth_day_only() -> None:
    days = tuple(day(n) for n in range(1, 16))
    assert [n for n in range(16) if asks_to_pause(days[:n])] == [5, 10, 15]


def test_a_team_is_as_silent_as_whoever_was_heard_last() -> None:
    ann, bob = (day(2), CALENDAR), (day(4), away(5, 6))
    assert team_silent_days([ann, bob], day(10)) == (day(5), day(6), day(9))
    assert team_silent_days([bob], day(10)) == (day(9),)
    assert team_silent_days([ann, bob, (None, CALENDAR)], day(10)) == ()
    assert team_silent_days([], day(10)) == ()


@pytest.mark.parametrize(
    ("on", "clock", "leaves_on", "leaves_at"),
    [
        (day(2), "07:59", day(2), "08:00"),
        (day(2), "08:00", day(2), "08:00"),
        (day(2), "20:59", day(2), "20:59"),
        (day(2), "21:00", day(3), "08:00"),
    ],
)
def test_nothing_leaves_in_quiet_hours(on: date, clock: str, leaves_on: date, leaves_at: str) -> None:
    assert after_quiet(wall(on, clock), ZONE) == wall(leaves_on, leaves_at)


@given(HEARD, CALENDARS, DAYS)
def test_every_silent_day_was_worked_and_came_after_the_last_word(
    heard_on: date | None, calendar: Calendar, today: date
) -> None:
    for each in silent_days(heard_on, calendar, today):
        assert calendar.is_present(each)
        assert heard_on is not None
        assert max(heard_on, today - LOOK_BACK) < each < today


@given(DAYS, CALENDARS, DAYS)
def test_each_day_worked_adds_one_and_no_other_day_adds_any(
    heard_on: date, calendar: Calendar, today: date
) -> None:
    tomorrow = today + timedelta(days=1)
    added = len(silent_days(heard_on, calendar, tomorrow)) - len(silent_days(heard_on, calendar, today))
    assert added == int(today > heard_on and calendar.is_present(today))


@given(DAYS, CALENDARS, DAYS, DAYS)
def test_leave_and_days_off_only_shorten_a_silence(
    heard_on: date, calendar: Calendar, today: date, off: date
) -> None:
    whole = Calendar(week=calendar.week)
    less = Calendar(week=calendar.week, leaves=calendar.leaves, off=calendar.off | {off})
    assert set(silent_days(heard_on, less, today)) <= set(silent_days(heard_on, whole, today))


@given(st.lists(st.tuples(DAYS, CALENDARS), min_size=1, max_size=4), DAYS)
def test_a_team_is_never_more_silent_than_all_its_people_together(
    people: list[tuple[date, Calendar]], today: date
) -> None:
    found = set(team_silent_days(people, today))
    for each in found:
        assert any(calendar.is_present(each) for _, calendar in people)
        assert all(heard_on < each for heard_on, _ in people)
