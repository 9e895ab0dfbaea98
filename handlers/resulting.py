"""What deals make of results: whoever sold a won deal, and which customer is new; taken back when it is so no more."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from domain.choices import Choice, NewCustomer, chosen
from domain.customers import CustomerId
from domain.deal_ports import Which
from domain.deals import Deal, DealId, State
from domain.kpis import Kpi
from domain.people import MemberId, team_of
from domain.ports import Subject
from domain.results import Origin, Result, divided, first_new, is_reached, reached_on, shares
from domain.workdays import ONE_DAY
from handlers.turn import Turn

MANY = 1000
UNDO = "undo"


def follow_deals(turn: Turn) -> None:
    """Sets the results of each deal that this turn moved to what is so now; they are facts of the same change."""
    moved = turn.store.moved_deals()
    customers: set[CustomerId] = set()
    for number in sorted(moved):
        deal = turn.store.deal(number)
        standing = turn.store.results_of_deal(number)
        sold = [each for each in standing if each.kpi is Kpi.SALES]
        if deal is None or deal.state is not State.WON:
            _withdraw(turn, sold)
        elif not sold:
            _sell(turn, deal)
        customers |= {each.customer_id for each in standing if each.customer_id}
        customers |= {deal.customer_id} if deal else set()
    for customer in sorted(customers):
        _follow_new(turn, customer, moved)


def _withdraw(turn: Turn, results: Sequence[Result]) -> None:
    for each in results:
        turn.store.withdraw(Subject.RESULT, each.id)


def _sell(turn: Turn, deal: Deal) -> None:
    """Shares are fixed when a deal is won (product section 5): a won deal that has its rows keeps them."""
    if not deal.amount:
        return
    on = deal.closed_on or turn.today
    sellers = turn.store.dossier(deal).sellers
    for member, amount in divided(deal.amount, shares(deal.owner_id, sellers)):
        _add(turn, deal, Kpi.SALES, member, amount, on)


def _follow_new(turn: Turn, customer: CustomerId, moved: Collection[DealId]) -> None:
    """A customer is new once: the earliest credit that still holds stays, others go, and a lost one passes on."""
    kept, lost = False, turn.store.command == UNDO
    for each in turn.store.results_of_customer(customer, Kpi.NEW_CUSTOMERS):
        deal = turn.store.deal(each.deal_id) if each.deal_id else None
        if not kept and deal and deal.customer_id == customer and is_reached(deal, _rule_of(each)):
            kept = True
        else:
            _withdraw(turn, [each])
            lost = True
    if not kept:
        _credit_first(turn, customer, moved, lost=lost)


def _rule_of(result: Result) -> NewCustomer:
    """By which choice a credit was made: when the choice changes, what was credited before stays."""
    return NewCustomer(result.note) if result.note in list(NewCustomer) else NewCustomer.MILESTONE_2


def _credit_first(turn: Turn, customer: CustomerId, moved: Collection[DealId], *, lost: bool) -> None:
    """The deal that made the customer new: one that got so far in this turn, or the next one where a credit was lost."""
    rule = NewCustomer(str(chosen(turn.org, Choice.NEW_CUSTOMER)))
    which = Which(customer_id=customer, states=frozenset(State))
    deals = turn.store.deals(which, MANY)
    passages = {each.id: turn.store.passages(each.id) for each in deals if is_reached(each, rule)}
    first = first_new(deals, passages, rule)
    if first is None:
        return
    on = reached_on(first, passages[first.id], rule)
    # A deal that had got so far before anybody counted it is no news today.
    if lost or (first.id in moved and on >= turn.today - ONE_DAY):
        _add(turn, first, Kpi.NEW_CUSTOMERS, first.owner_id, Decimal(1), on, note=rule)


def _add(
    turn: Turn, deal: Deal, kpi: Kpi, member: MemberId, value: Decimal, on: date, *, note: str = ""
) -> None:
    turn.store.add_result(
        Result(
            member_id=member,
            team_id=team_of(turn.store.stays([member]).get(member, ()), (on,)),
            kpi=kpi,
            on=on,
            value=value,
            origin=Origin.DERIVED,
            made_by=turn.me.id,
            deal_id=deal.id,
            customer_id=deal.customer_id,
            note=note,
        )
    )
