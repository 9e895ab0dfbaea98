"""Runs prebuilt statements on the driver itself: SQLAlchemy compiles each once and names its types, no more."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
# From so many rows on it is worth to go through them by column.
MANY = 20
Rows = Sequence[Sequence[Any]]
# Lists are filled up to the next power of two, so that a statement is prepared a few times; longer ones are SQLAlchemy's.
LONGEST = 4096


class Prepared:
    """A statement as the driver takes it: its text, where each value goes and how a row reads.

    `values` are some that it is run with, when it has lists: as long as theirs are all that this one takes.
    """

    __slots__ = ("_lists", "_named", "_reads", "_takes", "sql", "statement")

    def __init__(
        self, statement: Executable, compiled: SQLCompiler, dialect: Dialect, values: Values | None = None
    ) -> None:
        # Held, so that no other statement is ever given its id.
        self.statement = statement
        self._named = not compiled.positional
        processors: dict[str, Any] = dict(compiled._bind_processors)
        bound = compiled.bind_names
        names: Sequence[str] = (compiled.positiontup or ()) if compiled.positional else tuple(bound.values())
        keys = {name: bind.key for bind, name in bound.items() if bind.required}
        standing: Mapping[str, Any] = compiled.params
        self.sql, self._lists = compiled.string, dict[str, Sequence[str]]()
        if values is not None:
            expanded = compiled.construct_expanded_state(dict(values))
            self.sql, standing = expanded.statement, expanded.parameters
            names = expanded.positiontup or tuple(expanded.parameters)
            processors |= expanded.processors
            # A list is given as one value and taken as many; one that stands in the statement is not given.
            lists = expanded.parameter_expansion
            self._lists = {keys[name]: items for name, items in lists.items() if name in keys}
            keys |= {item: item for items in self._lists.values() for item in items}
        self._takes: list[tuple[str, str | None, Any, Any]] = []
        for name in names:
            processor = processors.get(name)
            if name in keys:
                self._takes.append((name, keys[name], processor, None))
            else:
                value = standing[name]
                self._takes.append((name, None, None, processor(value) if processor else value))
        reads = [
            (at, each.type._cached_result_processor(dialect, None))
            for at, each in enumerate(compiled._result_columns)
        ]
        self._reads: list[tuple[int, Callable[[Any], Any]]] = [(at, read) for at, read in reads if read]

    def bound(self, values: Values) -> Any:
        """The values in the driver's form and order."""
        if self._lists:
            values = dict(values)
            for key, items in self._lists.items():
                values |= zip(items, filled(values[key]), strict=True)
        if self._named:
            return {
                name: fixed if key is None else values[key] if convert is None else convert(values[key])
                for name, key, convert, fixed in self._takes
            }
        return [
            fixed if key is None else values[key] if convert is None else convert(values[key])
            for _, key, convert, fixed in self._takes
        ]

    def all_bound(self, rows: Sequence[Values]) -> Sequence[Any]:
        """The values of many rows, a column at a time: what is the same in most rows is converted once."""
        if self._named or len(rows) < MANY:
            return [self.bound(row) for row in rows]
        columns: list[Iterable[Any]] = []
        for _, key, convert, fixed in self._takes:
            if key is None:
                columns.append(repeat(fixed, len(rows)))
                continue
            column = [row[key] for row in rows]
            if convert is not None:
                known = {value: convert(value) for value in set(column)}
                column = [known[value] for value in column]
            columns.append(column)
        return list(zip(*columns, strict=True))

    def read(self, rows: Rows) -> Rows:
        """The driver's rows with every column as its type says."""
        reads = self._reads
        if not reads or not rows:
            return rows
        found = []
        for row in rows:
            columns = list(row)
            for at, convert in reads:
                columns[at] = convert(columns[at])
            found.append(columns)
        return found


def _power(length: int) -> int:
    """The power of two that a list of so many is filled up to; an empty one stays empty."""
    return 1 << (length - 1).bit_length() if length else 0


def filled(items: Iterable[Any]) -> list[Any]:
    """The items, the last repeated up to a power of two: whether one is among them stays the same."""
    given = list(items)
    return given + given[-1:] * (_power(len(given)) - len(given))


class Listed:
    """A statement with lists, as it is prepared for each of their filled lengths."""

    def __init__(self, statement: Executable, compiled: SQLCompiler, dialect: Dialect) -> None:
        self.statement = statement
        self._compiled = compiled
        self._dialect = dialect
        self._keys = [bind.key for bind in compiled.post_compile_params if bind.required]
        self._prepared: dict[tuple[int, ...], Prepared] = {}

    def of(self, values: Values) -> Prepared | None:
        """The statement for lists about as long as these; None for long ones."""
        lengths = tuple([_power(len(values[key])) for key in self._keys])
        found = self._prepared.get(lengths)
        if found is None and max(lengths, default=0) <= LONGEST:
            like = dict(values) | {key: filled(values[key]) for key in self._keys}
            found = Prepared(self.statement, self._compiled, self._dialect, like)
            self._prepared[lengths] = found
        return found


class Driver:
    """A held connection without SQLAlchemy's layers between: a third of the time of a statement."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.raw: Any = connection.connection.dbapi_connection
        self._prepared: dict[tuple[int, bool], Prepared | Listed | None] = {}

    def rows(self, statement: Executable, values: Values) -> Rows:
        """What a prebuilt statement returns."""
        prepared = self._of(statement, values, many=False)
        if prepared is None:
            return self.connection.execute(statement, dict(values)).fetchall()
        return prepared.read(self.raw.execute(prepared.sql, prepared.bound(values)).fetchall())

    def run(self, statement: Executable, values: Values) -> None:
        """A prebuilt statement that returns nothing."""
        prepared = self._of(statement, values, many=False)
        if prepared is None:
            self.connection.execute(statement, dict(values))
        else:
            self.raw.execute(prepared.sql, prepared.bound(values))

    def many(self, statement: Executable, rows: Sequence[Values]) -> None:
        """A prebuilt statement for many rows at once."""
        prepared = self._of(statement, rows[0], many=True)
        if prepared is None:
            self.connection.execute(statement, [dict(row) for row in rows])
        elif len(rows) == 1:
            self.raw.execute(prepared.sql, prepared.bound(rows[0]))
        else:
            self.raw.cursor().executemany(prepared.sql, prepared.all_bound(rows))

    def say(self, sql: str) -> None:
        """A word to the database: BEGIN, COMMIT, a savepoint."""
        self.raw.execute(sql)

    def _of(self, statement: Executable, values: Values, *, many: bool) -> Prepared | None:
        key = (id(statement), many)
        if key not in self._prepared:
            self._prepared[key] = self._prepare(statement, values, many)
        found = self._prepared[key]
        return found.of(values) if isinstance(found, Listed) else found

    def _prepare(self, statement: Executable, values: Values, many: bool) -> Prepared | Listed | None:
        """None for a statement that SQLAlchemy itself must finish: literals, many rows of lists, defaults of ours."""
        dialect = self.connection.dialect
        compiled: Any = statement.compile(  # type: ignore[attr-defined]
            dialect=dialect, column_keys=list(values), for_executemany=many
        )
        if compiled.literal_execute_params or (many and compiled.post_compile_params):
            return None
        if getattr(compiled, "insert_prefetch", ()) or getattr(compiled, "update_prefetch", ()):
            return None
        kind = Listed if compiled.post_compile_params else Prepared
        return kind(statement, compiled, dialect)
