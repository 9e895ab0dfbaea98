"""/risk DEAL [TEXT]; backup: TEXT"""

from domain.milestones import Tool
from domain.refusals import NotFound
from handlers.args import Args, Entry, Name
from handlers.dealing import SELLERS, Right, deal_in_question, dossier_meant
from handlers.registry import command
from handlers.sheets import sheet_named, wanted_new, wanted_sheet
from handlers.tooling import started, worked
from handlers.turn import Turn
from handlers.view import Card


class RiskArgs(Args):
    """Which deal, what may go wrong, and what is done then."""

    lead = ("deal", "text")
    deal: Name
    text: Entry | None = None
    backup: Entry | None = None


@command(roles=SELLERS, about=deal_in_question)
def risk(turn: Turn, args: RiskArgs) -> Card:
    """A risk of a deal with its backup: the card of `/tool`, by its own name."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("risk", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    backup = {"backup": args.backup} if args.backup else {}
    if not args.text:
        return (
            worked(turn, wanted_new(found, Tool.RISK, backup)) if backup else started(turn, found, Tool.RISK)
        )
    if sheet := sheet_named(found, args.text):
        if sheet.tool is not Tool.RISK:
            raise NotFound("tool.no_sheet", number=args.text)
        return worked(turn, wanted_sheet(turn, found, sheet, backup))
    return worked(turn, wanted_new(found, Tool.RISK, {"risk": args.text, **backup}))
