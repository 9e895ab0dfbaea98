"""Brings a database to the revision this code was written for, and says where it is not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, bindparam, inspect, text
from sqlalchemy.exc import IntegrityError

from storage import tables

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision in `migrations/versions`: known here so that a start on a ready database needs no Alembic.
HEAD = "0011"
FOLDER = Path(__file__).parent / "migrations"
REVISION = text("SELECT version_num FROM alembic_version")
# Two replicas that start together: one migrates, the other waits and finds it done. Any number no other code uses.
LOCK = text("SELECT pg_advisory_xact_lock(418203571)")
UNPROTECTED = text(
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname IN :names"
    " AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname"
).bindparams(bindparam("names", expanding=True))


class SchemaTooNew(Exception):
    """The database was made by a newer release: it is left as it is, and this release does not start on it."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at revision {revision}, which this release does not know (its own is {HEAD});"
            " start the newer release, or restore a backup made before it"
        )
        self.revision = revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Where a database stands: no revision when it is empty; each difference from the tables in words."""

    revision: str | None
    differences: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether this release may run on it."""
        return self.revision == HEAD and not self.differences


def prepare(engine: Engine, before: Callable[[str], None] = lambda _revision: None) -> None:
    """Makes a fresh database ready and brings an older one up, `before` which its revision is told.

    Raises `SchemaTooNew`, and what `before` raises: then nothing was changed.
    """
    with engine.connect() as connection:
        revision = revision_of(connection)
    if revision == HEAD:
        return
    if revision is not None and knows(revision):
        before(revision)
    upgrade(engine)


def knows(revision: str) -> bool:
    """Whether this release can bring a database at that revision up to date."""
    return revision in _known(_config())


def upgrade(engine: Engine) -> None:
    """To the newest revision, all of it or nothing; raises `SchemaTooNew`."""
    from alembic import command

    _migrate(engine, lambda config: command.upgrade(config, "head"))


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Back to an older revision, by default to an empty database; what it held is gone. Raises `SchemaTooNew`."""
    from alembic import command

    _migrate(engine, lambda config: command.downgrade(config, revision))


def check(engine: Engine) -> Health:
    """Compares a database with the tables of this code; changes nothing. Raises `SchemaTooNew`."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        revision = revision_of(connection)
        _refuse_unknown(revision, _config(connection))
        context = MigrationContext.configure(connection, opts={"include_object": _is_ours})
        found = [_in_words(each) for each in compare_metadata(context, tables.metadata)]
        if connection.dialect.name == "postgresql":
            names = [table.name for table in (*tables.TENANT_TABLES, tables.org)]
            bare = connection.execute(UNPROTECTED, {"names": names}).scalars()
            found += [f"no row-level security on {name}" for name in bare]
    return Health(revision=revision, differences=tuple(found))


def _in_words(difference: Any) -> str:
    """One difference as a line: what Alembic would do, and to what."""
    if isinstance(difference, list):
        return ", ".join(_in_words(each) for each in difference)
    kind, *what = difference
    return " ".join((kind, *(str(getattr(each, "name", each)) for each in what if each is not None)))


def revision_of(connection: Connection) -> str | None:
    """The revision a database says it is at; None when it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(REVISION).scalar()
    return found


def _migrate(engine: Engine, step: Callable[["Config"], None]) -> None:
    with engine.connect() as connection, _alone(connection):
        config = _config(connection)
        _refuse_unknown(revision_of(connection), config)
        step(config)


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    # Alembic reads a percent sign as the start of a variable.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _refuse_unknown(revision: str | None, config: "Config") -> None:
    if revision is not None and revision not in _known(config):
        raise SchemaTooNew(revision)


def _known(config: "Config") -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def _is_ours(_item: Any, _name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Tables of somebody else in the same database are no difference."""
    return not (kind == "table" and reflected and compare_to is None)


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """One transaction around a whole migration, with nobody else migrating."""
    embedded = connection.dialect.name == "sqlite"
    if embedded:
        # Tables are altered by copying them, and that must not delete what refers to them.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if embedded else "BEGIN")
    try:
        if not embedded:
            connection.execute(LOCK)
        yield
        if embedded and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()):
            raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"dangling: {tuple(broken)}"))
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    finally:
        if embedded:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
