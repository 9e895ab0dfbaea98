"""Rows of the day: activities, claims, steps, reports and ticks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, select, update

from domain.activity import Activity, ActivityId, Credit, Kind
from domain.customers import CustomerId
from domain.people import MemberId, TeamId
from domain.ports import Recent, Report, Subject, Wording
from domain.quota import Claim, Metric
from domain.steps import Step, StepId, StepState
from storage import tables
from storage.session import Session, restored

a, s, r, k, b = tables.activity.c, tables.step.c, tables.report.c, tables.tick.c, tables.claim.c
c, m, f = tables.customer.c, tables.member.c, tables.fact.c
ACTIVITY = (
    a.id, a.kind, a.member_id, a.customer_id, a.at, a.on_date, a.recorded_at, a.contact_ids, a.has_result,
    a.has_next, a.replied, a.key_customer, a.late, a.withdrawn, a.complete_at, a.credit, a.team_id, a.deal_id,
)  # fmt: skip
STEP = (
    s.id, s.member_id, s.customer_id, c.name, s.kind, s.text, s.who, s.due_on, s.due_time, s.state, s.source_id,
    s.deal_id,
)  # fmt: skip
ACTIVITIES = (
    select(*ACTIVITY)
    .where(a.org_id == bindparam("org_id"), a.member_id == bindparam("member_id"))
    .where(a.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(a.at, a.id)
)
ACTIVITY_BY_ID = select(*ACTIVITY, a.result, a.next, a.purpose).where(
    a.org_id == bindparam("org_id"), a.id == bindparam("activity_id")
)
HISTORY = (
    select(a.id, a.kind, a.on_date, a.member_id, m.name, a.result)
    .join_from(tables.activity, tables.member, and_(m.org_id == a.org_id, m.id == a.member_id))
    .where(a.org_id == bindparam("org_id"), a.customer_id == bindparam("customer_id"), a.withdrawn.is_(False))
    .order_by(a.at.desc(), a.id.desc())
    .limit(bindparam("most"))
)
RECREDIT = (
    update(tables.activity)
    .where(a.org_id == bindparam("of_org"), a.id == bindparam("of_id"))
    .values(credit=bindparam("new_credit"))
)
STEPS = (
    select(*STEP)
    .join_from(tables.step, tables.customer, and_(c.org_id == s.org_id, c.id == s.customer_id))
    .where(s.org_id == bindparam("org_id"), s.withdrawn.is_(False))
)
STEP_BY_ID = STEPS.where(s.id == bindparam("step_id"))
# Without a word the two databases put what has no day at opposite ends.
OPEN_STEPS = STEPS.where(s.member_id == bindparam("member_id"), s.state == StepState.OPEN).order_by(
    s.due_on.nulls_first(), s.due_time.nulls_first(), s.id
)
PROMISED = (
    STEPS.where(s.member_id == bindparam("member_id"), s.source_id == bindparam("record_id"))
    .order_by(s.id.desc())
    .limit(1)
)
# Latest first, so that what it was at the beginning comes last.
DUE_BEFORE = (
    select(f.field, f.before)
    .where(f.org_id == bindparam("org_id"), f.subject == Subject.STEP, f.subject_id == bindparam("step_id"))
    .where((f.field == "due_on") | (f.field == "due_time"))
    .order_by(f.change_id.desc(), f.n.desc())
)
REPORTS = (
    select(r.id, r.on_date, r.sent_at, r.reflection)
    .where(r.org_id == bindparam("org_id"), r.member_id == bindparam("member_id"), r.withdrawn.is_(False))
    .where(r.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(r.on_date, r.id)
)
TICKS = (
    select(k.metric, k.on_date)
    .where(k.org_id == bindparam("org_id"), k.member_id == bindparam("member_id"), k.withdrawn.is_(False))
    .where(k.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(k.on_date, k.id)
)
CLAIMS = (
    select(b.member_id, b.id, b.metric, b.on_date, b.quantity, b.effective)
    .where(b.org_id == bindparam("org_id"), b.withdrawn.is_(False))
    .where(b.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(b.on_date, b.id)
)
# Apart: only a statement without a list runs on the driver itself.
CLAIMS_OF_ONE = CLAIMS.where(b.member_id == bindparam("member_id"))


def as_activity(row: Sequence[Any]) -> Activity:
    """An activity from the columns of ACTIVITY."""
    (
        number, kind, member, customer, at, on, recorded_at, contacts, has_result,
        has_next, replied, key_customer, late, withdrawn, complete_at, credit, team, deal,
    ) = row  # fmt: skip
    return Activity(
        id=ActivityId(number),
        kind=Kind(kind),
        member_id=MemberId(member),
        customer_id=CustomerId(customer),
        at=at,
        on=on,
        recorded_at=recorded_at,
        team_id=TeamId(team) if team else None,
        deal_id=deal,
        contact_ids=contacts,
        has_result=has_result,
        has_next=has_next,
        replied=replied,
        key_customer=key_customer,
        late=late,
        withdrawn=withdrawn,
        complete_at=complete_at,
        credit=Credit(credit),
    )


def as_step(row: Sequence[Any]) -> Step:
    """A step from the columns of STEP."""
    number, member, customer, name, kind, text, who, due_on, due_time, state, source, deal = row
    return Step(
        id=StepId(number),
        member_id=MemberId(member),
        customer_id=CustomerId(customer),
        customer_name=name,
        kind=Kind(kind) if kind else None,
        text=text,
        who=who,
        due_on=due_on,
        due_time=due_time,
        state=StepState(state),
        source_id=source,
        deal_id=deal,
    )


def as_claim(row: Sequence[Any]) -> Claim:
    """A claim from the columns of CLAIMS after the member's."""
    number, metric, on, quantity, effective = row
    return Claim(id=number, metric=Metric(metric), on=on, quantity=quantity, effective=effective)


class Day(Session):
    """What the organisation's people did, promised and reported."""

    def add_activity(self, activity: Activity, wording: Wording) -> ActivityId:
        number = self.add(
            Subject.ACTIVITY,
            kind=activity.kind,
            member_id=activity.member_id,
            team_id=activity.team_id,
            customer_id=activity.customer_id,
            deal_id=activity.deal_id,
            at=activity.at,
            on_date=activity.on,
            recorded_at=activity.recorded_at,
            contact_ids=activity.contact_ids,
            has_result=activity.has_result,
            has_next=activity.has_next,
            replied=activity.replied,
            key_customer=activity.key_customer,
            late=activity.late,
            complete_at=activity.complete_at,
            credit=activity.credit,
            result=wording.result,
            next=wording.next,
            purpose=wording.purpose,
        )
        return ActivityId(number)

    def activity(self, activity: ActivityId) -> tuple[Activity, Wording] | None:
        row = self.row(ACTIVITY_BY_ID, activity_id=activity)
        if row is None:
            return None
        *columns, result, following, purpose = row
        return as_activity(columns), Wording(result=result, next=following, purpose=purpose)

    def revise_activity(self, activity: ActivityId, **values: Any) -> None:
        self.revise(Subject.ACTIVITY, activity, values)

    def recredit(self, records: Iterable[Activity]) -> None:
        for record in records:
            self.change_rows(RECREDIT, of_id=record.id, new_credit=record.credit)
            # What counts now, or no more, runs the clocks of its deal.
            about = {"deal_id": record.deal_id, "member_id": record.member_id, "on_date": record.on}
            self.touch(Subject.ACTIVITY, record.id, about)

    def activities(self, member: MemberId, first: date, last: date) -> tuple[Activity, ...]:
        return tuple(
            as_activity(row) for row in self.rows(ACTIVITIES, member_id=member, first=first, last=last)
        )

    def history(self, customer: CustomerId, limit: int) -> tuple[Recent, ...]:
        return tuple(
            Recent(
                id=ActivityId(number), kind=Kind(kind), on=on, by_id=MemberId(by), by_name=name, result=result
            )
            for number, kind, on, by, name, result in self.rows(HISTORY, customer_id=customer, most=limit)
        )

    def add_step(self, step: Step) -> StepId:
        number = self.add(
            Subject.STEP,
            member_id=step.member_id,
            customer_id=step.customer_id,
            kind=step.kind,
            text=step.text,
            who=step.who,
            due_on=step.due_on,
            due_time=step.due_time,
            state=step.state,
            source_id=step.source_id,
            deal_id=step.deal_id,
        )
        return StepId(number)

    def step(self, step: StepId) -> Step | None:
        row = self.row(STEP_BY_ID, step_id=step)
        return as_step(row) if row else None

    def revise_step(self, step: StepId, **values: Any) -> None:
        self.revise(Subject.STEP, step, values)

    def open_steps(self, member: MemberId) -> tuple[Step, ...]:
        return tuple(as_step(row) for row in self.rows(OPEN_STEPS, member_id=member))

    def promised(self, member: MemberId, record: ActivityId) -> Step | None:
        row = self.row(PROMISED, member_id=member, record_id=record)
        if row is None:
            return None
        step = as_step(row)
        self.later.flush()
        before = self.rows(DUE_BEFORE, step_id=step.id)
        return replace(step, **{field: restored(tables.step, field, text) for field, text in before})

    def report(self, member: MemberId, on: date) -> Report | None:
        found = self.reports(member, on, on)
        return found[0] if found else None

    def reports(self, member: MemberId, first: date, last: date) -> tuple[Report, ...]:
        return tuple(
            Report(id=number, on=on, sent_at=sent_at, reflection=reflection)
            for number, on, sent_at, reflection in self.rows(
                REPORTS, member_id=member, first=first, last=last
            )
        )

    def add_report(self, member: MemberId, on: date, sent_at: datetime, reflection: str) -> int:
        return self.add(Subject.REPORT, member_id=member, on_date=on, sent_at=sent_at, reflection=reflection)

    def revise_report(self, report: int, **values: Any) -> None:
        self.revise(Subject.REPORT, report, values)

    def ticks(self, member: MemberId, first: date, last: date) -> tuple[tuple[Metric, date], ...]:
        return tuple(
            (Metric(metric), on) for metric, on in self.rows(TICKS, member_id=member, first=first, last=last)
        )

    def add_tick(self, member: MemberId, metric: Metric, on: date) -> None:
        self.add(Subject.TICK, member_id=member, metric=metric, on_date=on)

    def note_seen(self, member: MemberId, metric: Metric, on: date) -> None:
        """A tick that was seen, not said: no fact, nothing to undo."""
        if (metric, on) not in self.ticks(member, on, on):
            self.insert(tables.tick, member_id=member, metric=metric, on_date=on, withdrawn=False)

    def claims(self, member: MemberId, first: date, last: date) -> tuple[Claim, ...]:
        return tuple(
            as_claim(row) for _, *row in self.rows(CLAIMS_OF_ONE, member_id=member, first=first, last=last)
        )

    def add_claim(self, member: MemberId, claim: Claim) -> int:
        return self.add(
            Subject.CLAIM,
            member_id=member,
            metric=claim.metric,
            on_date=claim.on,
            quantity=claim.quantity,
            effective=claim.effective,
        )
