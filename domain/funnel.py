"""The funnel: what it must hold, what it can still bring, how fast it runs, and where it leaks (method section 4)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.deals import DealId
from domain.milestones import Template
from domain.people import MemberId

MONTH_DAYS, WEEK_DAYS = 30, 7
# Own conversions are pulled toward the ladder's by so many deals (method section 4).
PRIOR = 10
LEAST_COVERAGE = Fraction(3)
# A leak needs so many entries, and is acted on below this share of the benchmark.
LEAK_FROM, LEAK_BELOW = 5, Fraction(80, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What is usual at one milestone: its days and the share of deals that go on from it."""

    milestone: int
    days: Fraction
    conversion: Fraction


Norms = tuple[Norm, ...]


def norms(template: Template) -> Norms:
    """The norms a ladder ships with, in the order of its milestones."""
    return tuple(
        Norm(milestone=stage.number, days=Fraction(stage.days), conversion=stage.conversion)
        for stage in template.stages
    )


def win_probability(norms: Norms, milestone: int) -> Fraction:
    """P_i: the product of the conversions from milestone i on; 1 behind the last."""
    return math.prod((each.conversion for each in norms if each.milestone >= milestone), start=Fraction(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """How many deals must enter a milestone for a target: exact, and rounded up once."""

    milestone: int
    exact: Fraction

    @property
    def deals(self) -> int:
        return math.ceil(self.exact)


def by_volume(target: Fraction, average: Fraction, norms: Norms) -> tuple[Needed, ...]:
    """Ideal by volume: deals that must enter each milestone = (target / average deal) / P_i, rounded up only at the end."""
    wins = max(Fraction(0), target) / average
    return tuple(
        Needed(milestone=each.milestone, exact=wins / win_probability(norms, each.milestone))
        for each in norms
    )


def value_to_enter(target: Fraction, norms: Norms, milestone: int) -> Fraction:
    """The money that must enter a milestone: target / P_i."""
    return target / win_probability(norms, milestone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a milestone holds when the funnel runs evenly: entries a month and deals standing in it, unrounded."""

    milestone: int
    entries: Fraction
    stock: Fraction


def by_cycle(monthly_target: Fraction, average: Fraction, norms: Norms) -> tuple[Stock, ...]:
    """Ideal by cycle: monthly entries = (monthly target / average deal) / P_i; stock = entries x days / 30."""
    return tuple(
        Stock(milestone=each.milestone, entries=needed.exact, stock=needed.exact * each.days / MONTH_DAYS)
        for each, needed in zip(norms, by_volume(monthly_target, average, norms), strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """The visits that feed a funnel: a month, a week, and a week per rep; only the last is rounded up."""

    a_month: Fraction
    a_week: Fraction
    per_rep: Fraction

    @property
    def each(self) -> int:
        return math.ceil(self.per_rep)


def visits_needed(entries: Fraction, per_visit: Fraction, reps: int) -> Visits:
    """entries at the first milestone / opportunities per visit; a week = x 7 / 30. Raises for no reps or no chances."""
    a_month = entries / per_visit
    a_week = a_month * WEEK_DAYS / MONTH_DAYS
    return Visits(a_month=a_month, a_week=a_week, per_rep=a_week / reps)


def latest_entry(period_end: date, norms: Norms, milestone: int) -> date:
    """The last date to enter a milestone for a close by the end of a period: its end less the days from there on."""
    left = sum((each.days for each in norms if each.milestone >= milestone), Fraction(0))
    return period_end - timedelta(days=math.ceil(left))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """An active deal as the funnel sees it; `chance` is its win probability 0..1, after every cap.

    `entered_on` is when its milestone was entered, `held_days` the days on hold in it; `close_on` what the customer says.
    """

    deal_id: DealId
    owner_id: MemberId
    amount: Decimal
    milestone: int
    entered_on: date
    chance: Fraction
    held_days: int = 0
    close_on: date | None = None


def expected_close(deal: Prospect, norms: Norms, as_of: date) -> date:
    """as of + the remaining days of this milestone (at least 0) + those of the later ones; the customer's date when later."""
    stood = (as_of - deal.entered_on).days - deal.held_days
    left = Fraction(0)
    for each in norms:
        if each.milestone == deal.milestone:
            left += max(Fraction(0), each.days - stood)
        elif each.milestone > deal.milestone:
            left += each.days
    usual = as_of + timedelta(days=math.ceil(left))
    return max(usual, deal.close_on) if deal.close_on else usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One deal within a period: when it will close, whether that is in time, and what it is worth by then."""

    deal: Prospect
    close_on: date
    counts: bool

    @property
    def value(self) -> Fraction:
        return Fraction(self.deal.amount) * self.deal.chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What the deals at hand can bring of what is left of a target; exact."""

    deals: tuple[Expected, ...]
    remaining: Fraction

    @property
    def capacity(self) -> Fraction:
        return sum((each.value for each in self.deals if each.counts), Fraction(0))

    @property
    def eligible(self) -> Fraction:
        """The whole amounts of the deals that count."""
        return sum((Fraction(each.deal.amount) for each in self.deals if each.counts), Fraction(0))

    @property
    def gap(self) -> Fraction:
        return max(Fraction(0), self.remaining - self.capacity)

    @property
    def fill(self) -> Fraction | None:
        """Capacity of what is left; None when nothing is left to reach."""
        return self.capacity / self.remaining if self.remaining > 0 else None


def capacity(
    deals: Sequence[Prospect],
    norms: Mapping[DealId, Norms],
    as_of: date,
    period: tuple[date, date],
    remaining: Fraction,
) -> Capacity:
    """Each deal's expected close and worth; those that close within the period count."""
    first, last = period
    found = []
    for deal in deals:
        close_on = expected_close(deal, norms[deal.deal_id], as_of)
        found.append(Expected(deal=deal, close_on=close_on, counts=first <= close_on <= last))
    return Capacity(deals=tuple(found), remaining=max(Fraction(0), remaining))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAdd:
    """How many deals would close a gap at one milestone; None where it is too late for that."""

    milestone: int
    deals: int | None


def to_add(
    gap: Fraction, average: Fraction, norms: Norms, as_of: date, period_end: date
) -> tuple[ToAdd, ...]:
    """ceil(gap / (average deal x P_i)) at each milestone; too late once its latest entry date has passed."""
    return tuple(
        ToAdd(
            milestone=each.milestone,
            deals=math.ceil(gap / (average * win_probability(norms, each.milestone)))
            if latest_entry(period_end, norms, each.milestone) >= as_of
            else None,
        )
        for each in norms
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """How much money a day the funnel brings: deals x win rate x average deal / days of a cycle, and what is required."""

    deals: int
    win_rate: Fraction
    average: Fraction
    cycle_days: Fraction
    remaining: Fraction
    days_left: int

    @property
    def a_day(self) -> Fraction:
        return self.deals * self.win_rate * self.average / self.cycle_days

    @property
    def required(self) -> Fraction:
        return self.remaining / self.days_left

    @property
    def ratio(self) -> Fraction | None:
        """Velocity of what is required; None when nothing is left to reach."""
        return self.a_day / self.required if self.remaining > 0 else None

    @property
    def projected(self) -> Fraction:
        return self.a_day * self.days_left

    @property
    def gap(self) -> Fraction:
        return max(Fraction(0), self.remaining - self.projected)

    @property
    def levers(self) -> "Levers | None":
        """What each of the four would have to be, alone; None where velocity is nothing, or enough."""
        if not self.a_day or self.a_day >= self.required:
            return None
        k = self.required / self.a_day
        return Levers(
            deals=math.ceil(self.deals * k),
            win_rate=self.win_rate * k,
            average=self.average * k,
            cycle_days=self.cycle_days / k,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """The single-lever answers: deals rounded up, the others exact; a win rate above 1 cannot be had."""

    deals: int
    win_rate: Fraction
    average: Fraction
    cycle_days: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The open pipeline against what is left; required is 1 / win rate, at least 3."""

    pipeline: Fraction
    remaining: Fraction
    win_rate: Fraction

    @property
    def coverage(self) -> Fraction | None:
        return self.pipeline / self.remaining if self.remaining > 0 else None

    @property
    def required(self) -> Fraction:
        return max(LEAST_COVERAGE, 1 / self.win_rate) if self.win_rate else LEAST_COVERAGE

    @property
    def shortfall(self) -> Fraction:
        return max(Fraction(0), self.required * self.remaining - self.pipeline)


def smoothed(advanced: int, entered: int, default: Fraction) -> Fraction:
    """(advanced + 10 x default) / (entered + 10): few deals say little yet. Raises `ValueError` for more out than in."""
    if not 0 <= advanced <= entered:
        raise ValueError(f"{advanced} of {entered} cannot have gone on")
    return (advanced + PRIOR * default) / (entered + PRIOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """How a milestone is passed: of `entered` deals `own` went on; `benchmark` is the share to compare with."""

    milestone: int
    entered: int
    own: Fraction
    benchmark: Fraction

    @property
    def ratio(self) -> Fraction:
        return self.own / self.benchmark


def leak(passings: Sequence[Passing]) -> Passing | None:
    """The milestone with the lowest own / benchmark of those with at least 5 entries; None with too few anywhere."""
    known = [each for each in passings if each.entered >= LEAK_FROM]
    return min(known, key=lambda each: (each.ratio, each.milestone), default=None)


def is_acted_on(found: Passing) -> bool:
    """Whether a leak is below 0.80 of the benchmark."""
    return found.ratio < LEAK_BELOW


def concentration(amounts: Mapping[MemberId, Decimal]) -> tuple[MemberId, Fraction] | None:
    """Whose share of the pipeline is largest, and how large; None for an empty one. Ties go to the lower number."""
    whole = sum((Fraction(each) for each in amounts.values()), Fraction(0))
    if not whole:
        return None
    top = min(amounts, key=lambda member: (-amounts[member], member))
    return top, Fraction(amounts[top]) / whole
