"""/paid DEAL [AMOUNT | remove [due] AMOUNT]; due: AMOUNT; on: DATE"""

from typing import Annotated

from handlers.args import ASIDE, Amount, Args, Missing, Name, When, Words, YesNo
from handlers.collecting import Deed, Way, above_zero, collected_card, deed_of, kept, planned, removed
from handlers.dealing import SELLERS, Right, deal_choices, deal_in_question, dossier_meant
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Card, Rows


class PaidArgs(Args):
    """Which deal, what came in or is due, and when."""

    lead = ("deal", "what")
    deal: Name
    what: Words | None = None
    due: Amount | None = None
    on: When | None = None
    sure: Annotated[YesNo | None, ASIDE] = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    return deal_choices(turn, "paid") if missing.part == "deal" else ()


@command(roles=SELLERS, choices=_choices, about=deal_in_question)
def paid(turn: Turn, args: PaidArgs) -> Card:
    """What a deal still owes: shown, a payment noted, an instalment planned, or one of them taken out."""
    right = Right.WORK if args.what or args.due is not None else Right.SEE
    found = dossier_meant(turn, args.deal, lambda number: args.again("paid", deal=number), right)
    if isinstance(found, Card):
        return found
    if right is Right.SEE:
        return collected_card(turn, found.deal)
    deed = (
        deed_of(args.what or "")
        if args.due is None
        else Deed(way=Way.DUE, amount=above_zero(args.due, "due"))
    )
    on, sure = args.on.on if args.on else None, args.sure == "yes"
    again = args.again("paid", deal=f"D{found.deal.id}", sure="yes")
    match deed.way:
        case Way.DUE:
            return planned(turn, found.deal, deed.amount, on, again, sure=sure)
        case Way.REMOVE | Way.REMOVE_DUE:
            return removed(turn, found.deal, deed, on)
        case Way.PAID:
            return kept(turn, found.deal, deed.amount, on or turn.today, again, sure=sure)
