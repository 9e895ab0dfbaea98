"""Dates and times in free text, English and Chinese: whole, at an end of other words, in a promise, as a range."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from enum import Enum, auto
from functools import cache

from handlers.reading.clocks import CLOCK, CLOCK_AFTER_DAY, read_clock
from handlers.reading.days import DAY_RULES, Day, Kind, read_day, unnamed
from handlers.reading.scripts import CHINESE
from handlers.reading.typed import clean, lowered
from handlers.reading.vocabulary import FIRST_CHARACTERS, MOMENTS, alternatives

# No moment is longer than this, so only the ends of a long text are searched.
LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, a time of day or both; never neither."""

    on: date | None
    at: time | None


_GAP = "[ ,]{0,2}"
_AT = f"{_GAP}(?:at )?"
_PART = alternatives(MOMENTS.parts)
_CLOCK_PARTS = {**MOMENTS.parts, **MOMENTS.parts_of_clock}
_CLOCK_PART = alternatives(_CLOCK_PARTS)
_LEAD = f"(?P<lead>{alternatives(MOMENTS.leads)} ?)?"
_BEFORE = f"(?P<before> ?{alternatives(MOMENTS.before)})?"


def _grammar(days: str) -> str:
    """A moment: a day with a part or a time behind it, or a time with a day behind it."""
    after_day = f"(?:(?P<day_part>{_CLOCK_PART}){_AT})?(?P<day_clock>{CLOCK_AFTER_DAY})"
    day_first = f"(?P<day>{days})(?:{_AT}{after_day}|{_GAP}(?P<whole_part>{_PART}))?"
    clock_first = (
        f"(?:(?P<part>{_CLOCK_PART}){_AT})?(?P<clock>{CLOCK})(?:{_GAP}(?:on )?(?P<late_day>{days}))?"
    )
    return f"{_LEAD}(?:{day_first}|{clock_first}){_BEFORE}"


# For Latin words and numbers no letter or digit may stand before or behind; Chinese touches freely.
_START = re.compile(
    f"(?:(?<![a-z0-9\u00c0-\u024f:./$#+\u00a5\u20ac\u00a3-])|(?=[^\\x00-\\x7f]))(?=[{FIRST_CHARACTERS}])"
)
_END = "(?:(?<![a-z0-9])|(?![a-z0-9\u00c0-\u024f]))"
_RANGE_START = re.compile(f"{alternatives(MOMENTS.range_starts)} ?")
_RANGE_MIDDLE = re.compile(f" ?(?:{alternatives(MOMENTS.range_middles)}|[-~\u2013\u2014]) ?")
_SPACES = re.compile(" {2,}")
# A day was meant, not a number of something: a year or the name of a month stands in it.
_MEANT = re.compile(r"\d{4}\D\d|[^\W\d]{3}|[^\x00-\x7f]")
_ENDING = " .,;!\u3001\u3002"
_BETWEEN = " ,:;\u3001\u3002-\u2013\u2014\n"
# What a name keeps at least when a moment that touches it is cut off: there is a jeweller called like a Saturday.
_SHORTEST_NAME = 2


@cache
def _moment() -> re.Pattern[str]:
    """Any moment, compiled when somebody first says one."""
    return re.compile(_grammar("|".join(unnamed(rule.pattern) for rule in DAY_RULES)) + _END, re.ASCII)


class _Ends(Enum):
    """What a moment is cut from: a name is cut with more care."""

    OF_NAME = auto()
    OF_PROMISE = auto()


class _Weak(Enum):
    """Moments that may be part of a word they touch: a house number, a count of points."""

    DAY_OF_MONTH = auto()
    TIME = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Words with a moment cut off one end."""

    rest: str
    moment: Moment
    length: int
    touching: bool
    weak: _Weak | None


def moment(text: str, today: date) -> Moment | None:
    """The moment the whole text says; None when it says more, something else, or a day or time that does not exist.

    A weekday is the coming one (`today` counts), a month and day lie within -185..+180 days of `today`.
    """
    return _whole(lowered(_tidy(text)).rstrip(_ENDING), today)


def split_moment(text: str, today: date) -> tuple[str, Moment | None]:
    """The words (never empty for a visible text) and the moment at their end, or in Chinese also before them.

    The moment is None when there is none, when it does not exist, or when no words would be left.
    """
    words = _tidy(text)
    if _whole(lowered(words).rstrip(_ENDING), today):
        return words, None
    best = _best(cut for cut in _cuts(words, today, _Ends.OF_NAME) if _leaves_a_name(cut))
    return (best.rest, best.moment) if best else (words, None)


def promise(text: str, today: date) -> tuple[str, Moment | None]:
    """What is promised, without its date and the "by" or "before" of it, and that date; a lone date stays the text.

    The moment is None when there is none or it does not exist; the text is then whole.
    """
    words = _tidy(text)
    if only := _whole(lowered(words).rstrip(_ENDING), today):
        return words, only
    best = _best(
        cut for cut in _cuts(words, today, _Ends.OF_PROMISE) if not (cut.touching and cut.weak is _Weak.TIME)
    )
    return (best.rest, best.moment) if best and best.rest else (words, None)


def no_moment(text: str, today: date) -> str | None:
    """What stands at the end of the words like a date or time and is none: `30 Feb`, `2026-13-01`."""
    words = _tidy(text)
    lower = lowered(words).rstrip(_ENDING)
    for start in _START.finditer(lower, max(0, len(lower) - LONGEST)):
        tail = _moment().fullmatch(lower, start.start())
        if tail and (tail["lead"] or _MEANT.search(tail[0])):
            return words[tail.start() : tail.end()] if _read(tail, today)[0] is None else None
    return None


def span(text: str, today: date) -> tuple[date, date] | None:
    """First and last day of a range or a single day; None for anything else, a time of day, or an end before its start.

    The second day is read from the first: after a Monday, "Wed" is the Wednesday of that week.
    """
    if len(text) > LONGEST:
        return None
    words = _RANGE_START.sub("", lowered(_tidy(text)).rstrip(_ENDING), count=1)
    if only := _whole(words, today):
        return (only.on, only.on) if only.on and not only.at else None
    for middle in _RANGE_MIDDLE.finditer(words):
        if days := _range(words[: middle.start()], words[middle.end() :], today):
            return days if days[0] <= days[1] else None
    return None


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", clean(text))


def _whole(lower: str, today: date) -> Moment | None:
    if found := _moment().fullmatch(lower):
        return _read(found, today)[0]
    day = read_day(lower, today)
    return Moment(on=day.on, at=None) if day else None


def _read(found: re.Match[str], today: date) -> tuple[Moment | None, _Weak | None]:
    """The moment of a match of the grammar, None when a day or a time in it does not exist, and whether it is weak."""
    day_words, clock_words = found["day"] or found["late_day"], found["day_clock"] or found["clock"]
    part_word = found["day_part"] or found["part"]
    part = _CLOCK_PARTS[part_word] if part_word else MOMENTS.part_in_day.get(day_words or "", "")
    day = read_day(day_words, today) if day_words else None
    at = read_clock(clock_words, part) if clock_words else None
    if (day_words and not day) or (clock_words and at is None):
        return None, None
    weak = _Weak.TIME if not (day or part) else _Weak.DAY_OF_MONTH if not at and _is_bare(day) else None
    return Moment(on=day.on if day else None, at=at), weak


def _is_bare(day: Day | None) -> bool:
    return day is not None and day.kind is Kind.DAY_OF_MONTH


def _cuts(words: str, today: date, ends: _Ends) -> Iterator[_Cut]:
    """The ways to cut a moment off the front and off the end, none where the end names a day that does not exist."""
    lower = lowered(words)
    if (front := _moment().match(lower, 0, LONGEST)) and _begins(front, words, ends):
        # The character for "before" begins names as well.
        end = front.start("before") if ends is _Ends.OF_NAME and front["before"] else front.end()
        touching = words[end] not in _BETWEEN
        read, weak = _read(front, today)
        if read:
            rest = words[end:].lstrip(_BETWEEN)
            yield _Cut(rest=rest, moment=read, length=len(front[0]), touching=touching, weak=weak)
    lower = lower.rstrip(_ENDING)
    for start in _START.finditer(lower, max(1, len(lower) - LONGEST)):
        if tail := _moment().fullmatch(lower, start.start()):
            touching = words[tail.start() - 1] not in _BETWEEN
            read, weak = _read(tail, today)
            if read:
                rest = words[: tail.start()].rstrip(_BETWEEN)
                yield _Cut(rest=rest, moment=read, length=len(tail[0]), touching=touching, weak=weak)
            if not (touching and weak):
                return


def _begins(front: re.Match[str], words: str, ends: _Ends) -> bool:
    """Whether words may begin with this moment: in Chinese, and a promise also behind a "by" or before a comma."""
    rest = words[front.end() :]
    if not rest or CHINESE.search(front[0]):
        return bool(rest)
    if ends is _Ends.OF_PROMISE and (front["lead"] or rest[0] in ",:"):
        return True
    return front[0][0].isdigit() and bool(CHINESE.match(rest.lstrip(_BETWEEN)))


def _best(cuts: Iterable[_Cut]) -> _Cut | None:
    """A cut at a gap before one that touches, then the longest, then the front."""
    return max(cuts, key=lambda cut: (not cut.touching, cut.length), default=None)


def _leaves_a_name(cut: _Cut) -> bool:
    return bool(cut.rest) and not (cut.touching and (cut.weak or len(cut.rest) < _SHORTEST_NAME))


def _range(left: str, right: str, today: date) -> tuple[date, date] | None:
    """Two days, the second read from the first; a bare number takes the month of the other day."""
    first, last = read_day(left, today), read_day(right, today)
    if first and last:
        return first.on, _last(first, last, right)
    try:
        if first and _has_month(first) and _is_number(right):
            return first.on, first.on.replace(day=int(right))
        if last and _has_month(last) and _is_number(left):
            return last.on.replace(day=int(left)), last.on
    except ValueError:
        return None
    return None


def _last(first: Day, last: Day, words: str) -> date:
    if last.kind in {Kind.RELATIVE, Kind.DATED}:
        return last.on
    if last.kind is Kind.DAY_OF_MONTH and _has_month(first):
        return first.on.replace(day=last.on.day)
    again = read_day(words, first.on)
    return again.on if again else last.on


def _has_month(day: Day) -> bool:
    return day.kind in {Kind.DATED, Kind.MONTH_DAY}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 2
