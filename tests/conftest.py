"""Databases for every test that asks: migrated, empty, on SQLite in a file and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from storage import schema
from storage.database import open_engine
from tests.support.opened import Opened, opened
from tests.support.postgres import cluster

# A slow machine makes a run longer, not red: no test is judged by its time.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def migrated(url: str) -> None:
    """Makes a database ready as the product does at its start."""
    engine = open_engine(url)
    schema.prepare(engine)
    engine.dispose()


@pytest.fixture(autouse=True)
def logs_as_they_come() -> Iterator[None]:
    """A command run inside a test sets up the process's logs; the next test has them as they were."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "empty.db"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test alone."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'dealpace.db')}"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL database of this test alone; the test is skipped where there is no server."""
    server = cluster()
    with server.lent(server.template(migrated)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Either database, one after the other."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Either database before its first migration."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with cluster().lent() as url:
        yield url


@pytest.fixture
def books(database_url: str) -> Iterator[Opened]:
    """Either database, ready and opened."""
    with opened(database_url) as found:
        yield found
