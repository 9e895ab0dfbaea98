"""/start [CODE]"""

from handlers.args import Args, Words
from handlers.pieces.ways import first_row
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Card, Note, card, t


class StartArgs(Args):
    """The code of an invitation, for somebody not yet known."""

    lead = ("code",)
    code: Words | None = None


@command(hidden=True)
def start(turn: Turn, args: StartArgs) -> Card:
    """Greets a member; strangers are met in `handlers/doorstep.py`."""
    if args.code:
        return card(t("start.already", org=turn.org.name))
    return card(
        t("start.welcome", name=turn.me.name, org=turn.org.name),
        Note(t("visit.command.example"), code=True),
        rows=(first_row(turn.me),),
    )
