"""Next steps and planned activities: what is promised for a day, and how it is carried (method section 2)."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import NewType

from domain.activity import ActivityId, Kind
from domain.customers import CustomerId
from domain.people import MemberId
from domain.workdays import Calendar

StepId = NewType("StepId", int)
CARRIES_AT_MOST = 3


class StepState(StrEnum):
    """A step is open until it is done or dropped."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A promise: with a `kind` it is a planned activity with `who`, without one a next step in words."""

    id: StepId
    member_id: MemberId
    customer_id: CustomerId
    customer_name: str
    kind: Kind | None
    text: str
    who: str = ""
    due_on: date | None = None
    due_time: time | None = None
    state: StepState = StepState.OPEN
    source_id: ActivityId | None = None
    deal_id: int | None = None


def carried(due_on: date, today: date, calendar: Calendar) -> int:
    """How often an undone step was carried by `today`: one each working day after `due_on`, at most 3 (method 2).

    At 3 the rep is alerted and carrying stops; the targets of the next day do not grow.
    """
    day, count = due_on, 0
    while count < CARRIES_AT_MOST:
        day = calendar.after(day)
        if day > today:
            break
        count += 1
    return count


def stands(due_on: date, today: date, calendar: Calendar) -> bool:
    """Whether an open step is on the card of `today`: due, carried, or alerted today for the third carry."""
    if due_on > today:
        return False
    return due_on == today or carried(due_on, calendar.before(today), calendar) < CARRIES_AT_MOST
