"""Pictures of charts: as SVG in the reader's language, and as PNG in a font of our own."""

from typing import assert_never

from bot.charts import funnel, leaderboard, scorecard, trend
from bot.charts.canvas import PALETTES, Canvas
from bot.charts.painter import painter
from domain.people import Language
from handlers.charts import Funnel, Leaderboard, Scorecard, Theme, Trend
from handlers.view import Chart


def svg_of(shown: Chart, language: Language, theme: Theme | None = None) -> str:
    """The picture as SVG text; `theme` takes the place of the chart's own."""
    canvas = Canvas(PALETTES[theme or shown.theme])
    match shown.drawing:
        case Funnel():
            funnel.drawn(canvas, shown.drawing, language)
        case Scorecard():
            scorecard.drawn(canvas, shown.drawing, language)
        case Leaderboard():
            leaderboard.drawn(canvas, shown.drawing, language)
        case Trend():
            trend.drawn(canvas, shown.drawing, language)
        case _:
            assert_never(shown.drawing)
    return canvas.svg()


def png_of(shown: Chart, language: Language, theme: Theme | None = None) -> bytes:
    """The picture as PNG, at twice its size; it waits for the process that draws. Raises `CannotDraw`."""
    return painter().png(svg_of(shown, language, theme))
