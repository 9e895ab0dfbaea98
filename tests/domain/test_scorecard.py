"""Scorecards hold their rules for any numbers: within 0 and 120, never worse for more, weights that sum to 100."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kpis import CATALOGUE, LEAST, SHIPPED, WHOLE, Better, Kpi, KpiSet, Measure, Measured
from domain.people import MemberId, Role
from domain.scorecard import Score, best_in, scored
from domain.weekly import Weekly

CARD = SHIPPED[Role.REP]
NUMBERS = st.fractions(min_value=-10, max_value=10_000, max_denominator=1000)
TARGETS = st.fractions(min_value=Fraction(1, 100), max_value=10_000, max_denominator=1000)


@st.composite
def cards(draw: st.DrawFn) -> tuple[KpiSet, list[Measured]]:
    """A set with weights of 15 at least that sum to 100, and a number, or none, for each of its KPIs."""
    kpis = draw(st.lists(st.sampled_from(Kpi), min_size=1, max_size=6, unique=True))
    room = WHOLE - LEAST * len(kpis)
    cuts = sorted(draw(st.lists(st.integers(0, room), min_size=len(kpis) - 1, max_size=len(kpis) - 1)))
    weights = [LEAST + last - first for first, last in zip([0, *cuts], [*cuts, room], strict=True)]
    measured = []
    for kpi in kpis:
        state = draw(st.sampled_from(Measure))
        has = state is Measure.MEASURED
        measured.append(
            Measured(
                kpi=kpi,
                state=state,
                actual=draw(NUMBERS) if has else None,
                target=draw(TARGETS) if has else None,
            )
        )
    return KpiSet(role=Role.REP, version=1, lines=tuple(zip(kpis, weights, strict=True))), measured


@given(cards())
def test_scores_and_totals_stay_within_0_and_120(drawn: tuple[KpiSet, list[Measured]]) -> None:
    card = scored(*drawn)
    found = [each.score for each in card.lines if each.score is not None]
    for each in (*found, *([card.total] if card.total is not None else [])):
        assert 0 <= each <= 120
        assert each == each.quantize(Decimal("0.01"))


@given(cards())
def test_the_weights_that_count_sum_to_exactly_100(drawn: tuple[KpiSet, list[Measured]]) -> None:
    card = scored(*drawn)
    counts = [each.counts for each in card.lines]
    assert sum(counts) in (0, 100)
    assert (sum(counts) == 0) == (card.total is None)


@given(cards())
def test_the_lines_add_up_to_the_total(drawn: tuple[KpiSet, list[Measured]]) -> None:
    card = scored(*drawn)
    if card.total is not None:
        exact = sum(((each.points or Fraction(0)) for each in card.lines), Fraction(0))
        assert abs(exact - Fraction(card.total)) <= Fraction(1, 200)


@given(cards(), st.integers(0, 5), st.fractions(min_value=0, max_value=500, max_denominator=100))
def test_the_total_never_falls_when_a_number_gets_better(
    drawn: tuple[KpiSet, list[Measured]], at: int, more: Fraction
) -> None:
    kpis, measured = drawn
    each = measured[at % len(measured)]
    if each.actual is None:
        return
    lower = CATALOGUE[each.kpi].better is Better.LOWER
    better = replace(each, actual=each.actual - more if lower else each.actual + more)
    before, after = scored(kpis, measured), scored(kpis, [*measured, better])
    if before.total is not None and after.total is not None:
        assert after.total >= before.total


@given(cards())
def test_effort_and_result_apart_frame_the_total(drawn: tuple[KpiSet, list[Measured]]) -> None:
    card = scored(*drawn)
    parts = [each for each in (card.part(effort=True), card.part(effort=False)) if each is not None]
    if card.total is not None:
        assert min(parts) - Decimal("0.01") <= card.total <= max(parts) + Decimal("0.01")


def measured(kpi: Kpi, actual: int, target: int) -> Measured:
    return Measured(kpi=kpi, state=Measure.MEASURED, actual=Fraction(actual), target=Fraction(target))


WEEK = Weekly(
    member_id=MemberId(1),
    team_id=None,
    monday=date(2026, 3, 2),
    until=date(2026, 3, 8),
    sales=Decimal(90),
    target=Decimal(100),
    completion=Fraction(1, 2),
    done=Fraction(1, 2),
    visits=0,
    verified=0,
    scored_days=5,
    coefficient=Fraction(1),
    learning=False,
    ramping=False,
)


def test_a_correction_changes_its_lines_and_keeps_the_weights() -> None:
    first = replace(
        scored(CARD, [measured(Kpi.SALES, 90, 100), measured(Kpi.PLAN_COMPLETION, 45, 90)]), weekly=WEEK
    )
    second = first.corrected(measured(Kpi.SALES, 120, 100))
    assert second.line(Kpi.PLAN_COMPLETION) == first.line(Kpi.PLAN_COMPLETION)
    assert second.line(Kpi.SALES) != first.line(Kpi.SALES)
    assert [each.weight for each in second.lines] == [each.weight for each in first.lines]
    assert second.weekly is WEEK
    assert second.corrected(measured(Kpi.SALES, 90, 100)) == first
    assert first.corrected() == first


def test_a_line_says_what_it_adds() -> None:
    card = scored(CARD, [measured(Kpi.SALES, 90, 100), measured(Kpi.PLAN_COMPLETION, 45, 90)])
    sales, collection = card.line(Kpi.SALES), card.line(Kpi.COLLECTION)
    assert sales and sales.points == Fraction(40, 55) * 90
    assert collection and collection.points is None
    assert card.line(Kpi.GROWTH) is None


@pytest.mark.parametrize(
    ("before", "weeks"),
    [((), 1), ((80,), 2), ((84,), 1), ((80, None, 70, 90, 10), 3), ((None, None), 1), ((90, 80), 1)],
)
def test_of_how_many_periods_a_total_is_the_best(before: tuple[int | None, ...], weeks: int) -> None:
    assert best_in(Decimal(84), [None if each is None else Decimal(each) for each in before]) == weeks


def test_nothing_that_weighs_is_no_score() -> None:
    assert scored(CARD, []) == Score(lines=scored(CARD, []).lines, total=None)
