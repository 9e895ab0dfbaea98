"""The daily quantified plan: profiles, learning weeks, leave, completion, pace, the day close (method 2)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from domain.activity import CONTACTS_PER_CUSTOMER_WEEK, Credit, Kind
from domain.people import Profile, Role
from domain.quota import (
    HABITS,
    METRICS,
    DayState,
    Metric,
    Period,
    SetBy,
    attained,
    completion,
    day_state,
    half_up,
    learning_week,
    pace,
    percent,
    plan,
    prorated,
    quantities,
    standings,
    tally,
    week_completion,
)
from domain.workdays import Calendar, Leave
from tests.domain.records import CALENDAR, MONDAY, ZONE, away, day, record, wall
from tests.domain.staff import ACME, planner

SUNDAY = day(8)
JOINED = date(2026, 1, 1)
HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("metric", "quantity", "period", "scored"),
    [
        ("contacts", 5, "day", True),
        ("calls", 10, "day", True),
        ("visits", 10, "week", True),
        ("key_visits", 2, "week", True),
        ("new_customers", 2, "month", True),
        ("data_review", 1, "day", False),
        ("product_study", 1, "day", False),
        ("team_talk", 1, "day", False),
        ("reflection", 1, "day", False),
        ("training", 1, "week", False),
        ("team_meeting", 1, "week", False),
        ("articles", 2, "month", False),
        ("cross_team_meeting", 1, "month", False),
        ("growth_plan", 1, "month", False),
        ("professional_training", 1, "year", False),
    ],
)
def test_the_table_of_the_method(metric: str, quantity: int, period: str, scored: bool) -> None:
    row = METRICS[Metric(metric)]
    assert (row.quantity, row.period, row.scored) == (quantity, Period(period), scored)
    assert (row in HABITS) is not scored


V, K, CALLS, CONTACTS, NEW = (
    Metric.VISITS,
    Metric.KEY_VISITS,
    Metric.CALLS,
    Metric.CONTACTS,
    Metric.NEW_CUSTOMERS,
)


@pytest.mark.parametrize(
    ("profile", "joined", "expected"),
    [
        (Profile.FIELD, JOINED, {V: 10, CALLS: 5, NEW: 2}),
        (Profile.DESK, JOINED, {V: 2, CALLS: 10, NEW: 2}),
        (Profile.KEY_ACCOUNT, JOINED, {V: 5, K: 2, CALLS: 3, NEW: 2}),
        (Profile.FULL, JOINED, {CONTACTS: 5, CALLS: 10, V: 10, K: 2, NEW: 2}),
        # Two learning weeks at 50 and 75 percent, half-up.
        (Profile.FIELD, MONDAY, {V: 5, CALLS: 3, NEW: 1}),
        (Profile.FIELD, date(2026, 2, 23), {V: 8, CALLS: 4, NEW: 2}),
        (Profile.FIELD, date(2026, 2, 16), {V: 10, CALLS: 5, NEW: 2}),
    ],
)
def test_the_plan_of_a_profile(profile: Profile, joined: date, expected: Mapping[Metric, int]) -> None:
    assert plan(planner(profile, joined), ACME, MONDAY) == expected


REP, MANAGER = frozenset({Role.REP}), frozenset({Role.REP, Role.MANAGER})


@pytest.mark.parametrize(
    ("roles", "of_roles", "own", "joined", "expected"),
    [
        # Person above role above profile, metric by metric.
        (REP, {Role.REP: {CALLS: 8}}, {}, JOINED, {V: 10, CALLS: 8, NEW: 2}),
        (REP, {Role.REP: {CALLS: 8, V: 6}}, {CALLS: 3}, JOINED, {V: 6, CALLS: 3, NEW: 2}),
        (REP, {}, {V: 12}, JOINED, {V: 12, CALLS: 5, NEW: 2}),
        # A role that is not held changes nothing; of several the one furthest from the rep stands.
        (REP, {Role.MANAGER: {CALLS: 1}}, {}, JOINED, {V: 10, CALLS: 5, NEW: 2}),
        (MANAGER, {Role.MANAGER: {CALLS: 1}, Role.REP: {CALLS: 8}}, {}, JOINED, {V: 10, CALLS: 1, NEW: 2}),
        # What the profile does not score is scored once it has a quantity.
        (REP, {Role.REP: {CONTACTS: 4}}, {K: 1}, JOINED, {V: 10, CALLS: 5, NEW: 2, CONTACTS: 4, K: 1}),
        # Learning weeks shrink the result.
        (REP, {Role.REP: {CALLS: 9}}, {V: 1}, MONDAY, {V: 1, CALLS: 5, NEW: 1}),
    ],
)
def test_a_plan_is_the_persons_then_the_roles_then_the_profiles(
    roles: frozenset[Role],
    of_roles: Mapping[Role, Mapping[str, int]],
    own: Mapping[str, int],
    joined: date,
    expected: Mapping[Metric, int],
) -> None:
    org = replace(ACME, quantities=of_roles)
    person = planner(Profile.FIELD, joined, roles=roles, quantities=own)
    assert plan(person, org, MONDAY) == expected


@pytest.mark.parametrize(
    ("calendar", "visits"),
    [
        # A day declared off shrinks the week like a day of leave, a day worked besides makes it up but grows nothing.
        (Calendar(week=CALENDAR.week, off=frozenset({day(4)})), 8),
        (Calendar(week=CALENDAR.week, off=frozenset({day(4)}), extra=frozenset({day(7)})), 10),
        (Calendar(week=CALENDAR.week, extra=frozenset({day(7)})), 10),
        (Calendar(week=CALENDAR.week, off=frozenset(day(n) for n in range(2, 7))), 0),
        # Leave in a week of six days: 10 x 5/6; in one whose Saturday makes a day off up: 10 x 4/5.
        (
            Calendar(
                week=CALENDAR.week, extra=frozenset({day(7)}), leaves=(Leave(first=day(4), last=day(4)),)
            ),
            8,
        ),
        (
            Calendar(
                week=CALENDAR.week, extra=frozenset({day(7)}), leaves=(Leave(first=day(3), last=day(5)),)
            ),
            5,
        ),
        (
            Calendar(
                week=CALENDAR.week,
                off=frozenset({day(4)}),
                extra=frozenset({day(7)}),
                leaves=(Leave(first=day(5), last=day(5)),),
            ),
            8,
        ),
    ],
)
def test_a_week_shrinks_with_days_declared_off(calendar: Calendar, visits: int) -> None:
    found = standings({V: 10}, [], calendar, MONDAY)
    assert [each.target for each in found] == [visits]


def test_a_plan_says_who_set_it() -> None:
    org = replace(ACME, quantities={Role.REP: {CALLS: 8}})
    found = quantities(planner(Profile.FIELD, JOINED, quantities={V: 12}), org)
    assert {each.metric: (each.quantity, each.set_by) for each in found} == {
        V: (12, SetBy.OWN),
        CALLS: (8, SetBy.ROLE),
        NEW: (2, SetBy.PROFILE),
    }


@pytest.mark.parametrize(
    ("joined", "week"),
    [
        (day(2), 1),
        (date(2026, 2, 24), 1),
        (date(2026, 2, 23), 2),
        (date(2026, 2, 17), 2),
        (date(2026, 2, 16), None),
    ],
)
def test_learning_weeks(joined: date, week: int | None) -> None:
    assert learning_week(joined, MONDAY) == week


@pytest.mark.parametrize(
    ("target", "present", "expected"),
    [(10, 5, 10), (10, 4, 8), (10, 2, 4), (5, 1, 1), (5, 3, 3), (2, 4, 2), (2, 1, 1), (1, 1, 1), (10, 0, 0)],
)
def test_a_weekly_target_shrinks_with_leave(target: int, present: int, expected: int) -> None:
    assert prorated(target, present, 5) == expected


@pytest.mark.parametrize(
    ("value", "rounded"), [(HALF, 1), (Fraction(3, 2), 2), (Fraction(5, 2), 3), (Fraction(249, 100), 2)]
)
def test_halves_round_up(value: Fraction, rounded: int) -> None:
    assert half_up(value) == rounded


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (Fraction(2, 3), "66.67"),
        (Fraction(1, 3), "33.33"),
        (Fraction(1, 1), "100.00"),
        (Fraction(8665, 100000), "8.67"),
        (Fraction(5, 100000), "0.01"),
    ],
)
def test_percent_has_two_places(ratio: Fraction, shown: str) -> None:
    assert percent(ratio) == Decimal(shown)
    assert str(percent(ratio)) == shown


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [([], None), ([Fraction(0)], Fraction(0)), ([Fraction(1), HALF], Fraction(3, 4))],
)
def test_completion_is_the_mean(ratios: list[Fraction], expected: Fraction | None) -> None:
    assert completion(ratios) == expected


@pytest.mark.parametrize(
    ("actual", "target", "expected"), [(3, 5, Fraction(3, 5)), (6, 5, Fraction(1)), (0, 0, Fraction(1))]
)
def test_more_than_the_target_is_the_target(actual: int, target: int, expected: Fraction) -> None:
    assert attained(actual, target) == expected


def test_pace_in_the_middle_of_a_month() -> None:
    """Of 40 in 20 working days, 15 are done after 10: 25 in 10 days are left, a quarter faster than planned."""
    found = pace(40, 15, 10, 20)
    assert (found.expected, found.pace) == (Fraction(20), Fraction(3, 4))
    assert (found.needed_per_day, found.catch_up) == (Fraction(5, 2), Fraction(5, 4))


def test_pace_on_the_last_day_has_no_rest() -> None:
    found = pace(40, 50, 20, 20)
    assert (found.expected, found.pace) == (Fraction(40), Fraction(5, 4))
    assert found.needed_per_day is None
    assert found.catch_up is None


@pytest.mark.parametrize(("target", "elapsed", "total"), [(10, 0, 5), (10, 6, 5), (0, 1, 5), (-1, 1, 5)])
def test_pace_refuses_what_has_none(target: int, elapsed: int, total: int) -> None:
    with pytest.raises(ValueError, match="elapsed"):
        pace(target, 1, elapsed, total)


def test_tally_counts_each_metric_by_its_rule() -> None:
    records = [
        record(1, Kind.VISIT, key_customer=True),
        record(2, Kind.VISIT, customer=2),
        record(3, Kind.CALL, customer=2),
        record(4, Kind.MESSAGE, customer=3),
        record(5, Kind.MESSAGE, customer=4, replied=False, credit=Credit.THIN),
        record(6, Kind.CALL, customer=5, credit=Credit.DUPLICATE),
        record(7, Kind.VISIT, customer=6, withdrawn=True, credit=Credit.WITHDRAWN),
        record(8, Kind.MEETING, customer=7),
    ]
    assert tally(records, MONDAY, SUNDAY) == {CONTACTS: 5, CALLS: 1, V: 2, K: 1}


def test_a_customer_is_a_contact_on_five_days_of_a_week() -> None:
    records = [record(n, Kind.CALL, on=day(2 + n)) for n in range(7)] + [record(9, Kind.CALL, on=day(9))]
    assert tally(records, MONDAY, SUNDAY)[CONTACTS] == CONTACTS_PER_CUSTOMER_WEEK == 5
    assert [tally(records, day(n), day(n))[CONTACTS] for n in (6, 7, 9)] == [1, 0, 1]


ON_TIME, LATE, MISSED = DayState.ON_TIME, DayState.LATE, DayState.MISSED
GRACE, OPEN, EXCUSED = DayState.GRACE, DayState.OPEN, DayState.EXCUSED
NOW = wall(day(4), "12:00")


@pytest.mark.parametrize(
    ("sent", "now", "calendar", "state"),
    [
        (None, wall(MONDAY, "19:59"), CALENDAR, OPEN),
        (None, wall(MONDAY, "20:00"), CALENDAR, GRACE),
        (None, wall(day(3), "10:00"), CALENDAR, GRACE),
        (None, wall(day(3), "10:01"), CALENDAR, MISSED),
        (wall(MONDAY, "19:59"), NOW, CALENDAR, ON_TIME),
        (wall(MONDAY, "20:00"), NOW, CALENDAR, LATE),
        (wall(day(3), "10:00"), NOW, CALENDAR, LATE),
        (wall(day(3), "10:01"), NOW, CALENDAR, MISSED),
        (None, NOW, away(2, 2), EXCUSED),
        (wall(MONDAY, "19:00"), NOW, away(2, 2), ON_TIME),
        # Grace lasts to the next day worked.
        (None, wall(day(5), "10:00"), away(3, 4), GRACE),
        (None, wall(day(5), "10:01"), away(3, 4), MISSED),
    ],
)
def test_the_state_of_a_day(
    sent: datetime | None, now: datetime, calendar: Calendar, state: DayState
) -> None:
    assert day_state(MONDAY, sent, now, calendar, ZONE) is state


def test_standings_of_day_and_week() -> None:
    records = [
        record(1, Kind.CALL, on=MONDAY),
        record(2, Kind.CALL, on=day(4), customer=2),
        record(3, Kind.VISIT, on=MONDAY),
    ]
    found = standings(plan(planner(Profile.FIELD, JOINED), ACME, MONDAY), records, away(5, 6), day(4))
    assert [(each.metric, each.actual, each.target, each.missing) for each in found] == [
        (V, 1, 6, 5),
        (CALLS, 1, 5, 4),
    ]


def test_more_than_the_target_is_nothing_missing() -> None:
    records = [record(n, customer=n) for n in range(3)]
    (found,) = standings({V: 2}, records, CALENDAR, MONDAY)
    assert (found.actual, found.missing) == (3, 0)


@pytest.mark.parametrize(
    ("calendar", "until", "expected"),
    [
        # Visits 1 of 2; calls on Monday 1 of 2, on Tuesday 3 of 2, which counts as all.
        (CALENDAR, day(3), (HALF + Fraction(3, 4)) / 2),
        (CALENDAR, day(4), (HALF + HALF) / 2),
        # A day away is no day: the mean is over the days present, and one visit is all that is due.
        (away(4, 6), day(6), (Fraction(1) + Fraction(3, 4)) / 2),
        (away(2, 8), day(8), None),
    ],
)
def test_completion_of_a_week(calendar: Calendar, until: date, expected: Fraction | None) -> None:
    records = [
        record(1, Kind.VISIT),
        record(2, Kind.CALL),
        *(record(n, Kind.CALL, on=day(3), customer=n) for n in (3, 4, 5)),
    ]
    assert week_completion({V: 2, CALLS: 2, NEW: 2}, records, calendar, MONDAY, until) == expected
