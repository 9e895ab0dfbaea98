"""Grade words of an appraisal, absolute and ranked, and who is old enough for one; never shown weekly (method section 6)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from domain.scorecard import two_places

T = TypeVar("T")


class Grade(StrEnum):
    """From the best to the worst."""

    EXCELLENT = "excellent"
    GOOD = "good"
    MEDIUM = "medium"
    PASS = "pass"
    POOR = "poor"


# Method section 6: the least total of each grade; below the last one it is poor.
BANDS: tuple[tuple[Decimal, Grade], ...] = (
    (Decimal(90), Grade.EXCELLENT),
    (Decimal(80), Grade.GOOD),
    (Decimal(70), Grade.MEDIUM),
    (Decimal(60), Grade.PASS),
)
# Ranked mode, for teams of ten or more: percent of the team in each grade.
SHARES: Mapping[Grade, int] = {
    Grade.EXCELLENT: 10,
    Grade.GOOD: 20,
    Grade.MEDIUM: 40,
    Grade.PASS: 20,
    Grade.POOR: 10,
}
RANKED_FROM = 10
# Full months somebody must have been here, counted to the day after the period.
ELIGIBLE_MONTHS = 6


def grade_of(total: Fraction) -> Grade:
    """The grade of a total, which is kept to 0.01 half-up before it is compared."""
    kept = two_places(total)
    return next((grade for least, grade in BANDS if kept >= least), Grade.POOR)


def places(size: int) -> dict[Grade, int]:
    """How many of `size` people stand in each grade: largest remainder, ties to the better grade."""
    whole = {grade: size * share // 100 for grade, share in SHARES.items()}
    order = sorted(SHARES, key=lambda grade: -(size * SHARES[grade] % 100))
    for grade in order[: size - sum(whole.values())]:
        whole[grade] += 1
    return whole


def grades(totals: Mapping[T, Fraction], *, ranked: bool) -> dict[T, Grade]:
    """The grade of everybody; ranked only where asked for and in a team of ten or more.

    Who has the same total has the same grade: people who stand equal across an edge are all in the better one.
    """
    if not ranked or len(totals) < RANKED_FROM:
        return {who: grade_of(total) for who, total in totals.items()}
    order: Sequence[T] = sorted(totals, key=lambda who: -two_places(totals[who]))
    steps = [grade for grade, count in places(len(totals)).items() for _ in range(count)]
    found: dict[T, Grade] = {}
    for number, who in enumerate(order):
        before = order[number - 1] if number else who
        equal = number and two_places(totals[before]) == two_places(totals[who])
        found[who] = found[before] if equal else steps[number]
    return found


def full_months(joined_on: date, period_end: date) -> int:
    """Full months from joining to the day after the period."""
    end = period_end + timedelta(days=1)
    months = (end.year - joined_on.year) * 12 + end.month - joined_on.month
    return max(0, months - (end.day < joined_on.day))


def is_eligible(joined_on: date, period_end: date, *, on_probation: bool, exempted: bool) -> bool:
    """Whether somebody is appraised for a period."""
    long_enough = full_months(joined_on, period_end) >= ELIGIBLE_MONTHS
    return long_enough and not on_probation and not exempted
