"""The tests' PostgreSQL: databases are fresh, row-level security binds their owner, nothing stays behind."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.support.postgres import GIVEN, Cluster, Server, Unavailable, cluster
from tests.support.required import INSISTS, require

TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"

VISITS = """
CREATE TABLE visit (org_id int, id int, PRIMARY KEY (org_id, id));
ALTER TABLE visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit FORCE ROW LEVEL SECURITY;
CREATE POLICY own_org ON visit USING (org_id = current_setting('dealpace.org_id')::int);
"""

EVERYTHING = """
SELECT (SELECT array_agg(rolname ORDER BY 1) FROM pg_roles)
    || (SELECT array_agg(datname ORDER BY 1) FROM pg_database)
"""

STARTS_AND_WAITS = """
from tests.support.postgres import Server
server = Server.start(fsync=False)
print(server.keeper.pid, server.folder, flush=True)
input()
"""


@pytest.fixture
def postgres() -> Cluster:
    return cluster()


@pytest.fixture
def private() -> Iterator[Server]:
    try:
        server = Server.start(fsync=False)
    except Unavailable as missing:
        require("postgres", str(missing))
    yield server
    server.stop()


@pytest.fixture
def url(postgres: Cluster) -> Iterator[str]:
    with postgres.lent() as url:
        yield url


@pytest.fixture
def visits(postgres: Cluster) -> Iterator[str]:
    with postgres.lent(postgres.template(create_visits)) as url:
        yield url


def create_visits(url: str) -> None:
    with connected(url) as connection:
        connection.execute(VISITS)


def connected(url: str, *, org_id: int | None = None) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    if org_id is not None:
        connection.execute("SELECT set_config('dealpace.org_id', %s, false)", (str(org_id),))
    return connection


def value(url: str, query: LiteralString) -> object:
    with connected(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_a_fresh_database_is_empty_and_takes_chinese(url: str) -> None:
    assert value(url, TABLES) == 0
    assert value(url, "SHOW server_encoding") == "UTF8"


def test_sqlalchemy_takes_the_url_as_it_is(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_two_databases_do_not_see_each_other(postgres: Cluster) -> None:
    with postgres.lent() as mine, postgres.lent() as yours:
        create_visits(mine)
        assert value(yours, TABLES) == 0


def test_a_template_is_prepared_once_and_copied(postgres: Cluster) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        create_visits(url)

    for _ in range(2):
        with postgres.lent(postgres.template(prepare)) as copy, connected(copy, org_id=1) as connection:
            assert connection.execute("SELECT count(*) FROM visit").fetchone() == (0,)
            connection.execute("INSERT INTO visit VALUES (1, 1)")
    assert len(prepared) == 1


def test_a_connection_left_open_by_prepare_does_not_block_the_copies(postgres: Cluster) -> None:
    left_open: list[psycopg.Connection[tuple[object, ...]]] = []

    def prepare(url: str) -> None:
        left_open.append(connected(url))
        create_visits(url)

    with postgres.lent(postgres.template(prepare)) as copy:
        assert value(copy, "SELECT to_regclass('visit') IS NOT NULL") is True
    left_open[0].close()


def test_a_template_that_fails_leaves_no_database(postgres: Cluster) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        raise LookupError

    with pytest.raises(LookupError):
        postgres.template(prepare)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connected(prepared[0])


def test_a_database_is_dropped_while_somebody_is_connected(postgres: Cluster) -> None:
    url = postgres.database()
    with connected(url):
        postgres.drop(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connected(url)


def test_the_role_owns_its_database_and_has_no_privilege_to_bypass_security(url: str) -> None:
    with connected(url) as connection:
        row = connection.execute(
            """
            SELECT rolsuper, rolbypassrls, rolcreaterole, datdba = pg_roles.oid
            FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
            """
        ).fetchone()
    assert row == (False, False, False, True)


def test_rows_of_another_organisation_are_invisible_and_cannot_be_touched(visits: str) -> None:
    with connected(visits, org_id=1) as ours:
        ours.execute("INSERT INTO visit VALUES (1, 10)")
    with connected(visits, org_id=2) as theirs:
        theirs.execute("INSERT INTO visit VALUES (2, 20)")
        assert theirs.execute("SELECT * FROM visit").fetchall() == [(2, 20)]
        assert theirs.execute("UPDATE visit SET id = 11 WHERE org_id = 1").rowcount == 0
        assert theirs.execute("DELETE FROM visit WHERE org_id = 1").rowcount == 0


def test_rows_of_another_organisation_cannot_be_inserted(visits: str) -> None:
    with connected(visits, org_id=2) as theirs:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            theirs.execute("INSERT INTO visit VALUES (1, 11)")
        theirs.execute("INSERT INTO visit VALUES (2, 20)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            theirs.execute("UPDATE visit SET org_id = 1")


def test_the_superuser_sees_behind_row_level_security(postgres: Cluster, visits: str) -> None:
    with connected(visits, org_id=1) as ours:
        ours.execute("INSERT INTO visit VALUES (1, 10)")
    assert value(postgres.as_superuser(visits), "SELECT count(*) FROM visit") == 1


def test_a_stopped_server_leaves_no_folder(private: Server) -> None:
    assert private.folder.exists()
    private.stop()
    assert not private.folder.exists()
    assert private.keeper.returncode is not None


@pytest.mark.usefixtures("private")  # Skips where no private server can be started.
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can wait for somebody else's process")
def test_nothing_stays_when_the_tests_are_killed() -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with tests:
        assert tests.stdout is not None
        keeper, folder = tests.stdout.readline().decode().split()
        server = int(Path(folder, "data/postmaster.pid").read_text().split()[0])
        keeper_ends = os.pidfd_open(int(keeper))
        tests.kill()
    ended, _, _ = select.select([keeper_ends], [], [], 30)
    os.close(keeper_ends)
    assert ended
    assert not Path(folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_a_given_server_is_used_and_left_as_it_was(private: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    given = private.superuser.render_as_string()
    before = value(given, EVERYTHING)
    monkeypatch.setenv(GIVEN, given.replace("postgresql+psycopg", "postgresql"))
    guest = Cluster.start()
    assert guest.server is None
    with connected(guest.database(guest.template(create_visits)), org_id=1) as connection:
        assert connection.execute("SELECT count(*) FROM visit").fetchone() == (0,)
    guest.stop()
    assert value(given, EVERYTHING) == before


def test_a_given_url_of_an_ordinary_role_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GIVEN, url)
    with pytest.raises(ValueError, match="superuser"):
        Cluster.start()


def test_a_machine_without_a_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GIVEN, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    with pytest.raises(Unavailable, match="install a PostgreSQL server"):
        Cluster.start()


def test_what_is_missing_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INSISTS, "postgres")
    with pytest.raises(pytest.skip.Exception, match="browser: no Chromium"):
        require("browser", "no Chromium")


def test_what_is_missing_fails_where_the_run_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INSISTS, "postgres, browser")
    with pytest.raises(pytest.fail.Exception, match="no Chromium"):
        require("browser", "no Chromium")


def test_what_is_there_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INSISTS, "postgres,browser")
    require("browser", None)


def test_a_misspelt_need_is_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INSISTS, "postgress")
    with pytest.raises(pytest.fail.Exception, match="postgress"):
        require("postgres", None)
