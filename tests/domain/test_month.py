"""A month against the plan: days present ask for daily targets and for their share of weekly ones (method section 2)."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.activity import Kind
from domain.quota import Metric, Period, month_standings, standings
from domain.workdays import Calendar, Leave
from tests.domain.records import CALENDAR, MON_TO_FRI, MONDAY, away, day, record

V, K, CALLS, CONTACTS, NEW = (
    Metric.VISITS,
    Metric.KEY_VISITS,
    Metric.CALLS,
    Metric.CONTACTS,
    Metric.NEW_CUSTOMERS,
)
FIRST, LAST = day(1), day(31)
TARGETS: Mapping[Metric, int] = {V: 10, K: 2, CALLS: 5, NEW: 2}


def due(calendar: Calendar, first: date = FIRST, last: date = LAST) -> dict[Metric, int]:
    return {
        each.metric: each.target for each in month_standings(lambda _: TARGETS, [], calendar, first, last)
    }


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        # March 2026 has 22 working days: 22 x 5 calls, 22 fifths of 10 and of 2 visits, 8.8 being 9.
        (CALENDAR, {V: 44, K: 9, CALLS: 110}),
        (away(9, 13), {V: 34, K: 7, CALLS: 85}),
        # Two days: 0.8 key visits; one day: 0.4, at least 1.
        (away(4, 31), {V: 4, K: 1, CALLS: 10}),
        (away(3, 31), {V: 2, K: 1, CALLS: 5}),
        (away(1, 31), {}),
    ],
)
def test_targets_of_a_month(calendar: Calendar, expected: Mapping[Metric, int]) -> None:
    """New customers are counted by no record: where their number is not given the month does not show them."""
    assert due(calendar) == expected


@pytest.mark.parametrize(
    ("calendar", "target"),
    # A month's target is shared over the working days of the month: 2 x 11 / 22, and at least 1.
    [(CALENDAR, 2), (away(16, 31), 1), (away(3, 31), 1), (away(1, 31), None)],
)
def test_new_customers_of_a_month(calendar: Calendar, target: int | None) -> None:
    found = month_standings(lambda _: TARGETS, [], calendar, FIRST, LAST, others={NEW: 3})
    seen = {each.metric: (each.actual, each.target, each.claimed) for each in found}
    assert seen.get(NEW) == (None if target is None else (3, target, 0))


def test_two_months_share_the_week_they_cut() -> None:
    """Monday 30 March to Friday 3 April: two days' share and three days', not two weeks."""
    assert due(CALENDAR, day(30), LAST)[V] == 4
    assert due(CALENDAR, date(2026, 4, 1), date(2026, 4, 3))[V] == 6


def test_the_plan_of_each_day_counts() -> None:
    """A learning week asks for less; the shares of both plans add up before they are rounded."""

    def plan_on(on: date) -> Mapping[Metric, int]:
        return {V: 5, CALLS: 3} if on < day(9) else {V: 8, CALLS: 4}

    found = month_standings(plan_on, [], CALENDAR, day(2), day(13))
    assert [(each.metric, each.target, each.period) for each in found] == [
        (V, 13, Period.MONTH),
        (CALLS, 35, Period.MONTH),
    ]


@given(
    away_from=st.integers(0, 8),
    away_for=st.integers(0, 7),
    off=st.frozensets(st.integers(0, 6), max_size=3),
    extra=st.booleans(),
    target=st.integers(1, 20),
)
def test_a_whole_week_is_asked_for_what_the_week_asks(
    away_from: int, away_for: int, off: frozenset[int], extra: bool, target: int
) -> None:
    first = MONDAY + timedelta(days=away_from)
    calendar = Calendar(
        week=MON_TO_FRI,
        leaves=(Leave(first=first, last=first + timedelta(days=away_for)),) if away_for else (),
        off=frozenset(MONDAY + timedelta(days=each) for each in off),
        extra=frozenset({day(7)}) if extra else frozenset(),
    )
    (week,) = standings({V: target}, [], calendar, MONDAY)
    month = month_standings(lambda _: {V: target}, [], calendar, MONDAY, day(8))
    assert [each.target for each in month] == ([week.target] if week.target else [])


def test_only_what_happened_within_the_month_counts() -> None:
    april = [date(2026, 4, 1), date(2026, 4, 2)]
    records = [
        *(record(n, Kind.CALL, on=day(n)) for n in (30, 31)),
        *(record(n, Kind.CALL, on=on) for n, on in enumerate(april, 100)),
    ]
    (found,) = month_standings(lambda _: {CALLS: 5}, records, CALENDAR, april[0], date(2026, 4, 30))
    assert found.actual == 2


def test_a_customer_is_a_contact_on_five_days_of_the_week_that_two_months_cut() -> None:
    """Monday to Friday are five days already: the Saturday of the new month adds none."""
    week = [day(30), day(31), *(date(2026, 4, n) for n in (1, 2, 3, 4))]
    records = [record(n, Kind.CALL, on=on) for n, on in enumerate(week)]
    (found,) = month_standings(lambda _: {CONTACTS: 5}, records, CALENDAR, week[2], date(2026, 4, 30))
    assert found.actual == 3
