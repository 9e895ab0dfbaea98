"""Amounts of money in free text, English and Chinese: whole, or cut off other words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from functools import cache

from domain.amounts import CENT, MOST_AMOUNT
from handlers.reading.scripts import CHINESE
from handlers.reading.typed import clean, lowered
from handlers.reading.vocabulary import AMOUNTS, MOMENTS, alternatives

# No amount is longer than this.
LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount and the ISO code of the currency that was named; None for none, or only "the money of here"."""

    amount: Decimal
    currency: str | None


class _Sign(IntEnum):
    """What shows that a number among words is money; of two numbers the one with the higher sign is."""

    DIGITS = 0
    GROUPS = 1
    SCALE = 2
    CURRENCY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """An amount among words."""

    start: int
    end: int
    amount: Decimal
    sign: _Sign


_SCALES = {**AMOUNTS.letters, **AMOUNTS.words}
_BEFORE = {**AMOUNTS.signs, **AMOUNTS.currencies}
_BEHIND = {**AMOUNTS.currencies, **AMOUNTS.behind}
_NUMERALS = {**MOMENTS.numerals, **AMOUNTS.formal_numerals}
_DIGIT = "".join(char for char, digit in _NUMERALS.items() if digit)
_ZERO = "".join(char for char, digit in _NUMERALS.items() if not digit)
_LARGE = "".join(char for char, power in AMOUNTS.chinese.items() if power >= 4)
_TEN = "".join(char for char, power in AMOUNTS.chinese.items() if power == 1)
_COUNTER, _POINT = alternatives(AMOUNTS.counters), alternatives(AMOUNTS.points)

_COMMAS = r"[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,12})?"
_ARABIC = rf"(?:{_COMMAS}|[0-9]{{1,15}}(?:\.[0-9]{{1,12}})?)"
_SPACED = r"[1-9][0-9]{0,2}(?: [0-9]{3}){1,4}(?:\.[0-9]{1,2})?"
_EUROPEAN = r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){2,4}(?:,[0-9]{1,2})?|\.[0-9]{3},[0-9]{1,2})"
_UNIT = f"(?: ?(?:{_COUNTER}(?=[{_LARGE}]))?[{''.join(AMOUNTS.chinese)}])"
# Two numerals side by side are no number: the first belongs to a weekday or a date.
_ALONE = f"(?<![0-9{_DIGIT}])[{_DIGIT}](?![0-9{_DIGIT}])"
_POINTED = f"(?<![0-9{_DIGIT}])[{_DIGIT}{_ZERO}]{_POINT}[{_DIGIT}{_ZERO}]{{1,4}}(?={_COUNTER}?[{_LARGE}])"
_NEXT = f"{_UNIT}|{_POINTED}|{_ALONE}|[{_ZERO}](?=[0-9{_DIGIT}])|(?<![0-9.,])[0-9]{{1,8}}"
_CHINESE = f"(?:{_ARABIC}|{_POINTED}|{_ALONE}|[{_TEN}])(?:{_NEXT}){{0,20}}"


def _grammar(gap: str, end: str) -> str:
    """An amount; `gap` stands before a scale of one letter, `end` is what must not follow without a currency."""
    scale = f"(?P<scale>{gap}{alternatives(AMOUNTS.letters)}| ?{alternatives(AMOUNTS.words)})"
    scaled = f"(?P<number>{_ARABIC}){scale}"
    number = f"(?:{scaled}|(?P<spaced>{_SPACED})|(?P<european>{_EUROPEAN})|(?P<chinese>{_CHINESE}))"
    before = f"(?:(?P<before>{alternatives(_BEFORE)}) ?)?"
    no_word = f"(?![{AMOUNTS.not_after_currency}])"
    behind = f"(?: ?(?P<behind>{alternatives(_BEHIND)}){alternatives(AMOUNTS.endings)}?{no_word}|{end})"
    return f"{before}{number}{behind}"


# Among words no letter, digit or sign may stand before Latin words and numbers; Chinese touches freely.
_LATIN = "a-z0-9\u00c0-\u024f"
_FIRST = {word[0] for word in _BEFORE} | set("0123456789")
_FIRST_LATIN = "".join(sorted(char for char in _FIRST if not CHINESE.match(char)))
_FIRST_CHINESE = "".join(sorted(char for char in _FIRST if CHINESE.match(char))) + _DIGIT + _TEN
_START = re.compile(
    rf"(?<![{_LATIN}._@/#+\u2212$\u00a5\u20ac\u00a3\u20a9\u20b9-])(?<![0-9][,:])(?=[{re.escape(_FIRST_LATIN)}])"
    f"|(?<![0-9{_DIGIT}{_ZERO}{''.join(AMOUNTS.chinese)}])(?=[{_FIRST_CHINESE}])"
)
# A Chinese amount may be touched by letters (a milestone) and by the number of a date.
_MONTH_OR_DAY = alternatives((*MOMENTS.date_signs["month"], *MOMENTS.date_signs["day"]))
_TOUCHED = f"(?<=[{_LARGE}])(?=[a-z]|[0-9]{{1,2}} ?{_MONTH_OR_DAY})"
_END = rf"(?:{_TOUCHED}|(?![{_LATIN}%/+])(?![.,:][0-9])(?!-[a-z0-9]))"
_NOT_BEHIND = re.compile(f"(?<![a-z]){alternatives(AMOUNTS.not_behind)}[ .:#]{{0,2}}$")
_SMALL_WORD = re.compile(" [a-z]{2}")

_SPACES = re.compile(" {2,}")
_ENDING = " .,;!\u3001\u3002"
_MARKS = ",;:\u3001\u3002"
_BETWEEN = f" {_MARKS}-\u2013\u2014\n"
# Three decimals may be thousands as written in Europe.
_UNCLEAR = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
# A day like 20261205.
_DAY = re.compile("(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))?")
FEWEST_DIGITS, MOST_DIGITS = 4, 9

_ONE_OF = {power: char for char, power in AMOUNTS.chinese.items()}
_POWERS = sorted(_ONE_OF, reverse=True)
_PLAIN = str.maketrans(
    {
        **{char: str(digit) for char, digit in _NUMERALS.items()},
        **{char: _ONE_OF[power] for char, power in AMOUNTS.chinese.items()},
        **dict.fromkeys(AMOUNTS.points, "."),
        **dict.fromkeys((*AMOUNTS.counters, " ", ","), ""),
    }
)


@cache
def _alone() -> re.Pattern[str]:
    """An amount that is all there is; compiled when one is first read."""
    return re.compile(_grammar(" ?", ""))


@cache
def _among() -> re.Pattern[str]:
    """An amount among words; compiled when words are first looked through."""
    return re.compile(_grammar("", f"(?![{AMOUNTS.not_after_scale}])") + _END)


def amount(text: str) -> Decimal | None:
    """The amount the whole text says, in whole cents, half-up, 0..999,999,999,999.99; None when it says anything else.

    A currency may be named; three decimals without a scale are unclear (`1.200`) and no amount.
    """
    found = money(text)
    return found.amount if found else None


def money(text: str) -> Money | None:
    """The amount the whole text says, and its currency if one is named; None as for `amount`."""
    return _whole(_tidy(text))


def split_amount(text: str) -> tuple[str, Decimal | None]:
    """The words (never empty for a visible text) and the one amount among them that looks most like money.

    That needs a currency, a scale, groups of thousands or four digits. The amount is None when none is there or when no
    words would be left.
    """
    words = _tidy(text)
    if _whole(words):
        return words, None
    best = max(_cuts(words), key=lambda cut: cut.sign, default=None)
    if not best or not (rest := _joined(words[: best.start], words[best.end :])):
        return words, None
    return rest, best.amount


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", clean(text))


def _whole(words: str) -> Money | None:
    lower = lowered(words).rstrip(_ENDING)
    found = _alone().fullmatch(lower) if len(lower) <= LONGEST else None
    return _read(found) if found else None


def _read(found: re.Match[str]) -> Money | None:
    """The money of a match; None for an amount too large, unclear or badly put, and for two currencies."""
    before, behind = _BEFORE.get(found["before"] or "", ""), _BEHIND.get(found["behind"] or "", "")
    value = _value(found)
    if value is None or value >= MOST_AMOUNT + CENT or (before and behind and before != behind):
        return None
    value = value.quantize(CENT, ROUND_HALF_UP)
    return Money(amount=value, currency=before or behind or None) if value <= MOST_AMOUNT else None


def _value(found: re.Match[str]) -> Decimal | None:
    if found["number"]:
        power = _SCALES[found["scale"].strip()]
        return Decimal(found["number"].replace(",", "")).scaleb(power)
    if found["spaced"]:
        return Decimal(found["spaced"].replace(" ", ""))
    if found["european"]:
        return Decimal(found["european"].replace(".", "").replace(",", "."))
    said = found["chinese"]
    return None if _UNCLEAR.fullmatch(said) else _chinese(said.translate(_PLAIN))


def _chinese(said: str) -> Decimal | None:
    """The number of arabic digits and units of ten, the largest first; None where they are out of order."""
    power = next((each for each in _POWERS if _ONE_OF[each] in said), 0)
    if not power:
        return Decimal(said) if said else None
    left, _, right = said.partition(_ONE_OF[power])
    times = _times(left, power)
    if times is None or not right:
        return times and times.scaleb(power)
    # A last digit alone counts the next lower unit; behind a zero it is what it is.
    rest = Decimal(right).scaleb(power - 1) if len(right) == 1 and right.isdecimal() else _chinese(right)
    if rest is None or "." in left or "." in right or rest >= Decimal(1).scaleb(power):
        return None
    return times.scaleb(power) + rest


def _times(said: str, power: int) -> Decimal | None:
    """How many of a unit: ten thousands are counted in thousands and hundreds, those in digits, and ten alone is one."""
    if power >= 4:
        return _chinese(said)
    if not said:
        return Decimal(1) if power == 1 else None
    return Decimal(said) if said.replace(".", "", 1).isdecimal() else None


def _cuts(words: str) -> Iterator[_Cut]:
    """The amounts among the words, in order; they may overlap."""
    lower = lowered(words)
    for start in _START.finditer(lower):
        found = _among().match(lower, start.start())
        sign = _sign(found, words) if found else None
        if found and sign is not None and (read := _read(found)):
            yield _Cut(start=found.start(), end=found.end(), amount=read.amount, sign=sign)


def _sign(found: re.Match[str], words: str) -> _Sign | None:
    """What shows that this is money; None when it is more likely a name, a year, a size or a count."""
    said, behind = found[0], words[found.end() :]
    touching = bool(CHINESE.match(behind))
    marked = bool(found["before"] or found["behind"])
    power = _power(found)
    if (numerals := found["chinese"]) and not numerals[0].isdecimal():
        formal = not marked and any(char in AMOUNTS.formal_numerals for char in numerals)
        # Numerals are common in names, formal ones are surnames too.
        if touching or formal or power < 4:
            return None
    if marked:
        return _Sign.CURRENCY
    if touching and (power < 3 or not found.start()):
        return None
    if power >= 3:
        return None if _is_name(found, words) else _Sign.SCALE
    if found["spaced"]:
        # A house number may stand before another number, but seldom before thousands.
        return _Sign.GROUPS if said.count(" ") > 1 or said.endswith(" 000") else None
    if found["european"] or "," in said:
        return _Sign.GROUPS
    return _Sign.DIGITS if _is_sum(found) else None


def _power(found: re.Match[str]) -> int:
    """The largest power of ten that stands in the number as a word or a letter; 0 for none."""
    if found["scale"]:
        return _SCALES[found["scale"].strip()]
    return max(
        (AMOUNTS.chinese[char] for char in found["chinese"] or "" if char in AMOUNTS.chinese), default=0
    )


def _is_name(found: re.Match[str], words: str) -> bool:
    """Whether a number with a scale is the name or the size of something."""
    if found["scale"] in AMOUNTS.beside_chinese and not CHINESE.search(words):
        return True
    typed = words[found.start() : found.end()]
    return found[0] in AMOUNTS.names and (typed != found[0] or bool(_SMALL_WORD.match(words[found.end() :])))


def _is_sum(found: re.Match[str]) -> bool:
    """Whether bare digits are many enough for money, and neither a year, a day, a telephone nor the name at the front."""
    digits = found[0].partition(".")[0]
    return (
        FEWEST_DIGITS <= len(digits) <= MOST_DIGITS
        and found.start() > 0
        and not _DAY.fullmatch(found[0])
        and not _NOT_BEHIND.search(found.string, 0, found.start())
    )


def _joined(left: str, right: str) -> str:
    """What stood around an amount, with one mark or blank between it and no empty brackets."""
    left, right = left.rstrip(" "), right.lstrip(" ")
    if left.endswith("(") and right.startswith(")"):
        left, right = left[:-1].rstrip(" "), right[1:].lstrip(" ")
    if not right.strip(_BETWEEN + ".!"):
        return left.rstrip(_BETWEEN)
    if not left.strip(_BETWEEN):
        return right.lstrip(_BETWEEN)
    if right[0] in _MARKS:
        return left.rstrip(_BETWEEN) + right
    return f"{left.rstrip(_BETWEEN) if right[0] in _BETWEEN else left} {right}"
