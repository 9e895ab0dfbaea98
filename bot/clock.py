"""The time: the machine's, or one that a person moves."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the edge reads the time; nothing below `bot` asks it."""

    def now(self) -> datetime: ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is set: transcripts and the playground."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Moves the clock; never backwards."""
        self._now = max(self._now, now)

    def advance(self, by: timedelta) -> None:
        self.set(self._now + by)
