"""Rows of organisations, teams, members, invitations and drafts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from domain.people import Language, Member, MemberId, Organisation, OrgId, Profile, Role, Team, TeamId
from domain.ports import Address, Draft
from storage import tables
from storage.session import Session

o, m, tm, i, d = tables.org.c, tables.member.c, tables.team.c, tables.identity.c, tables.draft.c
MEMBER = (
    m.id, m.name, m.roles, m.team_id, m.language, m.zone, m.profile, m.joined_on, m.day_starts, m.nudged,
)  # fmt: skip
ORG = (o.id, o.name, o.language, o.zone, o.currency, o.week, o.profile, o.started_on)

ORG_BY_ID = select(*ORG).where(o.id == bindparam("org_id"))
MEMBER_BY_ID = select(*MEMBER).where(m.org_id == bindparam("org_id"), m.id == bindparam("member_id"))
MEMBERS = select(*MEMBER).where(m.org_id == bindparam("org_id")).order_by(m.id)
TEAMS = (
    select(tm.id, tm.name, tm.manager_id, tm.deputy_id)
    .where(tm.org_id == bindparam("org_id"))
    .order_by(tm.id)
)
ADDRESSES = (
    select(i.platform, i.chat)
    .where(i.org_id == bindparam("org_id"), i.member_id == bindparam("member_id"), i.alive)
    .order_by(i.platform, i.account)
)
ADD_CODE = insert(tables.invite_code)
DROP_DRAFT = delete(tables.draft).where(
    d.org_id == bindparam("org_id"), d.member_id == bindparam("of_member"), d.chat == bindparam("in_chat")
)
ADD_DRAFT = insert(tables.draft)


def as_member(row: Sequence[Any]) -> Member:
    """A member from the columns of MEMBER."""
    number, name, roles, team, language, zone, profile, joined_on, day_starts, nudged = row
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
    )


def as_organisation(row: Sequence[Any]) -> Organisation:
    """An organisation from the columns of ORG."""
    number, name, language, zone, currency, week, profile, started_on = row
    return Organisation(
        id=OrgId(number),
        name=name,
        language=Language(language),
        zone=zone,
        currency=currency,
        week=frozenset(int(day) for day in week),
        profile=Profile(profile),
        started_on=started_on,
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
        )
        return MemberId(number)

    def revise_member(self, member: MemberId, **values: Any) -> None:
        where = (m.org_id == self.org_id) & (m.id == member)
        self.connection.execute(update(tables.member).where(where).values(values))

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
