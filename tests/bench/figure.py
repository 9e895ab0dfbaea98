"""One bar and the figure against it, and what a group of bars found."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One bar: what was measured against what; without a least or a most it is only told."""

    bar: str
    what: str
    value: float
    spread: tuple[float, float]
    least: float | None = None
    most: float | None = None
    reference: str
    unit: str = "x"

    @property
    def met(self) -> bool:
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def row(self) -> tuple[str, ...]:
        low, high = self.spread
        verdict = "met" if self.met else "BELOW"
        if self.least is not None:
            wanted = f">= {self.least:g} {self.unit}"
        elif self.most is not None:
            wanted = f"<= {self.most:g} {self.unit}"
        else:
            wanted, verdict = "", "told"
        return (
            self.bar,
            self.what,
            f"{self.value:.2f} {self.unit}",
            f"{low:.2f} to {high:.2f}",
            wanted,
            self.reference,
            verdict,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a group of bars found: its figures, how much was run, what the words of the figures mean.

    `broken` says why the figures are worth nothing, should a contender not have done its work; `missing` why there are
    none, should a contender not be had here.
    """

    figures: Sequence[Figure]
    ran: str
    about: str
    broken: str = ""
    missing: str = ""


def median(values: Iterable[float]) -> float:
    """The middle value."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def over(rounds: Sequence[T], value: Callable[[T], float]) -> tuple[float, tuple[float, float]]:
    """The median of a value over the rounds, with the lowest and the highest."""
    values = [value(each) for each in rounds]
    return median(values), (min(values), max(values))
