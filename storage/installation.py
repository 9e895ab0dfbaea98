"""The one row about the whole installation: whether it is paused, what it was restored from, when it was backed up."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from domain.installation import Standing, Why, Withheld
from domain.ports import Delivery
from storage import tables
from storage.session import Later
from storage.upsert import upsert

ONE = 1
n, p, d = tables.installation.c, tables.letter.c, tables.due.c
q, ap, tg = tables.inbox.c, tables.approval.c, tables.target.c
READ = select(n.paused, n.paused_at, n.restored_from, n.backed_up_at)
# A fresh database; a dump of PostgreSQL comes without the row, and its absence says that nobody let it speak.
FIRST = insert(tables.installation).values(id=ONE)
MARK = upsert(tables.installation, ("id",), ("paused", "paused_at", "restored_from", "backed_up_at"))
PAUSE = (
    update(tables.installation)
    .where(n.id == ONE, n.paused.is_(None))
    .values(paused=Why.OPERATOR, paused_at=bindparam("now"))
)
RESUME = upsert(tables.installation, ("id",), ("paused", "paused_at"))
BACKED_UP = update(tables.installation).where(n.id == ONE).values(backed_up_at=bindparam("now"))
# An edit shows what is so, however often it is made; the menu of a chat likewise.
TWICE_IS_ONCE = (Delivery.EDIT, Delivery.MENU)
UNSAID = (
    p.state.in_(("due", "sending")),
    p.delivery.not_in(TWICE_IS_ONCE),
    # Whatever this machine's clock says, what was due at the backup may have left.
    or_(p.due_at <= bindparam("now"), p.due_at <= bindparam("copied_at")),
)
UNSENT = select(func.count()).select_from(tables.letter).where(*UNSAID)
WITHHOLD = update(tables.letter).where(*UNSAID).values(state="withheld")
UNANSWERED = select(func.count()).select_from(tables.inbox).where(q.state == "new")
PASSED_PUSHES = select(func.count()).select_from(tables.due).where(d.due_at <= bindparam("now"))
PASSED_REQUESTS = (
    select(func.count())
    .select_from(tables.approval)
    .where(ap.escalate_at <= bindparam("now"), ap.withdrawn.is_(False), ap.decision == "open")
)
PASSED_TARGETS = (
    select(func.count())
    .select_from(tables.target)
    .where(tg.answer_by <= bindparam("now"), tg.withdrawn.is_(False))
)


def standing_of(connection: Connection) -> Standing:
    """What the row says; a database without it is a copy that nobody resumed."""
    row = connection.execute(READ).fetchone()
    if row is None:
        return Standing(paused=Why.RESTORED)
    paused, paused_at, restored_from, backed_up_at = row
    return Standing(
        paused=Why(paused) if paused else None,
        paused_at=paused_at,
        restored_from=restored_from,
        backed_up_at=backed_up_at,
    )


def mark_as_copy(connection: Connection, made_at: datetime, now: datetime) -> None:
    """Whoever opens it finds it paused."""
    row = {"paused": Why.RESTORED, "paused_at": now, "restored_from": made_at, "backed_up_at": made_at}
    connection.execute(MARK, {"id": ONE, **row})


class SqlInstallation:
    """The installation's standing, and the letters a restored copy keeps to itself."""

    def __init__(self, connection: Connection, later: Later) -> None:
        self.connection = connection
        self.later = later

    def standing(self) -> Standing:
        return standing_of(self.connection)

    def pause(self, now: datetime) -> None:
        self.connection.execute(PAUSE, {"now": now})

    def resume(self) -> None:
        nothing = dict.fromkeys(("paused", "paused_at", "restored_from", "backed_up_at"))
        self.connection.execute(RESUME, {"id": ONE, **nothing})

    def withheld(self, now: datetime) -> Withheld:
        self.later.flush()
        letters = self.connection.execute(UNSENT, self._since(now)).scalar_one()
        deliveries = self.connection.execute(UNANSWERED).scalar_one()
        pushes, requests, targets = (
            self.connection.execute(each, {"now": now}).scalar_one()
            for each in (PASSED_PUSHES, PASSED_REQUESTS, PASSED_TARGETS)
        )
        return Withheld(letters=letters, deliveries=deliveries, pushes=pushes, deadlines=requests + targets)

    def withhold(self, now: datetime) -> int:
        self.later.flush()
        return self.connection.execute(WITHHOLD, self._since(now)).rowcount

    def _since(self, now: datetime) -> dict[str, datetime]:
        return {"now": now, "copied_at": self.standing().restored_from or now}
