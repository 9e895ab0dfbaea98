"""Rows of when people work: leave, who covers it, and days declared off or worked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, case, literal, select, union_all

from domain.people import Member, MemberId, Organisation
from domain.ports import Subject
from domain.workdays import Calendar, CalendarDay, Leave
from storage import tables
from storage.session import Session

v, d = tables.leave.c, tables.calendar_day.c
LEAVES = (
    select(v.id, v.first_on, v.last_on)
    .where(v.org_id == bindparam("org_id"), v.member_id == bindparam("member_id"), v.withdrawn.is_(False))
    .order_by(v.first_on, v.id)
)
COVERS = (
    select(v.member_id, v.cover_id)
    .where(v.org_id == bindparam("org_id"), v.withdrawn.is_(False), v.cover_id.is_not(None))
    .where(v.first_on <= bindparam("day", type_=Date), v.last_on >= bindparam("day", type_=Date))
    .order_by(v.id)
)
AWAY, OFF, WORKS = 0, 1, 2
OWN = select(
    v.first_on, v.last_on, literal(AWAY).label("what"), literal(0).label("rank"), v.id.label("number")
).where(v.org_id == bindparam("org_id"), v.member_id == bindparam("member_id"), v.withdrawn.is_(False))
# A team's word on a day stands above the organisation's, the later above the earlier.
DECLARED = select(
    d.on_date,
    d.on_date,
    case((d.works, WORKS), else_=OFF),
    case((d.team_id.is_(None), 0), else_=1),
    d.id,
).where(
    d.org_id == bindparam("org_id"),
    d.withdrawn.is_(False),
    (d.team_id.is_(None)) | (d.team_id == bindparam("team_id")),
)
CALENDAR = union_all(OWN, DECLARED).order_by("rank", "number")
DAYS = (
    select(d.on_date, d.works, d.team_id, d.note)
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False))
    .where(d.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(d.on_date, d.team_id.nulls_first(), d.id)
)
ALL_DAYS = (
    select(d.on_date, d.works, d.team_id, d.note)
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False))
    .order_by(d.team_id.nulls_first(), d.id)
)


class Calendars(Session):
    """When the organisation's people work."""

    def leaves(self, member: MemberId) -> tuple[tuple[int, Leave], ...]:
        return tuple(
            (number, Leave(first=first, last=last))
            for number, first, last in self.rows(LEAVES, member_id=member)
        )

    def add_leave(self, member: MemberId, leave: Leave, reason: str, cover: MemberId | None = None) -> int:
        return self.add(
            Subject.LEAVE,
            member_id=member,
            first_on=leave.first,
            last_on=leave.last,
            reason=reason,
            cover_id=cover,
        )

    def covers(self, day: date) -> Mapping[MemberId, MemberId]:
        return {MemberId(away): MemberId(cover) for away, cover in self.rows(COVERS, day=day)}

    def calendar_days(self, first: date, last: date) -> tuple[CalendarDay, ...]:
        return tuple(as_calendar_day(row) for row in self.rows(DAYS, first=first, last=last))

    def all_calendar_days(self) -> tuple[CalendarDay, ...]:
        """Every declared day, each team's after the organisation's: the later stands."""
        return tuple(as_calendar_day(row) for row in self.rows(ALL_DAYS))

    def add_calendar_day(self, day: CalendarDay) -> int:
        return self.add(
            Subject.CALENDAR_DAY, team_id=day.team_id, on_date=day.on, works=day.works, note=day.note
        )

    def calendar(self, org: Organisation, member: Member) -> Calendar:
        leaves: list[Leave] = []
        declared: dict[date, bool] = {}
        for first, last, what, _, _ in self.rows(CALENDAR, member_id=member.id, team_id=member.team_id or 0):
            if what == AWAY:
                leaves.append(Leave(first=first, last=last))
            else:
                declared[first] = what == WORKS
        return calendar_of(org, leaves, declared)


def calendar_of(org: Organisation, leaves: Iterable[Leave], declared: Mapping[date, bool]) -> Calendar:
    """A calendar of the week, the leave in its order and the last word on each declared day."""
    return Calendar(
        week=org.week,
        leaves=tuple(sorted(leaves, key=lambda leave: leave.first)),
        off=frozenset(day for day, works in declared.items() if not works),
        extra=frozenset(day for day, works in declared.items() if works),
    )


def as_calendar_day(row: Sequence[Any]) -> CalendarDay:
    """A calendar day from the columns of DAYS."""
    on, works, team, note = row
    return CalendarDay(on=on, works=bool(works), team_id=team, note=note)
