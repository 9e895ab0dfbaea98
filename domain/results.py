"""Results: what a KPI is made of, worked out from deals, typed or imported (method section 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.customers import CustomerId
from domain.deals import DealId, Seller
from domain.kpis import Kpi
from domain.people import MemberId, TeamId
from domain.targets import decomposed

WHOLE = 100


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
