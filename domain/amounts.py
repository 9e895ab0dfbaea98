"""Amounts of money: what they can be, and which one of somebody's looks like a slip of zeros."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

CENT = Decimal("0.01")
MOST_AMOUNT = Decimal("999999999999.99")
# How many earlier amounts tell what is usual for a person, and how far off is asked about.
FEWEST_OWN = 3
FAR_OFF = 10
# Zeros somebody may have typed too many or too few.
SLIPS = range(1, 4)


def suspicious(amount: Decimal, own: Sequence[Decimal]) -> Decimal | None:
    """The amount that was probably meant, when `amount` is 10 times the person's median or more, or a tenth or less.

    It has 1..3 zeros fewer or more, whichever comes nearest to the median by ratio, in whole cents; the person is asked
    which (product section 3). None for a usual amount, for fewer than 3 earlier ones, and where either is 0. Never raises.
    """
    if len(own) < FEWEST_OWN:
        return None
    usual = median(own)
    if amount <= 0 or usual <= 0:
        return None
    if amount >= FAR_OFF * usual:
        scales = [-zeros for zeros in SLIPS]
    elif amount * FAR_OFF <= usual:
        scales = [+zeros for zeros in SLIPS]
    else:
        return None
    meant = (amount.scaleb(scale).quantize(CENT, ROUND_HALF_UP) for scale in scales)
    possible = [each for each in meant if 0 < each <= MOST_AMOUNT]
    return min(possible, key=lambda each: max(each / usual, usual / each), default=None)
