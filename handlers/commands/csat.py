"""/csat CUSTOMER [ANSWER]; from: WHO; deal: D12; note: TEXT"""

from handlers.accounts import customer_meant, not_yours, sees
from handlers.args import Args, Missing, Name, Told, Words
from handlers.asking import answer_in, answer_rows, rated, rating_card
from handlers.dealing import SELLERS
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, in_rows

CHOICES = 4


class CsatArgs(Args):
    """Which customer, how satisfied they said they are, who said it and about which deal."""

    lead = ("customer",)
    customer: Words
    source: Name | None = None
    deal: Name | None = None
    note: Told | None = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    """For an empty call the customers seen last."""
    if missing.part != "customer":
        return ()
    recent = turn.store.recent_customers(turn.me.id, CHOICES)
    return in_rows([Button(each.name, f"/csat A{each.id}") for each in recent])


@command(roles=SELLERS, choices=_choices)
def csat(turn: Turn, args: CsatArgs) -> Card:
    """How satisfied a customer is: asked with five buttons, kept, and shown with the rate of the last 90 days."""
    name, answer = answer_in(turn, args.customer)
    found = customer_meant(turn, name, lambda said: args.again("csat", customer=said), makes=False)
    if isinstance(found, Card):
        return found
    if not sees(turn, found):
        raise not_yours(turn, found)
    if answer is None:
        return rating_card(turn, found, answer_rows(args, found))
    return rated(turn, found, answer, args)
