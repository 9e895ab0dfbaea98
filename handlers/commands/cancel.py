"""/cancel"""

from handlers.args import NoArgs
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, card, t


@command()
def cancel(turn: Turn, args: NoArgs) -> Card:
    """Leaves a question at any point; the draft itself is dropped by the answer (`handlers/answer.py`)."""
    if turn.draft is None:
        return card(t("cancel.nothing"), rows=((Button(t("button.help"), "/help"),),))
    return card(t("cancel.done"))
