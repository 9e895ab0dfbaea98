"""Rows of targets and of the steps on the way to them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update

from domain.kpis import Kpi
from domain.people import MemberId, TeamId
from domain.ports import Subject
from domain.targets import Step, Target, TargetId, TargetStep
from storage import tables
from storage.session import Session

t, s = tables.target.c, tables.target_step.c
TARGET = (
    t.id, t.member_id, t.team_id, t.first_on, t.last_on, t.amount, t.quality, t.cost, t.step, t.rounds, t.parent_id,
    t.answer_by, t.answer_of, t.silent, t.made_by, t.made_at, t.locked_at,
)  # fmt: skip
TARGETS = (
    select(*TARGET)
    .where(t.org_id == bindparam("org_id"), t.withdrawn.is_(False), t.kpi == bindparam("kpi"))
    .order_by(t.first_on, t.id)
)
OVERLAPS = (t.first_on <= bindparam("last"), t.last_on >= bindparam("first"))
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
TARGET_BY_ID = TARGETS.where(t.id == bindparam("target_id"))
OF_MEMBERS = TARGETS.where(t.member_id.in_(IDS), *OVERLAPS)
OF_TEAMS = TARGETS.where(t.team_id.in_(IDS), *OVERLAPS)
STEPS = (
    select(s.id, s.step, s.amount, s.by_id, s.at, s.reason, s.silent)
    .where(s.org_id == bindparam("org_id"), s.target_id == bindparam("target_id"), s.withdrawn.is_(False))
    .order_by(s.id)
)


def as_target(row: Sequence[Any]) -> Target:
    """A target from the columns of TARGET."""
    (
        number, member, team, first, last, amount, quality, cost, step, rounds, parent, answer_by, answer_of, silent,
        made_by, made_at, locked_at,
    ) = row  # fmt: skip
    return Target(
        id=TargetId(number),
        member_id=MemberId(member) if member else None,
        team_id=TeamId(team) if team else None,
        first=first,
        last=last,
        amount=amount,
        quality=quality,
        cost=cost,
        step=Step(step),
        rounds=rounds,
        parent_id=TargetId(parent) if parent else None,
        answer_by=answer_by,
        answer_of=MemberId(answer_of) if answer_of else None,
        silent=silent,
        made_by=MemberId(made_by),
        made_at=made_at,
        locked_at=locked_at,
    )


class Targets(Session):
    """What the organisation's people and teams are to reach."""

    def add_target(self, target: Target) -> TargetId:
        number = self.add(
            Subject.TARGET,
            member_id=target.member_id,
            team_id=target.team_id,
            kpi=Kpi.SALES,
            first_on=target.first,
            last_on=target.last,
            amount=target.amount,
            quality=target.quality,
            cost=target.cost,
            parent_id=target.parent_id,
            rounds=target.rounds,
            step=target.step,
            answer_by=target.answer_by,
            answer_of=target.answer_of,
            silent=target.silent,
            made_by=target.made_by,
            made_at=target.made_at,
            locked_at=target.locked_at,
        )
        return TargetId(number)

    def target(self, target: TargetId) -> Target | None:
        row = self.row(TARGET_BY_ID, target_id=target, kpi=Kpi.SALES)
        return as_target(row) if row else None

    def revise_target(self, target: TargetId, **values: Any) -> None:
        self.revise(Subject.TARGET, target, values)

    def add_target_step(self, target: TargetId, step: TargetStep) -> int:
        return self.add(
            Subject.TARGET_STEP,
            target_id=target,
            step=step.step,
            amount=step.amount,
            by_id=step.by_id,
            at=step.at,
            reason=step.reason,
            silent=step.silent,
        )

    def pass_target(
        self,
        target: TargetId,
        said: TargetStep | None,
        *,
        answer_by: datetime | None,
        answer_of: MemberId | None,
    ) -> None:
        values: dict[str, Any] = {"answer_by": answer_by, "answer_of": answer_of}
        if said:
            self.insert(
                tables.target_step,
                target_id=target,
                step=said.step,
                amount=said.amount,
                by_id=said.by_id,
                at=said.at,
                reason=said.reason,
                silent=said.silent,
                withdrawn=False,
            )
            values |= {"step": said.step, "amount": said.amount, "silent": True}
        where = (t.org_id == self.org_id) & (t.id == target)
        self.connection.execute(update(tables.target).where(where).values(values))

    def target_steps(self, target: TargetId) -> tuple[TargetStep, ...]:
        return tuple(
            TargetStep(
                id=number,
                step=Step(step),
                amount=amount,
                by_id=MemberId(by),
                at=at,
                reason=reason,
                silent=silent,
            )
            for number, step, amount, by, at, reason, silent in self.rows(STEPS, target_id=target)
        )

    def gather_targets(
        self, members: Sequence[MemberId], first: date, last: date, *, locked: bool = True
    ) -> dict[MemberId, tuple[Target, ...]]:
        found: dict[MemberId, tuple[Target, ...]] = {}
        for each in (
            as_target(row)
            for row in self.rows(OF_MEMBERS, ids=list(members), first=first, last=last, kpi=Kpi.SALES)
        ):
            if each.member_id and (each.is_locked or not locked):
                found[each.member_id] = (*found.get(each.member_id, ()), each)
        return found

    def team_targets(
        self, teams: Sequence[TeamId], first: date, last: date
    ) -> dict[TeamId, tuple[Target, ...]]:
        found: dict[TeamId, tuple[Target, ...]] = {}
        for each in (
            as_target(row)
            for row in self.rows(OF_TEAMS, ids=list(teams), first=first, last=last, kpi=Kpi.SALES)
        ):
            if each.team_id:
                found[each.team_id] = (*found.get(each.team_id, ()), each)
        return found
