"""Months and quarters as people write them, in English and Chinese: names from the locale, `2026-04`, `Q2`."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import get_month_names, get_quarter_names

from domain.workdays import ONE_DAY, month_end

LOCALES = ("en", "zh", "zh_Hant")
_NUMBERED = re.compile(r"(?P<year>20\d{2})[-/.](?P<month>\d{1,2})")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
Span = tuple[date, date]


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[bool, int]]:
    """Every name of a month (False) or a quarter (True), folded, with its number."""
    found: dict[str, tuple[bool, int]] = {}
    for name in LOCALES:
        locale = Locale.parse(name)
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, each in get_month_names(width, context, locale).items():
                    found[each.casefold().rstrip(".")] = (False, number)
                for number, each in get_quarter_names(width, context, locale).items():
                    found[each.casefold()] = (True, number)
    return found


def period(said: str, today: date) -> Span | None:
    """The month or quarter that is meant: of the year named, else the one that is not over yet; None for neither."""
    words = said.strip().casefold().rstrip(".")
    if found := _NUMBERED.fullmatch(words):
        month = int(found["month"])
        return _month(int(found["year"]), month) if 1 <= month <= 12 else None
    year = _YEAR.search(words)
    name = _YEAR.sub("", words).strip(" -") if year else words
    # A Chinese year has a word of one character behind it.
    known = _names().get(name) or (_names().get(name[1:]) if year else None)
    if known is None:
        return None
    is_quarter, number = known
    made = _quarter if is_quarter else _month
    if year:
        return made(int(year[1]), number)
    return next(span for span in (made(today.year, number), made(today.year + 1, number)) if span[1] >= today)


def this_month(today: date) -> Span:
    return _month(today.year, today.month)


def next_month(today: date) -> Span:
    return this_month(month_end(today) + ONE_DAY)


def months(first: date, last: date) -> Iterator[Span]:
    """The months from that of `first` to that of `last`, both included."""
    month = this_month(first)
    while month[0] <= last:
        yield month
        month = next_month(month[0])


def is_month(span: Span) -> bool:
    return span == this_month(span[0])


def _month(year: int, month: int) -> Span:
    first = date(year, month, 1)
    return first, month_end(first)


def _quarter(year: int, quarter: int) -> Span:
    first = date(year, 3 * quarter - 2, 1)
    return first, month_end(date(year, 3 * quarter, 1))
