"""Times of day in words: a table of the ways to say an hour, and which hours the parts of a day can mean."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from handlers.reading.days import unnamed
from handlers.reading.vocabulary import CHINESE_NUMBER, MOMENTS, NUMBER, alternatives, number

# Nobody visits at three in the night: an hour said without a part of the day from 1 to here is in the afternoon.
LAST_AFTERNOON_HOUR = 6

Found = re.Match[str]


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One way to say a time; `read` takes the part of the day said beside it, "" for none, and raises `ValueError`."""

    pattern: str
    read: Callable[[Found, str], time]


def _hour_in(part: str, hour: int) -> int:
    first, last = MOMENTS.hours[part]
    for meant in (hour - 12, hour, hour + 12):
        if first <= meant <= last:
            return meant
    raise ValueError(f"no {hour} in the {part}")


def _named(found: Found, part: str) -> time:
    return time(MOMENTS.clocks[found[0]])


def _half_day(found: Found, part: str) -> time:
    return time(_hour_in(found["half"] + "m", int(found["hour"])), int(found["minute"] or 0))


def _full_day(found: Found, part: str) -> time:
    hour = int(found["hour"])
    return time(_hour_in(part, hour) if part else hour, int(found["minute"]))


def _bare_hour(found: Found, part: str) -> time:
    return time(_loose(number(found["hour"]), part))


def _loose(hour: int, part: str) -> int:
    if part:
        return _hour_in(part, hour)
    return hour + 12 if 1 <= hour <= LAST_AFTERNOON_HOUR else hour


def _chinese(found: Found, part: str) -> time:
    return time(_loose(number(found["hour"]), part), _minutes(found))


def _minutes(found: Found) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 * number(found["quarter"])
    said = found["minute"] or found["bare_minute"]
    return number(said) if said else 0


_HOUR = "(?P<hour>[0-9]{1,2})"
_SIGNS = MOMENTS.hour_signs
_QUARTER = f"(?P<quarter>[0-9]|{CHINESE_NUMBER}){alternatives(_SIGNS['quarter'])}"
_MINUTE = f"(?P<minute>{NUMBER}){alternatives(_SIGNS['minute'])}"
# Minutes without their sign end the phrase: else they count what comes next.
_BARE_MINUTE = f"(?P<bare_minute>[0-9]{{2}}|{CHINESE_NUMBER})(?![^ ,])"
_MORE = f"(?P<half>{alternatives(_SIGNS['half'])})|{_QUARTER}|{_MINUTE}|{_BARE_MINUTE}|{alternatives(_SIGNS['sharp'])}"

CLOCK_RULES = (
    ClockRule(alternatives(MOMENTS.clocks), _named),
    ClockRule(rf"{_HOUR}(?:[:.](?P<minute>[0-9]{{2}}))? ?(?P<half>[ap])\.?m(?:\.(?![a-z0-9])|\b)", _half_day),
    ClockRule(f"{_HOUR}:(?P<minute>[0-9]{{2}})(?![0-9:])", _full_day),
    ClockRule(f"{_HOUR} ?o.?clock", _bare_hour),
    ClockRule(f"(?P<hour>{NUMBER}) ?{alternatives(_SIGNS['hour'])}(?:{_MORE})?", _chinese),
)
# Understood only behind a day: "look at 3" says no time.
AFTER_DAY_RULES = (ClockRule(f"at {_HOUR}(?![0-9:])", _bare_hour),)

CLOCK = "|".join(unnamed(rule.pattern) for rule in CLOCK_RULES)
CLOCK_AFTER_DAY = "|".join(unnamed(rule.pattern) for rule in (*CLOCK_RULES, *AFTER_DAY_RULES))
_COMPILED = tuple((re.compile(rule.pattern, re.ASCII), rule) for rule in (*CLOCK_RULES, *AFTER_DAY_RULES))


def read_clock(text: str, part: str) -> time | None:
    """The time the whole lower-case text says within the part of the day ("" for none); None for no time or one no day has."""
    for pattern, rule in _COMPILED:
        if found := pattern.fullmatch(text):
            try:
                return rule.read(found, part)
            except ValueError:
                return None
    return None
