"""Grades of an appraisal, and who is appraised for a year; never said of a week (method section 6)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Grade(StrEnum):
    """The words of method section 6, the best first."""

    EXCELLENT = "excellent"
    GOOD = "good"
    MEDIUM = "medium"
    PASS = "pass"
    POOR = "poor"


BANDS: Sequence[tuple[Decimal, Grade]] = (
    (Decimal(90), Grade.EXCELLENT),
    (Decimal(80), Grade.GOOD),
    (Decimal(70), Grade.MEDIUM),
    (Decimal(60), Grade.PASS),
)
# Full months that somebody must have been here by the day after the year.
MONTHS_FROM = 6


def grade(total: Decimal) -> Grade:
    """The grade of a total of 0 to 120, kept to 0.01 half-up and then compared."""
    kept = total.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return next((word for floor, word in BANDS if kept >= floor), Grade.POOR)


def full_months(joined_on: date, period_end: date) -> int:
    """Whole months from joining to the day after the end of a period."""
    until = period_end + timedelta(days=1)
    months = (until.year - joined_on.year) * 12 + until.month - joined_on.month
    return months - (until.day < joined_on.day)


def is_eligible(
    joined_on: date, period_end: date, *, on_probation: bool = False, exempted: bool = False
) -> bool:
    """Whether somebody is appraised for the year that ends: six full months, past probation, not exempted."""
    return full_months(joined_on, period_end) >= MONTHS_FROM and not on_probation and not exempted
