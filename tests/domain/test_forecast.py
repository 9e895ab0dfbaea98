"""Forecast categories, snapshots and exceptions: each edge, and sums that are exact."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deals import DealId, State
from domain.forecast import Category, Forecast, Horizon, category, weighted
from domain.matters import URGENCY, Cause, Ruling, Verdict, open_causes, ranked
from domain.people import MemberId
from domain.snapshots import Change, Standpoint, changes, is_swing, swing
from domain.snapshots import weighted as weighted_of
from domain.stalled import Level

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
SURE = Forecast(
    deal_id=DealId(1),
    owner_id=MemberId(1),
    amount=Decimal("1000.00"),
    milestone=5,
    close_on=LAST,
    chance=Fraction(75, 100),
    confirmed=Fraction(75, 100),
    coached=True,
    level=Level.OK,
)
POINT = Standpoint(
    deal_id=DealId(1),
    owner_id=MemberId(1),
    state=State.ACTIVE,
    milestone=3,
    amount=Decimal(500),
    closes_on=LAST,
    percent=4000,
    close_on=LAST,
    items=6,
)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Category.COMMIT),
        ({"chance": Fraction(7499, 10000)}, Category.BEST),
        ({"confirmed": Fraction(60, 100)}, Category.BEST),
        ({"milestone": 4}, Category.BEST),
        ({"coached": False}, Category.BEST),
        ({"level": Level.WARN}, Category.BEST),
        ({"level": Level.CRITICAL}, Category.BEST),
        ({"chance": Fraction(60, 100)}, Category.BEST),
        ({"chance": Fraction(59, 100)}, Category.PIPELINE),
        ({"chance": Fraction(20, 100)}, Category.PIPELINE),
        ({"chance": Fraction(19, 100)}, Category.OMITTED),
        ({"close_on": date(2026, 4, 1)}, Category.OMITTED),
        ({"close_on": date(2025, 12, 31)}, Category.OMITTED),
    ],
)
def test_a_category_by_its_edges(values: dict[str, object], expected: Category) -> None:
    assert category(replace(SURE, **values), FIRST, LAST) is expected  # type: ignore[arg-type]


def test_the_weighted_forecast_counts_the_omitted_ones_of_the_period() -> None:
    low, later = replace(SURE, chance=Fraction(1, 10)), replace(SURE, close_on=date(2026, 4, 1))
    assert weighted([SURE, low, later], FIRST, LAST) == Fraction(750) + Fraction(100)


@given(
    st.lists(st.tuples(st.decimals(0, 10**6, places=2), st.fractions(0, 1, max_denominator=20)), max_size=9)
)
def test_the_weighted_forecast_is_the_sum_of_its_deals_and_never_above_their_amounts(
    rows: list[tuple[Decimal, Fraction]],
) -> None:
    deals = [replace(SURE, amount=amount, chance=chance) for amount, chance in rows]
    whole = weighted(deals, FIRST, LAST)
    assert whole == sum(weighted([each], FIRST, LAST) for each in deals)
    assert whole <= sum(Fraction(each.amount) for each in deals)


def test_a_horizon_is_the_month_or_the_quarter_around_a_day() -> None:
    day = date(2028, 2, 29)
    assert Horizon.MONTH.around(day) == (date(2028, 2, 1), day)
    assert Horizon.QUARTER.around(day) == (date(2028, 1, 1), date(2028, 3, 31))
    assert Horizon.QUARTER.around(date(2026, 12, 31)) == (date(2026, 10, 1), date(2026, 12, 31))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(Horizon))
def test_every_day_lies_in_its_own_period(day: date, horizon: Horizon) -> None:
    first, last = horizon.around(day)
    assert first <= day <= last
    assert horizon.around(first) == horizon.around(last) == (first, last)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ()),
        ({"milestone": 4}, (Change.ADVANCED,)),
        ({"milestone": 2, "backs": 1}, (Change.BACK,)),
        # Back and on again within a week is still a step back.
        ({"backs": 1}, (Change.BACK,)),
        ({"close_on": date(2026, 4, 1)}, (Change.SLIPPED,)),
        ({"close_on": date(2026, 3, 1)}, (Change.SOONER,)),
        ({"close_on": None}, ()),
        ({"amount": Decimal(501)}, (Change.AMOUNT,)),
        ({"overridden": (3,), "milestone": 4}, (Change.ADVANCED, Change.OVERRIDE)),
        ({"items": 4}, (Change.ITEMS,)),
        ({"items": 5}, ()),
        ({"state": State.WON, "milestone": 7}, (Change.WON,)),
        ({"state": State.LOST}, (Change.LOST,)),
        ({"state": State.CANCELLED}, (Change.LOST,)),
        ({"state": State.ON_HOLD, "close_on": date(2026, 9, 1)}, (Change.RESTED,)),
    ],
)
def test_what_changed_in_one_deal(values: dict[str, object], expected: tuple[Change, ...]) -> None:
    now = replace(POINT, **values)  # type: ignore[arg-type]
    assert tuple(each.change for each in changes({POINT.deal_id: POINT}, [now])) == expected


def test_a_deal_that_was_not_there_is_new_or_won_at_once() -> None:
    found = [changes({}, [replace(POINT, state=state)]) for state in (State.ACTIVE, State.WON, State.LOST)]
    assert [[each.change for each in one] for one in found] == [[Change.ENTERED], [Change.WON], []]
    assert found[0][0].before is None


def test_a_forecast_swings_above_twenty_percent_either_way() -> None:
    assert not is_swing(swing(Fraction(100), Fraction(120)))
    assert is_swing(swing(Fraction(100), Fraction(121)))
    assert is_swing(swing(Fraction(100), Fraction(79)))
    assert swing(Fraction(0), Fraction(9)) is None
    assert not is_swing(None)


def test_the_forecast_of_a_snapshot_leaves_out_what_is_not_active_or_not_in_time() -> None:
    won, later = replace(POINT, state=State.WON), replace(POINT, closes_on=date(2026, 4, 1))
    assert weighted_of([POINT, won, later], FIRST, LAST) == Fraction(200)


def test_exceptions_are_ranked_by_value_and_urgency() -> None:
    causes = {
        DealId(1): frozenset({Cause.OVERRIDE}),
        DealId(2): frozenset({Cause.BACK, Cause.SLIPPED}),
        DealId(3): frozenset({Cause.PAST_CLOSE}),
        DealId(4): frozenset[Cause](),
    }
    amounts = {DealId(1): Decimal(500), DealId(2): Decimal(100), DealId(3): Decimal(0)}
    found = ranked(causes, amounts, usual=Decimal(100))
    assert [int(each.deal_id) for each in found] == [1, 2, 3]
    assert [each.weight for each in found] == [500, 500, 400]
    assert found[1].causes == (Cause.BACK, Cause.SLIPPED)
    assert set(URGENCY) == set(Cause)


def test_a_verdict_settles_the_week_and_an_accepted_date_is_no_slip() -> None:
    causes = frozenset({Cause.SLIPPED, Cause.BACK})
    asked = Ruling(
        deal_id=DealId(1), label="2026-W10", verdict=Verdict.ASK, made_by=MemberId(2), made_at=NOON
    )
    accepted = replace(asked, verdict=Verdict.ACCEPT, close_on=LAST)
    assert open_causes(causes, [], "2026-W10", LAST) == causes
    assert open_causes(causes, [asked], "2026-W10", LAST) == frozenset()
    assert open_causes(causes, [asked], "2026-W11", LAST) == causes
    assert open_causes(causes, [accepted], "2026-W11", LAST) == frozenset({Cause.BACK})
    assert open_causes(causes, [accepted], "2026-W11", date(2026, 5, 1)) == causes
