"""Rows of results, of what is owed and paid, and of what customers say."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, BindParameter, bindparam, exists, func, or_, select, type_coerce

from domain.collection import Instalment, Owed, Payment
from domain.customers import ContactId, CustomerId
from domain.deals import DealId, State
from domain.kpis import CATALOGUE, Comes, Kpi
from domain.people import MemberId, TeamId
from domain.ports import Subject
from domain.results import Origin, Result
from domain.satisfaction import Answer, Rating
from storage import tables
from storage.session import Session

r, i, p = tables.result.c, tables.instalment.c, tables.payment.c
d, s = tables.deal.c, tables.rating.c
RESULT = (
    r.id, r.member_id, r.team_id, r.kpi, r.on_date, r.value, r.origin, r.deal_id, r.customer_id, r.note, r.made_by,
)  # fmt: skip
STANDING = (
    select(*RESULT).where(r.org_id == bindparam("org_id"), r.withdrawn.is_(False)).order_by(r.on_date, r.id)
)
RESULTS = STANDING.where(
    r.member_id.in_(bindparam("ids", expanding=True)),
    r.kpi.in_(bindparam("kpis", expanding=True)),
    r.on_date.between(bindparam("first"), bindparam("last")),
)
OF_DEAL = STANDING.where(r.deal_id == bindparam("deal_id"))
OF_CUSTOMER = STANDING.where(r.customer_id == bindparam("customer_id"), r.kpi == bindparam("kpi"))
OF_DEALS: BindParameter[Any] = bindparam("ids", expanding=True)
INSTALMENTS = (
    select(i.id, i.deal_id, i.amount, i.due_on)
    .where(i.org_id == bindparam("org_id"), i.deal_id.in_(OF_DEALS), i.withdrawn.is_(False))
    .order_by(i.deal_id, i.due_on, i.id)
)
PAYMENTS = (
    select(p.id, p.deal_id, p.amount, p.on_date, p.note)
    .where(p.org_id == bindparam("org_id"), p.deal_id.in_(OF_DEALS), p.withdrawn.is_(False))
    .order_by(p.deal_id, p.on_date, p.id)
)
# In whole hundredths, as both databases add and compare them.
_PAID = (
    select(func.coalesce(func.sum(type_coerce(p.amount, BigInteger)), 0))
    .where(p.org_id == d.org_id, p.deal_id == d.id, p.withdrawn.is_(False), p.on_date < bindparam("first"))
    .scalar_subquery()
)
_PLANNED = (
    select(func.coalesce(func.sum(type_coerce(i.amount, BigInteger)), 0))
    .where(i.org_id == d.org_id, i.deal_id == d.id, i.withdrawn.is_(False))
    .scalar_subquery()
)
OWED = (
    select(d.id, d.owner_id, d.amount, d.closed_on)
    .where(
        d.org_id == bindparam("org_id"),
        d.owner_id.in_(bindparam("ids", expanding=True)),
        d.state == State.WON,
        d.withdrawn.is_(False),
        d.amount.is_not(None),
        d.closed_on <= bindparam("last"),
        or_(type_coerce(d.amount, BigInteger) > _PAID, _PAID < _PLANNED),
    )
    .order_by(d.id)
)
_TYPED = tuple(kpi for kpi, row in CATALOGUE.items() if row.comes is Comes.TYPED)
# Answered from an index each, however many facts there are.
WITH_FACTS = select(
    exists(select(p.id).where(p.org_id == bindparam("org_id"), p.withdrawn.is_(False))).label(Kpi.COLLECTION),
    exists(select(s.id).where(s.org_id == bindparam("org_id"), s.withdrawn.is_(False))).label(
        Kpi.SATISFACTION
    ),
    *(
        exists(
            select(r.id).where(r.org_id == bindparam("org_id"), r.kpi == kpi.value, r.withdrawn.is_(False))
        ).label(kpi)
        for kpi in _TYPED
    ),
)
RATING = (
    s.id, s.customer_id, s.deal_id, s.contact_id, s.member_id, s.value, s.on_date, s.note, s.made_by,
)  # fmt: skip
_SAID = select(*RATING).where(s.org_id == bindparam("org_id"), s.withdrawn.is_(False))
RATINGS = _SAID.where(
    s.member_id.in_(bindparam("ids", expanding=True)),
    s.on_date.between(bindparam("first"), bindparam("last")),
).order_by(s.on_date, s.id)
OF_CUSTOMER_SAID = (
    _SAID.where(s.customer_id == bindparam("customer_id"))
    .order_by(s.on_date.desc(), s.id.desc())
    .limit(bindparam("most"))
)


def as_result(row: Sequence[Any]) -> Result:
    """A result from the columns of RESULT."""
    number, member, team, kpi, on, value, origin, deal, customer, note, by = row
    return Result(
        id=number,
        member_id=MemberId(member),
        team_id=TeamId(team) if team else None,
        kpi=Kpi(kpi),
        on=on,
        value=value,
        origin=Origin(origin),
        deal_id=DealId(deal) if deal else None,
        customer_id=CustomerId(customer) if customer else None,
        note=note,
        made_by=MemberId(by),
    )


def as_rating(row: Sequence[Any]) -> Rating:
    """A rating from the columns of RATING."""
    number, customer, deal, contact, member, value, on, note, by = row
    return Rating(
        id=number,
        customer_id=CustomerId(customer),
        deal_id=DealId(deal) if deal else None,
        contact_id=ContactId(contact) if contact else None,
        member_id=MemberId(member),
        answer=Answer(value),
        on=on,
        note=note,
        made_by=MemberId(by),
    )


class Results(Session):
    """What came out, what is owed and what was paid."""

    def add_result(self, result: Result) -> int:
        return self.add(
            Subject.RESULT,
            member_id=result.member_id,
            team_id=result.team_id,
            kpi=result.kpi,
            on_date=result.on,
            value=result.value,
            origin=result.origin,
            deal_id=result.deal_id,
            customer_id=result.customer_id,
            note=result.note,
            made_by=result.made_by,
        )

    def results(
        self, members: Sequence[MemberId], kpis: Sequence[Kpi], first: date, last: date
    ) -> dict[MemberId, tuple[Result, ...]]:
        found: dict[MemberId, list[Result]] = {}
        names = [kpi.value for kpi in kpis]
        for row in self.rows(RESULTS, ids=list(members), kpis=names, first=first, last=last):
            each = as_result(row)
            found.setdefault(each.member_id, []).append(each)
        return {member: tuple(each) for member, each in found.items()}

    def results_of_deal(self, deal: DealId) -> tuple[Result, ...]:
        return tuple(as_result(row) for row in self.rows(OF_DEAL, deal_id=deal))

    def results_of_customer(self, customer: CustomerId, kpi: Kpi) -> tuple[Result, ...]:
        return tuple(as_result(row) for row in self.rows(OF_CUSTOMER, customer_id=customer, kpi=kpi.value))

    def add_instalment(self, instalment: Instalment) -> int:
        return self.add(
            Subject.INSTALMENT,
            deal_id=instalment.deal_id,
            amount=instalment.amount,
            due_on=instalment.due_on,
        )

    def add_payment(self, payment: Payment, note: str, by: MemberId) -> int:
        return self.add(
            Subject.PAYMENT,
            deal_id=payment.deal_id,
            amount=payment.amount,
            on_date=payment.on,
            note=note,
            made_by=by,
        )

    def instalments(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Instalment, ...]]:
        found: dict[DealId, tuple[Instalment, ...]] = {}
        for number, deal, amount, due_on in self.rows(INSTALMENTS, ids=list(deals)):
            each = Instalment(id=number, deal_id=DealId(deal), amount=amount, due_on=due_on)
            found[each.deal_id] = (*found.get(each.deal_id, ()), each)
        return found

    def payments(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Payment, ...]]:
        found: dict[DealId, tuple[Payment, ...]] = {}
        for number, deal, amount, on, note in self.rows(PAYMENTS, ids=list(deals)):
            each = Payment(id=number, deal_id=DealId(deal), amount=amount, on=on, note=note)
            found[each.deal_id] = (*found.get(each.deal_id, ()), each)
        return found

    def owed(self, owners: Sequence[MemberId], first: date, last: date) -> dict[MemberId, tuple[Owed, ...]]:
        found: dict[MemberId, list[Owed]] = {}
        for deal, owner, amount, won_on in self.rows(OWED, ids=list(owners), first=first, last=last):
            each = Owed(deal_id=DealId(deal), owner_id=MemberId(owner), amount=amount, won_on=won_on)
            found.setdefault(each.owner_id, []).append(each)
        return {owner: tuple(each) for owner, each in found.items()}

    def kpis_with_facts(self) -> frozenset[Kpi]:
        kpis = (Kpi.COLLECTION, Kpi.SATISFACTION, *_TYPED)
        return frozenset(kpi for kpi, there in zip(kpis, self.row(WITH_FACTS), strict=True) if there)

    def add_rating(self, rating: Rating) -> int:
        return self.add(
            Subject.RATING,
            customer_id=rating.customer_id,
            deal_id=rating.deal_id,
            contact_id=rating.contact_id,
            member_id=rating.member_id,
            value=int(rating.answer),
            on_date=rating.on,
            note=rating.note,
            made_by=rating.made_by,
        )

    def ratings(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Rating, ...]]:
        found: dict[MemberId, list[Rating]] = {}
        for row in self.rows(RATINGS, ids=list(members), first=first, last=last):
            each = as_rating(row)
            found.setdefault(each.member_id, []).append(each)
        return {member: tuple(each) for member, each in found.items()}

    def ratings_of_customer(self, customer: CustomerId, most: int) -> tuple[Rating, ...]:
        return tuple(as_rating(row) for row in self.rows(OF_CUSTOMER_SAID, customer_id=customer, most=most))
