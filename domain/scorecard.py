"""A scorecard: how a KPI becomes a score, and how scores with their weights become a total (method section 6).

    ratio = actual / target, or target / actual where less is better (an actual of nothing or less gives the cap)
    score = 0 below the floor, else min(ratio, 1.20) x 100, never below 0
    total = sum(weight x score) / sum(weight)

A line counts when it is measured or missing without excuse, which scores 0. Excused lines, and those of a KPI that
nothing feeds yet, are left out, and the weights of the others renormalise to 100. Everything is exact; the total is
rounded half-up once, to 0.01.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.people import MemberId, TeamId
from domain.quota import ONE, half_up
from domain.weekly import Weekly

CAP = Fraction(120, 100)
HUNDRED = 100
NOTHING = Fraction(0)


class LineState(StrEnum):
    """What became of a KPI in a period."""

    MEASURED = "measured"
    EXCUSED = "excused"
    MISSING = "missing"
    NOT_SET_UP = "not_set_up"


COUNTING = frozenset({LineState.MEASURED, LineState.MISSING})


def two_places(value: Fraction) -> Decimal:
    """A score or a total with 2 places, half-up."""
    return Decimal(half_up(value * HUNDRED)).scaleb(-2)


def ratio_of(actual: Fraction, target: Fraction, *, less_is_better: bool = False) -> Fraction:
    """How far a KPI came, not capped; a target of nothing is reached."""
    if less_is_better:
        return CAP if actual <= 0 else target / actual
    return ONE if target <= 0 else actual / target


def score_of(ratio: Fraction, floor: Fraction | None = None) -> Fraction:
    """The exact score of a ratio, from 0 to 120."""
    if floor is not None and ratio < floor:
        return NOTHING
    return max(NOTHING, min(ratio, CAP)) * HUNDRED


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """One KPI of a card: what was reached of what, and what that is worth; `score` is exact, None where it is left out."""

    kpi: str
    weight: int
    state: LineState
    actual: Fraction | None = None
    target: Fraction | None = None
    ratio: Fraction | None = None
    score: Fraction | None = None
    less_is_better: bool = False
    floor: Fraction | None = None

    @property
    def counts(self) -> bool:
        return self.state in COUNTING

    def with_actual(self, actual: Fraction) -> "ScoreLine":
        """The same line with another number; one without a target stays as it is."""
        if self.target is None:
            return self
        return line(
            self.kpi,
            self.weight,
            LineState.MEASURED,
            actual,
            self.target,
            less_is_better=self.less_is_better,
            floor=self.floor,
        )


def line(
    kpi: str,
    weight: int,
    state: LineState,
    actual: Fraction | None = None,
    target: Fraction | None = None,
    *,
    less_is_better: bool = False,
    floor: Fraction | None = None,
) -> ScoreLine:
    """The line of a KPI with its score."""
    found = ScoreLine(
        kpi=kpi,
        weight=weight,
        state=state,
        actual=actual,
        target=target,
        less_is_better=less_is_better,
        floor=floor,
    )
    if state is LineState.MISSING:
        return replace(found, score=NOTHING)
    if state is not LineState.MEASURED or actual is None or target is None:
        return found
    ratio = ratio_of(actual, target, less_is_better=less_is_better)
    return replace(found, ratio=ratio, score=score_of(ratio, floor))


def weights(lines: Iterable[ScoreLine]) -> dict[str, Fraction]:
    """The weights of the lines that count, renormalised: they sum to exactly 100, or there are none."""
    counting = [each for each in lines if each.counts]
    whole = sum(each.weight for each in counting)
    return {each.kpi: Fraction(each.weight * HUNDRED, whole) for each in counting} if whole else {}


def total_of(lines: Sequence[ScoreLine]) -> Fraction | None:
    """The exact total of the lines that count, from 0 to 120; None where none does, as in an excused week."""
    shares = weights(lines)
    if not shares:
        return None
    return (
        sum((shares[each.kpi] * (each.score or NOTHING) for each in lines if each.counts), NOTHING) / HUNDRED
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Somebody's card of a week (`2026-W10`) or a month (`2026-03`), as it stands; `weekly` is the week it is made of."""

    member_id: MemberId
    label: str
    lines: tuple[ScoreLine, ...]
    weekly: Weekly | None = None

    @property
    def exact(self) -> Fraction | None:
        return total_of(self.lines)

    @property
    def total(self) -> Decimal | None:
        """The total kept to 0.01; None for an excused period."""
        exact = self.exact
        return None if exact is None else two_places(exact)

    @property
    def left_out(self) -> tuple[ScoreLine, ...]:
        """The lines that do not count, to be named with their reason."""
        return tuple(each for each in self.lines if not each.counts)

    def line(self, kpi: str) -> ScoreLine | None:
        return next((each for each in self.lines if each.kpi == kpi), None)

    def with_line(self, new: ScoreLine) -> "Score":
        """The same card with one line put right."""
        return replace(self, lines=tuple(new if each.kpi == new.kpi else each for each in self.lines))


class Why(StrEnum):
    """Why there is a version of a frozen card: its period ended, or it was put right."""

    CLOSED = "closed"
    DISPUTE = "dispute"
    QUALITY = "quality"
    FACTS = "facts"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A frozen version of somebody's card: version 1 when the period closed, later ones with the reason they were made.

    `points` are those of the leaderboard of that week, where the person was ranked.
    """

    member_id: MemberId
    team_id: TeamId | None
    version: int
    frozen_at: datetime
    score: Score
    why: Why = Why.CLOSED
    points: Decimal | None = None
    id: int = 0

    @property
    def label(self) -> str:
        return self.score.label
