"""Narrows what a connection sees to one organisation, before each statement that needs it (row-level security)."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, Executable

from storage.driver import Driver, Rows, Values

SET_ORG = "SELECT set_config('dealpace.org', %(org)s, true)"
# The installation's own jobs (courier, tick, finding who speaks) see all rows; a turn sees its organisation's.
INSTALLATION = "installation"


class Scope:
    """Whose rows the transaction sees now; nobody's until somebody asks, and again after a rollback."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._seen: str | None = None

    def see(self, org: str) -> None:
        if self._seen != org:
            self._raw.execute(SET_ORG, {"org": org})
            self._seen = org

    def forget(self) -> None:
        self._seen = None


class ScopedConnection:
    """A connection for statements built on the way; everything but `execute` is the connection's own."""

    def __init__(self, connection: Connection, scope: Scope, org: str) -> None:
        self._connection = connection
        self._scope = scope
        self._org = org

    def execute(self, *arguments: Any, **options: Any) -> Any:
        self._scope.see(self._org)
        return self._connection.execute(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class ScopedDriver(Driver):
    """A driver whose every statement sees the rows of one organisation, or the installation's, whoever ran before.

    One job may hold the stores of many organisations, as the tick does; each keeps to its own.
    """

    def __init__(self, whole: Driver, scope: Scope, org: str) -> None:
        super().__init__(whole.connection)
        self.connection = cast(Connection, ScopedConnection(whole.connection, scope, org))
        # What is compiled once serves all.
        self._prepared = whole._prepared
        self._scope = scope
        self._org = org

    def rows(self, statement: Executable, values: Values) -> Rows:
        self._scope.see(self._org)
        return super().rows(statement, values)

    def run(self, statement: Executable, values: Values) -> None:
        self._scope.see(self._org)
        super().run(statement, values)

    def many(self, statement: Executable, rows: Sequence[Values]) -> None:
        self._scope.see(self._org)
        super().many(statement, rows)
