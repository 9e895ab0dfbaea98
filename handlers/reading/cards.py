"""What is said of a scorecard: whose, of which week or month, which line, and what is to become of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from domain.kpis import Kpi
from domain.people import Language
from domain.periods import Span
from handlers.view import t
from handlers.words import catalogue

REFERENCE = re.compile(r"#?X(?P<id>\d{1,18})", re.IGNORECASE)
HOWS = ("dispute", "accept", "decline", "trend", "more", "picture")
# The names of KPIs are of so many words at most.
LONGEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`who` is a name or number of a colleague, "" for oneself; `dispute` the number of one (X3)."""

    who: str = ""
    span: Span | None = None
    kpi: Kpi | None = None
    how: str = ""
    dispute: int | None = None
    page: int = 1
    trend: bool = False


def asked(said: str, today: date) -> Asked:
    """The words in any order; what means nothing else is a name."""
    found, names = Asked(), list[str]()
    words = said.split()
    while words:
        kpi, used = _kpi(words)
        if kpi:
            found, words = replace(found, kpi=kpi), words[used:]
            continue
        word, words = words[0], words[1:]
        if (how := _how(word)) == "trend":
            found = replace(found, trend=True)
        elif how:
            found = replace(found, how=how)
        elif span := _span(word, today):
            found = replace(found, span=span)
        elif reference := REFERENCE.fullmatch(word):
            found = replace(found, dispute=int(reference["id"]))
        elif word.isascii() and word.isdecimal():
            found = replace(found, page=int(word[:6]))
        else:
            names.append(word)
    return replace(found, who=" ".join(names))


def _how(word: str) -> str:
    folded = word.casefold()
    return next((each for each in HOWS if folded in catalogue().listed(f"score.{each}_words")), "")


def _span(word: str, today: date) -> Span | None:
    folded = word.casefold()
    week, month = Span.week(today), Span.month(today)
    named = (("this", week), ("last", week.before), ("month", month), ("last_month", month.before))
    for name, span in named:
        if folded in catalogue().listed(f"score.{name}_words"):
            return span
    return Span.labelled(word)


def _kpi(words: Sequence[str]) -> tuple[Kpi | None, int]:
    """The longest name of a KPI the words begin with, and of how many words it is."""
    for used in range(min(LONGEST, len(words)), 0, -1):
        if found := kpis().get(" ".join(words[:used]).casefold()):
            return found, used
    return None, 0


@lru_cache(maxsize=1)
def kpis() -> dict[str, Kpi]:
    """Each KPI by its code, and by its short name in every language."""
    found = {}
    for kpi in Kpi:
        for name in (kpi.value, kpi.value.replace("_", " ")):
            found[name] = kpi
        for language in Language:
            found[catalogue().say(t(f"score.kpi_{kpi}"), language).casefold()] = kpi
    return found
