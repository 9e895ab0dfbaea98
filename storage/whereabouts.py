"""What became of the people and places of letters since they were written, and who is lost."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import (
    BindParameter,
    Connection,
    and_,
    bindparam,
    exists,
    null,
    or_,
    select,
    union_all,
    update,
)

from domain.people import MemberId, OrgId
from domain.ports import Whereabouts
from domain.workdays import CalendarDay, Leave, declared_for
from storage import tables

p, m, i, r, v, c = (
    tables.letter.c,
    tables.member.c,
    tables.identity.c,
    tables.room.c,
    tables.leave.c,
    tables.calendar_day.c,
)
THESE = p.key.in_(bindparam("keys", expanding=True))
OF_MEMBER = and_(m.org_id == p.org_id, m.id == p.member_id)
WHEREABOUTS = (
    select(
        p.key,
        m.id,
        m.left_on,
        m.paused_until,
        m.team_id,
        r.org_id,
        exists()
        # By the person: along an index, and it is their own chat that counts.
        .where(i.org_id == p.org_id, i.member_id == p.member_id)
        .where(i.platform == p.platform, i.chat == p.chat, i.alive.is_(False))
        .label("lost"),
    )
    .select_from(
        tables.letter.outerjoin(tables.member, OF_MEMBER).outerjoin(
            tables.room, and_(r.platform == p.platform, r.chat == p.chat)
        )
    )
    .where(THESE)
)
SINCE: BindParameter[date] = bindparam("since")
UNTIL: BindParameter[date] = bindparam("until")
# The days declared for the persons' teams, and their own days away: both say of days whether somebody is there.
DAYS = union_all(
    select(p.key, c.on_date, c.on_date.label("last_on"), c.works, c.team_id, c.id)
    .select_from(
        tables.letter.join(tables.member, OF_MEMBER).join(
            tables.calendar_day,
            and_(c.org_id == p.org_id, or_(c.team_id.is_(None), c.team_id == m.team_id)),
        )
    )
    .where(THESE, c.withdrawn.is_(False), c.on_date.between(SINCE, UNTIL)),
    select(p.key, v.first_on, v.last_on, null(), null(), null())
    .join_from(tables.letter, tables.leave, and_(v.org_id == p.org_id, v.member_id == p.member_id))
    .where(THESE, v.withdrawn.is_(False), v.first_on <= UNTIL, v.last_on >= SINCE),
)
LOST_IN = select(i.org_id).where(i.lost_at <= bindparam("before")).order_by(i.lost_at).limit(1)
LOST = (
    select(i.member_id, i.platform)
    .where(i.org_id == bindparam("of_org"), i.lost_at.is_not(None))
    .order_by(i.member_id, i.platform)
)
TOLD_LOST = (
    update(tables.identity)
    .where(i.org_id == bindparam("of_org"), i.lost_at.is_not(None))
    .values(lost_at=None)
)


def whereabouts(
    connection: Connection, keys: Sequence[str], dates: Collection[date] = ()
) -> Mapping[str, Whereabouts]:
    """By the key of the letter, in two queries however many there are; days are looked at from the first of `dates` on."""
    if not keys:
        return {}
    these = {"keys": list(keys)}
    leaves: dict[str, list[Leave]] = {}
    declared: dict[str, list[tuple[bool, int, CalendarDay]]] = {}
    if dates:
        days = connection.execute(DAYS, these | {"since": min(dates), "until": max(dates)})
        for key, first, last, works, team, number in days:
            if works is None:
                leaves.setdefault(key, []).append(Leave(first=first, last=last))
            else:
                day = CalendarDay(on=first, works=works, team_id=team)
                declared.setdefault(key, []).append((team is not None, number, day))
    return {
        key: Whereabouts(
            is_member=member is not None and left_on is None,
            is_alive=not is_lost,
            paused_until=paused_until,
            room_of=OrgId(room_of) if room_of else None,
            leaves=tuple(leaves.get(key, ())),
            # The organisation's word first, then the team's.
            declared=declared_for(team, [day for _, _, day in sorted(declared.get(key, ()), key=_said_at)]),
        )
        for key, member, left_on, paused_until, team, room_of, is_lost in connection.execute(
            WHEREABOUTS, these
        )
    }


def _said_at(declared: tuple[bool, int, CalendarDay]) -> tuple[bool, int]:
    return declared[:2]


def lost(connection: Connection, before: datetime) -> tuple[OrgId, tuple[tuple[MemberId, str], ...]] | None:
    """One organisation with somebody lost since `before`, and all of its lost."""
    org: int | None = connection.execute(LOST_IN, {"before": before}).scalar()
    if org is None:
        return None
    rows = connection.execute(LOST, {"of_org": org})
    return OrgId(org), tuple((MemberId(member), platform) for member, platform in rows)
