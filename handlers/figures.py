"""Amounts of money as they are shown: in short, or with all their digits."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal

# What an amount in short keeps; digits before the point all stay.
SHORT_DIGITS, MOST_PLACES = 3, 2
_UNIT = re.compile("([0-9]+)([^0-9 ]+)")

Unit = tuple[int, str]


@lru_cache(maxsize=4096)
def in_short(value: Decimal, units: str, locale: Locale) -> str:
    """An amount in the largest unit it reaches, rounded half-up to three digits: 1.25m; `units` is like "3k 6m"."""
    known = _units(units)
    power, _ = _reached(value, known)
    rounded = _rounded(value.scaleb(-power)).scaleb(power)
    # Rounding may have reached the next unit.
    power, word = _reached(rounded, known)
    return format_decimal(rounded.scaleb(-power), "#,##0.##", locale) + word


def in_full(value: Decimal, pattern: str, locale: Locale) -> str:
    """All digits of an amount, cents only where there are some."""
    whole = value == value.to_integral_value()
    return format_decimal(value, pattern.partition(".")[0] if whole else pattern, locale)


@lru_cache(maxsize=16)
def _units(written: str) -> tuple[Unit, ...]:
    """Powers of ten and their words, the largest first, down to one."""
    return (*((int(power), word) for power, word in reversed(_UNIT.findall(written))), (0, ""))


def _reached(value: Decimal, units: tuple[Unit, ...]) -> Unit:
    return next(unit for unit in units if unit[0] <= max(0, value.adjusted()))


def _rounded(value: Decimal) -> Decimal:
    places = max(0, min(MOST_PLACES, SHORT_DIGITS - 1 - value.adjusted()))
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


# The formats of the catalogue (`formats.toml`) that show an amount.
FIGURES: Mapping[str, Callable[[Decimal, str, Locale], str]] = {
    "money": in_short,
    "money_full": in_full,
}
