"""The way to a target run backwards: its arithmetic on one worked example, and what must hold on any way."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.funnel import norms, win_probability
from domain.milestones import PROJECT
from domain.way import Way, average_deal, pace, per_visit, tenth, tenth_up, way
from domain.workdays import Calendar, Leave

LADDER = norms(PROJECT)
WEEK = frozenset({1, 2, 3, 4, 5})
MONDAY, MONTH_END = date(2026, 3, 2), date(2026, 3, 31)
# The whole ladder of method section 3: .60 x .70 x .70 x .75 x .80 x .70.
FIRST = Fraction(12348, 100_000)
money = st.integers(0, 10**9).map(lambda cents: Fraction(cents, 100))
positive = st.integers(1, 10**9).map(lambda cents: Fraction(cents, 100))
rates = st.fractions(Fraction(1, 1000), 1)


def a_way(*, leaves: tuple[Leave, ...] = (), today: date = MONDAY, end: date = MONTH_END) -> Way:
    return way(
        asked=Fraction(300_000),
        sold=Fraction(60_000),
        capacity=Fraction(40_000),
        average=Fraction(100_000),
        norms=LADDER,
        per_visit=Fraction(1, 8),
        pace=Fraction(2),
        calendar=Calendar(week=WEEK, leaves=leaves),
        today=today,
        period=(date(2026, 3, 1), end),
    )


ways = st.builds(
    Way,
    asked=positive,
    sold=money,
    capacity=money,
    average=positive,
    chance=rates,
    per_visit=rates,
    pace=st.fractions(0, 20),
    days_left=st.integers(1, 66),
    today=st.just(MONDAY),
    begin_by=st.just(MONTH_END),
)


def test_money_becomes_deals_visits_and_todays_number() -> None:
    found = a_way()
    assert win_probability(LADDER, 1) == FIRST
    assert found.missing == 200_000
    assert found.wins == 2
    assert found.begun == 2 / FIRST
    assert found.visits == 16 / FIRST
    # March has 22 working days from the 2nd on: 129.58 visits are 5.89 a day, so 6 today.
    assert (found.days_left, found.todays, found.a_day) == (22, 6, 16 / FIRST / 22)
    # 2 visits on 22 days begin 5.5 deals, of which 0.68 are won.
    assert found.lands == 100_000 + Fraction(44, 8) * FIRST * 100_000


def test_absence_leaves_fewer_days() -> None:
    away = Leave(first=date(2026, 3, 9), last=date(2026, 3, 13))
    assert a_way(leaves=(away,)).days_left == 17


def test_before_it_begins_all_of_its_days_are_left() -> None:
    assert a_way(today=date(2026, 2, 16)).days_left == 22


def test_after_its_last_day_there_is_no_number() -> None:
    over = a_way(today=date(2026, 4, 1))
    assert (over.days_left, over.a_day, over.todays) == (0, None, 0)
    assert over.lands == over.sold + over.capacity


def test_a_deal_begun_after_the_latest_entry_is_late() -> None:
    # The ladder takes 140 days: 20 July less 140 is the 2nd of March.
    assert not a_way(end=date(2026, 7, 20)).is_late
    assert a_way(end=date(2026, 7, 19)).is_late


@pytest.mark.parametrize("nothing", ["average", "per_visit"])
def test_no_way_leads_over_deals_of_nothing(nothing: str) -> None:
    values = {"average": Fraction(1), "per_visit": Fraction(1), nothing: Fraction(0)}
    with pytest.raises(ValueError, match="deals of nothing"):
        way(
            asked=Fraction(1),
            sold=Fraction(0),
            capacity=Fraction(0),
            norms=LADDER,
            pace=Fraction(0),
            calendar=Calendar(week=WEEK),
            today=MONDAY,
            period=(MONDAY, MONTH_END),
            **values,
        )


@given(ways)
def test_whoever_makes_what_is_needed_arrives(found: Way) -> None:
    needed = found.a_day
    assert needed is not None
    arrived = replace(found, pace=needed).lands
    # What is enough already goes beyond; what is missing is met to the cent.
    assert arrived == max(found.asked, found.sold + found.capacity)
    assert found.todays >= needed > found.todays - 1


@given(ways, st.fractions(0, 20))
def test_more_visits_never_land_lower(found: Way, more: Fraction) -> None:
    assert replace(found, pace=found.pace + more).lands >= found.lands


@given(ways)
def test_nothing_is_missing_once_it_is_reached(found: Way) -> None:
    if found.is_reached:
        assert found.missing == 0
        assert found.todays == 0


@given(st.integers(0, 500), st.integers(0, 500), rates)
def test_own_chances_lie_between_own_and_usual(begun: int, visits: int, usual: Fraction) -> None:
    found = per_visit(begun, visits, usual)
    assert found > 0
    if visits:
        own = Fraction(begun, visits)
        assert min(own, usual) <= found <= max(own, usual)
    elif not begun:
        assert found == usual


def test_few_visits_say_little_yet() -> None:
    # 3 deals of 10 visits beside a usual 1 in 8: (3 + 10 x 0.125) / (10 + 10).
    assert per_visit(3, 10, Fraction(1, 8)) == Fraction(17, 80)
    with pytest.raises(ValueError, match="cannot be"):
        per_visit(-1, 10, Fraction(1, 8))


def test_the_own_average_deal_is_pulled_to_that_of_all() -> None:
    own = [Decimal("300000.00"), Decimal("100000.00")]
    assert average_deal(own, Fraction(100_000)) == Fraction(1_400_000, 12)
    assert average_deal((), Fraction(100_000)) == 100_000


def test_the_pace_is_of_days_present() -> None:
    calendar = Calendar(week=WEEK, leaves=(Leave(first=date(2026, 3, 4), last=date(2026, 3, 6)),))
    assert pace(5, calendar, MONDAY, date(2026, 3, 8)) == Fraction(5, 2)
    assert pace(0, calendar, date(2026, 3, 4), date(2026, 3, 8)) == 0


@given(st.fractions(0, 1000))
def test_what_is_needed_is_never_said_too_low(value: Fraction) -> None:
    assert Fraction(tenth_up(value)) >= value > Fraction(tenth_up(value)) - Fraction(1, 10)
    assert abs(Fraction(tenth(value)) - value) <= Fraction(1, 20)
