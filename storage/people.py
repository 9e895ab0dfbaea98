"""Rows of organisations, teams, members, invitations and drafts."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, insert, select, update

from domain.people import Language, Member, MemberId, Organisation, OrgId, Profile, Role, Stay, Team, TeamId
from domain.ports import Address, Delivery, Draft, Room
from storage import tables
from storage.session import Session

o, m, tm, i, d = tables.org.c, tables.member.c, tables.team.c, tables.identity.c, tables.draft.c
ts = tables.team_stay.c
rm, p, iv, ic, e, b = (
    tables.room.c,
    tables.letter.c,
    tables.invite.c,
    tables.invite_code.c,
    tables.card.c,
    tables.card_action.c,
)
MEMBER = (
    m.id, m.name, m.roles, m.team_id, m.language, m.zone, m.profile, m.joined_on, m.day_starts, m.nudged,
    m.quantities, m.digest_at, m.pushes_to, m.heard_on, m.paused_until, m.left_on, m.capability, m.named,
    m.region,
)  # fmt: skip
ORG = (
    o.id,
    o.name,
    o.language,
    o.zone,
    o.currency,
    o.week,
    o.profile,
    o.started_on,
    o.quantities,
    o.choices,
    o.region,
)
# Where pushes go comes first; without a wish the platforms stand in a fixed order.
PUSHES_FIRST = (case((i.platform == m.pushes_to, 0), else_=1), i.platform, i.account)

ORG_BY_ID = select(*ORG).where(o.id == bindparam("org_id"))
MEMBER_BY_ID = select(*MEMBER).where(m.org_id == bindparam("org_id"), m.id == bindparam("member_id"))
MEMBERS = select(*MEMBER).where(m.org_id == bindparam("org_id"), m.left_on.is_(None)).order_by(m.id)
FORMER = select(*MEMBER).where(m.org_id == bindparam("org_id"), m.left_on.is_not(None)).order_by(m.id)
TEAMS = (
    select(tm.id, tm.name, tm.manager_id, tm.deputy_id)
    .where(tm.org_id == bindparam("org_id"))
    .order_by(tm.id)
)
ADDRESSES = (
    select(i.platform, i.chat)
    .join_from(tables.identity, tables.member, and_(m.org_id == i.org_id, m.id == i.member_id))
    .where(i.org_id == bindparam("org_id"), i.member_id == bindparam("member_id"), i.alive)
    .order_by(*PUSHES_FIRST)
)
ROOMS = (
    select(rm.id, rm.team_id, rm.platform, rm.chat, rm.bound_by)
    .where(rm.org_id == bindparam("org_id"))
    .order_by(rm.id)
)
UNBIND_ROOM = delete(tables.room).where(
    rm.org_id == bindparam("of_org"), rm.platform == bindparam("on"), rm.chat == bindparam("in_chat")
)
# What was still to be said there was for the team it belonged to.
NOT_SAID_THERE = (
    update(tables.letter)
    .where(p.org_id == bindparam("of_org"), p.state == "due", p.member_id.is_(None))
    .where(p.platform == bindparam("on"), p.chat == bindparam("in_chat"), p.delivery == Delivery.POST)
    .values(state="cancelled", reason="unbound")
)
ADD_LINK_CODE = insert(tables.link_code)
# What a person who leaves no longer has; what they did stays.
GONE_WITH_MEMBER = tuple(
    delete(table).where(table.c.org_id == bindparam("of_org"), table.c.member_id == bindparam("of_member"))
    for table in (
        tables.identity,
        tables.draft,
        tables.due,
        tables.card,
        tables.card_action,
        tables.link_code,
    )
)
# Nor may somebody come in by an invitation of theirs: not they themselves either.
CLOSE_INVITATIONS = delete(tables.invite_code).where(
    ic.org_id == bindparam("of_org"),
    ic.invite_id.in_(
        select(iv.id).where(
            iv.org_id == bindparam("of_org"), iv.invited_by == bindparam("of_member"), iv.used_at.is_(None)
        )
    ),
)
CANCEL_LETTERS = (
    update(tables.letter)
    .where(p.org_id == bindparam("of_org"), p.member_id == bindparam("of_member"), p.state == "due")
    .values(state="cancelled")
)
# What a person has on one platform, when its account is unbound and others stay.
UNBIND_ACCOUNT = delete(tables.identity).where(
    i.org_id == bindparam("of_org"), i.member_id == bindparam("of_member"), i.platform == bindparam("on")
)
DROP_DRAFTS = delete(tables.draft).where(
    d.org_id == bindparam("of_org"),
    d.member_id == bindparam("of_member"),
    d.chat.in_(
        select(i.chat).where(
            i.org_id == bindparam("of_org"),
            i.member_id == bindparam("of_member"),
            i.platform == bindparam("on"),
        )
    ),
)
DROP_CARDS = delete(tables.card).where(
    e.org_id == bindparam("of_org"), e.member_id == bindparam("of_member"), e.platform == bindparam("on")
)
DROP_EDITS = (
    update(tables.letter)
    .where(p.org_id == bindparam("of_org"), p.member_id == bindparam("of_member"), p.state == "due")
    .where(p.platform == bindparam("on"), p.delivery == Delivery.EDIT)
    .values(state="cancelled")
)
# What is still to be said comes where the person is from now on, and its buttons with it.
SEND_ON = (
    update(tables.letter)
    .where(p.org_id == bindparam("of_org"), p.member_id == bindparam("of_member"), p.state == "due")
    .where(p.platform == bindparam("on"))
    .values(platform=bindparam("to_platform"), chat=bindparam("to_chat")),
    update(tables.card_action)
    .where(
        b.org_id == bindparam("of_org"), b.member_id == bindparam("of_member"), b.platform == bindparam("on")
    )
    .values(platform=bindparam("to_platform"), chat=bindparam("to_chat")),
)
STAYS = (
    select(ts.member_id, ts.team_id, ts.since)
    .where(ts.org_id == bindparam("org_id"), ts.member_id.in_(bindparam("ids", expanding=True)))
    .order_by(ts.member_id, ts.since, ts.id)
)
DROP_STAY = delete(tables.team_stay).where(
    ts.org_id == bindparam("of_org"), ts.member_id == bindparam("of_member"), ts.since >= bindparam("from_on")
)
ADD_CODE = insert(tables.invite_code)
DROP_DRAFT = delete(tables.draft).where(
    d.org_id == bindparam("org_id"), d.member_id == bindparam("of_member"), d.chat == bindparam("in_chat")
)
ADD_DRAFT = insert(tables.draft)


def as_member(row: Sequence[Any]) -> Member:
    """A member from the columns of MEMBER."""
    (
        number, name, roles, team, language, zone, profile, joined_on, day_starts, nudged,
        quantities, digest_at, pushes_to, heard_on, paused_until, left_on, capability, named,
        region,
    ) = row  # fmt: skip
    return Member(
        id=MemberId(number),
        name=name,
        roles=frozenset(Role(role) for role in roles.split(",") if role),
        team_id=team,
        language=Language(language),
        zone=zone,
        profile=Profile(profile),
        joined_on=joined_on,
        day_starts=day_starts,
        nudged=nudged,
        quantities=_read(quantities),
        digest_at=digest_at,
        pushes_to=pushes_to,
        heard_on=heard_on,
        paused_until=paused_until,
        left_on=left_on,
        capability=capability,
        named=named,
        region=region,
    )


@lru_cache(maxsize=256)
def _read(text: str) -> Mapping[str, Any]:
    """Quantities or choices as stored, read once: most people have none of their own."""
    return MappingProxyType(json.loads(text))


def as_organisation(row: Sequence[Any]) -> Organisation:
    """An organisation from the columns of ORG."""
    number, name, language, zone, currency, week, profile, started_on, quantities, choices, region = row
    return Organisation(
        id=OrgId(number),
        name=name,
        language=Language(language),
        zone=zone,
        currency=currency,
        week=frozenset(int(day) for day in week),
        profile=Profile(profile),
        started_on=started_on,
        quantities={Role(role): own for role, own in _read(quantities).items()},
        choices=_read(choices),
        region=region,
    )


def written_roles(roles: frozenset[Role]) -> str:
    """Roles as one column, in the order of the enumeration."""
    return ",".join(role for role in Role if role in roles)


class People(Session):
    """Who is in the organisation."""

    def organisation(self) -> Organisation:
        return as_organisation(self.run(ORG_BY_ID).one())

    def revise_organisation(self, **values: str) -> None:
        self.connection.execute(update(tables.org).where(o.id == self.org_id).values(values))

    def member(self, member: MemberId) -> Member:
        return as_member(self.run(MEMBER_BY_ID, member_id=member).one())

    def members(self) -> tuple[Member, ...]:
        return tuple(as_member(row) for row in self.rows(MEMBERS))

    def former_members(self) -> tuple[Member, ...]:
        return tuple(as_member(row) for row in self.rows(FORMER))

    def add_member(self, member: Member) -> MemberId:
        number = self.insert(
            tables.member,
            name=member.name,
            roles=written_roles(member.roles),
            wanted_role=None,
            team_id=member.team_id,
            language=member.language,
            zone=member.zone,
            profile=member.profile,
            joined_on=member.joined_on,
            day_starts=member.day_starts,
            nudged=member.nudged,
            quantities=json.dumps(dict(member.quantities)),
            digest_at=member.digest_at,
            pushes_to=member.pushes_to,
            heard_on=member.heard_on,
            paused_until=member.paused_until,
            left_on=None,
            capability=member.capability,
            named=member.named,
            region=member.region,
        )
        self._stay(MemberId(number), member.team_id, member.joined_on)
        return MemberId(number)

    def revise_member(self, member: MemberId, **values: Any) -> None:
        where = (m.org_id == self.org_id) & (m.id == member)
        self.connection.execute(update(tables.member).where(where).values(values))

    def join_team(self, member: MemberId, team: TeamId | None, since: date) -> None:
        self.revise_member(member, team_id=team)
        self._stay(member, team, since)

    def _stay(self, member: MemberId, team: TeamId | None, since: date) -> None:
        """From a date on; who moves twice on one day was only in the last team."""
        self.change_rows(DROP_STAY, of_member=member, from_on=since)
        self.insert(tables.team_stay, member_id=member, team_id=team, since=since)

    def stays(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[Stay, ...]]:
        found: dict[MemberId, tuple[Stay, ...]] = {}
        for member, team, since in self.rows(STAYS, ids=list(members)):
            found[member] = (*found.get(member, ()), Stay(team_id=team, since=since))
        return found

    def choose(self, choices: Mapping[str, int | str]) -> None:
        self.revise_organisation(choices=json.dumps(dict(choices), sort_keys=True))

    def set_quantities(self, quantities: Mapping[str, int], member: MemberId) -> None:
        self.revise_member(member, quantities=json.dumps(dict(quantities)))

    def set_role_quantities(self, quantities: Mapping[Role, Mapping[str, int]]) -> None:
        self.revise_organisation(
            quantities=json.dumps({role: dict(own) for role, own in quantities.items() if own})
        )

    def dismiss(self, member: MemberId, on: date) -> None:
        self.later.flush()
        for statement in (*GONE_WITH_MEMBER, CLOSE_INVITATIONS, CANCEL_LETTERS):
            self.change_rows(statement, of_member=member)
        for team in self.teams():
            if member in (team.manager_id, team.deputy_id):
                self.unlead_team(team.id, member)
        self.revise_member(member, left_on=on, wanted_role=None)

    def wanted_role(self, member: MemberId) -> Role | None:
        where = (m.org_id == self.org_id) & (m.id == member)
        wanted = self.connection.execute(select(m.wanted_role).where(where)).scalar_one_or_none()
        return Role(wanted) if wanted else None

    def teams(self) -> tuple[Team, ...]:
        return tuple(
            Team(id=TeamId(number), name=name, manager_id=manager, deputy_id=deputy)
            for number, name, manager, deputy in self.rows(TEAMS)
        )

    def add_team(self, name: str) -> TeamId:
        return TeamId(self.insert(tables.team, name=name, manager_id=None, deputy_id=None))

    def lead_team(self, team: TeamId, manager: MemberId | None, deputy: MemberId | None = None) -> None:
        values = {"manager_id": manager} if manager else {"deputy_id": deputy}
        where = (tm.org_id == self.org_id) & (tm.id == team)
        self.connection.execute(update(tables.team).where(where).values(values))

    def rename_team(self, team: TeamId, name: str) -> None:
        where = (tm.org_id == self.org_id) & (tm.id == team)
        self.connection.execute(update(tables.team).where(where).values(name=name))

    def unlead_team(self, team: TeamId, member: MemberId) -> None:
        """Takes a person out of whichever of the two seats of a team they hold."""
        for column in (tm.manager_id, tm.deputy_id):
            where = (tm.org_id == self.org_id) & (tm.id == team) & (column == member)
            self.connection.execute(update(tables.team).where(where).values({column.name: None}))

    def rooms(self) -> tuple[Room, ...]:
        return tuple(
            Room(
                id=number,
                team_id=TeamId(team),
                at=Address(platform=platform, chat=chat),
                bound_by=MemberId(by),
            )
            for number, team, platform, chat, by in self.rows(ROOMS)
        )

    def bind_room(self, team: TeamId, at: Address, by: MemberId) -> None:
        self.unbind_room(at)
        self.insert(tables.room, team_id=team, platform=at.platform, chat=at.chat, bound_by=by)

    def unbind_room(self, at: Address) -> None:
        self.later.flush()
        self.change_rows(NOT_SAID_THERE, on=at.platform, in_chat=at.chat)
        self.change_rows(UNBIND_ROOM, on=at.platform, in_chat=at.chat)

    def unlink(self, member: MemberId, platform: str, to: Address) -> None:
        self.later.flush()
        for statement in (DROP_DRAFTS, UNBIND_ACCOUNT, DROP_CARDS, DROP_EDITS):
            self.change_rows(statement, of_member=member, on=platform)
        for statement in SEND_ON:
            self.change_rows(
                statement, of_member=member, on=platform, to_platform=to.platform, to_chat=to.chat
            )

    def keep_link_code(self, member: MemberId, code_hash: str, expires_at: datetime) -> None:
        self.run(ADD_LINK_CODE, code_hash=code_hash, member_id=member, expires_at=expires_at, used_at=None)

    def address_of(self, member: MemberId) -> tuple[Address, ...]:
        return tuple(
            Address(platform=platform, chat=chat) for platform, chat in self.rows(ADDRESSES, member_id=member)
        )

    def invite(
        self, role: Role, team: TeamId | None, by: MemberId, code_hashes: Sequence[str], until: datetime
    ) -> int:
        number = self.insert(
            tables.invite,
            role=role,
            team_id=team,
            invited_by=by,
            expires_at=until,
            used_at=None,
            member_id=None,
        )
        for code_hash in code_hashes:
            self.run(ADD_CODE, code_hash=code_hash, invite_id=number)
        return number

    def keep_draft(self, member: MemberId, chat: str, draft: Draft | None) -> None:
        self.run(DROP_DRAFT, of_member=member, in_chat=chat)
        if draft:
            self.run(
                ADD_DRAFT,
                member_id=member,
                chat=chat,
                line=draft.line,
                part=draft.part,
                suspended=draft.suspended,
            )
