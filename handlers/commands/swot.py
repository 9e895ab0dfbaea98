"""/swot DEAL [RIVAL]; strengths: TEXT; weaknesses: TEXT; opportunities: TEXT; threats: TEXT"""

from domain.milestones import FIELDS, Tool
from handlers.args import Args, Entry, Name
from handlers.dealing import SELLERS, Right, deal_in_question, dossier_meant
from handlers.registry import command
from handlers.sheets import wanted_new
from handlers.tooling import started, worked
from handlers.turn import Turn
from handlers.view import Card


class SwotArgs(Args):
    """Which deal, which rival, and how the customer sees them."""

    lead = ("deal", "rival")
    deal: Name
    rival: Name | None = None
    strengths: Entry | None = None
    weaknesses: Entry | None = None
    opportunities: Entry | None = None
    threats: Entry | None = None

    @property
    def said(self) -> dict[str, str]:
        """What was said to the four fields."""
        return {each: value for each in FIELDS[Tool.SWOT] if (value := getattr(self, each))}


@command(roles=SELLERS, about=deal_in_question)
def swot(turn: Turn, args: SwotArgs) -> Card:
    """How the customer sees a rival, one card per rival: the card of `/tool`, by its own name."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("swot", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    if not args.rival:
        return started(turn, found, Tool.SWOT, said=args.said)
    return worked(turn, wanted_new(found, Tool.SWOT, args.said, about=args.rival))
