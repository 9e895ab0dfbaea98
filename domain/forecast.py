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

COMMIT_FROM, BEST_FROM, PIPELINE_FROM = Fraction(75, 100), Fraction(60, 100), Fraction(20, 100)
COMMIT_MILESTONE = 5


class Category(StrEnum):
    """How much one may build on a deal, the surest first."""

    COMMIT = "commit"
    BEST = "best"
    PIPELINE = "pipeline"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One deal of a forecast; `chance` is its capped probability 0..1 by confirmed items."""

    deal_id: DealId
    owner_id: MemberId
    amount: Decimal
    milestone: int
    close_on: date
    chance: Fraction
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
        deal.chance >= COMMIT_FROM
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
