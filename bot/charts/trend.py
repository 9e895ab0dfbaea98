"""How a trend looks: a line through its periods, the target and the personal best across it."""

from collections.abc import Sequence
from itertools import groupby

from bot.charts.canvas import MARGIN, RIGHT, SMALL, TOP, Canvas
from bot.fonts import breadth
from domain.people import Language
from handlers.charting import measured
from handlers.charts import Number, Trend
from handlers.view import Words, t
from handlers.words import catalogue

HIGH, LABELS = 270, 54
# What is written at the ends of the lines across.
GUTTER = 132
INSET = 34
VALUE_SIZE, LAST_SIZE = 19, 26
APART = 46

Dot = tuple[float, float] | None


def drawn(canvas: Canvas, shown: Trend, language: Language) -> None:
    """Puts the trend on the canvas."""

    def say(words: Words) -> str:
        return catalogue().say(words, language)

    colours = canvas.palette
    canvas.heading(say(shown.title), say(shown.period))
    across = [(t("chart.target"), shown.target, "9 6"), (t("chart.best"), shown.best, "2 5")]
    told = [(words, value, dashes) for words, value, dashes in across if value is not None]
    values = [float(each.value) for each in shown.points if each.value is not None]
    low, high = _range([*values, *(float(value) for _, value, _ in told)])
    end = RIGHT - (GUTTER if told else 0)
    top, floor = TOP + 14, TOP + 14 + HIGH

    def level(value: Number) -> float:
        return floor - (float(value) - low) / (high - low) * HIGH

    canvas.line(MARGIN, floor + 14, end, floor + 14, colours.line, thick=1.5)
    beside = _apart([level(value) for _, value, _ in told], top, floor)
    for (words, value, dashes), at in zip(told, beside, strict=True):
        ink = colours.ink if dashes == "9 6" else colours.soft
        canvas.line(MARGIN, level(value), end, level(value), ink, thick=1.8, dashes=dashes)
        canvas.line(end, level(value), end + 10, at, ink, thick=1.2)
        canvas.text(end + 16, at - 2, say(words), SMALL, colours.soft, most=GUTTER - 16)
        said = say(measured(value, shown.unit))
        canvas.text(end + 16, at + 19, said, VALUE_SIZE, colours.ink, most=GUTTER - 16, heavy=True)
    room = end - MARGIN - 2 * INSET
    step = room / max(1, len(shown.points) - 1)
    places = [
        MARGIN + INSET + (number * step if len(shown.points) > 1 else room / 2)
        for number in range(len(shown.points))
    ]
    dots = [
        (x, level(each.value)) if each.value is not None else None
        for x, each in zip(places, shown.points, strict=True)
    ]
    for known, run in groupby(dots, key=lambda each: each is not None):
        if known:
            canvas.shape([each for each in run if each], edge=colours.accent, thick=3.5, closed=False)
    last = max((number for number, each in enumerate(dots) if each), default=-1)
    for number, each in enumerate(dots):
        if each:
            fill = colours.accent if number == last else colours.ground
            canvas.dot(*each, 8 if number == last else 6, fill, colours.accent)
        else:
            canvas.text(places[number], floor - 2, "–", VALUE_SIZE, colours.soft, anchor="middle")
    written = [
        say(measured(each.value, shown.unit)) if each.value is not None else "" for each in shown.points
    ]
    for number in _written(written, dots, step, last):
        _value(canvas, dots, number, written[number], is_last=number == last)
    labels = [say(each.label) for each in shown.points]
    every = _every(labels, step)
    for number, (x, label) in enumerate(zip(places, labels, strict=True)):
        # Counted from the last, which is always named.
        if (len(labels) - 1 - number) % every == 0:
            most = max(step * every - 10, 2 * INSET)
            canvas.text(x, floor + 44, label, SMALL, colours.soft, anchor="middle", most=most)
    canvas.bottom = floor + LABELS + 26


def _value(canvas: Canvas, dots: Sequence[Dot], number: int, said: str, *, is_last: bool) -> None:
    """A value on that side of its point where no line comes from."""
    x, y = dots[number] or (0.0, 0.0)
    beside = [
        each[1] for each in (*dots[max(0, number - 1) : number], *dots[number + 1 : number + 2]) if each
    ]
    is_valley = bool(beside) and sum(beside) / len(beside) < y
    size = LAST_SIZE if is_last else VALUE_SIZE
    level = y + size + 8 if is_valley else y - 17
    canvas.text(x, level, said, size, canvas.palette.ink, anchor="middle", heavy=is_last, halo=True)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest that is shown, with some air; a trend that stands still stands in the middle."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    air = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def _apart(levels: list[float], top: float, floor: float) -> list[float]:
    """The same levels, moved apart so that what is written at them does not meet."""
    if len(levels) < 2 or abs(levels[0] - levels[1]) >= APART:
        return [min(max(each, top), floor - 10) for each in levels]
    middle = min(max(sum(levels) / 2, top + APART / 2), floor - 10 - APART / 2)
    first = -APART / 2 if levels[0] <= levels[1] else APART / 2
    return [middle + first, middle - first]


def _written(said: Sequence[str], dots: Sequence[Dot], step: float, last: int) -> list[int]:
    """Which values are written: the last, the highest, then all that meet none of them."""
    known = [(number != last, each[1], number) for number, each in enumerate(dots) if each]
    taken: list[int] = []
    for _, _, number in sorted(known):
        if all(
            abs(number - other) * step
            >= (_half(said[number], number == last) + _half(said[other], other == last) + 8)
            for other in taken
        ):
            taken.append(number)
    return sorted(taken)


def _half(said: str, is_last: bool) -> float:
    return breadth(said, LAST_SIZE if is_last else VALUE_SIZE) / 2


def _every(labels: Sequence[str], step: float) -> int:
    """How far apart the labels are that are written, so that none meets the next."""
    widest = max((min(breadth(each, SMALL), 4 * INSET) for each in labels), default=0.0)
    return next((n for n in range(1, len(labels) + 1) if n * step >= widest + 10), 1)
