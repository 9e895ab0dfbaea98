"""Rows of when people work: leave, who covers it, and days declared off or worked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, case, literal, select, union_all

from domain.people import Member, MemberId, Organisation, region_of
from domain.ports import Subject
from domain.workdays import Calendar, CalendarDay, Leave
from storage import tables
from storage.session import Session
from storage.upsert import upsert

v, d, h, o = tables.leave.c, tables.calendar_day.c, tables.holiday.c, tables.org.c
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
# What the people's own organisation says stands above a public holiday.
PUBLIC = select(h.on_date, h.on_date, case((h.works, WORKS), else_=OFF), literal(-1), literal(0)).where(
    h.region == bindparam("region")
)
CALENDAR = union_all(OWN, DECLARED, PUBLIC).order_by("rank", "number")
DAYS = (
    select(d.on_date, d.works, d.team_id, d.note)
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False))
    .where(d.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(d.on_date, d.team_id.nulls_first(), d.id)
)
# The days of the organisation's region, as if it had declared them first.
PUBLIC_DAYS = (
    select(h.on_date, h.works, literal(None), h.name)
    .join_from(tables.holiday, tables.org, h.region == o.region)
    .where(o.id == bindparam("org_id"), h.on_date.between(bindparam("first"), bindparam("last")))
    .order_by(h.on_date)
)
OF_REGIONS = (
    select(h.region, h.on_date, h.works)
    .where(h.region.in_(bindparam("regions", expanding=True)))
    .order_by(h.region, h.on_date)
)
OBSERVE = upsert(tables.region, ("code",))
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
        span = {"first": first, "last": last}
        rows = [*self.rows(PUBLIC_DAYS, **span), *self.rows(DAYS, **span)]
        return tuple(as_calendar_day(row) for row in rows)

    def holidays(self, regions: Collection[str]) -> dict[str, dict[date, bool]]:
        """The public holidays of each region, and whether the day is worked."""
        found: dict[str, dict[date, bool]] = {region: {} for region in regions}
        if regions:
            for region, on, works in self.connection.execute(OF_REGIONS, {"regions": sorted(regions)}):
                found[region][on] = bool(works)
        return found

    def all_calendar_days(self) -> tuple[CalendarDay, ...]:
        """Every declared day, each team's after the organisation's: the later stands."""
        return tuple(as_calendar_day(row) for row in self.rows(ALL_DAYS))

    def observe(self, region: str) -> None:
        self.later.add(OBSERVE, {"code": region, "through": 0})

    def add_calendar_day(self, day: CalendarDay) -> int:
        return self.add(
            Subject.CALENDAR_DAY, team_id=day.team_id, on_date=day.on, works=day.works, note=day.note
        )

    def calendar(self, org: Organisation, member: Member) -> Calendar:
        leaves: list[Leave] = []
        declared: dict[date, bool] = {}
        for first, last, what, _, _ in self.rows(
            CALENDAR, member_id=member.id, team_id=member.team_id or 0, region=region_of(org, member)
        ):
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
