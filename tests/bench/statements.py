"""How many statements a piece of work runs on a connection of SQLite, whichever way they reach the driver."""

from collections.abc import Callable

from domain.ports import Work


def statements(work: Work, do: Callable[[], object]) -> int:
    """The statements that are run while something is done in a transaction."""
    ran = list[str]()
    raw = work.connection.connection.driver_connection  # type: ignore[attr-defined]
    raw.set_trace_callback(ran.append)
    try:
        do()
    finally:
        raw.set_trace_callback(None)
    return len(ran)
