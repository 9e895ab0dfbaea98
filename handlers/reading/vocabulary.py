"""The words of dates, times, names and amounts: data beside the code, read once, and the regex pieces made of them."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
Words = Sequence[str]
Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentWords:
    """`moments.toml`; a key too many or too few is an error at import."""

    not_after_day_number: str
    leads: Words
    before: Words
    range_starts: Words
    range_middles: Words
    latest: Words
    later: Words
    earlier: Words
    days: Numbers
    part_in_day: Mapping[str, str]
    parts: Mapping[str, str]
    parts_of_clock: Mapping[str, str]
    hours: Mapping[str, tuple[int, int]]
    clocks: Numbers
    hour_signs: Mapping[str, Words]
    weekdays: Numbers
    weekday_signs: Words
    weekday_numbers: Numbers
    weeks: Numbers
    months: Numbers
    month_shifts: Numbers
    year_shifts: Numbers
    date_signs: Mapping[str, Words]
    units: Numbers
    chinese_units: Numbers
    number_words: Numbers
    ten: str
    numerals: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWords:
    """`names.toml`; a key too many or too few is an error at import."""

    suffixes: Words
    endings: Words
    kept_endings: Words
    joiners: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountWords:
    """`amounts.toml`; a key too many or too few is an error at import."""

    points: Words
    counters: Words
    endings: Words
    not_after_scale: str
    not_after_currency: str
    beside_chinese: Words
    names: Words
    not_behind: Words
    letters: Numbers
    words: Numbers
    chinese: Numbers
    formal_numerals: Numbers
    signs: Mapping[str, str]
    currencies: Mapping[str, str]
    behind: Mapping[str, str]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


MOMENTS = MomentWords(**_read("moments.toml"))
NAMES = NameWords(**_read("names.toml"))
AMOUNTS = AmountWords(**_read("amounts.toml"))
# What a date or a time can begin with, and a little more: the words above, "in", "within", "the", digits.
FIRST_CHARACTERS = "".join(
    sorted(
        {word[0] for field in fields(MOMENTS) for word in getattr(MOMENTS, field.name)} | set("iwt0123456789")
    )
)


def alternatives(words: Iterable[str]) -> str:
    """A regex group of the words, the longest first, so that the first that fits is the longest."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"


CHINESE_NUMBER = f"[{''.join(MOMENTS.numerals)}{MOMENTS.ten}]{{1,3}}"
NUMBER = f"(?:[0-9]{{1,2}}|{CHINESE_NUMBER})"


def number(word: str) -> int:
    """0..99 from digits, an English number word or Chinese numerals; raises `ValueError` for anything else."""
    if word.isdecimal():
        return int(word)
    if word in MOMENTS.number_words:
        return MOMENTS.number_words[word]
    tens, ten, ones = word.partition(MOMENTS.ten)
    if not ten:
        return _digits(word)
    return (_digits(tens) if tens else 1) * 10 + (_digits(ones) if ones else 0)


def _digits(word: str) -> int:
    try:
        return int("".join(str(MOMENTS.numerals[char]) for char in word))
    except KeyError as unknown:
        raise ValueError(word) from unknown
