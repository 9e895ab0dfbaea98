"""How warm a customer is: value, fit and the date of the decision (method section 9)."""

from datetime import date, timedelta
from enum import StrEnum

RATED_AT_MOST = 50
HOT_FROM, WARM_FROM = 70, 40
DECIDES_WITHIN = timedelta(days=90)


class Warmth(StrEnum):
    """How much attention a customer earns now."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


def warmth(value: int, fit: int, decides_on: date | None, today: date) -> Warmth:
    """Hot from value + fit 70 with a decision in the next 90 days, warm from 40, else cold (method 9).

    `value` and `fit` are 0..50, `ValueError` outside; a decision that is unknown (None) or past makes nothing hot.
    """
    if not (0 <= value <= RATED_AT_MOST and 0 <= fit <= RATED_AT_MOST):
        raise ValueError(f"value and fit are 0 to {RATED_AT_MOST}, not {value} and {fit}")
    decides_soon = decides_on is not None and today <= decides_on <= today + DECIDES_WITHIN
    if value + fit >= HOT_FROM and decides_soon:
        return Warmth.HOT
    return Warmth.WARM if value + fit >= WARM_FROM else Warmth.COLD
