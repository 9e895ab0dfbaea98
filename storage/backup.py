"""Copies a whole database out and puts it back: SQLite by its own backup API, while the bot writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from domain.installation import Contents, Copies, CopyFailed, NamedFile
from storage import schema, tables
from storage.database import open_engine
from storage.installation import BACKED_UP, mark_as_copy

# Between so many pages a backup can be interrupted; its snapshot stays the same, so it never begins anew.
PAGES = 1024
WAIT_SECONDS = 30
f = tables.file.c
KEPT = select(f.kept_as, f.sha256).distinct().order_by(f.kept_as)
ORGANISATIONS = select(func.count()).select_from(tables.org)
LETTERS = select(func.count()).select_from(tables.letter)
REVISION = text("SELECT version_num FROM alembic_version")


def contents_of(connection: Connection) -> Contents:
    """What a database holds, at whatever revision; one of somebody else is refused."""
    there = set(inspect(connection).get_table_names())
    if "alembic_version" not in there or tables.org.name not in there:
        raise CopyFailed("the database holds no tables of Dealpace")
    files = connection.execute(KEPT) if tables.file.name in there else ()
    return Contents(
        revision=connection.execute(REVISION).scalar_one(),
        organisations=connection.execute(ORGANISATIONS).scalar_one(),
        letters=connection.execute(LETTERS).scalar_one(),
        files=tuple(NamedFile(kept_as=name, sha256=digest) for name, digest in files),
    )


class SqliteCopies:
    """One file."""

    kind = "sqlite"

    def __init__(self, url: str) -> None:
        named = make_url(url).database
        if named in (None, "", ":memory:"):
            raise CopyFailed("the database lives in memory: there is nothing to back up or to restore")
        self.file = Path(str(named))
        self.folder = self.file.parent
        self._url = url

    def copy(self, to: Path, now: datetime) -> Contents:
        if not self.file.is_file() or not self.file.stat().st_size:
            raise CopyFailed(f"there is no database at {self.file}")
        to.touch(mode=0o600)
        with _told("the database could not be copied"):
            with closing(_opened(self.file)) as source, closing(_opened(to)) as copy:
                # One snapshot for all pages: readers of a WAL never hold up its writer, nor does he them.
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master")
                source.backup(copy, pages=PAGES)
                # One file, without the two beside it.
                copy.execute("PRAGMA journal_mode=DELETE")
            return _marked(to, now, now)

    def note(self, now: datetime) -> None:
        # The backup is there: that nobody is told of it later does not undo it.
        with (
            suppress(DBAPIError),
            closing(_Engine(self._url)) as opened,
            opened.engine.connect() as connection,
        ):
            if schema.revision_of(connection) == schema.HEAD:
                connection.execute(BACKED_UP, {"now": now})

    def check(self, revision: str) -> None:
        refuse_unknown(revision)
        if not self.file.exists() or not self.file.stat().st_size:
            return
        if _holds_anything(self.file):
            raise CopyFailed(
                f"{self.file} is there and not empty; move it away, or restore --to another file"
            )

    def put_back(self, copy: Path, made_at: datetime, now: datetime) -> Contents:
        with _told("the copy is damaged"), closing(_opened(copy)) as found:
            if (said := found.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise CopyFailed(f"the database in the backup is damaged: {said}")
        with _told("the database could not be restored"):
            with closing(_Engine(f"sqlite:///{copy}")) as opened:
                with opened.engine.connect() as connection:
                    refuse_unknown(contents_of(connection).revision)
                # Here and not at the next start: only these tables can say that it is paused.
                schema.upgrade(opened.engine)
            contents = _marked(copy, made_at, now)
            self._place(copy)
        return contents

    def _place(self, copy: Path) -> None:
        """All of it or nothing, in one transaction of SQLite's own."""
        was_there = self.file.exists()
        try:
            with closing(_Engine(self._url)) as opened, closing(_opened(copy)) as source:
                raw = opened.engine.raw_connection()
                source.backup(raw.driver_connection)  # type: ignore[arg-type]
                raw.close()
        except BaseException:
            if not was_there:
                for name in ("", "-wal", "-shm", "-journal"):
                    self.file.with_name(self.file.name + name).unlink(missing_ok=True)
            raise


class _Engine:
    """An engine that goes with its block."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)

    def close(self) -> None:
        self.engine.dispose()


def refuse_unknown(revision: str) -> None:
    """A backup of a newer release is for that release."""
    if not schema.knows(revision):
        raise CopyFailed(
            f"the backup is at revision {revision}, which this release does not know (its own is {schema.HEAD});"
            " restore it with the newer release"
        )


def _holds_anything(file: Path) -> bool:
    """Whether anything would be lost: what is no database, tables of somebody else, or one organisation."""
    with suppress(DBAPIError), _as_it_is(file) as connection:
        there = set(inspect(connection).get_table_names())
        if tables.org.name not in there:
            return bool(there)
        return bool(connection.execute(ORGANISATIONS).scalar_one())
    return True


def _opened(file: Path) -> sqlite3.Connection:
    """A file that is there, with transactions begun by hand."""
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT_SECONDS, isolation_level=None
    )


def _marked(copy: Path, made_at: datetime, now: datetime) -> Contents:
    """What a copy holds; whoever opens it, by whatever way it came there, finds it paused."""
    with _as_it_is(copy) as connection:
        if (said := connection.exec_driver_sql("PRAGMA quick_check").scalar()) != "ok":
            raise CopyFailed(f"the database is damaged: {said}")
        contents = contents_of(connection)
        if inspect(connection).has_table(tables.installation.name):
            mark_as_copy(connection, made_at, now)
        return contents


@contextmanager
def _as_it_is(file: Path) -> Iterator[Connection]:
    """A file that is only looked at keeps the journal it has."""
    engine = create_engine(f"sqlite:///{file}", isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _told(what: str) -> Iterator[None]:
    """The driver's errors as words for whoever runs the command."""
    try:
        yield
    except DBAPIError as error:
        raise CopyFailed(f"{what}: {error.orig}") from None
    except (sqlite3.Error, SQLAlchemyError, OSError) as error:
        raise CopyFailed(f"{what}: {error}") from None


def copies_of(url: str) -> Copies:
    """The copies of either database. Raises `CopyFailed` for one in memory."""
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteCopies(url)
    from storage.dumps import PostgresCopies

    return PostgresCopies(url)
