"""How a leaderboard looks: a place a row with its points, then who improved most and the team."""

from bot.charts.canvas import BODY, CONTENT, MARGIN, RIGHT, SMALL, TOP, Canvas
from domain.people import Language
from handlers.charting import measured
from handlers.charts import BoardPlace, Leaderboard
from handlers.view import Words, t
from handlers.words import catalogue

ROW, BAR, BADGE = 82, 6, 23
NAME_AT = MARGIN + 2 * BADGE + 22
NAME_SIZE, POINTS_SIZE, POINTS_MOST = 26, 30, 130
FOOT = 96


def drawn(canvas: Canvas, shown: Leaderboard, language: Language) -> None:
    """Puts the leaderboard on the canvas."""

    def say(words: Words) -> str:
        return catalogue().say(words, language)

    canvas.heading(say(shown.title), say(shown.period))
    largest = max((float(each.points) for each in shown.places), default=0.0) or 1.0
    for number, place in enumerate(shown.places):
        points = say(measured(place.points))
        _place(canvas, place, say(place.name), points, TOP + 8 + number * ROW, float(place.points) / largest)
    end = TOP + 8 + len(shown.places) * ROW
    told = [(t("chart.improved"), shown.improved), (t("chart.team"), shown.team)]
    told = [(label, words) for label, words in told if words]
    wide = (CONTENT - 20 * (len(told) - 1)) / max(1, len(told))
    for number, (label, words) in enumerate(told):
        x = MARGIN + number * (wide + 20)
        canvas.box(x, end + 16, wide, FOOT - 8, canvas.palette.track, radius=12)
        canvas.text(x + 20, end + 48, say(label), SMALL, canvas.palette.soft, most=wide - 40)
        canvas.text(
            x + 20, end + 80, say(words or ""), BODY + 3, canvas.palette.ink, most=wide - 40, heavy=True
        )
    canvas.bottom = end + (FOOT + 44 if told else 24)


def _place(canvas: Canvas, place: BoardPlace, name: str, points: str, top: float, part: float) -> None:
    """One place: its rank in a badge, full for the first, and a thin bar of its part of the most points."""
    colours, middle = canvas.palette, top + ROW / 2 - 6
    first = place.rank == 1
    centre = MARGIN + BADGE
    canvas.dot(centre, middle, BADGE, colours.accent if first else colours.ground, colours.accent)
    ink = colours.on_accent if first else colours.accent
    canvas.text(centre, middle + 8, str(place.rank), 23, ink, anchor="middle", heavy=True)
    wide = canvas.text(
        RIGHT, middle + 4, points, POINTS_SIZE, colours.ink, anchor="end", most=POINTS_MOST, heavy=True
    )
    canvas.text(NAME_AT, middle + 3, name, NAME_SIZE, colours.ink, most=RIGHT - NAME_AT - wide - 24)
    whole = RIGHT - NAME_AT
    canvas.box(NAME_AT, middle + 18, whole, BAR, colours.track, radius=BAR / 2)
    canvas.box(NAME_AT, middle + 18, whole * min(max(part, 0.0), 1.0), BAR, colours.accent, radius=BAR / 2)
