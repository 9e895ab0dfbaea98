"""/start [CODE]"""

from handlers.args import Args, Words
from handlers.letters import teller
from handlers.menus import set_menu
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
    # The way back to the menu of today's roles and this version's commands.
    set_menu(teller(turn), turn.me)
    return card(
        t("start.welcome", name=turn.me.name, org=turn.org.name),
        Note(t("visit.command.example"), code=True),
        rows=(first_row(turn.me),),
    )
