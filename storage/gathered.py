"""Facts for a slice of recipients: one query each, never one per person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, select

from domain.activity import Activity
from domain.people import Member, MemberId, Organisation, region_of
from domain.ports import Address, Report
from domain.quota import Claim
from domain.steps import Step, StepState
from domain.workdays import Calendar, Leave, declared_for
from storage import tables
from storage.calendars import Calendars, calendar_of
from storage.day import ACTIVITY, CLAIMS, STEPS, as_activity, as_claim, as_step
from storage.people import MEMBER, PUSHES_FIRST, as_member

a, s, r, v, m, i = (
    tables.activity.c,
    tables.step.c,
    tables.report.c,
    tables.leave.c,
    tables.member.c,
    tables.identity.c,
)
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
OF_MEMBERS = select(*MEMBER).where(m.org_id == bindparam("org_id"), m.id.in_(IDS), m.left_on.is_(None))
OF_LEAVES = (
    select(v.member_id, v.first_on, v.last_on)
    .where(v.org_id == bindparam("org_id"), v.member_id.in_(IDS), v.withdrawn.is_(False))
    .order_by(v.first_on)
)
OF_ACTIVITIES = (
    select(*ACTIVITY)
    .where(a.org_id == bindparam("org_id"), a.member_id.in_(IDS))
    .where(a.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(a.member_id, a.at, a.id)
)
OF_STEPS = STEPS.where(s.member_id.in_(IDS), s.state == StepState.OPEN).order_by(
    s.member_id, s.due_on.nulls_first(), s.due_time.nulls_first(), s.id
)
OF_CLAIMS = CLAIMS.where(tables.claim.c.member_id.in_(IDS))
OF_CLOSED = select(r.member_id, r.on_date).where(
    r.org_id == bindparam("org_id"),
    r.member_id.in_(IDS),
    r.withdrawn.is_(False),
    r.on_date.between(bindparam("first"), bindparam("last")),
)
OF_REPORTS = (
    select(r.member_id, r.id, r.on_date, r.sent_at, r.reflection)
    .where(r.org_id == bindparam("org_id"), r.member_id.in_(IDS), r.withdrawn.is_(False))
    .where(r.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(r.member_id, r.on_date, r.id)
)
OF_ADDRESSES = (
    select(i.member_id, i.platform, i.chat)
    .join_from(tables.identity, tables.member, and_(m.org_id == i.org_id, m.id == i.member_id))
    .where(i.org_id == bindparam("org_id"), i.member_id.in_(IDS), i.alive)
    .order_by(i.member_id, *PUSHES_FIRST)
)
# Every account, also of a chat that takes nothing at present.
OF_PLATFORMS = (
    select(i.member_id, i.platform)
    .join_from(tables.identity, tables.member, and_(m.org_id == i.org_id, m.id == i.member_id))
    .where(i.org_id == bindparam("org_id"), i.member_id.in_(IDS))
    .order_by(i.member_id, *PUSHES_FIRST)
)


class Gathered(Calendars):
    """Rows of many members at once."""

    def _of(self, statement: Select[Any], members: Sequence[MemberId], **values: Any) -> Sequence[Any]:
        return self.rows(statement, ids=list(members), **values)

    def gather_members(
        self, org: Organisation, members: Sequence[MemberId]
    ) -> dict[MemberId, tuple[Member, Calendar]]:
        """Who has not left, with their working days."""
        leaves: dict[MemberId, list[Leave]] = {}
        for member, first, last in self._of(OF_LEAVES, members):
            leaves.setdefault(member, []).append(Leave(first=first, last=last))
        found = [as_member(row) for row in self._of(OF_MEMBERS, members)]
        days = self.all_calendar_days()
        kinds = {(member.team_id, region_of(org, member)) for member in found}
        public = self.holidays({region for _, region in kinds if region})
        # One calendar for all of a team and a region; only who has leave has their own.
        shared = {
            (team, region): calendar_of(org, (), public.get(region, {}) | declared_for(team, days))
            for team, region in kinds
        }
        calendars = {member.id: shared[member.team_id, region_of(org, member)] for member in found}
        for number, own in leaves.items():
            if number in calendars:
                spans = tuple(sorted(own, key=lambda leave: leave.first))
                calendars[number] = replace(calendars[number], leaves=spans)
        return {member.id: (member, calendars[member.id]) for member in found}

    def gather_claims(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Claim, ...]]:
        found: dict[MemberId, list[Claim]] = {}
        for member, *row in self._of(OF_CLAIMS, members, first=first, last=last):
            found.setdefault(member, []).append(as_claim(row))
        return {member: tuple(each) for member, each in found.items()}

    def gather_activities(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Activity, ...]]:
        found: dict[MemberId, list[Activity]] = {}
        for row in self._of(OF_ACTIVITIES, members, first=first, last=last):
            activity = as_activity(row)
            found.setdefault(activity.member_id, []).append(activity)
        return {member: tuple(each) for member, each in found.items()}

    def gather_steps(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[Step, ...]]:
        found: dict[MemberId, list[Step]] = {}
        for row in self._of(OF_STEPS, members):
            step = as_step(row)
            found.setdefault(step.member_id, []).append(step)
        return {member: tuple(each) for member, each in found.items()}

    def gather_reports(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Report, ...]]:
        found: dict[MemberId, list[Report]] = {}
        for member, number, on, sent_at, reflection in self._of(OF_REPORTS, members, first=first, last=last):
            report = Report(id=number, on=on, sent_at=sent_at, reflection=reflection)
            found.setdefault(member, []).append(report)
        return {member: tuple(each) for member, each in found.items()}

    def gather_closed(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, set[date]]:
        found: dict[MemberId, set[date]] = {}
        for member, on in self._of(OF_CLOSED, members, first=first, last=last):
            if member in found:
                found[member].add(on)
            else:
                found[member] = {on}
        return found

    def gather_platforms(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[str, ...]]:
        """Where each has an account, the platform pushes go to first."""
        found: dict[MemberId, tuple[str, ...]] = {}
        for member, platform in self._of(OF_PLATFORMS, members):
            found[member] = (*found.get(member, ()), platform)
        return found

    def gather_addresses(self, members: Sequence[MemberId]) -> dict[MemberId, Address]:
        """Where each is reached first."""
        found: dict[MemberId, Address] = {}
        for member, platform, chat in self._of(OF_ADDRESSES, members):
            found.setdefault(member, Address(platform=platform, chat=chat))
        return found
