"""Forecast categories and the weighted forecast of a period (method section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.deals import DealId
from domain.people import MemberId
from domain.stalled import Level
from domain.workdays import month_end

COMMIT_FROM, BEST_FROM, PIPELINE_FROM = Fraction(75, 100), Fraction(60, 100), Fraction(20, 100)
COMMIT_MILESTONE = 5
QUARTER_MONTHS = 3


class Horizon(StrEnum):
    """How far a funnel and a forecast look: the quarter, or the month."""

    QUARTER = "quarter"
    MONTH = "month"

    @property
    def months(self) -> int:
        return QUARTER_MONTHS if self is Horizon.QUARTER else 1

    @property
    def is_usual(self) -> bool:
        """Whether it is what is looked at when nobody says which."""
        return self is Horizon.QUARTER

    def around(self, day: date) -> tuple[date, date]:
        """The first and the last day of the month or quarter of a day."""
        first = day.replace(month=(day.month - 1) // self.months * self.months + 1, day=1)
        return first, month_end(first.replace(month=first.month + self.months - 1))


class Category(StrEnum):
    """How much one may build on a deal, the surest first."""

    COMMIT = "commit"
    BEST = "best"
    PIPELINE = "pipeline"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One deal of a forecast.

    `chance` is the probability 0..1 its card shows, under the cap; `confirmed` the same by what a coach or the manager
    confirmed, which alone makes it a commit (method section 3).
    """

    deal_id: DealId
    owner_id: MemberId
    amount: Decimal
    milestone: int
    close_on: date
    chance: Fraction
    confirmed: Fraction
    coached: bool
    level: Level

    @property
    def weighted(self) -> Fraction:
        return Fraction(self.amount) * self.chance


def category(deal: Forecast, first: date, last: date) -> Category:
    """Omitted when it closes outside the period; Commit p >= 75, M >= 5, coach confirmed, in order; Best case p >= 60;
    Pipeline p >= 20; else Omitted (method section 4)."""
    if not first <= deal.close_on <= last:
        return Category.OMITTED
    if (
        min(deal.chance, deal.confirmed) >= COMMIT_FROM
        and deal.milestone >= COMMIT_MILESTONE
        and deal.coached
        and deal.level is Level.OK
    ):
        return Category.COMMIT
    if deal.chance >= BEST_FROM:
        return Category.BEST
    return Category.PIPELINE if deal.chance >= PIPELINE_FROM else Category.OMITTED


def weighted(deals: Sequence[Forecast], first: date, last: date) -> Fraction:
    """The sum of amount x p of all deals that close in the period, the omitted ones of it included."""
    return sum((each.weighted for each in deals if first <= each.close_on <= last), Fraction(0))
