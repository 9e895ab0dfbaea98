"""Days in words: a table of the ways to say a day, each with the pattern it has and the date it means."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from functools import cache

from handlers.reading.vocabulary import MOMENTS, NUMBER, alternatives, number

# A month and a day without a year mean the coming one, unless it is further away than this.
FAR_AHEAD = timedelta(days=180)
FAR_BACK = timedelta(days=185)


class Kind(Enum):
    """What a day was said by; a range reads its second end from the first for the last three."""

    RELATIVE = auto()
    DATED = auto()
    WEEKDAY = auto()
    MONTH_DAY = auto()
    DAY_OF_MONTH = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that was read."""

    on: date
    kind: Kind


Found = re.Match[str]
Reader = Callable[[Found, date], date]


@dataclass(frozen=True, slots=True)
class DayRule:
    """One way to say a day; `read` raises `ValueError` or `OverflowError` for a day that does not exist."""

    kind: Kind
    pattern: str
    read: Reader


def _in_words(found: Found, today: date) -> date:
    return today + timedelta(days=MOMENTS.days[found[0]])


def _counted(found: Found, today: date) -> date:
    days = number(found["count"]) * _UNITS[found["unit"]]
    return today + timedelta(days=-days if found.groupdict().get("ago") else days)


def _coming_weekday(found: Found, today: date) -> date:
    return today + timedelta(days=(WEEKDAYS[found["weekday"]] - today.isoweekday()) % 7)


def _latest_weekday(found: Found, today: date) -> date:
    return today - timedelta(days=(today.isoweekday() - WEEKDAYS[found["weekday"]] - 1) % 7 + 1)


def _weekday_of_week(found: Found, today: date) -> date:
    weeks = MOMENTS.weeks[found["week"]]
    return today + timedelta(weeks=weeks, days=WEEKDAYS[found["weekday"]] - today.isoweekday())


def _full_date(found: Found, today: date) -> date:
    return date(int(found["year"]), _month(found["month"]), number(found["day"]))


def _shifted_year(found: Found, today: date) -> date:
    return date(
        today.year + MOMENTS.year_shifts[found["shift"]], _month(found["month"]), number(found["day"])
    )


def _month(word: str) -> int:
    return MOMENTS.months.get(word) or number(word)


def _month_day(found: Found, today: date) -> date:
    month, day = _month(found["month"]), number(found["day"])
    years = (year for year in (today.year + 1, today.year, today.year - 1) if _exists(year, month, day))
    near = [on for on in (date(year, month, day) for year in years) if -FAR_BACK <= on - today <= FAR_AHEAD]
    if not near:
        raise ValueError(found[0])
    return near[0]


def _exists(year: int, month: int, day: int) -> bool:
    known = date.min.year <= year <= date.max.year and 1 <= month <= 12
    return known and 1 <= day <= calendar.monthrange(year, month)[1]


def _coming_day_of_month(found: Found, today: date) -> date:
    day = number(found["day"])
    # Never do two months in a row lack a day that any month has.
    for months in range(0 if day >= today.day else 1, 4):
        year, month = _shift_month(today, months)
        if _exists(year, month, day):
            return date(year, month, day)
    raise ValueError(found[0])


def _day_of_shifted_month(found: Found, today: date) -> date:
    year, month = _shift_month(today, MOMENTS.month_shifts[found["shift"]])
    return date(year, month, number(found["day"]))


def _shift_month(today: date, months: int) -> tuple[int, int]:
    years, month = divmod(today.month - 1 + months, 12)
    return today.year + years, month + 1


_UNITS = {**MOMENTS.units, **MOMENTS.chinese_units}
WEEKDAYS = {**MOMENTS.weekdays} | {
    sign + char: weekday
    for sign in MOMENTS.weekday_signs
    for char, weekday in MOMENTS.weekday_numbers.items()
}

_YEAR = "(?P<year>(?:19|20)[0-9]{2})"
_DAY = "(?P<day>[0-9]{1,2})"
_ORDINAL = f"{_DAY}(?:st|nd|rd|th)"
_MONTH = f"(?P<month>{alternatives(MOMENTS.months)})"
_END = "(?![0-9:/])"
_WEEKDAY = f"(?P<weekday>{alternatives(WEEKDAYS)})"
_COUNT = f"(?P<count>[0-9]{{1,3}}|{alternatives(MOMENTS.number_words)})"
_UNIT = f"(?P<unit>{alternatives(MOMENTS.units)})"
_CHINESE_UNIT = f"(?P<unit>{alternatives(MOMENTS.chinese_units)})"
_CHINESE_DAY = (
    f"(?P<day>{NUMBER}) ?{alternatives(MOMENTS.date_signs['day'])}(?![{MOMENTS.not_after_day_number}])"
)
_CHINESE_MONTH = f"(?P<month>{NUMBER}) ?{alternatives(MOMENTS.date_signs['month'])} ?"
_YEAR_SHIFT = f"(?P<shift>{alternatives(MOMENTS.year_shifts)})"
_MONTH_SHIFT = f"(?P<shift>{alternatives(MOMENTS.month_shifts)})"
_LATER, _EARLIER = alternatives(MOMENTS.later), alternatives(MOMENTS.earlier)

DAY_RULES = (
    DayRule(Kind.RELATIVE, alternatives(MOMENTS.days), _in_words),
    DayRule(Kind.RELATIVE, f"(?:in|within) {_COUNT} {_UNIT}", _counted),
    DayRule(Kind.RELATIVE, f"{_COUNT} {_UNIT} (?:(?P<ago>ago)|from (?:now|today))", _counted),
    DayRule(Kind.RELATIVE, f"(?P<count>{NUMBER}) ?{_CHINESE_UNIT}(?:{_LATER}|(?P<ago>{_EARLIER}))", _counted),
    DayRule(Kind.WEEKDAY, _WEEKDAY, _coming_weekday),
    DayRule(Kind.RELATIVE, f"{alternatives(MOMENTS.latest)} {_WEEKDAY}", _latest_weekday),
    DayRule(Kind.RELATIVE, f"(?P<week>{alternatives(MOMENTS.weeks)}) ?{_WEEKDAY}", _weekday_of_week),
    DayRule(Kind.RELATIVE, f"{_WEEKDAY} (?P<week>this|next) week", _weekday_of_week),
    DayRule(Kind.DATED, f"{_YEAR}[-/.](?P<month>[0-9]{{1,2}})[-/.]{_DAY}{_END}", _full_date),
    DayRule(Kind.DATED, f"(?P<month>[0-9]{{1,2}})/{_DAY}/{_YEAR}{_END}", _full_date),
    DayRule(Kind.MONTH_DAY, f"(?P<month>[0-9]{{1,2}})/{_DAY}{_END}", _month_day),
    DayRule(Kind.DATED, f"{_DAY}(?:st|nd|rd|th)?(?: of)? ?{_MONTH},? {_YEAR}{_END}", _full_date),
    DayRule(Kind.MONTH_DAY, f"{_DAY}(?:st|nd|rd|th)?(?: of)? ?{_MONTH}{_END}", _month_day),
    DayRule(Kind.DATED, f"{_MONTH} ?{_DAY}(?:st|nd|rd|th)?,? {_YEAR}{_END}", _full_date),
    DayRule(Kind.MONTH_DAY, f"{_MONTH} ?{_DAY}(?:st|nd|rd|th)?{_END}", _month_day),
    DayRule(
        Kind.DATED,
        f"{_YEAR} ?{alternatives(MOMENTS.date_signs['year'])} ?{_CHINESE_MONTH}{_CHINESE_DAY}",
        _full_date,
    ),
    DayRule(Kind.DATED, f"{_YEAR_SHIFT} ?{_CHINESE_MONTH}{_CHINESE_DAY}", _shifted_year),
    DayRule(Kind.MONTH_DAY, f"{_CHINESE_MONTH}{_CHINESE_DAY}", _month_day),
    DayRule(Kind.DATED, f"{_MONTH_SHIFT} ?{_CHINESE_DAY}", _day_of_shifted_month),
    DayRule(Kind.DAY_OF_MONTH, _CHINESE_DAY, _coming_day_of_month),
    # A bare "30th" behind words may be a street or a shop, so there it needs its little word.
    DayRule(Kind.DAY_OF_MONTH, f"(?:(?:by|on|before|until|till) )?the {_ORDINAL}", _coming_day_of_month),
    DayRule(Kind.DAY_OF_MONTH, f"(?:by|on|before|until|till) {_ORDINAL}", _coming_day_of_month),
)
ALONE_RULES = (
    DayRule(Kind.DAY_OF_MONTH, _ORDINAL, _coming_day_of_month),
    DayRule(Kind.MONTH_DAY, f"{_CHINESE_MONTH}(?P<day>{NUMBER})", _month_day),
)


def unnamed(pattern: str) -> str:
    """The pattern without named groups, to stand several times in a larger one."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


_RULES = (*DAY_RULES, *ALONE_RULES)


@cache
def _which() -> re.Pattern[str]:
    """One match finds the rule: cheaper than asking each. Compiled when a day is first said.

    The rule's own pattern, which then names the parts, is compiled when a day is first said that way.
    """
    return re.compile("|".join(f"({unnamed(rule.pattern)})" for rule in _RULES), re.ASCII)


def read_day(text: str, today: date) -> Day | None:
    """The day the whole lower-case text says; None when it says no day or one that does not exist."""
    which = _which().fullmatch(text)
    if not which or not which.lastindex:
        return None
    rule = _RULES[which.lastindex - 1]
    found = re.fullmatch(rule.pattern, text, re.ASCII)
    try:
        return Day(on=rule.read(found, today), kind=rule.kind) if found else None
    except (ValueError, OverflowError):
        return None
