"""Rows of customers and the people there."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, or_, select, tuple_, update

from domain.activity import Credit
from domain.customers import BuyerType, Contact, ContactId, Customer, CustomerId
from domain.people import MemberId
from domain.ports import Subject
from storage import tables
from storage.session import Session

c, k, a = tables.customer.c, tables.contact.c, tables.activity.c
o, f, w = tables.collaborator.c, tables.fact.c, tables.fact_words.c
CUSTOMER = (
    c.id, c.name, c.key, c.owner_id, c.is_key, c.segment, c.buyer_type, c.value, c.fit, c.decision_on,
)  # fmt: skip
WITH_CONTACTS = (
    select(*CUSTOMER, k.id, k.name, k.key, k.title, k.erased)
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
    select(*CUSTOMER)
    .join_from(tables.customer, tables.activity, and_(a.org_id == c.org_id, a.customer_id == c.id))
    .where(c.org_id == bindparam("org_id"), ~c.withdrawn, a.member_id == bindparam("member_id"))
    .where(a.withdrawn.is_(False))
    .group_by(*CUSTOMER)
    .order_by(func.max(a.at).desc(), c.id)
    .limit(bindparam("most"))
)
CONTACT_BY_ID = select(k.id, k.customer_id, k.name, k.key, k.title, k.erased).where(
    k.org_id == bindparam("org_id"), k.id == bindparam("contact_id"), k.withdrawn.is_(False)
)
COLLABORATORS = (
    select(o.id, o.member_id)
    .where(o.org_id == bindparam("org_id"), o.customer_id == bindparam("customer_id"), o.withdrawn.is_(False))
    .order_by(o.id)
)
_seen = (
    select(func.max(a.at))
    .where(a.org_id == c.org_id, a.customer_id == c.id, a.withdrawn.is_(False))
    .scalar_subquery()
)
ALL_LISTED = (
    select(*CUSTOMER, _seen)
    .where(c.org_id == bindparam("org_id"), ~c.withdrawn)
    .order_by(_seen.desc().nulls_last(), c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skipped"))
)
_theirs = or_(
    c.owner_id == bindparam("owner_id"),
    exists(
        select(o.id).where(
            o.org_id == c.org_id,
            o.customer_id == c.id,
            o.member_id == bindparam("owner_id"),
            o.withdrawn.is_(False),
        )
    ),
)
OWN_LISTED = ALL_LISTED.where(_theirs)
ALL_COUNTED = select(func.count()).where(c.org_id == bindparam("org_id"), ~c.withdrawn)
OWN_COUNTED = ALL_COUNTED.where(_theirs)
LAST_SEEN = select(func.max(a.on_date)).where(
    a.org_id == bindparam("org_id"),
    a.customer_id == bindparam("customer_id"),
    a.withdrawn.is_(False),
    a.credit == Credit.COUNTED,
)
# What goes along when a customer turns out to be another's twin.
OF_CUSTOMER_ROWS = {
    subject: select(table.c.id)
    .where(table.c.org_id == bindparam("org_id"), table.c.customer_id == bindparam("customer_id"))
    .order_by(table.c.id)
    for subject, table in (
        (Subject.CONTACT, tables.contact),
        (Subject.ACTIVITY, tables.activity),
        (Subject.STEP, tables.step),
        (Subject.DEAL, tables.deal),
        (Subject.COLLABORATOR, tables.collaborator),
        (Subject.APPROVAL, tables.approval),
    )
}
_of_contact = select(f.change_id, f.n).where(
    f.org_id == bindparam("org_id"), f.subject == Subject.CONTACT, f.subject_id == bindparam("contact_id")
)
ERASE_WORDS = delete(tables.fact_words).where(
    w.org_id == bindparam("org_id"), tuple_(w.change_id, w.n).in_(_of_contact)
)
ERASE_CONTACT = (
    update(tables.contact)
    .where(k.org_id == bindparam("of_org"), k.id == bindparam("of_id"))
    .values(name="", key="", title="", erased=True),
)


def as_customer(row: Sequence[Any], contacts: tuple[Contact, ...] = ()) -> Customer:
    """A customer from the columns of CUSTOMER."""
    number, name, key, owner, is_key, segment, buyer_type, value, fit, decision_on = row
    return Customer(
        id=CustomerId(number),
        name=name,
        key=key,
        owner_id=MemberId(owner),
        is_key=is_key,
        segment=segment,
        buyer_type=BuyerType(buyer_type) if buyer_type else None,
        value=value,
        fit=fit,
        decision_on=decision_on,
        contacts=contacts,
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
            Contact(id=ContactId(number), customer_id=owner, name=name, key=key, title=title, erased=erased)
            for *_, number, name, key, title, erased in rows
            if number is not None
        )
        return as_customer(rows[0][: len(CUSTOMER)], contacts)

    def customer_names(self) -> tuple[tuple[int, str, str], ...]:
        return tuple((number, name, key) for number, name, key in self.rows(NAMES))

    def recent_customers(self, member: MemberId, limit: int) -> tuple[Customer, ...]:
        return tuple(as_customer(row) for row in self.rows(RECENT, member_id=member, most=limit))

    def add_customer(self, name: str, key: str, owner: MemberId) -> Customer:
        number = self.add(
            Subject.CUSTOMER,
            name=name,
            key=key,
            owner_id=owner,
            is_key=False,
            segment="",
            buyer_type="",
            value=None,
            fit=None,
            decision_on=None,
            merged_into=None,
        )
        return Customer(id=CustomerId(number), name=name, key=key, owner_id=owner)

    def add_contact(self, customer: CustomerId, name: str, key: str, title: str) -> Contact:
        number = self.add(
            Subject.CONTACT, customer_id=customer, name=name, key=key, title=title, erased=False
        )
        return Contact(id=ContactId(number), customer_id=customer, name=name, key=key, title=title)

    def revise_customer(self, customer: CustomerId, **values: Any) -> None:
        self.revise(Subject.CUSTOMER, customer, values)

    def revise_contact(self, contact: ContactId, **values: Any) -> None:
        self.revise(Subject.CONTACT, contact, values)

    def erase_contact(self, contact: ContactId) -> None:
        """Every word about a person goes, also from what the facts keep of it; numbers and history stay."""
        self.later.flush()
        self.run(ERASE_WORDS, contact_id=contact)
        for statement in ERASE_CONTACT:
            self.change_rows(statement, of_id=contact)

    def contact(self, contact: ContactId) -> Contact | None:
        row = self.row(CONTACT_BY_ID, contact_id=contact)
        if row is None:
            return None
        number, customer, name, key, title, erased = row
        return Contact(
            id=ContactId(number),
            customer_id=CustomerId(customer),
            name=name,
            key=key,
            title=title,
            erased=erased,
        )

    def collaborators(self, customer: CustomerId) -> tuple[tuple[int, MemberId], ...]:
        return tuple(
            (number, MemberId(member)) for number, member in self.rows(COLLABORATORS, customer_id=customer)
        )

    def add_collaborator(self, customer: CustomerId, member: MemberId) -> int:
        return self.add(Subject.COLLABORATOR, customer_id=customer, member_id=member)

    def customers_of(self, owner: MemberId | None, limit: int, offset: int = 0) -> tuple[Customer, ...]:
        """Those somebody owns or works with, or all; who was seen last first."""
        listed = ALL_LISTED if owner is None else OWN_LISTED
        values = {"most": limit, "skipped": offset} | ({} if owner is None else {"owner_id": owner})
        return tuple(as_customer(row[: len(CUSTOMER)]) for row in self.rows(listed, **values))

    def count_customers(self, owner: MemberId | None) -> int:
        if owner is None:
            return int(self.rows(ALL_COUNTED)[0][0])
        return int(self.rows(OWN_COUNTED, owner_id=owner)[0][0])

    def last_seen(self, customer: CustomerId) -> date | None:
        """The last date anything counted happened with a customer."""
        found: date | None = self.rows(LAST_SEEN, customer_id=customer)[0][0]
        return found

    def of_customer(self, subject: Subject, customer: CustomerId) -> tuple[int, ...]:
        """The numbers of all rows of a kind that are a customer's."""
        return tuple(number for (number,) in self.rows(OF_CUSTOMER_ROWS[subject], customer_id=customer))
