"""A quantity of the daily plan in words: whose, of which metric, how much."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.quota import PLANNABLE, Metric
from handlers.reading.names import fold
from handlers.reading.typed import halved
from handlers.view import t
from handlers.words import catalogue

_NUMBER = re.compile(r"(?P<rest>.*?)\s*(?P<n>\d{1,6})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said: "" for nobody named; `resets` takes the own quantity back."""

    whose: str
    metric: Metric | None
    quantity: int | None = None
    resets: bool = False


def read_quantity(words: str) -> Said:
    """`Bob calls 8`, `calls off`, `Bob`: the metric stands behind whom it is for, the quantity last."""
    rest, quantity = words.strip(), None
    if found := _NUMBER.fullmatch(halved(rest)):
        numbered, quantity = rest[: found.end("rest")].strip(), int(found["n"])
        # A number alone, or behind something that is no metric, may belong to the name: "M3".
        whose, metric = _metric_at_end(numbered)
        if metric or " " in rest or not numbered:
            return Said(whose=whose if metric else numbered, metric=metric, quantity=quantity)
        quantity = None
    first, _, last = rest.rpartition(" ")
    if last.casefold() in catalogue().listed("dayplan.reset_words"):
        whose, metric = _metric_at_end(first.strip())
        return Said(whose=whose if metric else first.strip(), metric=metric, resets=True)
    whose, metric = _metric_at_end(rest)
    return Said(whose=whose if metric else rest, metric=metric, quantity=quantity)


def _metric_at_end(words: str) -> tuple[str, Metric | None]:
    """What stands before the longest name of a metric at the end; Chinese needs no blank between."""
    blanks = [0, *(found.end() for found in re.finditer(r"\s+", words))]
    starts = blanks if words.isascii() else range(len(words))
    names = metric_names()
    for start in starts:
        if metric := names.get(fold(words[start:])):
            return words[:start].strip(), metric
    return words, None


@lru_cache(maxsize=1)
def metric_names() -> Mapping[str, Metric]:
    """Every name of a metric of the plan, folded: its code, its texts in all languages, its other words."""
    found = {}
    for metric in PLANNABLE:
        key = f"metric.{metric}.short"
        texts = [catalogue().say(t(key), language) for language in catalogue().forms(key)]
        for name in (
            metric.value,
            metric.replace("_", " "),
            *texts,
            *catalogue().listed(f"metric.{metric}.called_words"),
        ):
            found[fold(name)] = metric
    return found
