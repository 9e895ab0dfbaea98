"""Opens either database and gives out units of work; the writer decides how many share one commit."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Engine, Executable, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from domain.people import OrgId
from domain.ports import Change
from storage import schema, tables
from storage.directory import SqlDirectory
from storage.driver import Driver
from storage.files import named_files
from storage.holidays import SqlHolidays
from storage.inbox import SqlInbox
from storage.installation import FIRST, SqlInstallation
from storage.outbox import SqlOutbox
from storage.retention import delete_old
from storage.scope import INSTALLATION, Scope, ScopedDriver
from storage.store import SqlStore
from storage.types import TextDate
from storage.upkeep import SqlUpkeep

# PostgreSQL errors after which the same turn may simply run again: serialization, deadlock, a number just taken.
CONFLICTS = ("40001", "40P01", "23505")
# An error's text goes to the log, and what people wrote does not.
HIDDEN = True
# SQLite errors that are the machine's, not the statement's: busy, locked, out of memory, read-only, I/O, full,
# cannot open (sqlite.org/rescode.html; the low byte of the extended code).
OUTAGES = (5, 6, 7, 8, 10, 13, 14)


class Rows:
    """Rows for the end of the group, by statement in the order first seen."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.waiting: list[tuple[Executable, Mapping[str, Any]]] = []
        self._kept = 0
        self._moved: list[tuple[Executable, Mapping[str, Any]]] = []

    def clear(self) -> None:
        self.waiting, self._moved, self._kept = [], [], 0

    def mark(self) -> None:
        """A savepoint begins."""
        self._kept, self._moved = len(self.waiting), []

    def back(self) -> None:
        """Drops what was put aside since the mark; what an earlier job put aside and this one wrote waits again."""
        self.waiting = self._moved + self.waiting[: self._kept]
        self._moved = []

    def add(self, statement: Executable, row: Mapping[str, Any]) -> None:
        self.waiting.append((statement, row))

    def flush(self) -> None:
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        self._moved += waiting[: self._kept]
        self._kept = 0
        grouped: dict[int, tuple[Executable, list[Mapping[str, Any]]]] = {}
        for statement, row in waiting:
            grouped.setdefault(id(statement), (statement, []))[1].append(row)
        for statement, rows in grouped.values():
            self.driver.many(statement, rows)


class SqlWork:
    """One unit of work on a held connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver = Driver(connection)
        self.scope = Scope(self.driver.raw) if connection.dialect.name == "postgresql" else None
        everywhere = self._seeing(INSTALLATION)
        self.later = Rows(everywhere)
        self.inbox = SqlInbox(everywhere, self.later)
        self.outbox = SqlOutbox(everywhere, self.later)
        self.people = SqlDirectory(everywhere, self.later)
        self.holidays = SqlHolidays(connection)
        self.upkeep = SqlUpkeep(everywhere.connection)
        self.installation = SqlInstallation(everywhere.connection, self.later)

    def store(self, org: OrgId, change: Change | None = None) -> SqlStore:
        """The store of one organisation: on PostgreSQL row-level security too lets it see no other's rows."""
        return SqlStore(self._seeing(str(org)), self.later, org, change, _salt)

    def tidy(self, now: datetime) -> int:
        """Deletes a little of what was kept long enough; how many rows."""
        self.later.flush()
        return delete_old(self.connection, now)

    def named_files(self, kept_as: Sequence[str]) -> frozenset[str]:
        """Which of these names in the store of files a row of any organisation has."""
        self.later.flush()
        return named_files(self._seeing(INSTALLATION).connection, kept_as)

    def forget(self) -> None:
        """Nobody's rows are seen: a transaction begins, or went back."""
        if self.scope:
            self.scope.forget()

    def _seeing(self, org: str) -> Driver:
        return ScopedDriver(self.driver, self.scope, org) if self.scope else self.driver


def _of_driver(error: BaseException) -> BaseException | None:
    """The driver's own error, whether or not SQLAlchemy stood between."""
    return error.orig if isinstance(error, DBAPIError) else error


def _salt() -> str:
    return secrets.token_hex(8)


class SqlTransactions:
    """One held connection with transactions opened by hand: the driver's own would begin too late."""

    def __init__(self, connection: Connection, begin: str) -> None:
        self.connection = connection
        self._begin = begin
        self.work = SqlWork(connection)
        self._say = self.work.driver.say

    def begin(self) -> SqlWork:
        self._say(self._begin)
        self.work.forget()
        self.work.later.clear()
        return self.work

    def mark(self) -> None:
        """A savepoint: what follows can be taken back alone."""
        self.work.later.mark()
        self._say("SAVEPOINT turn")

    def keep(self) -> None:
        self._say("RELEASE SAVEPOINT turn")

    def back(self) -> None:
        """Back to the savepoint; rows put aside since are dropped."""
        self._say("ROLLBACK TO SAVEPOINT turn")
        self._say("RELEASE SAVEPOINT turn")
        self.work.later.back()
        self.work.forget()

    def standing(self) -> bool:
        """Whether the transaction is still open: a full disk inside a savepoint ends the whole of it."""
        return bool(getattr(self.work.driver.raw, "in_transaction", True))

    def commit(self) -> None:
        self.work.later.flush()
        self._say("COMMIT")

    def rollback(self) -> None:
        self.work.later.clear()
        if self.standing():
            self._say("ROLLBACK")

    def close(self) -> None:
        if getattr(self.work.driver.raw, "closed", False):
            # Lost: there is nothing to roll back, and the pool must not have it again.
            self.connection.invalidate()
        self.connection.close()


class SqlDatabase:
    """SQLite in a file or in memory, or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.single_writer = self.engine.dialect.name == "sqlite"

    def create(self, before: Callable[[str], None] = lambda _revision: None) -> None:
        """Makes the database ready: migrated, or all tables at once where it lives only in memory.

        An embedded one that is to be brought up to date is first told to `before`, with its revision.
        """
        if isinstance(self.engine.pool, StaticPool):
            tables.metadata.create_all(self.engine)
            with self.engine.connect() as connection:
                connection.execute(FIRST)
        else:
            schema.prepare(self.engine, before if self.single_writer else lambda _revision: None)

    def differences(self) -> tuple[str, ...]:
        """Where the database is not as this code was written for, in words."""
        health = schema.check(self.engine)
        behind = () if health.revision == schema.HEAD else (f"revision {health.revision}, not {schema.HEAD}",)
        return (*behind, *health.differences)

    def connect(self) -> SqlTransactions:
        begin = "BEGIN IMMEDIATE" if self.single_writer else "BEGIN"
        return SqlTransactions(self.engine.connect(), begin)

    def is_conflict(self, error: Exception) -> bool:
        """Whether the same job may succeed when it is simply run again."""
        return getattr(_of_driver(error), "sqlstate", None) in CONFLICTS

    def is_outage(self, error: Exception) -> bool:
        """Whether the database, not the job, is at fault: locked, full, gone. The job waits and runs again."""
        dbapi: Any = self.engine.dialect.loaded_dbapi
        if self.single_writer:
            return getattr(_of_driver(error), "sqlite_errorcode", 0) & 0xFF in OUTAGES
        return isinstance(_of_driver(error), (dbapi.OperationalError, dbapi.InterfaceError))

    def close(self) -> None:
        self.engine.dispose()


def open_engine(url: str) -> Engine:
    """An engine that never begins transactions by itself."""
    parsed = make_url(url)
    tables.made_for(parsed.get_backend_name())
    if parsed.get_backend_name() != "sqlite":
        parsed = parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed
        return create_engine(parsed, isolation_level="AUTOCOMMIT", pool_pre_ping=True, hide_parameters=HIDDEN)
    in_memory = parsed.database in (None, "", ":memory:")
    if not in_memory:
        file = Path(str(parsed.database))
        file.parent.mkdir(parents=True, exist_ok=True)
        # Only for its owner; SQLite gives the files beside it the same mode.
        file.touch(mode=0o600)
    engine = create_engine(
        parsed,
        isolation_level="AUTOCOMMIT",
        hide_parameters=HIDDEN,
        connect_args={"check_same_thread": False, "timeout": 30},
        **({"poolclass": StaticPool} if in_memory else {}),
    )
    # Two dozen dates are bound with every record.
    engine.dialect.colspecs = {**engine.dialect.colspecs, Date: TextDate}

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            raw.execute(f"PRAGMA {pragma}")

    return engine
