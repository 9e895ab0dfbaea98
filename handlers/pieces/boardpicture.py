"""The board as a picture: the same first places, most improved and team as in words, and nobody else (method section 7)."""

from datetime import date
from fractions import Fraction

from domain.quota import half_up
from domain.ranking import Board
from domain.refusals import NotNow
from handlers.charting import charted
from handlers.charts import BoardPlace, Leaderboard
from handlers.pieces.board import NAME_COLUMNS
from handlers.pieces.clipped import clipped
from handlers.view import Chart, Words, t


def board_picture(first: date, board: Board, total: Fraction | None) -> Chart:
    """Raises `NotNow` where there is nothing that all may read."""
    improved = _improved(board)
    if not board.named and improved is None and total is None:
        raise NotNow("board.nothing_to_draw")
    places = tuple(
        BoardPlace(
            rank=each.rank,
            name=clipped(each.entry.name, NAME_COLUMNS),
            points=half_up(Fraction(each.points)),
        )
        for each in board.named
    )
    team = None if total is None else t("board.team_short", percent=half_up(total * 100))
    return charted(
        Leaderboard(
            title=t("board.title_chart"),
            period=t("board.week_of", first=first),
            places=places,
            improved=improved,
            team=team,
        )
    )


def _improved(board: Board) -> Words | None:
    best = board.most_improved
    if best is None or best.change is None:
        return None
    name = clipped(best.entry.name, NAME_COLUMNS)
    return t("board.who_improved", name=name, n=half_up(Fraction(best.change)))
