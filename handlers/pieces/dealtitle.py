"""The first line of a deal's card."""

from domain.deals import Deal
from handlers.dealing import called, title_of
from handlers.turn import Turn
from handlers.view import Line, Mark, t

TITLE_COLUMNS = 30


def title_line(turn: Turn, deal: Deal, done: str | None = None) -> Line:
    """The number and what it is about, or what was just done with it."""
    if done:
        return Line(t(done, id=f"D{deal.id}", what=title_of(deal, TITLE_COLUMNS)), Mark.DONE)
    return Line(t("deal.title", id=f"D{deal.id}", what=called(turn, deal, TITLE_COLUMNS)))
