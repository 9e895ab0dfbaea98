"""The funnel's rules beyond the worked examples: what must hold for every ladder, amount and date."""

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.corrections import CorrectionPlan, PlanId, PlanState, owes_plan, pace
from domain.deals import DealId
from domain.funnel import (
    Coverage,
    Norm,
    Passing,
    Prospect,
    Velocity,
    by_cycle,
    by_volume,
    capacity,
    concentration,
    expected_close,
    is_acted_on,
    latest_entry,
    leak,
    norms,
    smoothed,
    to_add,
    win_probability,
)
from domain.milestones import PROJECT
from domain.people import MemberId, TeamId
from tests.support.opened import NINE

LADDER = norms(PROJECT)
END = date(2026, 12, 31)
conversions = st.fractions(Fraction(1, 20), 1, max_denominator=100)
ladders = st.lists(st.tuples(conversions, st.integers(1, 90)), min_size=1, max_size=6).map(
    lambda rows: tuple(
        Norm(milestone=n, days=Fraction(days), conversion=conversion)
        for n, (conversion, days) in enumerate(rows, 1)
    )
)
money = st.decimals(1, 10_000_000, places=2).map(Fraction)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def prospect(number: int, amount: int, milestone: int, entered: date, chance: Fraction) -> Prospect:
    return Prospect(
        deal_id=DealId(number),
        owner_id=MemberId(1),
        amount=Decimal(amount),
        milestone=milestone,
        entered_on=entered,
        chance=chance,
    )


@given(ladders, money, money)
def test_less_must_enter_later_and_each_need_is_rounded_up_once(
    ladder: tuple[Norm, ...], target: Fraction, average: Fraction
) -> None:
    found = by_volume(target, average, ladder)
    assert [each.exact for each in found] == sorted((each.exact for each in found), reverse=True)
    for each in found:
        assert each.deals == math.ceil(each.exact)
        # What enters goes through the rest of the ladder and brings the target.
        assert each.exact * win_probability(ladder, each.milestone) * average == target


@given(ladders, money, money)
def test_the_stock_of_a_ladder_holds_its_entries_for_their_days(
    ladder: tuple[Norm, ...], monthly: Fraction, average: Fraction
) -> None:
    for norm, each in zip(ladder, by_cycle(monthly, average, ladder), strict=True):
        assert each.stock * 30 == each.entries * norm.days
        assert each.entries * norm.conversion == (
            by_cycle(monthly, average, ladder)[norm.milestone].entries
            if norm.milestone < len(ladder)
            else monthly / average
        )


@given(ladders)
def test_a_win_is_likelier_the_further_a_deal_is(ladder: tuple[Norm, ...]) -> None:
    chances = [win_probability(ladder, each.milestone) for each in ladder]
    assert chances == sorted(chances)
    assert win_probability(ladder, len(ladder) + 1) == 1


@given(ladders, days)
def test_what_enters_by_its_latest_date_closes_in_time_and_a_day_later_does_not(
    ladder: tuple[Norm, ...], end: date
) -> None:
    for norm in ladder:
        last = latest_entry(end, ladder, norm.milestone)
        for entered, in_time in ((last, True), (last + timedelta(days=1), False)):
            deal = prospect(1, 1, norm.milestone, entered, Fraction(1))
            assert (expected_close(deal, ladder, entered) <= end) is in_time


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 6), days, conversions), max_size=8), money)
def test_capacity_is_the_sum_of_what_counts_and_gap_and_fill_follow(
    rows: list[tuple[int, int, date, Fraction]], remaining: Fraction
) -> None:
    as_of = date(2026, 10, 1)
    deals = [prospect(n, *row) for n, row in enumerate(rows, 1)]
    found = capacity(deals, {each.deal_id: LADDER for each in deals}, as_of, (as_of, END), remaining)
    assert len(found.deals) == len(deals)
    assert found.capacity == sum(each.value for each in found.deals if each.close_on <= END)
    assert found.capacity <= found.eligible
    assert found.gap == max(0, remaining - found.capacity)
    assert found.fill == found.capacity / remaining
    assert all(each.close_on >= as_of for each in found.deals)


@given(ladders, money, money, days, days)
def test_deals_to_add_close_the_gap_and_one_less_would_not(
    ladder: tuple[Norm, ...], gap: Fraction, average: Fraction, as_of: date, end: date
) -> None:
    for each in to_add(gap, average, ladder, as_of, end):
        worth = average * win_probability(ladder, each.milestone)
        late = latest_entry(end, ladder, each.milestone) < as_of
        assert (each.deals is None) is late
        if each.deals is not None:
            assert each.deals * worth >= gap > (each.deals - 1) * worth


@given(st.integers(1, 500), conversions, money, st.integers(1, 400), money, st.integers(1, 366))
def test_each_lever_alone_brings_the_velocity_that_is_required(
    deals: int, rate: Fraction, average: Fraction, cycle: int, remaining: Fraction, left: int
) -> None:
    found = Velocity(
        deals=deals,
        win_rate=rate,
        average=average,
        cycle_days=Fraction(cycle),
        remaining=remaining,
        days_left=left,
    )
    levers = found.levers
    assert (levers is None) is (found.a_day >= found.required)
    assert found.gap == max(0, remaining - found.a_day * left)
    if levers is None:
        assert not found.gap
        return
    assert deals * levers.win_rate * average / cycle == found.required
    assert deals * rate * levers.average / cycle == found.required
    assert deals * rate * average / levers.cycle_days == found.required
    assert levers.deals * rate * average / cycle >= found.required
    assert (levers.deals - 1) * rate * average / cycle < found.required


def test_velocity_of_nothing_has_no_levers_and_of_a_reached_target_no_ratio() -> None:
    still = Velocity(
        deals=0,
        win_rate=Fraction(1, 4),
        average=Fraction(1),
        cycle_days=Fraction(140),
        remaining=Fraction(5),
        days_left=1,
    )
    assert still.levers is None
    done = Velocity(
        deals=1,
        win_rate=Fraction(1, 4),
        average=Fraction(1),
        cycle_days=Fraction(140),
        remaining=Fraction(0),
        days_left=1,
    )
    assert done.ratio is None
    assert done.levers is None
    assert not done.gap


@given(money, money, st.fractions(0, 1, max_denominator=50))
def test_coverage_asks_for_three_times_at_least(
    pipeline: Fraction, remaining: Fraction, rate: Fraction
) -> None:
    found = Coverage(pipeline=pipeline, remaining=remaining, win_rate=rate)
    assert found.required >= 3
    assert (found.shortfall == 0) is (found.coverage is not None and found.coverage >= found.required)


@given(st.integers(0, 200), st.integers(0, 200), conversions)
def test_a_smoothed_share_lies_between_the_own_and_the_default(a: int, b: int, default: Fraction) -> None:
    advanced, entered = min(a, b), max(a, b)
    found = smoothed(advanced, entered, default)
    own = Fraction(advanced, entered) if entered else default
    assert min(own, default) <= found <= max(own, default)


def test_more_cannot_go_on_than_came() -> None:
    with pytest.raises(ValueError, match="6 of 5"):
        smoothed(6, 5, Fraction(1, 2))


def test_a_leak_is_the_worst_of_those_with_enough_entries() -> None:
    def passing(milestone: int, entered: int, own: str) -> Passing:
        return Passing(milestone=milestone, entered=entered, own=Fraction(own), benchmark=Fraction("0.70"))

    few, mild, bad = passing(1, 4, "0.10"), passing(2, 5, "0.60"), passing(3, 9, "0.55")
    assert leak([few, mild, bad]) == bad
    assert leak([few]) is None
    assert is_acted_on(bad)
    assert not is_acted_on(passing(3, 9, "0.56"))


def test_concentration_names_the_largest_share() -> None:
    amounts = {MemberId(2): Decimal(300), MemberId(1): Decimal(300), MemberId(3): Decimal(400)}
    assert concentration(amounts) == (3, Fraction(2, 5))
    assert concentration({MemberId(2): Decimal(1), MemberId(1): Decimal(1)}) == (1, Fraction(1, 2))
    assert concentration({MemberId(1): Decimal(0)}) is None


def test_below_ninety_percent_of_the_pace_a_plan_is_owed() -> None:
    at = pace(Fraction(45), Fraction(100), 10, 20)
    assert at == Fraction(9, 10)
    assert not owes_plan(at)
    assert owes_plan(pace(Fraction(44), Fraction(100), 10, 20))
    assert [pace(Fraction(1), Fraction(0), 1, 2), pace(Fraction(1), Fraction(9), 0, 2)] == [None, None]
    assert not owes_plan(None)


def test_a_plan_is_overdue_after_its_date_while_it_is_open() -> None:
    plan = CorrectionPlan(
        id=PlanId(1),
        team_id=TeamId(1),
        text="call",
        owner_id=MemberId(1),
        due_on=END,
        made_by=MemberId(2),
        made_at=NINE,
    )
    assert not plan.is_overdue(END)
    assert plan.is_overdue(END + timedelta(days=1))
    assert not replace(plan, state=PlanState.DONE).is_overdue(END + timedelta(days=1))
