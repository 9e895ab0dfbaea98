"""What whoever runs an installation asks: figures by few indexed queries, and the deliveries that were set aside."""

from datetime import datetime

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    select,
    text,
    update,
)

from domain.people import OrgId
from domain.upkeep import Figures, OwnFigures, Quarantined, Reference, Unreached
from storage import schema, tables
from storage.session import Session

q, p, i, m = tables.inbox.c, tables.letter.c, tables.identity.c, tables.member.c
# Written out, not bound: only so are the partial indexes of these states taken.
NEW, POISON, LATE = (
    q.state == literal_column("'new'"),
    q.state == literal_column("'poison'"),
    # Also what waits for its next try.
    and_(p.state == literal_column("'due'"), p.due_at <= bindparam("now")),
)
ENDED = p.state.in_([literal_column(f"'{state}'") for state in tables.ENDED])
DEAD = i.alive == false()
UNSURE = func.sum(case((p.outcome == "unknown", 1), else_=0))
WAITING = select(func.count(), func.min(q.received_at)).where(NEW)
LETTERS_LATE = select(func.count(), func.min(p.due_at), UNSURE).where(LATE)
LETTERS_ENDED = select(p.state, func.count()).where(ENDED).group_by(p.state)
# Written as in the partial index of letters whose fate was unknown at some time.
REPEATED = select(func.count()).where(p.unsure + p.recovered > literal_column("0"), p.state == "sent")
IS_MEMBER = and_(m.org_id == i.org_id, m.id == i.member_id, m.left_on.is_(None))
UNREACHED = select(func.count()).select_from(tables.identity.join(tables.member, IS_MEMBER)).where(DEAD)
SET_ASIDE = select(func.count()).where(POISON)
QUARANTINE = (
    select(q.reference, q.platform, q.received_at, q.fault, q.org_id)
    .where(POISON)
    .order_by(q.received_at.desc(), q.id.desc())
    .limit(bindparam("most"))
)
REQUEUE = (
    update(tables.inbox).where(POISON, q.reference == bindparam("by")).values(state="again").returning(q.id)
)
OWN_LATE = LETTERS_LATE.where(p.org_id == bindparam("org_id"))
OWN_UNREACHED = (
    select(m.name, i.platform)
    .select_from(tables.identity.join(tables.member, IS_MEMBER))
    .where(DEAD, i.org_id == bindparam("org_id"))
    .order_by(m.name, i.platform)
)
OWN_SET_ASIDE = SET_ASIDE.where(q.org_id == bindparam("org_id"))
REVISION = text("SELECT version_num FROM alembic_version")
HAS_REVISION = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"),
    "postgresql": text("SELECT to_regclass('alembic_version')"),
}


def revision(connection: Connection) -> str | None:
    """The revision a database is at; None where it was never migrated, in memory."""
    if connection.execute(HAS_REVISION[connection.dialect.name]).scalar() is None:
        return None
    found: str | None = connection.execute(REVISION).scalar()
    return found


class SqlUpkeep:
    """The whole installation's."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def is_at_head(self) -> bool:
        # In memory there is no revision, and the tables are always this release's.
        return revision(self.connection) in (None, schema.HEAD)

    def figures(self, now: datetime) -> Figures:
        """Five queries, each on an index that holds little else; what this transaction still keeps back is not in them."""
        new, oldest_new = self.connection.execute(WAITING).one()
        late, oldest_late, unsure = self.connection.execute(LETTERS_LATE, {"now": now}).one()
        ended = {row[0]: row[1] for row in self.connection.execute(LETTERS_ENDED)}
        return Figures(
            new=new,
            oldest_new=oldest_new,
            late=late,
            oldest_late=oldest_late,
            unsure=unsure or 0,
            ended=dict.fromkeys(tables.ENDED, 0) | ended,
            repeated=self.connection.execute(REPEATED).scalar_one(),
            unreached=self.connection.execute(UNREACHED).scalar_one(),
            quarantined=self.connection.execute(SET_ASIDE).scalar_one(),
        )

    def quarantine(self, most: int) -> tuple[Quarantined, ...]:
        return tuple(
            Quarantined(
                reference=Reference(reference),
                platform=platform,
                received_at=at,
                fault=fault or "",
                org_id=OrgId(org) if org else None,
            )
            for reference, platform, at, fault, org in self.connection.execute(QUARANTINE, {"most": most})
        )

    def requeue(self, reference: Reference) -> bool:
        return bool(self.connection.execute(REQUEUE, {"by": reference}).fetchall())


class OwnUpkeep(Session):
    """One organisation's."""

    def own_figures(self, now: datetime) -> OwnFigures:
        self.later.flush()
        late, oldest_late, unsure = self.rows(OWN_LATE, now=now)[0]
        return OwnFigures(
            late=late,
            oldest_late=oldest_late,
            unsure=unsure or 0,
            unreached=tuple(
                Unreached(name=name, platform=platform) for name, platform in self.rows(OWN_UNREACHED)
            ),
            quarantined=self.rows(OWN_SET_ASIDE)[0][0],
            revision=revision(self.connection),
        )
