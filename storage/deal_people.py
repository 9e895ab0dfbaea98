"""Rows of the people on both sides of a deal, and whom of the customer's anybody has met."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, select

from domain.activity import Credit, Kind
from domain.customers import ContactId
from domain.deals import Buyer, BuyerId, BuyingRole, DealId, Part, Seller
from domain.people import MemberId
from domain.ports import Subject
from storage import tables
from storage.deals import OF_DEAL
from storage.session import Session

a, b, m, n, s = tables.activity.c, tables.buyer.c, tables.member.c, tables.contact.c, tables.seller.c
SELLERS = (
    select(s.id, s.deal_id, s.member_id, m.name, s.part, s.share)
    .join_from(tables.seller, tables.member, and_(m.org_id == s.org_id, m.id == s.member_id))
    .where(s.org_id == bindparam("org_id"), s.deal_id == OF_DEAL, s.withdrawn.is_(False))
    .order_by(s.id)
)
BUYERS = (
    select(b.id, b.deal_id, b.contact_id, n.name, n.title, b.roles, b.influence, b.stance, b.stance_on)
    .join_from(tables.buyer, tables.contact, and_(n.org_id == b.org_id, n.id == b.contact_id))
    .where(b.org_id == bindparam("org_id"), b.deal_id == OF_DEAL, b.withdrawn.is_(False))
    .order_by(b.id)
)
# What was counted, and who was there on the customer's side.
MET = (
    select(a.id, a.kind, a.on_date, a.contact_ids)
    .where(a.org_id == bindparam("org_id"), a.deal_id == OF_DEAL, a.withdrawn.is_(False))
    .where(a.credit == Credit.COUNTED, a.kind.in_((Kind.VISIT, Kind.MEETING)))
    .order_by(a.at, a.id)
)
# Whom anybody knows on the customer's side, over many deals.
BUYERS_OF = select(b.deal_id, b.contact_id).where(
    b.org_id == bindparam("org_id"), b.deal_id.in_(bindparam("ids", expanding=True)), b.withdrawn.is_(False)
)
MET_OF = select(a.deal_id, a.contact_ids).where(
    a.org_id == bindparam("org_id"),
    a.deal_id.in_(bindparam("ids", expanding=True)),
    a.withdrawn.is_(False),
    a.credit == Credit.COUNTED,
)


def as_seller(row: Sequence[Any]) -> Seller:
    """A colleague on the deal from the columns of SELLERS."""
    number, deal, member, name, part, share = row
    return Seller(
        id=number, deal_id=DealId(deal), member_id=MemberId(member), name=name, part=Part(part), share=share
    )


def as_buyer(row: Sequence[Any]) -> Buyer:
    """One of the customer's people from the columns of BUYERS."""
    number, deal, contact, name, title, roles, influence, stance, stance_on = row
    return Buyer(
        id=BuyerId(number),
        deal_id=DealId(deal),
        contact_id=ContactId(contact),
        name=name,
        title=title,
        roles=frozenset(BuyingRole(role) for role in roles.split(",") if role),
        influence=influence,
        stance=stance,
        stance_on=stance_on,
    )


class DealPeople(Session):
    """Who sells, who buys, and who is known."""

    def add_seller(self, deal: DealId, member: MemberId, part: Part, share: int) -> int:
        return self.add(Subject.SELLER, deal_id=deal, member_id=member, part=part, share=share)

    def revise_seller(self, seller: int, **values: Any) -> None:
        self.revise(Subject.SELLER, seller, values)

    def add_buyer(self, deal: DealId, contact: ContactId, roles: frozenset[BuyingRole]) -> BuyerId:
        number = self.add(
            Subject.BUYER,
            deal_id=deal,
            contact_id=contact,
            roles=",".join(sorted(roles)),
            influence=None,
            stance=None,
            stance_on=None,
        )
        return BuyerId(number)

    def revise_buyer(self, buyer: BuyerId, **values: Any) -> None:
        if "roles" in values:
            values["roles"] = ",".join(sorted(values["roles"]))
        self.revise(Subject.BUYER, buyer, values)

    def gather_known(self, deals: Sequence[DealId]) -> dict[DealId, int]:
        known: dict[DealId, set[int]] = {deal: set() for deal in deals}
        for deal, contact in self.rows(BUYERS_OF, ids=list(deals)):
            known[DealId(deal)].add(contact)
        for deal, contacts in self.rows(MET_OF, ids=list(deals)):
            known[DealId(deal)].update(contacts)
        return {deal: len(contacts) for deal, contacts in known.items()}
