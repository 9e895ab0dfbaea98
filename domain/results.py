"""Results: what a KPI is made of, worked out from deals, typed or imported (method section 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.choices import NewCustomer
from domain.customers import CustomerId
from domain.deals import Deal, DealId, Passage, Seller, State
from domain.kpis import Kpi
from domain.people import MemberId, TeamId
from domain.targets import decomposed

WHOLE = 100
# The first deal of a customer that gets so far makes it a new one (method section 2).
NEW_FROM = 2


class Origin(StrEnum):
    """Where a result comes from."""

    DERIVED = "derived"
    TYPED = "typed"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A number of one KPI that counts for one person on a date, in the KPI's own unit, with 2 places.

    `team_id` is the team of that date: facts stay with it (method section 1).
    """

    member_id: MemberId
    team_id: TeamId | None
    kpi: Kpi
    on: date
    value: Decimal
    origin: Origin
    made_by: MemberId
    deal_id: DealId | None = None
    customer_id: CustomerId | None = None
    note: str = ""
    id: int = 0


def shares(owner: MemberId, sellers: Sequence[Seller]) -> tuple[tuple[MemberId, int], ...]:
    """Who sold a deal, in percent: the colleagues' shares, and what is left of 100 for its owner, who comes first.

    Raises `ValueError` where the colleagues have more than all of it.
    """
    others = {each.member_id: each.share for each in sellers if each.share and each.member_id != owner}
    left = WHOLE - sum(others.values())
    if left < 0:
        raise ValueError("the shares of a deal are more than 100 percent")
    return tuple((member, share) for member, share in ((owner, left), *others.items()) if share)


def divided(amount: Decimal, parts: Sequence[tuple[MemberId, int]]) -> tuple[tuple[MemberId, Decimal], ...]:
    """An amount by share, to the cent: the cents that are left go to the largest remainders, the owner's first."""
    each = decomposed(amount, [Fraction(share) for _, share in parts])
    return tuple((member, money) for (member, _), money in zip(parts, each, strict=True))


def is_reached(deal: Deal, rule: NewCustomer) -> bool:
    """Whether a deal is so far that its customer may count as new (method section 2).

    One that was imported on the way was somebody's customer before, until it is won.
    """
    if rule is NewCustomer.WON:
        return deal.state is State.WON
    return deal.milestone >= NEW_FROM and not deal.imported


def reached_on(deal: Deal, passages: Sequence[Passage], rule: NewCustomer) -> date:
    """When a deal that `is_reached` got so far, the last time where it went back meanwhile; `passages` in their order."""
    if rule is NewCustomer.WON:
        return deal.closed_on or deal.entered_on
    on = deal.entered_on
    for each in reversed(passages):
        if each.milestone < NEW_FROM:
            break
        on = each.entered_on
    return on


def first_new(
    deals: Sequence[Deal], passages: Mapping[DealId, Sequence[Passage]], rule: NewCustomer
) -> Deal | None:
    """The deal of a customer that made it a new one: the first to get so far; None where there is none.

    `deals` are all of the customer's, `passages` the stays of those that are so far. A customer with a deal that was
    imported on the way is not new where the second milestone decides.
    """
    if rule is NewCustomer.MILESTONE_2 and any(
        each.imported and each.milestone >= NEW_FROM for each in deals
    ):
        return None
    reached = [each for each in deals if is_reached(each, rule)]
    return min(reached, key=lambda each: (reached_on(each, passages[each.id], rule), each.id), default=None)
