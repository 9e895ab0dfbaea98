"""Targets: proposals from history, their growth band, decomposition, ramp, and the round-trip (method section 5)."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NewType

from domain.people import MemberId, TeamId
from domain.workdays import Calendar

TargetId = NewType("TargetId", int)
CENT = Decimal("0.01")
# A proposal lies 10 to 20 % above the forecast; without a word it is the lower end (method section 5).
GROWTH = (Fraction(10, 100), Fraction(20, 100))
# The rows of method section 5: months of history that a method needs, and how well a line must fit.
QUARTER_MONTHS, LONG_MONTHS, FITS_FROM = 3, 6, Fraction(50, 100)
LOOK_BACK = 6
# New hires: the share of a whole target in the first, second and third month; whole from the fourth on.
RAMP: tuple[Fraction, ...] = (Fraction(25, 100), Fraction(50, 100), Fraction(75, 100))


class Method(StrEnum):
    """How a proposal came to be, the most telling first."""

    REGRESSION = "regression"
    WEIGHTED = "weighted"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A line through the months 1..n by least squares; `fit` is R squared, 1 where all months are equal."""

    slope: Fraction
    intercept: Fraction
    fit: Fraction

    def at(self, month: int) -> Fraction:
        return self.intercept + self.slope * month


def trend(history: Sequence[Decimal]) -> Trend:
    """The least-squares line of at least two months; raises `ValueError` for fewer."""
    n = len(history)
    if n < 2:
        raise ValueError("a line needs two months")
    months, values = range(1, n + 1), [Fraction(each) for each in history]
    middle, mean = Fraction(n + 1, 2), sum(values, Fraction(0)) / n
    spread = sum(((month - middle) ** 2 for month in months), Fraction(0))
    slope = (
        sum(((m - middle) * (v - mean) for m, v in zip(months, values, strict=True)), Fraction(0)) / spread
    )
    intercept = mean - slope * middle
    around = sum(((value - mean) ** 2 for value in values), Fraction(0))
    off = sum(((v - intercept - slope * m) ** 2 for m, v in zip(months, values, strict=True)), Fraction(0))
    return Trend(slope=slope, intercept=intercept, fit=1 - off / around if around else Fraction(1))


def _weighted(history: Sequence[Decimal]) -> Fraction:
    """The weighted moving average, weights 1..n, the latest month the heaviest."""
    n = len(history)
    total = sum((weight * Fraction(each) for weight, each in enumerate(history, 1)), Fraction(0))
    return total / Fraction(n * (n + 1), 2)


def _quarter(history: Sequence[Decimal]) -> Fraction:
    return sum((Fraction(each) for each in history[-QUARTER_MONTHS:]), Fraction(0)) / QUARTER_MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One method's forecast of the next month, and the band of targets above it; money with 2 places."""

    method: Method
    forecast: Fraction

    @property
    def low(self) -> Decimal:
        return money(self.forecast * (1 + GROWTH[0]))

    @property
    def high(self) -> Decimal:
        return money(self.forecast * (1 + GROWTH[1]))

    def growth(self, amount: Decimal) -> Fraction:
        """How far an amount lies above the forecast; raises `ZeroDivisionError` where nothing is forecast."""
        return Fraction(amount) / self.forecast - 1


class Band(StrEnum):
    """Where a counter-proposal lies: below needs the manager's reason, above the rep's confirmation."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


def band(proposal: Proposal, amount: Decimal) -> Band:
    """Where an amount lies, the edges of the band belonging to it."""
    if amount < proposal.low:
        return Band.BELOW
    return Band.ABOVE if amount > proposal.high else Band.WITHIN


def proposals(history: Sequence[Decimal]) -> tuple[Proposal, ...]:
    """Every method the history is long enough for, side by side, the one to use first (method section 5).

    Regression when there are 6 months and the line fits (R squared >= 0.50), else weighted when there are 6, else the
    mean of the last quarter when there are 3; with fewer a target is typed in. The best month never counts for more.
    """
    n = len(history)
    found: list[Proposal] = []
    if n >= LONG_MONTHS:
        line = trend(history)
        regression = Proposal(method=Method.REGRESSION, forecast=max(Fraction(0), line.at(n + 1)))
        weighted = Proposal(method=Method.WEIGHTED, forecast=_weighted(history))
        found = [regression, weighted] if line.fit >= FITS_FROM else [weighted, regression]
    if n >= QUARTER_MONTHS:
        found.append(Proposal(method=Method.QUARTER, forecast=_quarter(history)))
    return tuple(found)


def reached(history: Sequence[Decimal], amount: Decimal) -> tuple[int, int]:
    """In how many of the last six months an amount was reached, and of how many that are known."""
    last = history[-LOOK_BACK:]
    return sum(1 for each in last if each >= amount), len(last)


def money(value: Fraction) -> Decimal:
    """An exact amount with 2 places, rounded half-up once (method, general arithmetic)."""
    hundredfold = value * 100
    size = (2 * abs(hundredfold.numerator) + hundredfold.denominator) // (2 * hundredfold.denominator)
    return Decimal(size if value >= 0 else -size).scaleb(-2)


def shared(units: int, weights: Sequence[Fraction]) -> tuple[int, ...]:
    """Whole units by weight with the largest remainder, ties to the earlier entry; the sum is exact (method section 5).

    Raises `ValueError` for a negative number of units or weights, or weights that are all nothing.
    """
    whole = sum(weights, Fraction(0))
    if units < 0 or whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("units and weights are not negative, and some weight is positive")
    exact = [units * weight / whole for weight in weights]
    parts = [part.numerator // part.denominator for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: units - sum(parts)]:
        parts[i] += 1
    return tuple(parts)


def decomposed(amount: Decimal, weights: Sequence[Fraction], unit: Decimal = CENT) -> tuple[Decimal, ...]:
    """An amount shared by weight in whole units; what is less than a unit goes with the last units (sum exact)."""
    units = int(amount // unit)
    parts = [part * unit for part in shared(units, weights)]
    rest = amount - units * unit
    if rest:
        first = next(i for i, weight in enumerate(weights) if weight)
        parts[first] += rest
    return tuple(part.quantize(CENT) for part in parts)


def months_since(joined_on: date, month: date) -> int:
    """Which month of somebody's time here a month is; the month of joining is the first."""
    return (month.year - joined_on.year) * 12 + month.month - joined_on.month + 1


def ramp(month: int) -> Fraction:
    """The share of a whole target in somebody's month 1, 2, ...; nothing before the first."""
    if month < 1:
        return Fraction(0)
    return RAMP[month - 1] if month <= len(RAMP) else Fraction(1)


class Step(StrEnum):
    """The round-trip, "three up, three down": down is the manager's word, up the rep's."""

    DOWN1 = "down1"
    UP1 = "up1"
    DOWN2 = "down2"
    UP2 = "up2"
    DOWN3 = "down3"
    UP3 = "up3"
    LOCKED = "locked"


ORDER: tuple[Step, ...] = tuple(Step)
DOWN: frozenset[Step] = frozenset({Step.DOWN1, Step.DOWN2, Step.DOWN3})
UP: frozenset[Step] = frozenset({Step.UP1, Step.UP2, Step.UP3})
# Working days that each step may take (method section 5).
STEP_DAYS = 3


def following(step: Step, rounds: int) -> Step:
    """The step after one, with 1 to 3 rounds; after the last up it is locked. Raises `ValueError` after that."""
    if step is Step.LOCKED:
        raise ValueError("a locked target has no next step")
    after = ORDER[ORDER.index(step) + 1]
    return Step.LOCKED if after is not Step.LOCKED and ORDER.index(after) // 2 >= rounds else after


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStep:
    """One step of a round-trip: who said which amount and why; `silent` where nobody answered in time."""

    step: Step
    amount: Decimal
    by_id: MemberId
    at: datetime
    reason: str = ""
    silent: bool = False
    id: int = 0


def may_lock_early(steps: Sequence[TargetStep]) -> bool:
    """Whether the last up equals the last down: then the manager may lock at once."""
    down = next((each.amount for each in reversed(steps) if each.step in DOWN), None)
    up = next((each.amount for each in reversed(steps) if each.step in UP), None)
    return up is not None and up == down


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a person or a team is to reach from `first` to `last`: quantity and time, quality and cost if said.

    `amount` is the whole target, before ramp and leave. `answer_of` is whose word is waited for, until `answer_by`.
    `silent` marks one that was accepted by silence. `parent_id` is the team's target that it is a part of.
    """

    id: TargetId
    member_id: MemberId | None
    team_id: TeamId | None
    first: date
    last: date
    amount: Decimal
    step: Step
    rounds: int
    made_by: MemberId
    made_at: datetime
    quality: str = ""
    cost: Decimal | None = None
    parent_id: TargetId | None = None
    answer_by: datetime | None = None
    answer_of: MemberId | None = None
    silent: bool = False
    locked_at: datetime | None = None

    @property
    def is_locked(self) -> bool:
        return self.step is Step.LOCKED

    @property
    def months(self) -> int:
        """How many months it is for: a month or a quarter."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1


class Smart(StrEnum):
    """The letters of the SMART check (*ours*): what a target must say to be one."""

    SPECIFIC = "specific"
    MEASURABLE = "measurable"
    ACHIEVABLE = "achievable"
    RELEVANT = "relevant"
    TIMED = "timed"


def smart(
    target: Target, today: date, *, history: Sequence[Decimal] = (), team_amount: Decimal | None = None
) -> Mapping[Smart, bool]:
    """Which letters hold (*ours*).

    Specific: it is one person's or one team's. Measurable: a positive amount. Achievable: its share of a month was
    reached at least once in the last six, where these are known. Relevant: no more than the team's target it is a part of. Timed: it ends, and
    not before today.
    """
    k, known = reached(history, money(Fraction(target.amount) / target.months))
    return {
        Smart.SPECIFIC: (target.member_id is None) != (target.team_id is None),
        Smart.MEASURABLE: target.amount > 0,
        Smart.ACHIEVABLE: known < LOOK_BACK or k > 0,
        Smart.RELEVANT: team_amount is None or target.amount <= team_amount,
        Smart.TIMED: target.first <= target.last and target.last >= today,
    }


def target_between(
    targets: Sequence[Target], calendar: Calendar, joined_on: date, first: date, last: date
) -> Decimal | None:
    """What the locked targets ask of somebody on the days from `first` to `last`; None where none of them is covered.

    Each target is shared out over its working days in whole units of money, extra units to the earlier days; ramp takes
    the share of the month since joining, and days of leave ask nothing. Rounded to 2 places once.
    """
    asked: Fraction | int = 0
    covered = False
    for target in targets:
        if not target.is_locked or target.last < first or target.first > last:
            continue
        # After the ramp it is all the same since when somebody is here.
        ramping = joined_on if months_since(joined_on, target.first) <= len(RAMP) else None
        workdays, parts = _asked_days(calendar, ramping, target.first, target.last, first, last)
        if not workdays:
            continue
        covered = True
        each, more = divmod(int(target.amount.to_integral_value(ROUND_HALF_UP)), workdays)
        for share, places in parts:
            asked += share * (each * len(places) + bisect_left(places, more))
    return money(Fraction(asked)) if covered else None


@lru_cache(maxsize=4096)
def _asked_days(
    calendar: Calendar,
    joined_on: date | None,
    begins: date,
    ends: date,
    first: date,
    last: date,
) -> tuple[int, tuple[tuple[Fraction | int, tuple[int, ...]], ...]]:
    """How many working days a target has, and which of them are asked of somebody from `first` to `last`.

    The days stand as their places among the working days, by the share that ramp takes of them.
    """
    workdays = calendar.workdays(begins, ends)
    places: dict[Fraction, list[int]] = {}
    for place, day in enumerate(workdays):
        if first <= day <= last and calendar.is_present(day):
            share = Fraction(1) if joined_on is None else ramp(months_since(joined_on, day))
            places.setdefault(share, []).append(place)
    return len(workdays), tuple(
        (int(share) if share.denominator == 1 else share, tuple(days)) for share, days in places.items()
    )
