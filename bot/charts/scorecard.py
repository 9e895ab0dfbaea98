"""How a scorecard looks: the total large, then a bar a line against the mark of 100."""

from collections.abc import Callable

from bot.charts.canvas import BODY, CONTENT, MARGIN, RIGHT, SMALL, TOP, Canvas
from domain.people import Language
from handlers.charting import measured
from handlers.charts import Scorecard, ScoredLine
from handlers.view import Words, t
from handlers.words import catalogue

ROW, BAR = 72, 14
TOTAL_SIZE = 68
# Scores go so far; what they are measured against is written on the scale.
MOST, PAR = 120, 100
LABEL_MOST = 228
BAR_FROM, BAR_TO = 284, 512
WEIGHT_AT, SCORE_AT = 594, RIGHT


def drawn(canvas: Canvas, shown: Scorecard, language: Language) -> None:
    """Puts the scorecard on the canvas."""

    def say(words: Words) -> str:
        return catalogue().say(words, language)

    colours = canvas.palette
    wide = canvas.text(
        RIGHT,
        92,
        "–" if shown.total is None else say(measured(shown.total)),
        TOTAL_SIZE,
        colours.accent,
        anchor="end",
        most=CONTENT / 3,
        heavy=True,
    )
    canvas.heading(say(shown.title), say(shown.period), CONTENT - wide - 32)
    if shown.remark:
        canvas.text(RIGHT, TOP - 6, say(shown.remark), SMALL, colours.soft, anchor="end", most=CONTENT)
    par = BAR_FROM + (BAR_TO - BAR_FROM) * PAR / MOST
    head = TOP + 38
    canvas.text(par, head, str(PAR), SMALL, colours.soft, anchor="middle")
    canvas.text(WEIGHT_AT, head, say(t("chart.weight")), SMALL, colours.soft, anchor="end", most=70)
    canvas.text(SCORE_AT, head, say(t("chart.score")), SMALL, colours.soft, anchor="end", most=64)
    canvas.line(MARGIN, head + 14, RIGHT, head + 14, colours.line)
    begin = head + 20
    for number, line in enumerate(shown.lines):
        _line(canvas, line, begin + number * ROW, say)
    end = begin + len(shown.lines) * ROW
    canvas.bottom = end + 28


def _line(canvas: Canvas, line: ScoredLine, top: float, say: Callable[[Words], str]) -> None:
    colours, middle = canvas.palette, top + ROW / 2
    level = middle + BODY * 0.36
    canvas.text(
        MARGIN, level - (12 if line.detail else 0), say(line.label), BODY, colours.ink, most=LABEL_MOST
    )
    if line.detail:
        canvas.text(MARGIN, level + 14, say(line.detail), SMALL, colours.soft, most=LABEL_MOST)
    weight = say(t("chart.percent", value=line.weight))
    canvas.text(WEIGHT_AT, level, weight, SMALL, colours.soft, anchor="end")
    whole, at = BAR_TO - BAR_FROM, middle - BAR / 2
    par = BAR_FROM + whole * PAR / MOST
    if line.score is None:
        canvas.line(BAR_FROM, middle, BAR_TO, middle, colours.line, thick=2, dashes="4 6")
        canvas.text(SCORE_AT, level, say(t("chart.none")), SMALL, colours.soft, anchor="end", most=72)
        return
    canvas.box(BAR_FROM, at, whole, BAR, colours.track, radius=BAR / 2)
    filled = whole * min(max(float(line.score), 0.0), MOST) / MOST
    canvas.box(BAR_FROM, at, filled, BAR, colours.accent, radius=BAR / 2)
    canvas.line(par, at - 7, par, at + BAR + 7, colours.ground, thick=7)
    canvas.line(par, at - 7, par, at + BAR + 7, colours.ink, thick=2)
    canvas.text(SCORE_AT, level, say(measured(line.score)), BODY + 3, colours.ink, anchor="end", heavy=True)
