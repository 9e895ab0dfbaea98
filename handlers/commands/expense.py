"""/expense DEAL [AMOUNT TEXT]; budget: AMOUNT; on: DATE"""

from handlers.args import Amount, Args, Name, When, Words
from handlers.dealing import SELLERS, Right, deal_in_question, dossier_meant
from handlers.registry import command
from handlers.spending import expense_card, spent
from handlers.turn import Turn
from handlers.view import Card


class ExpenseArgs(Args):
    """Which deal, how much was spent on what and when, and the budget."""

    lead = ("deal", "what")
    deal: Name
    what: Words | None = None
    budget: Amount | None = None
    on: When | None = None


@command(roles=SELLERS, about=deal_in_question)
def expense(turn: Turn, args: ExpenseArgs) -> Card:
    """The expenses of a deal: shown, one more, or the budget set."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("expense", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    if not args.what and args.budget is None:
        return expense_card(turn, found)
    on = args.on.on if args.on and args.on.on else turn.today
    return spent(turn, found, args.what, args.budget, on)
