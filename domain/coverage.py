"""Reach into the customer: which roles nobody has yet, and which deciding people were not met for long (method section 3)."""

from dataclasses import dataclass
from datetime import date

from domain.c139 import stale
from domain.deals import Buyer, BuyingRole, Dossier, State

# Method section 3: from M3 on each role needs a contact; none with the budget from M4 on is a red flag.
ROLES_FROM, ECONOMIC_FROM = 3, 4
# After so many days without a meeting somebody who decides is out of sight (*ours*).
UNMET_DAYS = 24
WANTED: tuple[BuyingRole, ...] = (BuyingRole.ECONOMIC, BuyingRole.USER, BuyingRole.TECHNICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """Somebody who decides and was not met on the deal for `days` days; `ever` when there was a meeting before."""

    buyer: Buyer
    days: int
    ever: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is thin about the reach of a deal on one day.

    `open_roles` nobody has; `no_economic` when that is a red flag, `unmet` those who decide and are out of sight, the
    longest first; `stale` those whose stance is to be asked anew.
    """

    open_roles: tuple[BuyingRole, ...] = ()
    no_economic: bool = False
    unmet: tuple[Unmet, ...] = ()
    stale: tuple[Buyer, ...] = ()


def uncovered(dossier: Dossier) -> tuple[BuyingRole, ...]:
    """The roles of economic, user and technical that nobody on the customer's side has yet (method section 3)."""
    return tuple(role for role in WANTED if not dossier.with_role(role))


def met_on(dossier: Dossier, buyer: Buyer) -> date | None:
    """The last date somebody was met in a counted visit or meeting of the deal; None when there was none."""
    return max((each.on for each in dossier.met if buyer.contact_id in each.contact_ids), default=None)


def decides(buyer: Buyer) -> bool:
    """Whether somebody has the budget or an influence of 4 or 5 (method section 3)."""
    return buyer.is_key or BuyingRole.ECONOMIC in buyer.roles


def unmet(dossier: Dossier, today: date) -> tuple[Unmet, ...]:
    """Who decides and was not met for 24 days or more, the longest first (method section 3).

    The days of somebody never met count from the opening of the deal, and no earlier than its last hold ended.
    """
    found = []
    for buyer in filter(decides, dossier.buyers):
        seen = met_on(dossier, buyer)
        since = max(filter(None, (seen, dossier.deal.opened_on, dossier.deal.resumed_on)))
        if (days := (today - since).days) >= UNMET_DAYS:
            found.append(Unmet(buyer=buyer, days=days, ever=seen is not None))
    return tuple(sorted(found, key=lambda each: (-each.days, each.buyer.id)))


def coverage(dossier: Dossier, today: date) -> Coverage:
    """What is thin about the reach of a deal on `today`; nothing is of one that is not active (method section 3)."""
    deal = dossier.deal
    if deal.state is not State.ACTIVE:
        return Coverage()
    open_roles = uncovered(dossier) if deal.milestone >= ROLES_FROM else ()
    return Coverage(
        open_roles=open_roles,
        no_economic=deal.milestone >= ECONOMIC_FROM and BuyingRole.ECONOMIC in open_roles,
        unmet=unmet(dossier, today),
        stale=tuple(
            each for each in dossier.buyers if each.stance is not None and stale(each.stance_on, today)
        ),
    )
