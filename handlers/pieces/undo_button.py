"""The button that takes back what this turn changed."""

from handlers.turn import Turn
from handlers.view import Button, t


def undo_button(turn: Turn) -> Button:
    """Names its own change, so that a later one does not matter."""
    return Button(t("button.undo"), f"/undo {turn.event}")
