"""Which deal a record belongs to: the one that is named, or the only open one of the speaker with that customer."""

from collections.abc import Sequence

from domain.customers import Customer
from domain.deals import Deal
from domain.refusals import NotFound
from domain.steps import Step
from handlers.dealing import dossier_meant
from handlers.turn import Turn
from handlers.view import Card


def deals_with(turn: Turn, customer: Customer) -> tuple[Deal, ...]:
    """The open deals with a customer that the speaker is on: what a record may belong to."""
    return turn.store.open_deals_with(customer.id, turn.me.id)


def deal_of_record(
    turn: Turn, customer: Customer, said: str | None, own: Sequence[Deal], plan: Step | None = None
) -> int | None:
    """The deal that a record with a customer is for; None where there is none, or several and none was named.

    Raises `NotFound` for a deal of another customer.
    """
    if said:
        found = dossier_meant(turn, said, str)
        if isinstance(found, Card) or found.deal.customer_id != customer.id:
            raise NotFound("deals.not_of_customer", id=said[:20], name=customer.name).at("deal")
        return found.deal.id
    if plan and plan.deal_id:
        return plan.deal_id
    return own[0].id if len(own) == 1 else None
