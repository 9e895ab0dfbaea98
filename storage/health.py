"""What can be told of a database before the bot runs on it: nothing is made, and every try is taken back."""

import errno
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import URL, Connection, false, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from domain.installation import Standing
from domain.upkeep import Figures, Reference
from storage import schema, tables
from storage.database import open_engine
from storage.installation import standing_of
from storage.scope import INSTALLATION, Scope
from storage.upkeep import SqlUpkeep

DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"}
PROBE_BYTES = 4096
# So many deliveries that were set aside are named.
LISTED_MOST = 5
BYPASSES = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")


class Fault(StrEnum):
    """Why nothing could be written."""

    ADDRESS = "address"
    UNREACHABLE = "unreachable"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    FULL = "full"
    DAMAGED = "damaged"


# SQLite's primary result codes (sqlite.org/rescode.html), PostgreSQL's SQLSTATEs, and the system's errors.
FAULTS: dict[int | str, Fault] = {
    **dict.fromkeys((5, 6, "55P03", "57014"), Fault.LOCKED),
    **dict.fromkeys((8, 14, "42501", "25006"), Fault.READ_ONLY),
    **dict.fromkeys((11, 26), Fault.DAMAGED),
    **dict.fromkeys((13, "53100"), Fault.FULL),
}
SYSTEM_FAULTS = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), Fault.READ_ONLY),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), Fault.FULL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """The facts of one database; a file only on SQLite, and none of it is filled in beyond the first fault."""

    fault: Fault | None = None
    detail: str = ""
    embedded: bool = False
    file: Path | None = None
    mode: int | None = None
    free_bytes: int | None = None
    is_empty: bool = False
    revision: str | None = None
    head: str = ""
    is_newer: bool = False
    differences: tuple[str, ...] = ()
    bypasses_row_security: bool = False
    standing: Standing | None = None
    figures: Figures | None = None
    references: tuple[Reference, ...] = ()


def examine_database(url: str, seconds: int, now: datetime) -> Checkup:
    """Looks at a database, waiting for its server or its locks no longer than so many seconds at a time."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return Checkup(fault=Fault.ADDRESS)
    if parsed.drivername not in DRIVERS:
        return Checkup(fault=Fault.ADDRESS, detail=parsed.drivername)
    found = Checkup(embedded=parsed.get_backend_name() == "sqlite", head=schema.HEAD)
    try:
        if found.embedded:
            if parsed.database in (None, "", ":memory:"):
                return replace(found, is_empty=True)
            file = Path(str(parsed.database))
            found = replace(found, file=file)
            found = _of_file(found, file)
        return found if found.is_empty or found.fault else _of_rows(found, parsed, seconds, now)
    except DBAPIError as error:
        return _faulty(found, error)
    except OSError as error:
        fault = SYSTEM_FAULTS.get(error.errno or 0, Fault.UNREACHABLE)
        return replace(found, fault=fault, detail=error.strerror or type(error).__name__)


def _of_file(found: Checkup, file: Path) -> Checkup:
    """Where the file is, or will be: SQLite writes more files beside it, so the folder must take one."""
    folder = next(each for each in file.absolute().parents if each.exists())
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(PROBE_BYTES))
        probe.flush()
        os.fsync(probe.fileno())
    found = replace(found, free_bytes=shutil.disk_usage(folder).free)
    if not file.exists() or file.stat().st_size == 0:
        return replace(found, is_empty=True)
    if file.is_dir():
        return replace(found, fault=Fault.UNREACHABLE, detail="it is a folder")
    return replace(found, mode=stat.S_IMODE(file.stat().st_mode))


def _of_rows(found: Checkup, url: URL, seconds: int, now: datetime) -> Checkup:
    if not found.embedded:
        url = url.update_query_dict({"connect_timeout": str(seconds), **url.query})
    engine = open_engine(url.render_as_string(hide_password=False))
    patience = "PRAGMA busy_timeout = {}" if found.embedded else "SET statement_timeout = {}"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(patience.format(seconds * 1000))
            revision = schema.revision_of(connection)
            bare = revision is None and not inspect(connection).has_table(tables.org.name)
            found = replace(found, revision=revision, is_empty=bare)
            _try_writing(connection, found)
            if revision == schema.HEAD:
                found = replace(found, standing=standing_of(connection))
            if not found.embedded:
                found = replace(found, bypasses_row_security=bool(connection.execute(BYPASSES).scalar()))
            if found.revision == found.head:
                found = _running(found, connection, now)
        if bare:
            return found
        return replace(found, differences=schema.check(engine).differences)
    except schema.SchemaTooNew:
        return replace(found, is_newer=True)
    finally:
        engine.dispose()


def _running(found: Checkup, connection: Connection, now: datetime) -> Checkup:
    """How the bot runs on it, as all organisations' rows show."""
    connection.exec_driver_sql("BEGIN")
    try:
        if not found.embedded:
            Scope(connection.connection.driver_connection).see(INSTALLATION)
        asked = SqlUpkeep(connection)
        references = tuple(each.reference for each in asked.quarantine(LISTED_MOST))
        return replace(found, figures=asked.figures(now), references=references)
    finally:
        connection.exec_driver_sql("ROLLBACK")


def _try_writing(connection: Connection, found: Checkup) -> None:
    """What the bot would do next: make tables where they are to be brought up, else write rows."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if found.embedded else "BEGIN")
    try:
        if found.revision == found.head:
            connection.execute(tables.inbox.delete().where(false()))
        else:
            connection.exec_driver_sql("CREATE TABLE dealpace_doctor (id INTEGER)")
    finally:
        # A full disk has ended the transaction already.
        with suppress(DBAPIError):
            connection.exec_driver_sql("ROLLBACK")


def _faulty(found: Checkup, error: DBAPIError) -> Checkup:
    """The fault behind an error of the driver, with the server's own words where it could not be reached."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    sign = getattr(error.orig, "sqlstate", None) if code is None else code & 0xFF
    # libpq leads to its reason through every address it tried: the last words of the first line are the reason.
    said = str(error.orig).partition("\n")[0].rpartition(" failed: ")[2]
    return replace(found, fault=FAULTS.get(sign or 0, Fault.UNREACHABLE), detail=said)
