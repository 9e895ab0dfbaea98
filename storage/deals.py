"""Rows of deals and their history: what each is, and its stays in the milestones."""

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, select

from domain.c139 import Standing, written
from domain.deals import Clocks, Deal, DealId, Passage, Passed, State
from domain.milestones import Phase, TemplateId
from domain.people import MemberId
from domain.ports import Subject
from storage import tables
from storage.session import PRESENT, SUBJECTS, Session

d, c, g, f = tables.deal.c, tables.customer.c, tables.passage.c, tables.fact.c
# How many of the last are looked at: for the average deal, a person's amounts, and the benchmark of a milestone.
LAST_DEALS, LAST_OWN, LAST_PASSAGES = 200, 20, 50
CLOCKS = tuple(each.name for each in fields(Clocks))
SAID = tuple(each.name for each in fields(Deal) if each.name not in {"customer_name", "clocks"})
DEAL = (*(d[name] for name in SAID), c.name, *(d[name] for name in CLOCKS))
DEALS = (
    select(*DEAL)
    .join_from(tables.deal, tables.customer, and_(c.org_id == d.org_id, c.id == d.customer_id))
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False))
)
DEAL_BY_ID = DEALS.where(d.id == bindparam("deal_id"))
OF_DEAL = bindparam("deal_id", type_=tables.deal.c.id.type)
AMOUNTS = (
    select(d.amount)
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False), d.amount.is_not(None))
    .order_by(d.id.desc())
    .limit(bindparam("most"))
)
OWN_AMOUNTS = AMOUNTS.where(d.owner_id == bindparam("owner_id"))
OUTCOMES = select(func.count(), func.count().filter(d.state == State.WON)).where(
    d.org_id == bindparam("org_id"),
    d.standing == bindparam("standing"),
    d.state.in_((State.WON, State.LOST)),
    d.withdrawn.is_(False),
)
PASSAGES = (
    select(g.id, g.milestone, g.entered_on, g.left_on, g.days, g.passed, g.reason)
    .where(g.org_id == bindparam("org_id"), g.deal_id == OF_DEAL, g.withdrawn.is_(False))
    .order_by(g.id)
)
WON_PASSAGES = (
    select(g.days)
    .join_from(tables.passage, tables.deal, and_(d.org_id == g.org_id, d.id == g.deal_id))
    .where(g.org_id == bindparam("org_id"), g.milestone == bindparam("milestone"), g.days.is_not(None))
    .where(g.withdrawn.is_(False), d.withdrawn.is_(False), d.state == State.WON)
    .where(d.template_id == bindparam("template_id"))
    .order_by(g.left_on.desc(), g.id.desc())
    .limit(bindparam("most"))
)
STAND = (
    select(g.id, g.entered_on)
    .where(g.org_id == bindparam("org_id"), g.deal_id == OF_DEAL, g.withdrawn.is_(False), g.left_on.is_(None))
    .order_by(g.id.desc())
    .limit(1)
)
# What belongs to a deal and may have come after it.
PARTS: tuple[tuple[Subject, Any], ...] = tuple(
    (subject, table) for subject, table in SUBJECTS.items() if "deal_id" in table.c
)


def _in_use(subject: Subject, table: Any) -> Select[Any]:
    """Whether another change than the deal's own made a row of this kind for it."""
    mine = exists(
        select(f.n).where(
            f.org_id == table.c.org_id,
            f.subject == subject,
            f.subject_id == table.c.id,
            f.field == PRESENT,
            f.change_id == bindparam("change_id"),
        )
    )
    there = select(table.c.id).where(
        table.c.org_id == bindparam("org_id"), table.c.deal_id == OF_DEAL, table.c.withdrawn.is_(False), ~mine
    )
    return select(exists(there))


IN_USE = tuple(_in_use(subject, table) for subject, table in PARTS)
MADE_BY = (
    select(f.change_id)
    .where(f.org_id == bindparam("org_id"), f.subject == Subject.DEAL, f.subject_id == OF_DEAL)
    .where(f.field == PRESENT)
    .order_by(f.change_id)
    .limit(1)
)


def as_deal(row: Sequence[Any]) -> Deal:
    """A deal from the columns of DEAL."""
    said = dict(zip(SAID, row[: len(SAID)], strict=True))
    clocks = Clocks(**dict(zip(CLOCKS, row[len(SAID) + 1 :], strict=True)))
    said |= {
        "id": DealId(said["id"]),
        "state": State(said["state"]),
        "phase": Phase(said["phase"]),
        "template_id": TemplateId(said["template_id"]),
    }
    return Deal(**said, customer_name=row[len(SAID)], clocks=clocks)


class Deals(Session):
    """The organisation's deals, one by one."""

    def open_deal(self, deal: Deal) -> DealId:
        said = {name: getattr(deal, name) for name in SAID if name != "id"}
        clocks = {name: getattr(deal.clocks, name) for name in CLOCKS}
        number = DealId(self.add(Subject.DEAL, **said, **clocks, counted_owner=None, counted_team=None))
        self.enter(Passage(deal_id=number, milestone=deal.milestone, entered_on=deal.entered_on))
        return number

    def deal(self, deal: DealId) -> Deal | None:
        row = self.row(DEAL_BY_ID, deal_id=deal)
        return as_deal(row) if row else None

    def revise_deal(self, deal: DealId, **values: Any) -> None:
        self.revise(Subject.DEAL, deal, values)

    def deal_in_use(self, deal: DealId) -> bool:
        self.later.flush()
        made_by = self.rows(MADE_BY, deal_id=deal)[0][0]
        return any(self.run(each, deal_id=deal, change_id=made_by).scalar_one() for each in IN_USE)

    def average_deal(self) -> Decimal | None:
        amounts = [amount for (amount,) in self.rows(AMOUNTS, most=LAST_DEALS)]
        return sum(amounts, Decimal(0)) / len(amounts) if amounts else None

    def deal_amounts(self, owner: MemberId) -> tuple[Decimal, ...]:
        return tuple(amount for (amount,) in self.rows(OWN_AMOUNTS, owner_id=owner, most=LAST_OWN))

    def outcomes(self, standing: Standing) -> tuple[int, int]:
        ((closed, won),) = self.rows(OUTCOMES, standing=written(standing))
        return int(won), int(closed)

    def enter(self, passage: Passage) -> None:
        self.add(
            Subject.PASSAGE,
            deal_id=passage.deal_id,
            milestone=passage.milestone,
            entered_on=passage.entered_on,
            left_on=passage.left_on,
            days=passage.days,
            passed=passage.passed,
            reason=passage.reason,
        )

    def leave(self, deal: DealId, **values: Any) -> None:
        row = self.row(STAND, deal_id=deal)
        if row:
            self.revise(Subject.PASSAGE, row[0], values)

    def passages(self, deal: DealId) -> tuple[Passage, ...]:
        return tuple(
            Passage(
                deal_id=deal,
                milestone=milestone,
                entered_on=entered,
                left_on=left,
                days=days,
                passed=Passed(passed) if passed else None,
                reason=reason,
            )
            for _, milestone, entered, left, days, passed, reason in self.rows(PASSAGES, deal_id=deal)
        )

    def won_passages(self, template: TemplateId, milestone: int) -> tuple[int, ...]:
        values = {"template_id": template, "milestone": milestone, "most": LAST_PASSAGES}
        return tuple(days for (days,) in self.rows(WON_PASSAGES, **values))
