"""Copies a PostgreSQL database by PostgreSQL's own programs, `pg_dump` and `pg_restore`."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from domain.installation import Contents, CopyFailed
from storage import schema
from storage.backup import contents_of, refuse_unknown
from storage.database import open_engine
from storage.installation import BACKED_UP, mark_as_copy
from storage.scope import INSTALLATION

# Row-level security hides every row from a plain role, also from the owner's own dump, until it says whose it sees.
SEE_ALL = text("SELECT set_config('dealpace.org', :org, true)").bindparams(org=INSTALLATION)
OPTION = f"-c dealpace.org={INSTALLATION}"
SNAPSHOT = text("SELECT pg_export_snapshot()")
# The row that lets a database speak is left out: whatever is made of the dump, by whatever way, is paused.
DUMP = (
    *("--format=custom", "--no-owner", "--no-privileges", "--enable-row-security"),
    "--exclude-table-data=installation",
)
RESTORE = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")


class PostgresCopies:
    """One database on a server; its programs have to be on this machine."""

    kind = "postgresql"
    folder = Path()

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")

    def copy(self, to: Path, now: datetime) -> Contents:
        to.touch(mode=0o600)
        with self._opened() as engine, engine.connect() as connection:
            connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                connection.execute(SEE_ALL)
                # What is counted here and what is dumped there is the same instant.
                snapshot = connection.execute(SNAPSHOT).scalar_one()
                contents = contents_of(connection)
                self._run("pg_dump", *DUMP, f"--snapshot={snapshot}", f"--file={to}")
            finally:
                connection.exec_driver_sql("ROLLBACK")
        return contents

    def note(self, now: datetime) -> None:
        with suppress(CopyFailed), self._opened() as engine, engine.connect() as connection:
            if schema.revision_of(connection) == schema.HEAD:
                connection.execute(BACKED_UP, {"now": now})

    def check(self, revision: str) -> None:
        refuse_unknown(revision)
        with self._opened() as engine:
            if inspect(engine).get_table_names():
                raise CopyFailed("the database is there and not empty; make an empty one and restore --to it")

    def put_back(self, copy: Path, made_at: datetime, now: datetime) -> Contents:
        self._run("pg_restore", *RESTORE, str(copy))
        with self._opened() as engine:
            schema.upgrade(engine)
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                connection.execute(SEE_ALL)
                contents = contents_of(connection)
                mark_as_copy(connection, made_at, now)
                connection.exec_driver_sql("COMMIT")
        return contents

    def _run(self, program: str, *arguments: str) -> None:
        found = shutil.which(program)
        if found is None:
            raise CopyFailed(
                f"{program} is not on this machine: install PostgreSQL's client programs, at least of the server's"
                " version (Debian: apt install postgresql-client)"
            )
        where = self._url.set(password=None).render_as_string(hide_password=False)
        ended = subprocess.run(
            [found, f"--dbname={where}", *arguments],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise CopyFailed(f"{program} failed: {' '.join(ended.stderr.split())}")

    def _environment(self) -> Mapping[str, str]:
        """The password goes where no list of processes shows it."""
        options = f"{os.environ.get('PGOPTIONS', '')} {OPTION}".strip()
        password = {"PGPASSWORD": str(self._url.password)} if self._url.password else {}
        return {**os.environ, "PGOPTIONS": options, **password}

    @contextmanager
    def _opened(self) -> Iterator[Engine]:
        engine = open_engine(self._url.render_as_string(hide_password=False))
        try:
            yield engine
        except DBAPIError as error:
            raise CopyFailed(f"the database: {str(error.orig).splitlines()[0]}") from None
        finally:
            engine.dispose()
