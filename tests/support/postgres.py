"""The PostgreSQL server of the tests, and a fresh database on it for each test that asks."""

import atexit
import itertools
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, LiteralString, NewType, Self

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.support.required import require

Template = NewType("Template", str)

GIVEN = "DEALPACE_TEST_DATABASE_URL"

_DRIVER = "postgresql+psycopg"
_START_SECONDS = 60
_STOP_SECONDS = 30
_LONGEST_SOCKET = 100  # bytes; the kernel takes 107 on Linux, 103 on macOS

# The parent of the server. Its standard input ends when the tests end, however they end, and then so do both.
# A shell, because the user who runs it in place of root may be unable to read the Python that runs the tests.
_KEEPER = """
binaries=$1 folder=$2 fsync=$3
exec 3<&0 </dev/null
trap '{ kill -QUIT $server; kill $watcher; } 2>/dev/null; wait; rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
"$binaries/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \\
    --no-sync >/dev/null || exit 1
"$binaries/postgres" -D "$folder/data" -k "$folder" -p 5432 -c listen_addresses= -c fsync="$fsync" \\
    -c log_checkpoints=off 3<&- &
server=$!
{ read -r _; kill -QUIT $server; } <&3 &
watcher=$!
wait $server
"""


class Unavailable(Exception):
    """No PostgreSQL server can be started on this machine; the message says why."""


def cluster() -> "Cluster":
    """The one cluster of this test run, started on first use; skips the test where there cannot be one."""
    __tracebackhide__ = True
    found = _shared()
    if isinstance(found, Unavailable):
        require("postgres", str(found))
    return found


@cache
def _shared() -> "Cluster | Unavailable":
    try:
        started = Cluster.start()
    except Unavailable as missing:
        return missing  # Remembered too: a hundred tests do not try a hundred times.
    atexit.register(started.stop)
    return started


class Cluster:
    """Databases on one server, all owned by one role without privileges.

    The product connects as that owner. It is no superuser, so row-level security applies to it where a table
    has FORCE ROW LEVEL SECURITY; `as_superuser` is for tests that must look behind it.
    """

    def __init__(self, superuser: URL, *, prefix: str, password: str | None, server: "Server | None") -> None:
        self._superuser = superuser
        self._password = password
        self._numbers = itertools.count(1)
        self._databases: set[str] = set()
        self._templates: dict[Callable[[str], None], Template] = {}
        self.owner = prefix
        self.server = server
        self._run(
            "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}",
            sql.Identifier(self.owner),
            sql.Literal(password),
        )

    @classmethod
    def start(cls, *, fsync: bool = True) -> Self:
        """A cluster on the server of DEALPACE_TEST_DATABASE_URL, else on a private one (or Unavailable).

        The given URL must be a superuser's; what is there already is left alone. `fsync` is for the private
        server: without it databases are dropped faster, but timings and crashes prove nothing.
        """
        if given := os.environ.get(GIVEN):
            superuser = make_url(given).set(drivername=_DRIVER)
            _demand_superuser(superuser)
            # Runs may share a given server, so names are drawn; it may want passwords, so the owner has one.
            unique = f"dealpace_test_{secrets.token_hex(4)}"
            return cls(superuser, prefix=unique, password=secrets.token_hex(16), server=None)
        server = Server.start(fsync=fsync)
        return cls(server.superuser, prefix="dealpace", password=None, server=server)

    def template(self, prepare: Callable[[str], None]) -> Template:
        """What `prepare(url)` makes as the owner, once per function: pass a named function, not a lambda."""
        if prepare not in self._templates:
            url = self.database()
            try:
                prepare(url)
            except BaseException:
                self.drop(url)
                raise
            name = _name_of(url)
            # A connection that `prepare` left open would forbid every copy.
            self._run("ALTER DATABASE {} ALLOW_CONNECTIONS false", sql.Identifier(name))
            self._run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}", sql.Literal(name)
            )
            self._templates[prepare] = Template(name)
        return self._templates[prepare]

    def database(self, template: Template | None = None) -> str:
        """The owner's URL of a new database: a copy of the template, or empty."""
        name = f"{self.owner}_{next(self._numbers)}"
        self._run(
            "CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
            sql.Identifier(name),
            sql.Identifier(self.owner),
            sql.Identifier(template or "template0"),
        )
        self._databases.add(name)
        owner = self._superuser.set(username=self.owner, password=self._password, database=name)
        return owner.render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database of this cluster, whoever is still connected."""
        name = _name_of(url)
        self._run("DROP DATABASE {} WITH (FORCE)", sql.Identifier(name))
        self._databases.discard(name)

    @contextmanager
    def lent(self, template: Template | None = None) -> Iterator[str]:
        """A database for the length of a `with` block; even an empty one takes 7 MB until it is dropped."""
        url = self.database(template)
        try:
            yield url
        finally:
            self.drop(url)

    def as_superuser(self, url: str) -> str:
        """The same database as the superuser, who sees the rows of every organisation."""
        return self._superuser.set(database=_name_of(url)).render_as_string(hide_password=False)

    def stop(self) -> None:
        """Stop the private server, or remove from the given one what was made there."""
        if self.server:
            self.server.stop()
            return
        for name in sorted(self._databases):
            self._run("DROP DATABASE {} WITH (FORCE)", sql.Identifier(name))
        self._run("DROP ROLE {}", sql.Identifier(self.owner))

    def _run(self, statement: LiteralString, *values: sql.Composable) -> None:
        with psycopg.connect(_libpq(self._superuser), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A private server process that listens on a socket in its own folder and dies with the tests."""

    binaries: Path
    folder: Path
    log: IO[bytes]
    keeper: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, *, fsync: bool) -> Self:
        """A new server that takes connections, or Unavailable."""
        if sys.platform == "win32":
            raise Unavailable(f"a private server needs Unix sockets; give a superuser's URL in {GIVEN}")
        account = _unprivileged()
        binaries = _binaries()
        folder = _folder(account, binaries)
        log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the server
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", str(binaries), str(folder), "on" if fsync else "off"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
            start_new_session=True,  # Ctrl-C is for the tests; the server hears of it when they are done.
        )
        server = cls(binaries=binaries, folder=folder, log=log, keeper=keeper)
        try:
            server._await_connections()
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def superuser(self) -> URL:
        """The URL of the server's superuser; no password, since the folder is closed to other users."""
        return URL.create(
            _DRIVER,
            username="postgres",
            database="postgres",
            query={"host": str(self.folder), "port": "5432"},  # The port is part of the socket's name.
        )

    def stop(self) -> None:
        """Stop the server and remove its folder; a second time does nothing."""
        if self.keeper.stdin and not self.keeper.stdin.closed:
            # A word, not only the end of file: a forked child of the tests may still hold the pipe open.
            self.keeper.communicate(b"stop\n", timeout=_STOP_SECONDS)
        # The keeper cannot remove the folder itself where its user may not write to the parent.
        shutil.rmtree(self.folder, ignore_errors=True)

    def _await_connections(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(_libpq(self.superuser)).close()
            except psycopg.OperationalError as refused:
                if self._ended_within(0.02):
                    raise Unavailable(f"{self.binaries} did not start: {self._logged()}") from None
                if time.monotonic() > deadline:
                    raise Unavailable(f"no connection within {_START_SECONDS} s: {refused}") from None
            else:
                return

    def _ended_within(self, seconds: float) -> bool:
        try:
            self.keeper.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _logged(self) -> str:
        # pread: the offset is shared with the server, which goes on writing at it.
        return os.pread(self.log.fileno(), 4000, 0).decode(errors="replace").strip() or "it said nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """Who runs the server, in subprocess's terms: None is whoever runs the tests."""

    uid: int | None = None
    gid: int | None = None
    groups: list[int] | None = None


def _unprivileged() -> _Account:
    # PostgreSQL refuses to run as root.
    import pwd  # Not on Windows, where this module must still import.

    if os.geteuid() != 0:
        return _Account()
    for name in ("postgres", "nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Account(uid=entry.pw_uid, gid=entry.pw_gid, groups=[])
    raise Unavailable("root may not run PostgreSQL, and there is no user postgres, nobody or daemon")


def _binaries() -> Path:
    places = [Path(place) for place in os.get_exec_path()]
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(told.stdout.strip()))
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "usr/pgsql-*/bin",
        "opt/homebrew/opt/postgresql*/bin",
        "usr/local/opt/postgresql*/bin",
        "home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
        "Applications/Postgres.app/Contents/Versions/*/bin",
    ):
        places += sorted(Path("/").glob(pattern), reverse=True)
    for place in places:
        # `which` passes over folders that are closed to us. Some packages only link to these programs.
        if initdb := shutil.which("initdb", path=place):
            real = Path(initdb).resolve().parent
            if shutil.which("postgres", path=real):
                return real
    raise Unavailable(f"no initdb and postgres found; install a PostgreSQL server or set {GIVEN}")


def _folder(account: _Account, binaries: Path) -> Path:
    refusals = []
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):
        try:
            folder = Path(tempfile.mkdtemp(prefix="dealpace-pg-", dir=parent))
        except OSError as error:
            refusals.append(str(error))
            continue
        refusal = _refusal(folder, account, binaries)
        if refusal is None:
            return folder
        folder.rmdir()
        refusals.append(refusal)
    raise Unavailable("; ".join(refusals))


def _refusal(folder: Path, account: _Account, binaries: Path) -> str | None:
    """Give the folder to the account and say why the server cannot live there, or None if it can.

    Only the folder changes hands: a parent that is closed to the account, like a root's home, stays closed.
    """
    if len(os.fsencode(folder / ".s.PGSQL.5432")) > _LONGEST_SOCKET:
        return f"{folder} is too long a path for a socket"
    try:
        if account.uid is not None and account.gid is not None:
            os.chown(folder, account.uid, account.gid)
        tried = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1" && "$2/postgres" --version', "try", str(folder), str(binaries)],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
        )
    except OSError as error:  # In a user namespace root may not become anybody else.
        return f"cannot become user {account.uid}: {error}"
    return None if tried.returncode == 0 else tried.stderr.strip()


def _environment() -> dict[str, str]:
    # Nothing of the user's: PGDATA, PGOPTIONS, a locale or a time zone would change the server.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _demand_superuser(url: URL) -> None:
    with psycopg.connect(_libpq(url)) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row != (True,):
        raise ValueError(f"{GIVEN} must be a superuser's: the tests create a role and databases with it")


def _name_of(url: str) -> str:
    name = make_url(url).database
    if name is None:
        raise ValueError(f"no database in {url}")
    return name


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
