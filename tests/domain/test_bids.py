"""Bids, the expenses of a deal and the warmth of a customer, at their edges."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bids import WEIGHTS, Condition, Decision, StopSign, Verdict, decide, score, verdict
from domain.expenses import Alert, alert, budget_share, crossed, expense_ratio
from domain.fit import Warmth, warmth

TODAY = date(2026, 3, 2)
RATINGS = st.lists(st.integers(0, 5), min_size=5, max_size=5)
MONEY = st.decimals(Decimal("0.01"), Decimal(10_000_000), places=2)


@given(RATINGS)
def test_a_score_is_between_nothing_and_a_hundred(ratings: list[int]) -> None:
    assert 0 <= score(ratings) <= 100
    assert score([5] * 5) == sum(WEIGHTS) == 100
    assert score([0] * 5) == 0


@given(RATINGS, st.integers(0, 4))
def test_a_better_rating_scores_by_its_weight(ratings: list[int], which: int) -> None:
    better = [*ratings]
    better[which] = 5
    assert score(better) - score(ratings) == Fraction(WEIGHTS[which] * (5 - ratings[which]), 5)


@pytest.mark.parametrize("wrong", [[5] * 4, [5] * 6, [6, 5, 5, 5, 5], [-1, 5, 5, 5, 5]])
def test_ratings_that_cannot_be_are_an_error(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match="ratings"):
        score(wrong)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (Fraction(70), Verdict.BID),
        (Fraction(69999, 1000), Verdict.REVIEW),
        (Fraction(50), Verdict.REVIEW),
        (Fraction(49999, 1000), Verdict.NO_BID),
    ],
)
def test_a_verdict_is_not_rounded(points: Fraction, said: Verdict) -> None:
    assert verdict(points) is said


@given(st.sets(st.sampled_from(Condition)), st.sets(st.sampled_from(StopSign)))
def test_a_decision_follows_the_rule(conditions: set[Condition], signs: set[StopSign]) -> None:
    decision = decide(conditions, signs)
    assert (decision is Decision.GO) == (len(conditions) == 3 and not signs)
    assert (decision is Decision.NO_GO) == (Condition.MEETS_SPEC not in conditions or len(signs) >= 2)


def test_a_sign_seen_twice_is_one_sign() -> None:
    assert decide(list(Condition), [StopSign.ODD_SPEC, StopSign.ODD_SPEC]) is Decision.REVIEW


@given(MONEY, MONEY)
def test_an_alert_is_exact(spent: Decimal, budget: Decimal) -> None:
    found = alert(spent, budget)
    assert (found is Alert.CRITICAL) == (spent >= budget)
    assert (found is Alert.WARN) == (spent < budget and 10 * spent >= 8 * budget)


@pytest.mark.parametrize("budget", [None, Decimal(0)])
def test_without_a_budget_nothing_alerts(budget: Decimal | None) -> None:
    assert alert(Decimal(1_000_000), budget) is Alert.OK
    assert budget_share(Decimal(1), budget) is None
    assert expense_ratio(Decimal(1), budget) is None


def test_a_budget_spent_to_the_cent_is_critical() -> None:
    budget = Decimal("50000.00")
    assert alert(Decimal("39999.99"), budget) is Alert.OK
    assert alert(Decimal("49999.99"), budget) is Alert.WARN
    assert alert(budget, budget) is Alert.CRITICAL


@pytest.mark.parametrize(
    ("value", "fit", "days", "warm"),
    [
        (50, 20, 90, Warmth.HOT),
        (50, 20, 0, Warmth.HOT),
        (50, 20, 91, Warmth.WARM),
        (50, 20, -1, Warmth.WARM),
        (50, 20, None, Warmth.WARM),
        (50, 19, 1, Warmth.WARM),
        (20, 20, 1, Warmth.WARM),
        (20, 19, 1, Warmth.COLD),
        (0, 0, None, Warmth.COLD),
    ],
)
def test_how_warm_a_customer_is(value: int, fit: int, days: int | None, warm: Warmth) -> None:
    decides_on = None if days is None else TODAY + timedelta(days=days)
    assert warmth(value, fit, decides_on, TODAY) is warm


@pytest.mark.parametrize(("value", "fit"), [(51, 0), (0, 51), (-1, 40), (40, -1)])
def test_value_and_fit_are_at_most_fifty(value: int, fit: int) -> None:
    with pytest.raises(ValueError, match="0 to 50"):
        warmth(value, fit, None, TODAY)


def test_a_mark_of_the_budget_is_crossed_upwards_only() -> None:
    ups = {(Alert.OK, Alert.WARN), (Alert.OK, Alert.CRITICAL), (Alert.WARN, Alert.CRITICAL)}
    for before in Alert:
        for after in Alert:
            assert crossed(before, after) is (after if (before, after) in ups else None)
