"""The changes of every time zone in 2026 and 2027, found by looking at each day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
STEP = timedelta(days=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The first instant of another offset; a positive `by` skips wall times, a negative one repeats them."""

    at: datetime
    before: timedelta
    by: timedelta


def offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def _switches(name: str) -> tuple[Switch, ...]:
    zone, found, early = ZoneInfo(name), [], FIRST
    while early < LAST:
        late = early + STEP
        before, after = offset(early, zone), offset(late, zone)
        if before != after:
            at = _first(early, late, zone)
            found.append(Switch(at=at, before=before, by=after - before))
        early = late
    return tuple(found)


def _first(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second with the offset of `late`."""
    after = offset(late, zone)
    while late - early > SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        early, late = (early, middle) if offset(middle, zone) == after else (middle, late)
    return late


@lru_cache(maxsize=1)
def zones() -> dict[str, tuple[Switch, ...]]:
    """Every zone with its switches."""
    return {name: _switches(name) for name in sorted(available_timezones())}


@lru_cache(maxsize=1)
def different_zones() -> tuple[str, ...]:
    """One zone of each behaviour: the rest have the same offsets at the same instants."""
    kinds = {(offset(FIRST, ZoneInfo(name)), switches): name for name, switches in zones().items()}
    return tuple(sorted(kinds.values()))
