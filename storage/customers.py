"""Rows of customers and the people there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, func, select

from domain.customers import Contact, ContactId, Customer, CustomerId
from domain.people import MemberId
from domain.ports import Subject
from storage import tables
from storage.session import Session

c, k, a = tables.customer.c, tables.contact.c, tables.activity.c
WITH_CONTACTS = (
    select(c.id, c.name, c.key, c.owner_id, c.is_key, k.id, k.name, k.key, k.title)
    .select_from(
        tables.customer.outerjoin(
            tables.contact, and_(k.org_id == c.org_id, k.customer_id == c.id, k.withdrawn.is_(False))
        )
    )
    .where(c.org_id == bindparam("org_id"), ~c.withdrawn)
    .order_by(k.id)
)
BY_KEY = WITH_CONTACTS.where(c.key == bindparam("key"))
BY_ID = WITH_CONTACTS.where(c.id == bindparam("customer_id"))
NAMES = select(c.id, c.name, c.key).where(c.org_id == bindparam("org_id"), ~c.withdrawn).order_by(c.id)
RECENT = (
    select(c.id, c.name, c.key, c.owner_id, c.is_key)
    .join_from(tables.customer, tables.activity, and_(a.org_id == c.org_id, a.customer_id == c.id))
    .where(c.org_id == bindparam("org_id"), ~c.withdrawn, a.member_id == bindparam("member_id"))
    .where(a.withdrawn.is_(False))
    .group_by(c.id, c.name, c.key, c.owner_id, c.is_key)
    .order_by(func.max(a.at).desc(), c.id)
    .limit(bindparam("most"))
)


def as_customer(row: Sequence[Any], contacts: tuple[Contact, ...] = ()) -> Customer:
    """A customer from its five columns."""
    number, name, key, owner, is_key = row
    return Customer(
        id=CustomerId(number), name=name, key=key, owner_id=MemberId(owner), is_key=is_key, contacts=contacts
    )


class Customers(Session):
    """The organisation's customers."""

    def customer_by_key(self, key: str) -> Customer | None:
        return self._with_contacts(self.rows(BY_KEY, key=key))

    def customer(self, customer: CustomerId) -> Customer | None:
        return self._with_contacts(self.rows(BY_ID, customer_id=customer))

    def _with_contacts(self, rows: Sequence[Any]) -> Customer | None:
        if not rows:
            return None
        owner = CustomerId(rows[0][0])
        contacts = tuple(
            Contact(id=ContactId(number), customer_id=owner, name=name, key=key, title=title)
            for *_, number, name, key, title in rows
            if number is not None
        )
        return as_customer(rows[0][:5], contacts)

    def customer_names(self) -> tuple[tuple[int, str, str], ...]:
        return tuple((number, name, key) for number, name, key in self.rows(NAMES))

    def recent_customers(self, member: MemberId, limit: int) -> tuple[Customer, ...]:
        return tuple(as_customer(row) for row in self.rows(RECENT, member_id=member, most=limit))

    def add_customer(self, name: str, key: str, owner: MemberId) -> Customer:
        number = self.add(Subject.CUSTOMER, name=name, key=key, owner_id=owner, is_key=False)
        return Customer(id=CustomerId(number), name=name, key=key, owner_id=owner)

    def add_contact(self, customer: CustomerId, name: str, key: str, title: str) -> Contact:
        number = self.add(Subject.CONTACT, customer_id=customer, name=name, key=key, title=title)
        return Contact(id=ContactId(number), customer_id=customer, name=name, key=key, title=title)
