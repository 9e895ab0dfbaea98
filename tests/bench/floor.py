"""The floor: the very statements the product ran, replayed through the standard library's sqlite3."""

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement with its values as the driver got them."""

    sql: str
    values: Any
    many: bool


def simple(values: Any) -> Any:
    """The values as plain as sqlite3 likes them best: the floor pays for no enumeration of ours."""
    if isinstance(values, list) and values and isinstance(values[0], list | tuple):
        return [simple(row) for row in values]
    return tuple(each.value if isinstance(each, Enum) else each for each in values)


@dataclass(slots=True)
class Tape:
    """Statements in the order they ran."""

    statements: list[Statement] = field(default_factory=list)

    def add(self, statement: Statement) -> None:
        self.statements.append(statement)

    def transactions(self) -> Iterator[tuple[Statement, ...]]:
        """Whole transactions that keep a delivery or its effect; the courier's looks at the outbox are left out."""
        current: list[Statement] = []
        for statement in self.statements:
            current.append(statement)
            if statement.sql == "COMMIT":
                if any(keeps(each.sql) for each in current):
                    yield tuple(
                        Statement(sql=each.sql, values=simple(each.values), many=each.many)
                        for each in current
                    )
                current = []


def keeps(sql: str) -> bool:
    """Whether a statement stores a delivery or closes it."""
    return sql.startswith(('INSERT INTO "inbox"', "UPDATE inbox"))


class Floor:
    """A plain connection over its own copy of the world."""

    def __init__(self, world: Path, path: Path) -> None:
        shutil.copy(world, path)
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self.connection.execute(f"PRAGMA {pragma}")

    def replay(self, transactions: Sequence[tuple[Statement, ...]]) -> float:
        """Seconds for the transactions, one after the other."""
        connection = self.connection
        start = time.perf_counter()
        for transaction in transactions:
            for statement in transaction:
                if statement.many:
                    connection.executemany(statement.sql, statement.values)
                else:
                    connection.execute(statement.sql, statement.values).fetchall()
        return time.perf_counter() - start

    def close(self) -> None:
        self.connection.close()
