"""The tables of the queue of jobs, procrastinate's own, kept beside ours: made, and brought to its newest release."""

from pathlib import Path
from typing import LiteralString

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

from bot.settings import Misconfigured

# Two replicas that start together: one makes the tables, the other waits and finds them. Any number of our own.
LOCK = "SELECT pg_advisory_xact_lock(418203572)"
TABLE = "procrastinate_jobs"
# The library notes nowhere which of its migrations were made; the comment of its first table does.
NOTED = (
    "SELECT obj_description(c.oid) FROM pg_class c"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s"
)


def prepare(conninfo: str) -> None:
    """Makes what is missing, all of it or nothing. Raises `Misconfigured`."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(LOCK)
        found = connection.execute(NOTED, (TABLE,)).fetchone()
        steps = _migrations()
        newest = max(steps)
        if found is None:
            _apply(connection, SchemaManager.get_schema())
        elif found[0] is None:
            raise Misconfigured(
                f"{TABLE} is there and not the bot's: give the bot a database or a schema of its own"
            )
        else:
            for name in sorted(each for each in steps if each > found[0]):
                _apply(connection, steps[name].read_text(encoding="utf-8"))
        # A newer release that was here before is left as it is: its tables serve an older one too.
        if found is None or found[0] < newest:
            note = sql.SQL("COMMENT ON TABLE {} IS {}")
            connection.execute(note.format(sql.Identifier(TABLE), sql.Literal(newest)))


def _migrations() -> dict[str, Path]:
    return {path.name: path for path in Path(SchemaManager.get_migrations_path()).glob("*.sql")}


def _apply(connection: psycopg.Connection, script: LiteralString) -> None:
    # Without values it goes as it is, several statements at once, percent signs and all.
    connection.execute(script)
