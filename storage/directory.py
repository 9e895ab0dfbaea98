"""Rows read before an organisation is known: identities, codes and the doorstep."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Delete,
    Integer,
    String,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from domain.people import Language, MemberId, Organisation, OrgId, Role, Team, TeamId
from domain.ports import Address, Draft, Invitation, Known
from storage import tables
from storage.driver import Driver
from storage.people import MEMBER, ORG, as_member, as_organisation
from storage.session import Later
from storage.upsert import upsert

i, m, o, tm, d = tables.identity.c, tables.member.c, tables.org.c, tables.team.c, tables.draft.c
n, v, w, y, s = (
    tables.invite_code.c,
    tables.invite.c,
    tables.wrong_code.c,
    tables.owner_code.c,
    tables.doorstep.c,
)
lk, rm = tables.link_code.c, tables.room.c
WHO = (
    select(
        *ORG,
        *MEMBER,
        tm.id,
        tm.name,
        tm.manager_id,
        tm.deputy_id,
        d.line,
        d.part,
        d.suspended,
        i.chat,
        i.alive,
    )
    .select_from(
        tables.identity.join(tables.member, and_(m.org_id == i.org_id, m.id == i.member_id))
        .join(tables.org, o.id == i.org_id)
        .outerjoin(tables.team, and_(tm.org_id == m.org_id, tm.id == m.team_id))
        .outerjoin(
            tables.draft, and_(d.org_id == m.org_id, d.member_id == m.id, d.chat == bindparam("in_chat"))
        )
    )
    .where(i.platform == bindparam("on"), i.account == bindparam("account"))
)
BIND = upsert(tables.identity, ("platform", "account"), ("org_id", "member_id", "chat", "alive", "lost_at"))
FIND_INVITATION = (
    select(v.id, v.org_id, v.role, v.team_id, v.invited_by)
    .join_from(tables.invite_code, tables.invite, and_(v.org_id == n.org_id, v.id == n.invite_id))
    .where(n.code_hash == bindparam("code_hash"), v.used_at.is_(None), v.expires_at > bindparam("now"))
)
USE_INVITATION = (
    update(tables.invite)
    .where(v.org_id == bindparam("of_org"), v.id == bindparam("of_id"), v.used_at.is_(None))
    .values(used_at=bindparam("now"), member_id=bindparam("by_member"))
)
WRONG = select(func.count()).where(
    w.platform == bindparam("on"), w.account == bindparam("account"), w.at > bindparam("since")
)
OWNER = select(y.code_hash).where(
    y.code_hash == bindparam("of_hash"), y.used_at.is_(None), y.expires_at > bindparam("now")
)
KEEP_DOORSTEP = upsert(tables.doorstep, ("platform", "chat"), ("language", "line", "part"))
_used = tables.link_code.alias("used")
# The typed code and the link that were made together are spent together.
USE_LINK = (
    update(tables.link_code)
    .where(
        tuple_(lk.org_id, lk.member_id).in_(
            select(_used.c.org_id, _used.c.member_id).where(_used.c.code_hash == bindparam("of_hash"))
        ),
        lk.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
# A group is one organisation's with all its topics.
ROOM_OWNER = (
    select(rm.org_id)
    .where(rm.platform == bindparam("on"))
    .where(or_(rm.chat == bindparam("group"), rm.chat.like(bindparam("topics"))))
    .limit(1)
)
LINK = select(lk.org_id, lk.member_id).where(
    lk.code_hash == bindparam("of_hash"), lk.used_at.is_(None), lk.expires_at > bindparam("now")
)


def _there(table: Table) -> ColumnElement[bool]:
    """A chat's rows, and those of its topics."""
    chat = table.c.chat
    return and_(
        table.c.platform == bindparam("on"), or_(chat == bindparam("was"), chat.like(bindparam("below")))
    )


def _new_chat(table: Table) -> ColumnElement[str]:
    """The new number of a row's chat; a topic keeps what stands after the slash."""
    rest = func.substr(table.c.chat, bindparam("skipped", type_=Integer))
    return bindparam("becomes", type_=String).concat(rest)


def _moved(table: Table, *where: ColumnElement[bool]) -> Update:
    return update(table).where(_there(table), *where).values(chat=_new_chat(table))


def _in_the_way(table: Table, *same: str) -> Delete:
    """Rows whose place under the new number is taken already: what came there later holds."""
    other = table.alias("other")
    taken = select(other.c.chat).where(
        other.c.platform == table.c.platform,
        other.c.chat == _new_chat(table),
        *(other.c[name] == table.c[name] for name in same),
    )
    return delete(table).where(_there(table), taken.exists())


MAKE_WAY = (_in_the_way(tables.room), _in_the_way(tables.card, "org_id", "key"))
# What is still to be sent goes to the new number too; what was sent stays what it was.
MOVES = (
    *(_moved(table) for table in (tables.room, tables.identity, tables.card, tables.card_action)),
    _moved(tables.letter, tables.letter.c.state.in_(("due", "sending"))),
)
ORG_COLUMNS, MEMBER_COLUMNS = len(ORG), len(ORG) + len(MEMBER)


class SqlDirectory:
    """Who is who across organisations."""

    def __init__(self, driver: Driver, later: Later) -> None:
        self.driver = driver
        self.connection = driver.connection
        self.later = later

    def who(self, at: Address, account: str) -> Known | None:
        """The person of a chat identity with organisation, team and the draft of this chat, in one query."""
        found = self.driver.rows(WHO, {"on": at.platform, "account": account, "in_chat": at.chat})
        if not found:
            return None
        row = found[0]
        team, team_name, manager, deputy, line, part, suspended, home, alive = row[MEMBER_COLUMNS:]
        return Known(
            org=as_organisation(row[:ORG_COLUMNS]),
            member=as_member(row[ORG_COLUMNS:MEMBER_COLUMNS]),
            team=Team(id=TeamId(team), name=team_name, manager_id=manager, deputy_id=deputy)
            if team
            else None,
            home=Address(platform=at.platform, chat=home),
            alive=bool(alive),
            draft=Draft(line=line, part=part, suspended=suspended) if line is not None else None,
        )

    def bind(self, at: Address, account: str, org: OrgId, member: MemberId) -> None:
        self.connection.execute(
            BIND,
            {
                "platform": at.platform,
                "account": account,
                "org_id": org,
                "member_id": member,
                "chat": at.chat,
                "alive": True,
                "lost_at": None,
            },
        )

    def found(self, organisation: Organisation) -> OrgId:
        """A new organisation; its number."""
        number: int = self.connection.execute(
            insert(tables.org)
            .values(
                name=organisation.name,
                language=organisation.language,
                zone=organisation.zone,
                currency=organisation.currency,
                week="".join(str(day) for day in sorted(organisation.week)),
                profile=organisation.profile,
                started_on=organisation.started_on,
                quantities="{}",
                choices="{}",
            )
            .returning(o.id)
        ).scalar_one()
        return OrgId(number)

    def organisations(self) -> tuple[Organisation, ...]:
        return tuple(as_organisation(row) for row in self.connection.execute(select(*ORG).order_by(o.id)))

    def keep_owner_code(self, code_hash: str, expires_at: datetime) -> None:
        self.connection.execute(
            insert(tables.owner_code).values(code_hash=code_hash, expires_at=expires_at, used_at=None)
        )

    def owner_code(self, code_hash: str, now: datetime) -> bool:
        return self.connection.execute(OWNER, {"of_hash": code_hash, "now": now}).scalar() is not None

    def use_owner_code(self, code_hash: str, now: datetime) -> None:
        self.connection.execute(update(tables.owner_code).where(y.code_hash == code_hash).values(used_at=now))

    def invitation(self, code_hash: str, now: datetime) -> Invitation | None:
        row = self.connection.execute(FIND_INVITATION, {"code_hash": code_hash, "now": now}).fetchone()
        if row is None:
            return None
        number, org, role, team, by = row
        return Invitation(
            id=number,
            org_id=OrgId(org),
            role=Role(role),
            team_id=TeamId(team) if team else None,
            invited_by=MemberId(by),
        )

    def use_invitation(self, org: OrgId, invitation: int, member: MemberId, now: datetime) -> None:
        self.connection.execute(
            USE_INVITATION, {"of_org": org, "of_id": invitation, "now": now, "by_member": member}
        )

    def link_code(self, code_hash: str, now: datetime) -> tuple[OrgId, MemberId] | None:
        """Whose second account a code binds, while it is good."""
        row = self.connection.execute(LINK, {"of_hash": code_hash, "now": now}).fetchone()
        return (OrgId(row[0]), MemberId(row[1])) if row else None

    def use_link_code(self, code_hash: str, now: datetime) -> None:
        self.connection.execute(USE_LINK, {"of_hash": code_hash, "now": now})

    def owner_of_room(self, at: Address) -> OrgId | None:
        """The organisation a group or channel is bound to, or another topic of the same group."""
        group = at.chat.partition("/")[0]
        found = self.connection.execute(
            ROOM_OWNER, {"on": at.platform, "group": group, "topics": f"{group}/%"}
        ).scalar()
        return OrgId(found) if found else None

    def living_at(self, at: Address) -> tuple[OrgId, MemberId] | None:
        row = self.connection.execute(
            select(i.org_id, i.member_id).where(i.platform == at.platform, i.chat == at.chat)
        ).fetchone()
        return (OrgId(row[0]), MemberId(row[1])) if row else None

    def revive(self, at: Address) -> None:
        self.connection.execute(
            update(tables.identity)
            .where(i.platform == at.platform, i.chat == at.chat)
            .values(alive=True, lost_at=None)
        )

    def move_chat(self, old: Address, new: Address) -> None:
        self.later.flush()
        for statement in (*MAKE_WAY, *MOVES):
            self.connection.execute(
                statement,
                {
                    "on": old.platform,
                    "was": old.chat,
                    "below": f"{old.chat}/%",
                    "skipped": len(old.chat) + 1,
                    "becomes": new.chat,
                },
            )

    def wrong_codes(self, at: Address, account: str, since: datetime) -> int:
        return self.connection.execute(
            WRONG, {"on": at.platform, "account": account, "since": since}
        ).scalar_one()

    def note_wrong_code(self, at: Address, account: str, now: datetime) -> None:
        self.connection.execute(
            insert(tables.wrong_code).values(platform=at.platform, account=account, at=now)
        )

    def doorstep(self, at: Address) -> tuple[Language | None, Draft | None]:
        """What was chosen and asked before the person was known."""
        row = self.connection.execute(
            select(s.language, s.line, s.part).where(s.platform == at.platform, s.chat == at.chat)
        ).fetchone()
        if row is None:
            return None, None
        draft = Draft(line=row.line, part=row.part) if row.line else None
        return Language(row.language), draft

    def keep_doorstep(self, at: Address, language: Language, draft: Draft | None) -> None:
        self.connection.execute(
            KEEP_DOORSTEP,
            {
                "platform": at.platform,
                "chat": at.chat,
                "language": language,
                "line": draft.line if draft else None,
                "part": draft.part if draft else None,
            },
        )
