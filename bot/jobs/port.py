"""The port of scheduled work: something done every so often, by one owner."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Act = Callable[[], Awaitable[object]]


class Jobs(Protocol):
    """Calls what is due; a fixed handful of jobs, never one per person."""

    def every(self, seconds: float, name: str, act: Act) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
