"""How a trend looks: a line through its periods, the target and the personal best across it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.charts.canvas import MARGIN, RIGHT, SMALL, TOP, Canvas, legible, shortened
from bot.fonts import breadth
from domain.people import Language
from handlers.charting import measured
from handlers.charts import Number, Trend
from handlers.view import Words, t
from handlers.words import catalogue

BEGIN, HIGH, LABELS = TOP + 14, 270, 54
# What is written at the ends of the lines across.
GUTTER = 132
INSET, AIR, GAP = 40, 0.12, 10
VALUE_SIZE, LAST_SIZE = 19, 26
APART = 46
TARGET, BEST = "9 6", "2 5"

Dot = tuple[float, float] | None
Say = Callable[[Words], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A value that stands at its point, moved aside where it would reach over the edge."""

    number: int
    said: str
    size: int
    x: float
    level: float

    def meets(self, other: "Written") -> bool:
        """Whether both would touch, however high each stands."""
        apart = (breadth(self.said, self.size) + breadth(other.said, other.size)) / 2 + GAP
        return abs(self.x - other.x) < apart


def drawn(canvas: Canvas, shown: Trend, language: Language) -> None:
    """Puts the trend on the canvas."""

    def say(words: Words) -> str:
        return catalogue().say(words, language)

    canvas.heading(say(shown.title), say(shown.period))
    across = [(t("chart.target"), shown.target, TARGET), (t("chart.best"), shown.best, BEST)]
    told = [(words, value, dashes) for words, value, dashes in across if value is not None]
    values = [float(each.value) for each in shown.points if each.value is not None]
    low, high = _range([*values, *(float(value) for _, value, _ in told)])
    end, floor = RIGHT - (GUTTER if told else 0), BEGIN + HIGH

    def level(value: Number) -> float:
        return floor - (float(value) - low) / (high - low) * HIGH

    canvas.line(MARGIN, floor + 14, end, floor + 14, canvas.palette.line, thick=1.5)
    beside = _apart([level(value) for _, value, _ in told], floor)
    for (words, value, dashes), at in zip(told, beside, strict=True):
        said = say(words), say(measured(value, shown.unit))
        _across(canvas, said, level(value), at, end, dashes)
    places = _places(len(shown.points), end)
    dots = [
        None if each.value is None else (x, level(each.value))
        for x, each in zip(places, shown.points, strict=True)
    ]
    last = max((number for number, each in enumerate(dots) if each), default=-1)
    _points(canvas, dots, places, floor, last)
    said_all = [say(measured(each.value, shown.unit)) for each in shown.points]
    for each in _written(said_all, dots, last, end):
        heavy = each.number == last
        canvas.text(
            each.x,
            each.level,
            each.said,
            each.size,
            canvas.palette.ink,
            anchor="middle",
            heavy=heavy,
            halo=True,
        )
    _labels(canvas, [say(each.label) for each in shown.points], places, floor + 44)
    canvas.bottom = floor + LABELS + 26


def _places(count: int, end: float) -> list[float]:
    """Where the periods stand, evenly from the first to the last; a single one in the middle."""
    room = end - MARGIN - 2 * INSET
    step = room / max(1, count - 1)
    return [MARGIN + INSET + (number * step if count > 1 else room / 2) for number in range(count)]


def _across(canvas: Canvas, said: tuple[str, str], level: float, at: float, end: float, dashes: str) -> None:
    """A line at a value, and at its end what it is."""
    colours = canvas.palette
    ink = colours.ink if dashes == TARGET else colours.soft
    canvas.line(MARGIN, level, end, level, ink, thick=1.8, dashes=dashes)
    canvas.line(end, level, end + 10, at, ink, thick=1.2)
    canvas.text(end + 16, at - 2, said[0], SMALL, colours.soft, most=GUTTER - 16)
    canvas.text(end + 16, at + 19, said[1], VALUE_SIZE, colours.ink, most=GUTTER - 16, heavy=True)


def _points(canvas: Canvas, dots: Sequence[Dot], places: Sequence[float], floor: float, last: int) -> None:
    """The line, broken where there is no data, and its points; the last one is full."""
    colours = canvas.palette
    for known, run in groupby(dots, key=lambda each: each is not None):
        if known:
            canvas.shape([each for each in run if each], edge=colours.accent, thick=3.5, closed=False)
    for number, each in enumerate(dots):
        if each:
            fill = colours.accent if number == last else colours.ground
            canvas.dot(*each, 8 if number == last else 6, fill, colours.accent)
        else:
            canvas.line(places[number] - 6, floor + 14, places[number] + 6, floor + 14, colours.soft, thick=4)


def _written(said: Sequence[str], dots: Sequence[Dot], last: int, end: float) -> list[Written]:
    """Which values are written, and where: the last, the highest, then all that meet none of them."""
    known = [(number != last, each[1], number, each) for number, each in enumerate(dots) if each]
    taken: list[Written] = []
    for _, _, number, (x, y) in sorted(known):
        size = LAST_SIZE if number == last else VALUE_SIZE
        shown = shortened(legible(said[number]), size, end - MARGIN)
        half = breadth(shown, size) / 2
        beside = [
            each[1] for each in (*dots[max(0, number - 1) : number], *dots[number + 1 : number + 2]) if each
        ]
        # On that side of its point where no line comes from.
        is_valley = bool(beside) and sum(beside) / len(beside) < y
        one = Written(
            number=number,
            said=shown,
            size=size,
            x=min(max(x, MARGIN + half), end - half),
            level=y + size + 8 if is_valley else y - 17,
        )
        if not any(one.meets(other) for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda each: each.number)


def _labels(canvas: Canvas, labels: Sequence[str], places: Sequence[float], level: float) -> None:
    """What the periods are called, as many as fit; counted from the last, which is always named."""
    step = places[1] - places[0] if len(places) > 1 else 2 * INSET
    widest = max((min(breadth(legible(each), SMALL), 2 * INSET) for each in labels), default=0.0)
    every = next((n for n in range(1, len(labels) + 1) if n * step >= widest + GAP), len(labels) or 1)
    most = min(2 * INSET, max(step * every - GAP, widest))
    for number, (x, label) in enumerate(zip(places, labels, strict=True)):
        if (len(labels) - 1 - number) % every == 0:
            canvas.text(x, level, label, SMALL, canvas.palette.soft, anchor="middle", most=most)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest that is shown, with some air; a trend that stands still stands in the middle."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    air = (high - low) * AIR or abs(high) * AIR or 1.0
    return low - air, high + air


def _apart(levels: list[float], floor: float) -> list[float]:
    """The same levels, moved apart so that what is written at them does not meet."""
    if len(levels) < 2 or abs(levels[0] - levels[1]) >= APART:
        return [min(max(each, BEGIN), floor - GAP) for each in levels]
    middle = min(max(sum(levels) / 2, BEGIN + APART / 2), floor - GAP - APART / 2)
    first = -APART / 2 if levels[0] <= levels[1] else APART / 2
    return [middle + first, middle - first]
