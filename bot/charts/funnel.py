"""How a funnel looks: the ideal as a pale shape, the actual as solid bars upon it, the numbers in columns."""

from bot.charts.canvas import BODY, MARGIN, RIGHT, SMALL, TOP, Canvas
from domain.people import Language
from handlers.charting import measured
from handlers.charts import Funnel, FunnelStage, Unit
from handlers.view import Words, t
from handlers.words import catalogue

ROW, BAR = 66, 34
NAME_MOST = 196
# Where the shape stands, and where the columns end: the counts, the ideals, the amounts.
SHAPE_FROM, SHAPE_TO = 252, 440
COUNT_AT, IDEAL_AT, AMOUNT_AT = 500, 580, RIGHT
AMOUNT_MOST = 96
LEAST, SWATCH = 3.0, 12.0


def drawn(canvas: Canvas, shown: Funnel, language: Language) -> None:
    """Puts the funnel on the canvas."""

    def say(words: Words) -> str:
        return catalogue().say(words, language)

    colours = canvas.palette
    canvas.heading(say(shown.title), say(shown.period))
    amounts = any(each.amount is not None for each in shown.stages)
    # Without amounts the numbers move to where the eye ends.
    shift = 0 if amounts else AMOUNT_AT - IDEAL_AT
    count_at, ideal_at, shape_to = COUNT_AT + shift, IDEAL_AT + shift, SHAPE_TO + shift
    head = TOP + 16
    for at, words, is_ideal in ((count_at, t("chart.now"), False), (ideal_at, t("chart.ideal"), True)):
        wide = canvas.text(at, head, say(words), SMALL, colours.soft, anchor="end", most=54)
        _key(canvas, at - wide - SWATCH - 6, head, is_ideal=is_ideal)
    if amounts:
        canvas.text(
            AMOUNT_AT, head, say(t("chart.amount")), SMALL, colours.soft, anchor="end", most=AMOUNT_MOST
        )
    canvas.line(MARGIN, head + 14, RIGHT, head + 14, colours.line)
    begin = head + 28
    middle, half = (SHAPE_FROM + shape_to) / 2, (shape_to - SHAPE_FROM) / 2
    largest = max((max(float(each.count), float(each.ideal)) for each in shown.stages), default=0.0) or 1.0
    _ghost(canvas, shown.stages, begin, middle, half / largest)
    for number, stage in enumerate(shown.stages):
        top = begin + number * ROW
        level = top + ROW / 2 + BODY * 0.36
        wide = 2 * max(LEAST / 2, stage.count * half / largest) if stage.count > 0 else 0.0
        canvas.box(middle - wide / 2, top + (ROW - BAR) / 2, wide, BAR, colours.accent, radius=4)
        _name(canvas, say(stage.name), say(stage.mark) if stage.mark else "", level)
        canvas.text(count_at, level, str(stage.count), BODY + 2, colours.ink, anchor="end", heavy=True)
        canvas.text(ideal_at, level, say(measured(stage.ideal)), BODY, colours.soft, anchor="end", most=64)
        if stage.amount is not None:
            amount = say(measured(stage.amount, Unit.MONEY))
            canvas.text(AMOUNT_AT, level, amount, BODY, colours.ink, anchor="end", most=AMOUNT_MOST)
    canvas.bottom = begin + len(shown.stages) * ROW + 36


def _key(canvas: Canvas, x: float, level: float, *, is_ideal: bool) -> None:
    """A sample of how a column is drawn, before its word."""
    if not is_ideal:
        canvas.box(x, level - SWATCH, SWATCH, SWATCH, canvas.palette.accent, radius=2)
        return
    corners = [(0.0, 0.0), (SWATCH, 0.0), (SWATCH, SWATCH), (0.0, SWATCH)]
    canvas.shape(
        [(x + across, level - SWATCH + down) for across, down in corners],
        fill=canvas.palette.ghost,
        edge=canvas.palette.soft,
        thick=1.2,
        dashes="3 2",
    )


def _name(canvas: Canvas, name: str, mark: str, level: float) -> None:
    """What a stage is called, and below it what is to be said of it."""
    canvas.text(MARGIN, level - (11 if mark else 0), name, BODY, canvas.palette.ink, most=NAME_MOST)
    if mark:
        canvas.shape(
            [(MARGIN, level + 3), (MARGIN + 12, level + 3), (MARGIN + 6, level + 13)],
            fill=canvas.palette.warning,
        )
        canvas.text(MARGIN + 19, level + 14, mark, SMALL, canvas.palette.warning, most=NAME_MOST - 19)


def _ghost(
    canvas: Canvas, stages: tuple[FunnelStage, ...], begin: float, middle: float, scale: float
) -> None:
    """The ideal: one shape, as wide in the middle of each row as its number."""
    halves = [float(each.ideal) * scale for each in stages]
    if not any(halves):
        return
    levels = [begin + number * ROW + ROW / 2 for number in range(len(stages))]
    # It begins and ends with the rows.
    levels = [begin + 4, *levels, begin + len(stages) * ROW - 4]
    halves = [halves[0], *halves, halves[-1]]
    left = [(middle - half, level) for half, level in zip(halves, levels, strict=True)]
    right = [(middle + half, level) for half, level in zip(halves, levels, strict=True)]
    canvas.shape(
        [*left, *reversed(right)],
        fill=canvas.palette.ghost,
        edge=canvas.palette.soft,
        thick=1.2,
        dashes="5 5",
    )
