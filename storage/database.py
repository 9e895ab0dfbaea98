"""Opens either database and gives out units of work; the writer decides how many share one commit."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, StaticPool, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from domain.people import OrgId
from domain.ports import Change
from storage import tables
from storage.directory import SqlDirectory
from storage.inbox import SqlInbox
from storage.outbox import SqlOutbox
from storage.store import SqlStore

# PostgreSQL errors after which the same turn may simply run again: serialization, deadlock, a number just taken.
CONFLICTS = ("40001", "40P01", "23505")
SET_ORG = text("SELECT set_config('dealpace.org', :org, true)")
# The installation's own jobs (courier, tick, finding who speaks) see all rows; a turn sees its organisation's.
INSTALLATION = "installation"


class Rows:
    """Rows for the end of the group, by statement in the order first seen."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.waiting: list[tuple[Executable, Mapping[str, Any]]] = []

    def add(self, statement: Executable, row: Mapping[str, Any]) -> None:
        self.waiting.append((statement, row))

    def flush(self) -> None:
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        grouped: dict[int, tuple[Executable, list[Mapping[str, Any]]]] = {}
        for statement, row in waiting:
            grouped.setdefault(id(statement), (statement, []))[1].append(row)
        for statement, rows in grouped.values():
            self.connection.execute(statement, rows)


class SqlWork:
    """One unit of work on a held connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.later = Rows(connection)
        self.inbox = SqlInbox(connection, self.later)
        self.outbox = SqlOutbox(connection, self.later)
        self.people = SqlDirectory(connection, self.later)
        self._narrows = connection.dialect.name == "postgresql"

    def store(self, org: OrgId, change: Change | None = None) -> SqlStore:
        """The store of one organisation; from here on only its rows are seen (row-level security)."""
        self.see(str(org))
        return SqlStore(self.connection, self.later, org, change, _salt)

    def see(self, org: str) -> None:
        if self._narrows:
            self.connection.execute(SET_ORG, {"org": org})


def _salt() -> str:
    return secrets.token_hex(8)


class SqlTransactions:
    """One held connection with transactions opened by hand: the driver's own would begin too late."""

    def __init__(self, connection: Connection, begin: str) -> None:
        self.connection = connection
        self._begin = begin
        self.work = SqlWork(connection)
        self._kept = 0

    def begin(self) -> SqlWork:
        self.connection.exec_driver_sql(self._begin)
        self.work.see(INSTALLATION)
        self.work.later.waiting.clear()
        return self.work

    def mark(self) -> None:
        """A savepoint: what follows can be taken back alone."""
        self._kept = len(self.work.later.waiting)
        self.connection.exec_driver_sql("SAVEPOINT turn")

    def keep(self) -> None:
        self.connection.exec_driver_sql("RELEASE SAVEPOINT turn")
        self.work.see(INSTALLATION)

    def back(self) -> None:
        """Back to the savepoint; rows put aside since are dropped."""
        self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT turn")
        self.connection.exec_driver_sql("RELEASE SAVEPOINT turn")
        del self.work.later.waiting[self._kept :]
        self.work.see(INSTALLATION)

    def standing(self) -> bool:
        """Whether the transaction is still open: a full disk inside a savepoint ends the whole of it."""
        raw = self.connection.connection.dbapi_connection
        return bool(getattr(raw, "in_transaction", True))

    def commit(self) -> None:
        self.work.later.flush()
        self.connection.exec_driver_sql("COMMIT")

    def rollback(self) -> None:
        self.work.later.waiting.clear()
        if self.standing():
            self.connection.exec_driver_sql("ROLLBACK")

    def close(self) -> None:
        self.connection.close()


class SqlDatabase:
    """SQLite in a file or in memory, or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.single_writer = self.engine.dialect.name == "sqlite"

    def create(self) -> None:
        """Makes all tables at once in a database that lives only in memory."""
        if self.single_writer:
            tables.metadata.create_all(self.engine)

    def connect(self) -> SqlTransactions:
        begin = "BEGIN IMMEDIATE" if self.single_writer else "BEGIN"
        return SqlTransactions(self.engine.connect(), begin)

    def is_conflict(self, error: Exception) -> bool:
        """Whether the same job may succeed when it is simply run again."""
        return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CONFLICTS

    def is_outage(self, error: Exception) -> bool:
        """Whether the database, not the job, is at fault: locked, full, gone. The job waits and runs again."""
        return isinstance(error, OperationalError | InterfaceError)

    def close(self) -> None:
        self.engine.dispose()


def open_engine(url: str) -> Engine:
    """An engine that never begins transactions by itself."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        parsed = parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed
        return create_engine(parsed, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    in_memory = parsed.database in (None, "", ":memory:")
    if not in_memory:
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False, "timeout": 30},
        **({"poolclass": StaticPool} if in_memory else {}),
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            raw.execute(f"PRAGMA {pragma}")

    return engine
