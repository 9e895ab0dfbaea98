"""What a rep did with a customer, and whether it counts (method section 2, "Honest numbers")."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NewType

from domain.customers import ContactId, CustomerId
from domain.people import MemberId, TeamId
from domain.schedule import instant
from domain.workdays import Calendar, monday

ActivityId = NewType("ActivityId", int)

DUPLICATE_WITHIN = timedelta(minutes=30)
VISITS_PER_CUSTOMER_DAY = 2
CONTACTS_PER_CUSTOMER_WEEK = 5
GRACE_UNTIL = time(10, 0)
OLDEST_ENTRY_DAYS = 31


class Kind(StrEnum):
    """Kinds of customer activity."""

    VISIT = "visit"
    CALL = "call"
    MEETING = "meeting"
    MESSAGE = "message"
    EMAIL = "email"


class Lack(StrEnum):
    """A part whose absence keeps a record from counting."""

    WHO = "who"
    RESULT = "result"
    NEXT = "next"
    RESULT_OR_NEXT = "result_or_next"
    REPLY = "reply"


class Credit(StrEnum):
    """Whether a record counts, and if not, why."""

    COUNTED = "counted"
    THIN = "thin"
    DUPLICATE = "duplicate"
    DAY_LIMIT = "day_limit"
    WEEK_CLOSED = "week_closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One record; `at` is the instant it happened, `on` the member's local date of it.

    `complete_at` is when it first had all that counts; None while it lacks something.
    `late` marks an entry made after the grace of its day; `withdrawn` one that was undone.
    """

    id: ActivityId
    kind: Kind
    member_id: MemberId
    customer_id: CustomerId
    at: datetime
    on: date
    recorded_at: datetime
    team_id: TeamId | None = None
    deal_id: int | None = None
    contact_ids: tuple[ContactId, ...] = ()
    has_result: bool = False
    has_next: bool = False
    replied: bool = False
    key_customer: bool = False
    late: bool = False
    withdrawn: bool = False
    complete_at: datetime | None = None
    credit: Credit = Credit.THIN


def lacks(activity: Activity) -> tuple[Lack, ...]:
    """What a record still needs to count: the table of method section 2, column "counts"."""
    who = () if activity.contact_ids else (Lack.WHO,)
    either = () if activity.has_result or activity.has_next else (Lack.RESULT_OR_NEXT,)
    match activity.kind:
        case Kind.VISIT | Kind.MEETING:
            return who + either
        case Kind.CALL:
            outcome = () if activity.has_result else (Lack.RESULT,)
            return outcome + (() if activity.has_next else (Lack.NEXT,))
        case Kind.MESSAGE | Kind.EMAIL:
            return () if activity.replied else (Lack.REPLY,)


def two_way(activity: Activity) -> bool:
    """Whether the customer took part: what makes a customer "contacted" that day (method 2, `contacts`)."""
    match activity.kind:
        case Kind.VISIT | Kind.MEETING:
            return bool(activity.contact_ids)
        case Kind.CALL:
            return activity.has_result
        case Kind.MESSAGE | Kind.EMAIL:
            return activity.replied


def is_contact(activity: Activity) -> bool:
    """Whether the record makes its customer contacted that day: two-way, and not withdrawn or too late.

    A duplicate does: the customer was met all the same, and is counted once a day anyway. So does a call without a
    next step. What became whole after its grace, or came when the week was closed, changes that day no more.
    """
    too_late = activity.credit is Credit.WEEK_CLOSED or (
        activity.credit is Credit.THIN and activity.complete_at is not None
    )
    return two_way(activity) and not activity.withdrawn and not too_late


def grace_end(on: date, calendar: Calendar, zone: str) -> datetime:
    """The instant until which the day `on` may be completed: 10:00 of the next working day (method 2)."""
    return instant(calendar.after(on), GRACE_UNTIL, zone)


def week_end(on: date, calendar: Calendar, zone: str) -> datetime:
    """The instant the week of `on` freezes: 10:00 of the first day worked after it (method 2)."""
    return instant(calendar.after(monday(on) + timedelta(days=6)), GRACE_UNTIL, zone)


def week_closed(on: date, at: datetime, calendar: Calendar, zone: str) -> bool:
    """Whether the week of `on` is frozen at `at`: nothing in it changes any more (method 2)."""
    return at > week_end(on, calendar, zone)


def recredited(records: Iterable[Activity], calendar: Calendar, zone: str) -> tuple[Activity, ...]:
    """The records of one member, customer and kind with their credit, decided in the order they happened.

    A duplicate is a record less than 30 minutes after the last counted one, unless it names another person;
    at most two visits count per customer and day. Order matters, so every change decides all of them anew.
    """
    decided: list[Activity] = []
    last: Activity | None = None
    per_day: dict[date, int] = {}
    for record in sorted(records, key=lambda each: (each.at, each.id)):
        credit = _credit(record, last, per_day.get(record.on, 0), calendar, zone)
        if credit is Credit.COUNTED:
            last = record
            per_day[record.on] = per_day.get(record.on, 0) + 1
        decided.append(record if record.credit is credit else replace(record, credit=credit))
    return tuple(decided)


def _credit(record: Activity, last: Activity | None, that_day: int, calendar: Calendar, zone: str) -> Credit:
    if record.withdrawn:
        return Credit.WITHDRAWN
    if record.complete_at is None or _completed_too_late(record, calendar, zone):
        return Credit.THIN
    if week_closed(record.on, record.recorded_at, calendar, zone):
        return Credit.WEEK_CLOSED
    if last is not None and record.at - last.at < DUPLICATE_WITHIN and not _names_another(record, last):
        return Credit.DUPLICATE
    if record.kind is Kind.VISIT and that_day >= VISITS_PER_CUSTOMER_DAY:
        return Credit.DAY_LIMIT
    return Credit.COUNTED


def _completed_too_late(record: Activity, calendar: Calendar, zone: str) -> bool:
    """A thin record must be completed by 10:00 of the next working day; a late entry must come whole."""
    if record.complete_at is None or record.complete_at == record.recorded_at:
        return False
    return record.complete_at > grace_end(record.on, calendar, zone)


def _names_another(record: Activity, last: Activity) -> bool:
    return bool(set(record.contact_ids) - set(last.contact_ids)) and bool(last.contact_ids)
