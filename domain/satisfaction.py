"""How satisfied customers are, and the mix of new and old ones (method sections 6 and 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

from domain.customers import ContactId, CustomerId
from domain.deals import DealId
from domain.people import MemberId

# At least nine in ten are satisfied (method section 6).
TARGET = Fraction(90, 100)
PROMOTES_FROM, DETRACTS_TO = 9, 6


class Answer(IntEnum):
    """The five answers to the satisfaction question."""

    VERY_DISSATISFIED = 1
    DISSATISFIED = 2
    NEUTRAL = 3
    SATISFIED = 4
    VERY_SATISFIED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a customer said on a date; it counts for `member_id`, who owned the customer then."""

    customer_id: CustomerId
    member_id: MemberId
    answer: Answer
    on: date
    made_by: MemberId
    deal_id: DealId | None = None
    contact_id: ContactId | None = None
    note: str = ""
    id: int = 0


def satisfied(answers: Sequence[Answer]) -> Fraction | None:
    """(very satisfied + satisfied) / all; None without an answer."""
    good = sum(1 for each in answers if each >= Answer.SATISFIED)
    return Fraction(good, len(answers)) if answers else None


def promoter_score(marks: Sequence[int]) -> Fraction | None:
    """Percent of promoters (9-10) less percent of detractors (0-6), -100 to 100; None without a mark."""
    if not marks:
        return None
    promoters = sum(1 for mark in marks if mark >= PROMOTES_FROM)
    detractors = sum(1 for mark in marks if mark <= DETRACTS_TO)
    return Fraction(100 * (promoters - detractors), len(marks))


def new_share(new: int, existing: int) -> Fraction | None:
    """New customers of all; None without any."""
    return Fraction(new, new + existing) if new + existing else None


def growth(this: Decimal, last: Decimal) -> Fraction | None:
    """this / last year - 1; None where last year had nothing."""
    return Fraction(this) / Fraction(last) - 1 if last else None
