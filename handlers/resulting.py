"""What deals make of results: whoever sold a won deal, and which customer is new; taken back when it is so no more."""

from collections.abc import Sequence
from decimal import Decimal

from domain.choices import Choice, NewCustomer, chosen
from domain.deal_ports import Which
from domain.deals import Deal, State
from domain.kpis import Kpi
from domain.people import MemberId, TeamId
from domain.ports import Subject
from domain.results import Origin, Result, divided, shares
from handlers.turn import Turn

# The first deal of a customer that gets so far makes it a new one (method section 2).
NEW_FROM = 2
MANY = 1000


def follow_deals(turn: Turn) -> None:
    """Sets the results of each deal that this turn moved to what is so now; they are facts of the same change."""
    for number in sorted(turn.store.moved_deals()):
        deal = turn.store.deal(number)
        standing = turn.store.results_of_deal(number)
        sold = [each for each in standing if each.kpi is Kpi.SALES]
        new = [each for each in standing if each.kpi is Kpi.NEW_CUSTOMERS]
        if deal is None or deal.state is not State.WON:
            _withdraw(turn, sold)
        elif not sold:
            _sell(turn, deal)
        if deal is None or not _reached(turn, deal):
            _withdraw(turn, new)
        elif not new and _is_first(turn, deal):
            _add(turn, deal, Kpi.NEW_CUSTOMERS, deal.owner_id, Decimal(1))


def _withdraw(turn: Turn, results: Sequence[Result]) -> None:
    for each in results:
        turn.store.withdraw(Subject.RESULT, each.id)


def _sell(turn: Turn, deal: Deal) -> None:
    """Shares are fixed when a deal is won (product section 5)."""
    if not deal.amount:
        return
    sellers = turn.store.dossier(deal).sellers
    for member, amount in divided(deal.amount, shares(deal.owner_id, sellers)):
        _add(turn, deal, Kpi.SALES, member, amount)


def _reached(turn: Turn, deal: Deal) -> bool:
    if chosen(turn.org, Choice.NEW_CUSTOMER) == NewCustomer.WON:
        return deal.state is State.WON
    # One that was imported on the way was somebody's customer before.
    return deal.milestone >= NEW_FROM and not deal.imported


def _is_first(turn: Turn, deal: Deal) -> bool:
    """Whether no other deal of the customer got as far before, and nobody was credited with it."""
    if turn.store.results_of_customer(deal.customer_id, Kpi.NEW_CUSTOMERS):
        return False
    which = Which(customer_id=deal.customer_id, states=frozenset(State))
    others = [each for each in turn.store.deals(which, MANY) if each.id != deal.id]
    if chosen(turn.org, Choice.NEW_CUSTOMER) == NewCustomer.WON:
        return not any(each.state is State.WON for each in others)
    return not any(each.milestone >= NEW_FROM for each in others)


def _add(turn: Turn, deal: Deal, kpi: Kpi, member: MemberId, value: Decimal) -> None:
    team: TeamId | None = turn.store.member(member).team_id
    turn.store.add_result(
        Result(
            member_id=member,
            team_id=team,
            kpi=kpi,
            on=deal.closed_on or turn.today if kpi is Kpi.SALES else turn.today,
            value=value,
            origin=Origin.DERIVED,
            made_by=turn.me.id,
            deal_id=deal.id,
            customer_id=deal.customer_id,
        )
    )
