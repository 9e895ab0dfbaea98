"""Rows of deals and of what belongs to one: stays, people on both sides, proof, cards of the tool kit, approvals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select, update

from domain.activity import Credit, Kind
from domain.c139 import Item, Standing
from domain.customers import ContactId, CustomerId
from domain.deal_ports import Alerted, Which
from domain.deals import (
    FROM_CUSTOMER,
    Approval,
    ApprovalId,
    ApprovalKind,
    Buyer,
    BuyerId,
    BuyingRole,
    Checked,
    Clocks,
    Deal,
    DealId,
    Decision,
    Dossier,
    Evidence,
    EvidenceId,
    EvidenceKind,
    Expense,
    Met,
    Part,
    Passage,
    Passed,
    Rank,
    Rival,
    Seller,
    Sheet,
    SheetId,
    State,
    Tick,
)
from domain.files import FileId
from domain.milestones import Phase, TemplateId, Tool
from domain.people import MemberId, TeamId
from domain.ports import Subject
from domain.stalled import Level
from domain.steps import StepState
from storage import tables
from storage.session import PRESENT, SUBJECTS
from storage.templates import Templates
from storage.upsert import upsert

d, c, m = tables.deal.c, tables.customer.c, tables.member.c
g, s, b, k = tables.passage.c, tables.seller.c, tables.buyer.c, tables.checked.c
j, e, h, r, x, q = (
    tables.deal_task.c,
    tables.evidence.c,
    tables.sheet.c,
    tables.rival.c,
    tables.expense.c,
    tables.approval.c,
)
n, a, t, w, f, v = (
    tables.contact.c,
    tables.activity.c,
    tables.step.c,
    tables.alert.c,
    tables.fact.c,
    tables.stalled_count.c,
)
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
CHECKED = (
    select(
        k.id,
        k.deal_id,
        k.item,
        k.note,
        k.source,
        k.checked_on,
        k.activity_id,
        k.confirmed_by,
        k.coach_id,
        k.confirmed_on,
    )
    .where(k.org_id == bindparam("org_id"), k.deal_id == OF_DEAL, k.withdrawn.is_(False))
    .order_by(k.id)
)
TASKS = (
    select(j.id, j.deal_id, j.milestone, j.code, j.done_on, j.text, j.due_on)
    .where(j.org_id == bindparam("org_id"), j.deal_id == OF_DEAL, j.withdrawn.is_(False))
    .order_by(j.id)
)
EVIDENCE = select(
    e.id,
    e.deal_id,
    e.milestone,
    e.code,
    e.kind,
    e.given_on,
    e.given_by,
    e.text,
    e.contact_id,
    e.source,
    e.file_id,
    e.superseded,
).where(e.org_id == bindparam("org_id"), e.withdrawn.is_(False))
EVIDENCE_OF = EVIDENCE.where(e.deal_id == OF_DEAL).order_by(e.id)
EVIDENCE_BY_ID = EVIDENCE.where(e.id == bindparam("evidence_id"))
SHEETS = (
    select(h.id, h.deal_id, h.tool, h.body, h.contact_id, h.about, h.filled_on)
    .where(h.org_id == bindparam("org_id"), h.deal_id == OF_DEAL, h.withdrawn.is_(False))
    .order_by(h.id)
)
RIVALS = (
    select(r.id, r.deal_id, r.name)
    .where(r.org_id == bindparam("org_id"), r.deal_id == OF_DEAL, r.withdrawn.is_(False))
    .order_by(r.id)
)
EXPENSES = (
    select(x.id, x.deal_id, x.amount, x.on_date, x.text)
    .where(x.org_id == bindparam("org_id"), x.deal_id == OF_DEAL, x.withdrawn.is_(False))
    .order_by(x.id)
)
SPENT = select(func.coalesce(func.sum(x.amount), 0)).where(
    x.org_id == bindparam("org_id"), x.deal_id == OF_DEAL, x.withdrawn.is_(False)
)
# What was counted, and who was there on the customer's side.
MET = (
    select(a.id, a.kind, a.on_date, a.contact_ids)
    .where(a.org_id == bindparam("org_id"), a.deal_id == OF_DEAL, a.withdrawn.is_(False))
    .where(a.credit == Credit.COUNTED, a.kind.in_((Kind.VISIT, Kind.MEETING)))
    .order_by(a.at, a.id)
)
OF_CUSTOMER = select(c.segment, c.is_key).where(
    c.org_id == bindparam("org_id"), c.id == bindparam("customer_id")
)
# A call with an outcome, a visit, an answer: what the customer took part in.
CUSTOMER_DAY = select(func.max(a.on_date)).where(
    a.org_id == bindparam("org_id"),
    a.deal_id == OF_DEAL,
    a.withdrawn.is_(False),
    a.credit == Credit.COUNTED,
)
PROOF_DAY = select(func.max(e.given_on)).where(
    e.org_id == bindparam("org_id"),
    e.deal_id == OF_DEAL,
    e.withdrawn.is_(False),
    e.kind.in_(tuple(FROM_CUSTOMER)),
)
NEXT_DAY = select(func.min(t.due_on)).where(
    t.org_id == bindparam("org_id"),
    t.deal_id == OF_DEAL,
    t.withdrawn.is_(False),
    t.state == StepState.OPEN,
)
STAND = (
    select(g.id, g.entered_on)
    .where(g.org_id == bindparam("org_id"), g.deal_id == OF_DEAL, g.withdrawn.is_(False), g.left_on.is_(None))
    .order_by(g.id.desc())
    .limit(1)
)
# In an update a column's own name is taken by SET.
SET_CLOCKS = (
    update(tables.deal)
    .where(d.org_id == bindparam("of_org"), d.id == bindparam("of_id"))
    .values({name: bindparam(f"now_{name}", type_=d[name].type) for name in CLOCKS})
)
CHECK = (
    update(tables.deal)
    .where(d.org_id == bindparam("of_org"), d.state == State.ACTIVE, d.withdrawn.is_(False))
    .values(check_at=bindparam("at"))
)
CHECK_TEMPLATE = CHECK.where(d.template_id == bindparam("of_template"))
CHECK_OWNER = CHECK.where(d.owner_id == bindparam("of_owner"))
LEVEL_OF = select(d.level, d.owner_id, d.team_id).where(d.org_id == bindparam("org_id"), d.id == OF_DEAL)
COUNT = upsert(tables.stalled_count, ("org_id", "owner_id", "team_id", "level"))
ADD_COUNT = (
    update(tables.stalled_count)
    .where(
        v.org_id == bindparam("of_org"),
        v.owner_id == bindparam("of_owner"),
        v.team_id == bindparam("of_team"),
        v.level == bindparam("of_level"),
    )
    .values(n=v.n + bindparam("more"))
)
TOTALS = select(v.level, func.sum(v.n)).where(v.org_id == bindparam("org_id"), v.n > 0).group_by(v.level)
TOTALS_OF_OWNER = TOTALS.where(v.owner_id == bindparam("owner_id"))
TOTALS_OF_TEAMS = TOTALS.where(v.team_id.in_(bindparam("ids", expanding=True)))
ALERTS = (
    select(w.deal_id, w.level, w.since, w.slot, w.told_at, w.led_at, w.answer, w.answered_at)
    .where(w.org_id == bindparam("org_id"), w.deal_id.in_(bindparam("ids", expanding=True)))
    .order_by(w.told_at, w.level)
)
KEEP_ALERT = upsert(
    tables.alert, ("org_id", "deal_id", "level", "since", "slot"), ("led_at", "answer", "answered_at")
)
APPROVAL = select(
    q.id,
    q.kind,
    q.asked_by,
    q.asked_at,
    q.rank,
    q.decision,
    q.deal_id,
    q.customer_id,
    q.milestone,
    q.decided_by,
    q.decided_at,
    q.reason,
).where(q.org_id == bindparam("org_id"), q.withdrawn.is_(False))
APPROVAL_BY_ID = APPROVAL.where(q.id == bindparam("approval_id"))
OPEN_APPROVALS = APPROVAL.where(q.decision == Decision.OPEN).order_by(q.asked_at, q.id)
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


def as_checked(row: Sequence[Any]) -> Checked:
    """An item of the checklist from the columns of CHECKED."""
    number, deal, item, note, source, on, activity, by, coach, confirmed_on = row
    return Checked(
        id=number,
        deal_id=DealId(deal),
        item=Item(item),
        note=note,
        source=source,
        checked_on=on,
        activity_id=activity,
        confirmed_by=by,
        coach_id=coach,
        confirmed_on=confirmed_on,
    )


def as_evidence(row: Sequence[Any]) -> Evidence:
    """A piece of proof from the columns of EVIDENCE."""
    number, deal, milestone, code, kind, on, by, text, contact, source, file, superseded = row
    return Evidence(
        id=EvidenceId(number),
        deal_id=DealId(deal),
        milestone=milestone,
        code=code,
        kind=EvidenceKind(kind),
        given_on=on,
        given_by=MemberId(by),
        text=text,
        contact_id=ContactId(contact) if contact else None,
        source=source,
        file_id=FileId(file) if file else None,
        superseded=superseded,
    )


def as_sheet(row: Sequence[Any]) -> Sheet:
    """A filled card from the columns of SHEETS."""
    number, deal, tool, body, contact, about, on = row
    return Sheet(
        id=SheetId(number),
        deal_id=DealId(deal),
        tool=Tool(tool),
        values=json.loads(body or "{}"),
        contact_id=ContactId(contact) if contact else None,
        about=about,
        filled_on=on,
    )


def as_approval(row: Sequence[Any]) -> Approval:
    """An approval from the columns of APPROVAL."""
    number, kind, by, at, rank, decision, deal, customer, milestone, decided_by, decided_at, reason = row
    return Approval(
        id=ApprovalId(number),
        kind=ApprovalKind(kind),
        asked_by=MemberId(by),
        asked_at=at,
        rank=Rank(rank),
        decision=Decision(decision),
        deal_id=DealId(deal) if deal else None,
        customer_id=CustomerId(customer) if customer else None,
        milestone=milestone,
        decided_by=MemberId(decided_by) if decided_by else None,
        decided_at=decided_at,
        reason=reason,
    )


def _conditions(which: Which) -> list[ColumnElement[bool]]:
    """What a list is narrowed to; every value is bound, so that each shape of list is one statement."""
    found: list[ColumnElement[bool]] = [d.state.in_([state.value for state in sorted(which.states)])]
    if which.owner_id is not None:
        found.append(d.owner_id == bindparam("owner_id"))
    if which.seen_by is not None:
        on_team = exists(
            select(s.id).where(
                s.org_id == d.org_id,
                s.deal_id == d.id,
                s.member_id == bindparam("seen_by"),
                s.withdrawn.is_(False),
            )
        )
        found.append(or_(d.owner_id == bindparam("seen_by"), on_team))
    if which.team_ids is not None:
        found.append(d.team_id.in_(bindparam("team_ids", expanding=True)))
    if which.customer_id is not None:
        found.append(d.customer_id == bindparam("customer_id"))
    if which.milestone is not None:
        found.append(d.milestone == bindparam("milestone"))
    if which.stalled:
        found.append(d.level > literal(0, literal_execute=True))
    if which.closes_by is not None:
        found.append(d.close_on <= bindparam("closes_by"))
    return found


def _values(which: Which) -> dict[str, Any]:
    values = {
        "owner_id": which.owner_id,
        "seen_by": which.seen_by,
        "team_ids": list(which.team_ids) if which.team_ids is not None else None,
        "customer_id": which.customer_id,
        "milestone": which.milestone,
        "closes_by": which.closes_by,
    }
    return {name: value for name, value in values.items() if value is not None}


class Deals(Templates):
    """The organisation's deals."""

    def open_deal(self, deal: Deal) -> DealId:
        said = {name: getattr(deal, name) for name in SAID if name != "id"}
        clocks = {name: getattr(deal.clocks, name) for name in CLOCKS}
        number = DealId(self.add(Subject.DEAL, **said, **clocks))
        self.enter(Passage(deal_id=number, milestone=deal.milestone, entered_on=deal.entered_on))
        return number

    def deal(self, deal: DealId) -> Deal | None:
        row = self.row(DEAL_BY_ID, deal_id=deal)
        return as_deal(row) if row else None

    def revise_deal(self, deal: DealId, **values: Any) -> None:
        self.revise(Subject.DEAL, deal, values)

    def revise(self, subject: Subject, number: int, values: Mapping[str, Any]) -> None:
        """As every row; a stalled deal that gets another owner or team leaves the totals of the one it had."""
        if subject is not Subject.DEAL or not {"owner_id", "team_id"} & values.keys():
            super().revise(subject, number, values)
            return
        level, owner, team = self.row(LEVEL_OF, deal_id=number)
        self._count(owner, team, level, -1)
        super().revise(subject, number, values)
        _, owner, team = self.row(LEVEL_OF, deal_id=number)
        self._count(owner, team, level, 1)

    def deals(self, which: Which, limit: int, offset: int = 0) -> tuple[Deal, ...]:
        order = (d.level.desc(), d.since, d.id) if which.stalled else (d.next_on.nulls_first(), d.id)
        listed = DEALS.where(*_conditions(which)).order_by(*order)
        found = listed.limit(bindparam("most")).offset(bindparam("skipped"))
        values = {**_values(which), "most": limit, "skipped": offset}
        return tuple(as_deal(row) for row in self.run(found, **values).fetchall())

    def count_deals(self, which: Which) -> int:
        counted = select(func.count()).where(
            d.org_id == bindparam("org_id"), d.withdrawn.is_(False), *_conditions(which)
        )
        return int(self.run(counted, **_values(which)).scalar_one())

    def dossier(self, deal: Deal) -> Dossier:
        of = {"deal_id": deal.id}
        segment, is_key = self.row(OF_CUSTOMER, customer_id=deal.customer_id)
        return Dossier(
            deal=deal,
            template=self.template(deal.template_id),
            segment=segment,
            key_customer=is_key,
            buyers=tuple(as_buyer(row) for row in self.rows(BUYERS, **of)),
            sellers=tuple(_seller(row) for row in self.rows(SELLERS, **of)),
            checked=tuple(as_checked(row) for row in self.rows(CHECKED, **of)),
            ticks=tuple(_tick(row) for row in self.rows(TASKS, **of)),
            evidence=tuple(as_evidence(row) for row in self.rows(EVIDENCE_OF, **of)),
            sheets=tuple(as_sheet(row) for row in self.rows(SHEETS, **of)),
            rivals=tuple(
                Rival(id=number, deal_id=DealId(of_deal), name=name)
                for number, of_deal, name in self.rows(RIVALS, **of)
            ),
            met=tuple(
                Met(activity_id=number, kind=Kind(kind), on=on, contact_ids=contacts)
                for number, kind, on, contacts in self.rows(MET, **of)
            ),
            spent=Decimal(self.rows(SPENT, **of)[0][0]),
            average=self.average_deal(),
        )

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

    # the parts of a deal
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

    def keep_checked(self, checked: Checked) -> None:
        values = {
            "note": checked.note,
            "source": checked.source,
            "checked_on": checked.checked_on,
            "activity_id": checked.activity_id,
            "confirmed_by": checked.confirmed_by,
            "coach_id": checked.coach_id,
            "confirmed_on": checked.confirmed_on,
        }
        if checked.id:
            self.revise(Subject.CHECKED, checked.id, values)
        else:
            self.add(Subject.CHECKED, deal_id=checked.deal_id, item=checked.item, **values)

    def keep_task(self, task: Tick) -> int:
        values = {"done_on": task.done_on, "text": task.text, "due_on": task.due_on}
        if task.id:
            self.revise(Subject.TASK, task.id, values)
            return task.id
        return self.add(
            Subject.TASK, deal_id=task.deal_id, milestone=task.milestone, code=task.code, **values
        )

    def add_evidence(self, evidence: Evidence) -> EvidenceId:
        for row in self.rows(EVIDENCE_OF, deal_id=evidence.deal_id):
            old = as_evidence(row)
            if (old.code, old.milestone, old.superseded) == (evidence.code, evidence.milestone, False):
                self.revise(Subject.EVIDENCE, old.id, {"superseded": True})
        number = self.add(
            Subject.EVIDENCE,
            deal_id=evidence.deal_id,
            milestone=evidence.milestone,
            code=evidence.code,
            kind=evidence.kind,
            given_on=evidence.given_on,
            given_by=evidence.given_by,
            text=evidence.text,
            contact_id=evidence.contact_id,
            source=evidence.source,
            file_id=evidence.file_id,
            superseded=False,
        )
        return EvidenceId(number)

    def evidence(self, evidence: EvidenceId) -> Evidence | None:
        row = self.row(EVIDENCE_BY_ID, evidence_id=evidence)
        return as_evidence(row) if row else None

    def keep_sheet(self, sheet: Sheet) -> SheetId:
        values = {
            "body": json.dumps(dict(sheet.values), ensure_ascii=False),
            "contact_id": sheet.contact_id,
            "about": sheet.about,
            "filled_on": sheet.filled_on,
        }
        if sheet.id:
            self.revise(Subject.SHEET, sheet.id, values)
            return sheet.id
        return SheetId(self.add(Subject.SHEET, deal_id=sheet.deal_id, tool=sheet.tool, **values))

    def add_rival(self, deal: DealId, name: str) -> int:
        return self.add(Subject.RIVAL, deal_id=deal, name=name)

    def add_expense(self, expense: Expense) -> int:
        return self.add(
            Subject.EXPENSE,
            deal_id=expense.deal_id,
            amount=expense.amount,
            on_date=expense.on,
            text=expense.text,
        )

    def expenses(self, deal: DealId) -> tuple[Expense, ...]:
        return tuple(
            Expense(id=number, deal_id=DealId(of), amount=amount, on=on, text=text)
            for number, of, amount, on, text in self.rows(EXPENSES, deal_id=deal)
        )

    # approvals
    def ask_approval(self, approval: Approval, escalate_at: datetime | None) -> ApprovalId:
        number = self.add(
            Subject.APPROVAL,
            kind=approval.kind,
            deal_id=approval.deal_id,
            customer_id=approval.customer_id,
            milestone=approval.milestone,
            asked_by=approval.asked_by,
            asked_at=approval.asked_at,
            rank=approval.rank,
            escalate_at=escalate_at,
            decision=approval.decision,
            decided_by=None,
            decided_at=None,
            reason=approval.reason,
        )
        return ApprovalId(number)

    def approval(self, approval: ApprovalId) -> Approval | None:
        row = self.row(APPROVAL_BY_ID, approval_id=approval)
        return as_approval(row) if row else None

    def revise_approval(self, approval: ApprovalId, **values: Any) -> None:
        self.revise(Subject.APPROVAL, approval, values)

    def open_approvals(self) -> tuple[Approval, ...]:
        return tuple(as_approval(row) for row in self.rows(OPEN_APPROVALS))

    # clocks
    def touched_deals(self) -> frozenset[DealId]:
        return frozenset(DealId(each) for each in self._deals)

    def customer_day(self, deal: DealId) -> date | None:
        days = [self.rows(each, deal_id=deal)[0][0] for each in (CUSTOMER_DAY, PROOF_DAY)]
        return max(filter(None, days), default=None)

    def next_day(self, deal: DealId) -> date | None:
        found: date | None = self.rows(NEXT_DAY, deal_id=deal)[0][0]
        return found

    def set_clocks(self, deal: Deal, clocks: Clocks) -> None:
        values = {f"now_{name}": getattr(clocks, name) for name in CLOCKS}
        before: tuple[int, int, int | None] = self.row(LEVEL_OF, deal_id=deal.id)
        level, owner, team = before
        self.change_rows(SET_CLOCKS, of_id=deal.id, **values)
        # The totals of whoever had it, in case its owner changed in this turn: what was counted is what stood.
        self._count(owner, team, level, -1)
        self._count(deal.owner_id, deal.team_id, clocks.level, 1)

    def _count(self, owner: int, team: int | None, level: int, more: int) -> None:
        if not level:
            return
        of = {"owner_id": owner, "team_id": team or 0, "level": level}
        self.driver.run(COUNT, {"org_id": self.org_id, **of, "n": 0})
        self.change_rows(ADD_COUNT, of_owner=owner, of_team=team or 0, of_level=level, more=more)

    def check_deals(self, template: TemplateId | None, owner: MemberId | None, now: datetime) -> None:
        if template is not None:
            self.change_rows(CHECK_TEMPLATE, of_template=template, at=now)
        if owner is not None:
            self.change_rows(CHECK_OWNER, of_owner=owner, at=now)

    def stalled_totals(
        self, *, owner: MemberId | None = None, teams: Sequence[TeamId] | None = None
    ) -> Mapping[Level, int]:
        if owner is not None:
            rows = self.rows(TOTALS_OF_OWNER, owner_id=owner)
        elif teams is not None:
            rows = self.rows(TOTALS_OF_TEAMS, ids=list(teams))
        else:
            rows = self.rows(TOTALS)
        return {LEVELS[level]: int(n) for level, n in rows}

    def alerted(self, deals: Sequence[DealId]) -> dict[DealId, Alerted]:
        if not deals:
            return {}
        return {DealId(row[0]): _alerted(row) for row in self.rows(ALERTS, ids=list(deals))}

    def note_alert(self, alert: Alerted) -> None:
        values = {each.name: getattr(alert, each.name) for each in fields(Alerted)}
        self.driver.run(KEEP_ALERT, {"org_id": self.org_id, **values})

    def answer_alert(self, deal: DealId, answer: str, at: datetime) -> None:
        told = self.alerted([deal]).get(deal)
        if told and told.answer is None:
            values = {each.name: getattr(told, each.name) for each in fields(Alerted)}
            self.driver.run(
                KEEP_ALERT, {"org_id": self.org_id, **values, "answer": answer, "answered_at": at}
            )


LEVELS: Mapping[int, Level] = dict(enumerate(Level))


def _alerted(row: Sequence[Any]) -> Alerted:
    names = [each.name for each in fields(Alerted)]
    return Alerted(**dict(zip(names, row, strict=True)))


def _seller(row: Sequence[Any]) -> Seller:
    number, deal, member, name, part, share = row
    return Seller(
        id=number, deal_id=DealId(deal), member_id=MemberId(member), name=name, part=Part(part), share=share
    )


def _tick(row: Sequence[Any]) -> Tick:
    number, deal, milestone, code, done_on, text, due_on = row
    return Tick(
        id=number,
        deal_id=DealId(deal),
        milestone=milestone,
        code=code,
        done_on=done_on,
        text=text,
        due_on=due_on,
    )


@lru_cache(maxsize=256)
def written(standing: Standing) -> str:
    """A standing as it is stored: `7C1F0W`."""
    return f"{standing.clear}C{standing.first}F{standing.win}W"
