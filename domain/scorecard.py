"""Scorecards: the score of each KPI, the total, and what every line says of itself (method section 6)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.kpis import CATALOGUE, Better, Kpi, KpiSet, Measure, Measured, Sort
from domain.people import MemberId, Role, TeamId
from domain.quota import percent
from domain.weekly import Weekly

CAP = Fraction(120, 100)
# What is on the card: excused and not set up are named, but do not weigh.
WEIGHS = frozenset({Measure.MEASURED, Measure.MISSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """One line of a card. `score` is 0..120 to 0.01, `weight` the set's, `counts` the weight after renormalising."""

    kpi: Kpi
    state: Measure
    weight: int
    counts: Fraction
    score: Decimal | None = None
    actual: Fraction | None = None
    target: Fraction | None = None

    @property
    def is_effort(self) -> bool:
        """Effort stands apart from result (product section 6)."""
        return CATALOGUE[self.kpi].sort is Sort.BEHAVIOUR

    @property
    def points(self) -> Fraction | None:
        """What the line adds to the total, exactly; None where it does not weigh."""
        exact = _exact(self.measured)
        return None if exact is None or not self.counts else self.counts * exact / 100

    @property
    def measured(self) -> Measured:
        """What the line is made of."""
        return Measured(kpi=self.kpi, state=self.state, actual=self.actual, target=self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A whole card: its lines in the order of the set and the total to 0.01; None when nothing weighs.

    `weekly` is the week it was made of; a month has none.
    """

    lines: tuple[ScoreLine, ...]
    total: Decimal | None
    weekly: Weekly | None = None

    def line(self, kpi: Kpi) -> ScoreLine | None:
        return next((each for each in self.lines if each.kpi is kpi), None)

    def part(self, *, effort: bool) -> Decimal | None:
        """The score of effort or of result alone, by their weights; None when nothing of it weighs."""
        lines = [each for each in self.lines if each.is_effort is effort and each.counts]
        whole = sum((each.counts for each in lines), Fraction(0))
        return percent(_sum(lines) / whole / 100) if whole else None

    def corrected(self, *measured: Measured) -> "Score":
        """The same card with other numbers in some of its lines; its weights stay those it was made with."""
        weights = KpiSet(
            role=Role.REP, version=0, lines=tuple((each.kpi, each.weight) for each in self.lines)
        )
        return replace(
            scored(weights, [*(each.measured for each in self.lines), *measured]), weekly=self.weekly
        )


def ratio_of(measured: Measured) -> Fraction | None:
    """actual / target, or target / actual when lower is better; an actual of nothing is then the cap.

    None without a number, or where the target asks for nothing.
    """
    if measured.state is not Measure.MEASURED or measured.actual is None or measured.target is None:
        return None
    if CATALOGUE[measured.kpi].better is Better.LOWER:
        return CAP if measured.actual <= 0 else measured.target / measured.actual
    return measured.actual / measured.target if measured.target > 0 else None


def exact_score(ratio: Fraction, floor: Fraction | None = None) -> Fraction:
    """min(ratio, 1.20) x 100, at least 0; 0 below the floor (no floor by default)."""
    if floor is not None and ratio < floor:
        return Fraction(0)
    return max(Fraction(0), min(ratio, CAP)) * 100


def _exact(measured: Measured) -> Fraction | None:
    """The exact score of a KPI that weighs; a missing one scores 0."""
    if measured.state is Measure.MISSING:
        return Fraction(0)
    ratio = ratio_of(measured)
    return None if ratio is None else exact_score(ratio)


def scored(kpis: KpiSet, measured: Sequence[Measured]) -> Score:
    """The card of a set: total = sum(weight x score) / 100 over what weighs, renormalised; one rounding at the end.

    Excused lines renormalise, a missing one scores 0, one without any source is excluded and named.
    """
    known = {each.kpi: each for each in measured}
    exact: list[tuple[Measured, int, Fraction | None]] = []
    for kpi, weight in kpis.lines:
        each = known.get(kpi) or Measured(kpi=kpi, state=Measure.NOT_SET_UP)
        exact.append((each, weight, _exact(each) if each.state in WEIGHS else None))
    whole = sum(weight for _, weight, score in exact if score is not None)
    lines = tuple(
        ScoreLine(
            kpi=each.kpi,
            # A target of nothing cannot be scored: nobody is to blame for it.
            state=Measure.EXCUSED if score is None and each.state in WEIGHS else each.state,
            weight=weight,
            counts=Fraction(weight * 100, whole) if score is not None else Fraction(0),
            score=None if score is None else percent(score / 100),
            actual=each.actual,
            target=each.target,
        )
        for each, weight, score in exact
    )
    total = sum((weight * score for _, weight, score in exact if score is not None), Fraction(0))
    return Score(lines=lines, total=percent(total / whole / 100) if whole else None)


def _sum(lines: Sequence[ScoreLine]) -> Fraction:
    return sum((each.counts * (_exact(each.measured) or 0) for each in lines), Fraction(0))


class Why(StrEnum):
    """Why there is a version of a frozen card: its period closed, or a number of it was put right."""

    CLOSED = "closed"
    DISPUTE = "dispute"
    QUALITY = "quality"
    FACTS = "facts"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A frozen version of the card of a week (`2026-W10`) or a month (`2026-03`).

    Version 1 is made when the period closes, later ones for the reason they carry; none is ever changed. `measured` is
    the card before numbers were granted in disputes, None where none was.
    """

    member_id: MemberId
    team_id: TeamId | None
    label: str
    version: int
    frozen_at: datetime
    score: Score
    why: Why = Why.CLOSED
    measured: Score | None = None
    id: int = 0


def best_in(total: Decimal, before: Sequence[Decimal | None]) -> int:
    """Of how many periods a total is the best, its own included; `before` are those before it, the last one first.

    It is counted back until one that was as good; one without a total neither counts nor ends it.
    """
    count = 1
    for each in before:
        if each is not None and each >= total:
            break
        count += each is not None
    return count
