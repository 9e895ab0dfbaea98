"""Working days: the week less the leave, and what Monday and Friday mean."""

from datetime import date, timedelta

import pytest

from domain.workdays import Calendar, Leave, days, monday, week_label
from tests.domain.records import CALENDAR, away, day

LONG_LEAVE = Leave(first=date(2026, 3, 1), last=date(2027, 12, 31))


def test_leave_covers_both_ends() -> None:
    calendar = away(3, 5)
    assert [calendar.is_present(day(n)) for n in (2, 3, 4, 5, 6)] == [True, False, False, False, True]
    assert calendar.is_workday(day(4))
    assert calendar.is_away(day(4))


@pytest.mark.parametrize(
    ("calendar", "start", "following", "before"),
    [
        (CALENDAR, day(6), day(9), day(5)),
        (CALENDAR, day(7), day(9), day(6)),
        (CALENDAR, day(9), day(10), day(6)),
        (away(9, 10), day(6), day(11), day(5)),
        (away(9, 10), day(11), day(12), day(6)),
    ],
)
def test_neighbours_skip_weekend_and_leave(
    calendar: Calendar, start: date, following: date, before: date
) -> None:
    assert calendar.after(start) == following
    assert calendar.before(start) == before


def test_a_calendar_without_a_working_day_is_an_error() -> None:
    long = Calendar(week=CALENDAR.week, leaves=(LONG_LEAVE,))
    assert long.after(day(2)) > LONG_LEAVE.last
    with pytest.raises(LookupError):
        Calendar(week=frozenset()).after(day(2))
    with pytest.raises(LookupError):
        Calendar(week=frozenset()).before(day(2))


@pytest.mark.parametrize(
    ("calendar", "first", "last"),
    [
        (CALENDAR, day(2), day(6)),
        (away(2, 3), day(4), day(6)),
        (away(5, 6), day(2), day(4)),
        (Calendar(week=frozenset({1, 2, 3, 4, 7})), day(2), day(8)),
    ],
)
def test_the_first_and_last_day_worked_of_a_week(calendar: Calendar, first: date, last: date) -> None:
    week = list(days(day(2), day(8)))
    assert [each for each in week if calendar.first_of_week(each)] == [first]
    assert [each for each in week if calendar.last_of_week(each)] == [last]


def test_a_week_away_has_neither_first_nor_last_day() -> None:
    calendar = away(2, 8)
    week = list(days(day(2), day(8)))
    assert not any(calendar.first_of_week(each) or calendar.last_of_week(each) for each in week)


def test_days_present_and_working_days() -> None:
    calendar = away(4, 9)
    assert calendar.present_days(day(2), day(8)) == (day(2), day(3))
    assert len(calendar.workdays(day(2), day(8))) == 5


@pytest.mark.parametrize(
    ("on", "label"),
    [(day(2), "2026-W10"), (date(2027, 1, 1), "2026-W53"), (date(2027, 1, 4), "2027-W01")],
)
def test_a_week_has_an_iso_label(on: date, label: str) -> None:
    assert week_label(on) == label
    assert week_label(monday(on)) == label


def test_the_first_and_the_last_day_worked_of_a_month() -> None:
    """March 2026 begins on a Sunday and ends on a Tuesday; a day of leave moves both."""
    whole = Calendar(week=frozenset(range(1, 6)))
    away = Calendar(week=whole.week, leaves=(Leave(first=date(2026, 3, 31), last=date(2026, 3, 31)),))
    month = [date(2026, 3, 1) + timedelta(days=n) for n in range(31)]
    assert [day.day for day in month if whole.first_of_month(day)] == [2]
    assert [day.day for day in month if whole.last_of_month(day)] == [31]
    assert [day.day for day in month if away.last_of_month(day)] == [30]


def test_the_middle_of_a_month_is_the_15th_or_the_first_day_worked_after_it() -> None:
    whole = Calendar(week=frozenset(range(1, 6)))
    # 15 February 2026 is a Sunday, 15 April a Wednesday.
    for month, middle in ((2, 16), (4, 15)):
        days = [date(2026, month, n) for n in range(1, 29)]
        assert [day.day for day in days if whole.mid_month(day)] == [middle]


def test_a_month_with_its_second_half_away_has_no_middle() -> None:
    away = Calendar(
        week=frozenset(range(1, 6)), leaves=(Leave(first=date(2026, 4, 13), last=date(2026, 4, 30)),)
    )
    assert not any(away.mid_month(date(2026, 4, n)) for n in range(1, 31))
