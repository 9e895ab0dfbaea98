"""Records and calendars for the examples: whole where nothing else is said, in March 2026 in Shanghai."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from domain.activity import Activity, ActivityId, Credit, Kind
from domain.customers import ContactId, CustomerId
from domain.people import MemberId
from domain.workdays import Calendar, Leave

ZONE = "Asia/Shanghai"
# The first Monday of March 2026; `day(4)` is the Wednesday after it.
MONDAY = date(2026, 3, 2)
MON_TO_FRI = frozenset({1, 2, 3, 4, 5})
CALENDAR = Calendar(week=MON_TO_FRI)


def day(number: int) -> date:
    """The day of March 2026."""
    return date(2026, 3, number)


def wall(on: date, clock: str) -> datetime:
    """The instant of a wall time in Shanghai, where no hour is ever skipped."""
    return datetime.combine(on, time.fromisoformat(clock), ZoneInfo(ZONE)).astimezone(UTC)


def away(first: int, last: int) -> Calendar:
    """Working days with a leave from one day of March 2026 to another."""
    return Calendar(week=MON_TO_FRI, leaves=(Leave(first=day(first), last=day(last)),))


def record(
    number: int,
    kind: Kind = Kind.VISIT,
    on: date = MONDAY,
    clock: str = "09:00",
    customer: int = 1,
    met: tuple[int, ...] = (1,),
    **other: Any,
) -> Activity:
    """A record with all that counts, entered when it happened; `other` says what differs."""
    at = wall(on, clock)
    values: dict[str, Any] = {
        "recorded_at": at,
        "has_result": True,
        "has_next": True,
        "replied": True,
        "complete_at": other.get("recorded_at", at),
        "credit": Credit.COUNTED,
        **other,
    }
    return Activity(
        id=ActivityId(number),
        kind=kind,
        member_id=MemberId(1),
        customer_id=CustomerId(customer),
        at=at,
        on=on,
        contact_ids=tuple(ContactId(each) for each in met),
        **values,
    )
