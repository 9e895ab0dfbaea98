"""Rows of customers and the people there."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from domain.activity import Credit
from domain.customers import BuyerType, Contact, ContactId, Customer, CustomerId, WhichCustomers
from domain.fit import DECIDES_WITHIN, HOT_FROM
from domain.people import MemberId
from domain.ports import PRESENT, Change, Subject
from storage import tables
from storage.changes import CHANGE, as_change
from storage.session import SUBJECTS, Session, plain

c, k, a = tables.customer.c, tables.contact.c, tables.activity.c
o, f, w = tables.collaborator.c, tables.fact.c, tables.fact_words.c
d, s, h = tables.deal.c, tables.seller.c, tables.change.c
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
MERGED_BY_ID = select(c.merged_into).where(
    c.org_id == bindparam("org_id"), c.id == bindparam("customer_id"), c.merged_into.is_not(None)
)
MERGED_BY_KEY = (
    select(c.id)
    .where(c.org_id == bindparam("org_id"), c.key == bindparam("key"), c.merged_into.is_not(None))
    .order_by(c.id.desc())
    .limit(1)
)
COLLABORATORS = (
    select(o.id, o.member_id)
    .where(o.org_id == bindparam("org_id"), o.customer_id == bindparam("customer_id"), o.withdrawn.is_(False))
    .order_by(o.id)
)
_seen = (
    select(func.max(a.on_date))
    .where(a.org_id == c.org_id, a.customer_id == c.id, a.withdrawn.is_(False))
    .scalar_subquery()
)
LISTED = select(*CUSTOMER, _seen).where(c.org_id == bindparam("org_id"), ~c.withdrawn)
COUNTED = select(func.count()).where(c.org_id == bindparam("org_id"), ~c.withdrawn)
_theirs = or_(
    c.owner_id == bindparam("of"),
    exists(
        select(o.id).where(
            o.org_id == c.org_id,
            o.customer_id == c.id,
            o.member_id == bindparam("of"),
            o.withdrawn.is_(False),
        )
    ),
)
LAST_SEEN = select(func.max(a.on_date)).where(
    a.org_id == bindparam("org_id"),
    a.customer_id == bindparam("customer_id"),
    a.withdrawn.is_(False),
    a.credit == Credit.COUNTED,
)
OWNER_SEEN = LAST_SEEN.where(a.member_id == bindparam("owner_id"))
OWNED_SINCE = (
    select(func.max(h.said_at))
    .join_from(tables.fact, tables.change, and_(h.org_id == f.org_id, h.id == f.change_id))
    .where(f.org_id == bindparam("org_id"), f.subject == Subject.CUSTOMER)
    .where(f.subject_id == bindparam("customer_id"), f.field.in_((PRESENT, "owner_id")))
)
# What goes along when a customer turns out to be another's twin.
OF_CUSTOMER_ROWS = {
    subject: select(table.c.id)
    .where(table.c.org_id == bindparam("org_id"), table.c.customer_id == bindparam("customer_id"))
    .where(table.c.withdrawn.is_(False))
    .order_by(table.c.id)
    for subject, table in (
        (Subject.CONTACT, tables.contact),
        (Subject.ACTIVITY, tables.activity),
        (Subject.STEP, tables.step),
        (Subject.DEAL, tables.deal),
        (Subject.COLLABORATOR, tables.collaborator),
        (Subject.APPROVAL, tables.approval),
        (Subject.RATING, tables.rating),
        (Subject.RESULT, tables.result),
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
    .values(name="", key="", title="", erased=True)
)
# Where a deal's proof may name a person instead of pointing to one.
SOURCES = (
    (Subject.EVIDENCE, tables.evidence, "source"),
    (Subject.CHECKED, tables.checked, "source"),
    (Subject.SHEET, tables.sheet, "about"),
)
# Rows that point to a person.
POINTING = (
    (Subject.BUYER, "contact_id"),
    (Subject.CHECKED, "coach_id"),
    (Subject.EVIDENCE, "contact_id"),
    (Subject.SHEET, "contact_id"),
    (Subject.RATING, "contact_id"),
)


def _same(column: Any, name: str) -> ColumnElement[bool]:
    """The same words in any case; both sides are lowered by the database, which knows its own letters."""
    return func.lower(column) == func.lower(bindparam(name, type_=Text()))


def _at_customer(table: Any, org: str) -> Any:
    """The rows of a table that belong to a deal with the person's customer."""
    of_person = select(k.customer_id).where(k.org_id == bindparam(org), k.id == bindparam("of_contact"))
    deals = select(d.id).where(d.org_id == bindparam(org), d.customer_id.in_(of_person))
    return and_(table.c.org_id == bindparam(org), table.c.deal_id.in_(deals))


ERASE_SOURCES = tuple(
    update(table).where(_at_customer(table, "of_org"), _same(table.c[column], "said")).values({column: ""})
    for _, table, column in SOURCES
)
ERASE_SOURCE_WORDS = tuple(
    delete(tables.fact_words).where(
        w.org_id == bindparam("org_id"),
        or_(_same(w.before, "written"), _same(w.after, "written")),
        tuple_(w.change_id, w.n).in_(
            select(f.change_id, f.n).where(
                f.org_id == bindparam("org_id"),
                f.subject == subject,
                f.field == column,
                f.subject_id.in_(select(table.c.id).where(_at_customer(table, "org_id"))),
            )
        ),
    )
    for subject, table, column in SOURCES
)
POINTING_AT = {
    subject: select(SUBJECTS[subject].c.id)
    .where(SUBJECTS[subject].c.org_id == bindparam("org_id"))
    .where(SUBJECTS[subject].c[column] == bindparam("contact_id"))
    .where(SUBJECTS[subject].c.withdrawn.is_(False))
    .order_by(SUBJECTS[subject].c.id)
    for subject, column in POINTING
}
ON_DEALS = select(tables.buyer.c.deal_id).where(
    tables.buyer.c.org_id == bindparam("org_id"),
    tables.buyer.c.contact_id == bindparam("contact_id"),
    tables.buyer.c.withdrawn.is_(False),
)
DEAL_OF_BUYER = select(tables.buyer.c.deal_id).where(
    tables.buyer.c.org_id == bindparam("org_id"), tables.buyer.c.id == bindparam("buyer_id")
)
_with = a.contact_ids.cast(Text).like(bindparam("within"))
MET_IN = (
    select(a.id, a.contact_ids)
    .where(a.org_id == bindparam("org_id"), a.customer_id == bindparam("customer_id"), _with)
    .order_by(a.id)
)
LAST_MET = select(func.max(a.on_date)).where(
    a.org_id == bindparam("org_id"),
    a.customer_id == bindparam("customer_id"),
    a.withdrawn.is_(False),
    _with,
)
CONTACTS_CALLED = (
    select(k.id, k.customer_id, k.name, k.key, k.title, k.erased)
    .where(k.org_id == bindparam("org_id"), k.key == bindparam("key"), k.withdrawn.is_(False))
    .where(k.erased.is_(False))
    .order_by(k.id)
)
CONTACT_NAMES = (
    select(k.id, k.name, k.key)
    .join_from(tables.contact, tables.customer, and_(c.org_id == k.org_id, c.id == k.customer_id))
    .where(k.org_id == bindparam("org_id"), k.withdrawn.is_(False), k.erased.is_(False), ~c.withdrawn)
    .order_by(k.id)
)
_on_team = exists(
    select(s.id).where(
        s.org_id == d.org_id, s.deal_id == d.id, s.member_id == bindparam("of"), s.withdrawn.is_(False)
    )
)
CONTACT_NAMES_OF = CONTACT_NAMES.where(
    or_(
        _theirs,
        exists(
            select(d.id).where(
                d.org_id == c.org_id,
                d.customer_id == c.id,
                d.withdrawn.is_(False),
                or_(d.owner_id == bindparam("of"), _on_team),
            )
        ),
    )
)
HANDED_TO = (
    select(*CHANGE)
    .where(h.org_id == bindparam("org_id"), h.command == "handover")
    .where(h.undone_at.is_(None), h.undoes.is_(None))
    .where(
        exists(
            select(f.n).where(
                f.org_id == h.org_id,
                f.change_id == h.id,
                f.field.in_(("owner_id", "member_id")),
                f.after == bindparam("member"),
            )
        )
    )
    .order_by(h.id.desc())
    .limit(1)
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
        found = self._with_contacts(self.rows(BY_KEY, key=key))
        if found is None and (merged := self.key_of_merged(key)):
            return self.customer(merged)
        return found

    def customer(self, customer: CustomerId) -> Customer | None:
        found = self._with_contacts(self.rows(BY_ID, customer_id=customer))
        if found is None and (merged := self.row(MERGED_BY_ID, customer_id=customer)):
            return self.customer(CustomerId(merged[0]))
        return found

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
        found = self.contact(contact)
        if found is None:
            return
        for words in ERASE_SOURCE_WORDS:
            self.run(words, of_contact=contact, written=plain(found.name))
        for sources in ERASE_SOURCES:
            self.change_rows(sources, of_contact=contact, said=found.name)
        self.run(ERASE_WORDS, contact_id=contact)
        self.change_rows(ERASE_CONTACT, of_id=contact)

    def contact(self, contact: ContactId) -> Contact | None:
        row = self.row(CONTACT_BY_ID, contact_id=contact)
        return as_contact(row) if row else None

    def collaborators(self, customer: CustomerId) -> tuple[tuple[int, MemberId], ...]:
        return tuple(
            (number, MemberId(member)) for number, member in self.rows(COLLABORATORS, customer_id=customer)
        )

    def add_collaborator(self, customer: CustomerId, member: MemberId) -> int:
        return self.add(Subject.COLLABORATOR, customer_id=customer, member_id=member)

    def last_seen(self, customer: CustomerId) -> date | None:
        """The last date anything counted happened with a customer."""
        found: date | None = self.rows(LAST_SEEN, customer_id=customer)[0][0]
        return found

    def of_customer(self, subject: Subject, customer: CustomerId) -> tuple[int, ...]:
        """The numbers of all rows of a kind that are a customer's."""
        return tuple(number for (number,) in self.rows(OF_CUSTOMER_ROWS[subject], customer_id=customer))

    def customers(
        self, which: WhichCustomers, limit: int, offset: int = 0
    ) -> tuple[tuple[Customer, date | None], ...]:
        listed = LISTED.where(*_conditions(which)).order_by(_seen.desc().nulls_last(), c.id)
        found = listed.limit(bindparam("most")).offset(bindparam("skipped"))
        values = {**_values(which), "most": limit, "skipped": offset}
        return tuple((as_customer(row[:-1]), row[-1]) for row in self.run(found, **values).fetchall())

    def count_customers(self, which: WhichCustomers) -> int:
        return int(self.run(COUNTED.where(*_conditions(which)), **_values(which)).scalar_one())

    def owner_seen_on(self, customer: Customer) -> date | None:
        found: date | None = self.rows(OWNER_SEEN, customer_id=customer.id, owner_id=customer.owner_id)[0][0]
        return found

    def owned_since(self, customer: CustomerId) -> datetime | None:
        self.later.flush()
        found: datetime | None = self.rows(OWNED_SINCE, customer_id=customer)[0][0]
        return found

    def contacts_called(self, key: str) -> tuple[Contact, ...]:
        return tuple(as_contact(row) for row in self.rows(CONTACTS_CALLED, key=key))

    def contact_names(self, seen_by: MemberId | None) -> tuple[tuple[int, str, str], ...]:
        rows = self.rows(CONTACT_NAMES) if seen_by is None else self.rows(CONTACT_NAMES_OF, of=seen_by)
        return tuple((number, name, key) for number, name, key in rows)

    def move_rows(self, subject: Subject, customer: CustomerId, to: CustomerId) -> int:
        numbers = self.of_customer(subject, customer)
        for number in numbers:
            self.revise(subject, number, {"customer_id": to})
        return len(numbers)

    def move_contact(self, contact: ContactId, to: ContactId) -> None:
        customer = self.row(CONTACT_BY_ID, contact_id=contact)[1]
        there = {deal for (deal,) in self.rows(ON_DEALS, contact_id=to)}
        for subject, column in POINTING:
            for (number,) in self.rows(POINTING_AT[subject], contact_id=contact):
                # Nobody is twice on one deal.
                if subject is Subject.BUYER and self.row(DEAL_OF_BUYER, buyer_id=number)[0] in there:
                    self.withdraw(subject, number)
                else:
                    self.revise(subject, number, {column: to})
        for number, met in self.rows(MET_IN, customer_id=customer, within=f"%,{contact},%"):
            named = tuple(dict.fromkeys(to if each == contact else each for each in met))
            self.revise(Subject.ACTIVITY, number, {"contact_ids": named})

    def last_met(self, contact: Contact) -> date | None:
        values = {"customer_id": contact.customer_id, "within": f"%,{contact.id},%"}
        found: date | None = self.rows(LAST_MET, **values)[0][0]
        return found

    def key_of_merged(self, key: str) -> CustomerId | None:
        row = self.row(MERGED_BY_KEY, key=key) if key else None
        return CustomerId(row[0]) if row else None

    def handed_to(self, member: MemberId) -> Change | None:
        self.later.flush()
        row = self.row(HANDED_TO, member=plain(member))
        return as_change(row) if row else None


def _conditions(which: WhichCustomers) -> list[ColumnElement[bool]]:
    """What a list is narrowed to; every value is bound, so that each shape of list is one statement."""
    found: list[ColumnElement[bool]] = []
    if which.of is not None:
        found.append(_theirs)
    if which.owner_ids is not None:
        found.append(c.owner_id.in_(bindparam("owner_ids", expanding=True)))
    if which.is_key:
        found.append(c.is_key.is_(True))
    if which.hot_on is not None:
        found.append(c.value + c.fit >= HOT_FROM)
        found.append(c.decision_on.between(bindparam("hot_on"), bindparam("decides_by")))
    if which.ids is not None:
        found.append(c.id.in_(bindparam("ids", expanding=True)))
    return found


def _values(which: WhichCustomers) -> dict[str, Any]:
    values = {
        "of": which.of,
        "owner_ids": list(which.owner_ids) if which.owner_ids is not None else None,
        "hot_on": which.hot_on,
        "decides_by": which.hot_on + DECIDES_WITHIN if which.hot_on else None,
        "ids": list(which.ids) if which.ids is not None else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def as_contact(row: Sequence[Any]) -> Contact:
    """A person from the columns of CONTACT_BY_ID."""
    number, customer, name, key, title, erased = row
    return Contact(
        id=ContactId(number),
        customer_id=CustomerId(customer),
        name=name,
        key=key,
        title=title,
        erased=erased,
    )
