"""Pictures of charts: as SVG in the reader's language, and as PNG in a font of our own."""

from functools import lru_cache
from typing import assert_never

import resvg_py

from bot.charts import funnel, leaderboard, scorecard, trend
from bot.charts.canvas import PALETTES, Canvas
from bot.fonts import FAMILY, FONT, is_drawn
from domain.people import Language
from handlers.charts import Funnel, Leaderboard, Scorecard, Theme, Trend
from handlers.view import Chart

SCALE = 2.0


class CannotDraw(Exception):
    """There is no font to write with, or what was to be drawn is no picture."""


def svg_of(shown: Chart, language: Language, theme: Theme | None = None) -> str:
    """The picture as SVG text; `theme` overrides the chart's own."""
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
    """The picture as PNG, at twice its size. Raises `CannotDraw`; takes some ten milliseconds of one core."""
    _check_font()
    return _png(svg_of(shown, language, theme))


@lru_cache(maxsize=1)
def _check_font() -> None:
    """Without a font words are left out, and nothing says so: a word is drawn and looked for."""
    blank = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-family="{FAMILY}">{{}}</svg>'
    )
    word = '<text x="4" y="30" font-size="24">%</text>'
    if not FONT.is_file() or _png(blank.format(word)) == _png(blank.format("")):
        raise CannotDraw("no font")


def _png(svg: str) -> bytes:
    # A rare name may have its letters in a font of the machine; looking for one takes longer.
    is_ours = all(each == "\n" or is_drawn(each) for each in set(svg))
    try:
        return resvg_py.svg_to_bytes(
            svg_string=svg, zoom=SCALE, font_files=[str(FONT)], font_family=FAMILY, skip_system_fonts=is_ours
        )
    except ValueError as error:
        raise CannotDraw(str(error)[:80]) from error
