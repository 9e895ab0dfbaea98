"""What a KPI came to for somebody over its window, from the facts it is made of (method section 6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.collection import Collected, Instalment, Owed, Payment, collected, dues, together
from domain.deals import DealId
from domain.kpis import CATALOGUE, Kpi, Measure, Measured
from domain.results import Result
from domain.satisfaction import Rating, satisfied
from domain.weekly import Weekly
from domain.workdays import ONE_DAY, Calendar, month_end

# Collection, satisfaction and what holds until the next number are looked at over so many days (*ours*).
ROLLING = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """How much of a month is behind somebody on a date: days present so far, of its working days."""

    present: int
    working: int

    def of(self, target: Decimal) -> Fraction:
        """What a month's target asks for by now: expected = T x e / t; days of leave ask nothing (method section 2)."""
        return Fraction(target) * self.present / self.working if self.working else Fraction(0)


def elapsed(calendar: Calendar, until: date) -> Elapsed:
    """How far the month of a date is on it."""
    first = until.replace(day=1)
    return Elapsed(
        present=len(calendar.present_days(first, until)),
        working=len(calendar.workdays(first, month_end(until))),
    )


def rolling_first(until: date) -> date:
    """The first of the 90 days that end with `until`."""
    return until - ROLLING + ONE_DAY


def not_set_up(kpi: Kpi) -> Measured:
    """A KPI that has no source or no target yet."""
    return Measured(kpi=kpi, state=Measure.NOT_SET_UP)


def excused(kpi: Kpi) -> Measured:
    """A KPI that there was nothing to measure of."""
    return Measured(kpi=kpi, state=Measure.EXCUSED)


def measured(kpi: Kpi, actual: Fraction | Decimal | int, target: Fraction | Decimal | int) -> Measured:
    """A KPI with its number and what it was to be, both in its own unit."""
    return Measured(kpi=kpi, state=Measure.MEASURED, actual=Fraction(actual), target=Fraction(target))


def sales(weeklies: Sequence[Weekly]) -> Measured:
    """Won by share against the own targets of the same days; who has no target is on neither side."""
    aimed = [each for each in weeklies if each.target]
    if not aimed:
        return not_set_up(Kpi.SALES)
    sold = sum((each.sales for each in aimed), Decimal(0))
    return measured(Kpi.SALES, sold, sum((each.target or Decimal(0) for each in aimed), Decimal(0)))


def plan_completion(weeklies: Sequence[Weekly], target: Decimal) -> Measured:
    """Plan completion of the week after the quality coefficient, in percent: the mean of those who were not away."""
    done = [each.completion for each in weeklies if each.completion is not None]
    if not done:
        return excused(Kpi.PLAN_COMPLETION)
    return measured(Kpi.PLAN_COMPLETION, sum(done, Fraction(0)) / len(done) * 100, target)


def team_attainment(weeklies: Sequence[Weekly], target: Decimal) -> Measured:
    """The team's sales against the sum of its people's targets, in percent."""
    found = sales(weeklies)
    if found.actual is None or not found.target:
        return not_set_up(Kpi.TEAM_ATTAINMENT)
    return measured(Kpi.TEAM_ATTAINMENT, found.actual / found.target * 100, target)


def collection(
    owed: Iterable[Owed],
    planned: Mapping[DealId, Sequence[Instalment]],
    paid: Mapping[DealId, Sequence[Payment]],
    until: date,
    target: Decimal,
) -> Measured:
    """What came in of what was due in the last 90 days, in percent; excused where nothing was due."""
    found = collected_of(owed, planned, paid, until)
    return (
        excused(Kpi.COLLECTION) if found.rate is None else measured(Kpi.COLLECTION, found.rate * 100, target)
    )


def collected_of(
    owed: Iterable[Owed],
    planned: Mapping[DealId, Sequence[Instalment]],
    paid: Mapping[DealId, Sequence[Payment]],
    until: date,
) -> Collected:
    """Due and received of some deals over the 90 days that end with `until`."""
    first = rolling_first(until)
    return together(
        [
            collected(dues(each, planned.get(each.deal_id, ())), paid.get(each.deal_id, ()), first, until)
            for each in owed
        ]
    )


def satisfaction(ratings: Sequence[Rating], target: Decimal) -> Measured:
    """How many of the answers of the last 90 days were satisfied or very satisfied, in percent."""
    found = satisfied([each.answer for each in ratings])
    return excused(Kpi.SATISFACTION) if found is None else measured(Kpi.SATISFACTION, found * 100, target)


def last_whole_month(until: date) -> tuple[date, date]:
    """The first and last day of the month that ended last, that of `until` where it is its last day."""
    last = until if until == month_end(until) else until.replace(day=1) - ONE_DAY
    return last.replace(day=1), last


def forecast_accuracy(forecast: Fraction | None, actual: Decimal, target: Decimal) -> Measured:
    """1 - |forecast at the month's start - actual| / actual, at least 0, in percent, of the month that ended last (*ours*).

    Without a forecast of that month there is nothing to compare; a month that sold nothing is excused where nothing was
    forecast, and else wholly wrong.
    """
    if forecast is None:
        return not_set_up(Kpi.FORECAST_ACCURACY)
    if not actual:
        return measured(Kpi.FORECAST_ACCURACY, 0, target) if forecast else excused(Kpi.FORECAST_ACCURACY)
    off = abs(forecast - Fraction(actual)) / Fraction(actual)
    return measured(Kpi.FORECAST_ACCURACY, max(Fraction(0), 1 - off) * 100, target)


def counted(kpi: Kpi, n: int, asked: Fraction) -> Measured:
    """A count against what was to be reached by now; excused where nothing was."""
    return measured(kpi, n, asked) if asked else excused(kpi)


def typed(kpi: Kpi, facts: Sequence[Result], month: Elapsed, until: date, target: Decimal | None) -> Measured:
    """A KPI that somebody types or imports, of which the organisation has facts.

    Counts and money add up over the month against pace; of all else the last number of 90 days holds, and one that is
    not there is missing. Without a target to compare with it is not set up.
    """
    if target is None:
        return not_set_up(kpi)
    row = CATALOGUE[kpi]
    if row.adds_up:
        first = until.replace(day=1)
        total = sum((each.value for each in facts if first <= each.on <= until), Decimal(0))
        asked = month.of(target)
        return measured(kpi, total, asked) if asked else excused(kpi)
    last = max(facts, key=lambda each: (each.on, each.id), default=None)
    if last is None:
        return Measured(kpi=kpi, state=Measure.MISSING, target=Fraction(target))
    return measured(kpi, last.value, target)
