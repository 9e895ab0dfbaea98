"""What counts and what does not: lacks, duplicates, limits, thin and late records, the frozen week (method 2)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from domain.activity import (
    Activity,
    Credit,
    Kind,
    Lack,
    grace_end,
    is_contact,
    lacks,
    recredited,
    two_way,
    week_end,
)
from domain.workdays import Calendar
from tests.domain.records import CALENDAR, MONDAY, ZONE, away, day, record, wall

MON, TUE, FRI, NEXT_MON = day(2), day(3), day(6), day(9)
NOTHING: dict[str, Any] = {"has_result": False, "has_next": False, "replied": False}


def bare(kind: Kind, met: tuple[int, ...] = (), **has: bool) -> Activity:
    return record(1, kind, met=met, **{**NOTHING, **has})


@pytest.mark.parametrize(
    ("made", "missing"),
    [
        (bare(Kind.VISIT), (Lack.WHO, Lack.RESULT_OR_NEXT)),
        (bare(Kind.VISIT, (1,)), (Lack.RESULT_OR_NEXT,)),
        (bare(Kind.VISIT, has_result=True), (Lack.WHO,)),
        (bare(Kind.VISIT, (1,), has_result=True), ()),
        (bare(Kind.VISIT, (1,), has_next=True), ()),
        (bare(Kind.MEETING, (1,), has_next=True), ()),
        (bare(Kind.MEETING, (1,)), (Lack.RESULT_OR_NEXT,)),
        (bare(Kind.CALL), (Lack.RESULT, Lack.NEXT)),
        (bare(Kind.CALL, (1,)), (Lack.RESULT, Lack.NEXT)),
        (bare(Kind.CALL, has_result=True), (Lack.NEXT,)),
        (bare(Kind.CALL, has_next=True), (Lack.RESULT,)),
        (bare(Kind.CALL, has_result=True, has_next=True), ()),
        (bare(Kind.MESSAGE, has_result=True), (Lack.REPLY,)),
        (bare(Kind.MESSAGE, replied=True), ()),
        (bare(Kind.EMAIL), (Lack.REPLY,)),
        (bare(Kind.EMAIL, replied=True), ()),
    ],
)
def test_what_a_record_lacks(made: Activity, missing: tuple[Lack, ...]) -> None:
    assert lacks(made) == missing


@pytest.mark.parametrize(
    ("made", "met"),
    [
        (bare(Kind.VISIT, (1,)), True),
        (bare(Kind.VISIT, has_result=True), False),
        (bare(Kind.MEETING, (1,)), True),
        (bare(Kind.CALL, has_result=True), True),
        (bare(Kind.CALL, (1,), has_next=True), False),
        (bare(Kind.MESSAGE, replied=True), True),
        (bare(Kind.MESSAGE, has_result=True), False),
        (bare(Kind.EMAIL, replied=True), True),
    ],
)
def test_when_a_customer_took_part(made: Activity, met: bool) -> None:
    assert two_way(made) is met


@pytest.mark.parametrize(
    ("kind", "other", "counts"),
    [
        (Kind.MEETING, {}, True),
        (Kind.MESSAGE, {}, True),
        (Kind.MESSAGE, NOTHING | {"complete_at": None, "credit": Credit.THIN}, False),
        # Answered, but marked after the grace of its day; entered when the week was closed; taken back.
        (Kind.MESSAGE, {"credit": Credit.THIN}, False),
        (Kind.CALL, {"credit": Credit.WEEK_CLOSED}, False),
        (Kind.VISIT, {"credit": Credit.WITHDRAWN, "withdrawn": True}, False),
        # The customer was met, whatever the record itself counts for.
        (Kind.CALL, {"credit": Credit.DUPLICATE}, True),
        (Kind.VISIT, {"credit": Credit.DAY_LIMIT}, True),
        (Kind.CALL, {"has_next": False, "complete_at": None, "credit": Credit.THIN}, True),
    ],
)
def test_which_records_make_a_contact(kind: Kind, other: Mapping[str, Any], counts: bool) -> None:
    assert is_contact(record(1, kind, **other)) is counts


def credits(records: Sequence[Activity], calendar: Calendar = CALENDAR) -> list[Credit]:
    return [each.credit for each in recredited(records, calendar, ZONE)]


C, D, L = Credit.COUNTED, Credit.DUPLICATE, Credit.DAY_LIMIT
THIN, CLOSED, GONE = Credit.THIN, Credit.WEEK_CLOSED, Credit.WITHDRAWN


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        # Half an hour to the minute is not a duplicate.
        (Kind.CALL, [("09:00", 1), ("09:29", 1), ("09:30", 1)], [C, D, C]),
        # It is counted from the last record that counted, not from the last one.
        (Kind.CALL, [("09:00", 1), ("09:20", 1), ("09:40", 1)], [C, D, C]),
        # Naming another person makes it another conversation.
        (Kind.CALL, [("09:00", 1), ("09:10", 2), ("09:20", 2)], [C, C, D]),
        (Kind.VISIT, [("09:00", 1), ("13:00", 1), ("17:00", 1)], [C, C, L]),
        # A third visit to somebody else is still the third to the customer that day.
        (Kind.VISIT, [("09:00", 1), ("13:00", 2), ("17:00", 3)], [C, C, L]),
        # A duplicate does not use up the limit.
        (Kind.VISIT, [("09:00", 1), ("09:10", 1), ("10:00", 1), ("11:00", 1)], [C, D, C, L]),
        # Only visits have a limit per day.
        (Kind.CALL, [("09:00", 1), ("13:00", 1), ("17:00", 1)], [C, C, C]),
    ],
)
def test_duplicates_and_limits(kind: Kind, said: Sequence[tuple[str, int]], expected: list[Credit]) -> None:
    records = [record(n, kind, clock=clock, met=(who,)) for n, (clock, who) in enumerate(said)]
    assert credits(records) == expected


def test_another_day_has_its_own_limit() -> None:
    records = [
        record(3 * n + m, on=day(2 + n), clock=clock)
        for n in range(2)
        for m, clock in enumerate(("09:00", "12:00", "15:00"))
    ]
    assert credits(records) == [C, C, L, C, C, L]


@pytest.mark.parametrize("gone", [{"withdrawn": True}, {"complete_at": None}])
def test_what_does_not_count_hides_nothing(gone: Mapping[str, Any]) -> None:
    records = [record(1, Kind.CALL, clock="09:00", **gone), record(2, Kind.CALL, clock="09:10")]
    assert credits(records) == [GONE if "withdrawn" in gone else THIN, C]


def test_the_same_instant_is_decided_in_the_order_of_entry() -> None:
    records = [record(2, Kind.CALL), record(1, Kind.CALL)]
    assert [(each.id, each.credit) for each in recredited(records, CALENDAR, ZONE)] == [(1, C), (2, D)]


@pytest.mark.parametrize(
    ("on", "completed", "calendar", "expected"),
    [
        (MON, (MON, "18:00"), CALENDAR, C),
        (MON, (TUE, "10:00"), CALENDAR, C),
        (MON, (TUE, "10:01"), CALENDAR, THIN),
        (FRI, (NEXT_MON, "10:00"), CALENDAR, C),
        (FRI, (NEXT_MON, "10:01"), CALENDAR, THIN),
        # The next working day is the one the person works.
        (MON, (day(5), "10:00"), away(3, 4), C),
        (MON, (day(5), "10:01"), away(3, 4), THIN),
    ],
)
def test_a_thin_record_is_completed_by_ten(
    on: date, completed: tuple[date, str], calendar: Calendar, expected: Credit
) -> None:
    made = record(1, on=on, recorded_at=wall(on, "09:00"), complete_at=wall(*completed))
    assert credits([made], calendar) == [expected]


@pytest.mark.parametrize(
    ("entered", "completed", "expected"),
    [
        # A late entry that comes whole counts in its week.
        (wall(day(5), "15:00"), wall(day(5), "15:00"), C),
        # One that comes thin after its grace cannot be mended.
        (wall(day(5), "15:00"), wall(day(5), "15:05"), THIN),
        # The week of Monday 2 March freezes on Monday 9 March at ten.
        (wall(NEXT_MON, "10:00"), wall(NEXT_MON, "10:00"), C),
        (wall(NEXT_MON, "10:01"), wall(NEXT_MON, "10:01"), CLOSED),
    ],
)
def test_a_late_entry(entered: Any, completed: Any, expected: Credit) -> None:
    assert credits([record(1, recorded_at=entered, complete_at=completed)]) == [expected]


def test_a_whole_late_entry_counts_while_a_friday_is_in_grace() -> None:
    """A Friday's grace and its week end at the same ten o'clock: neither comes first."""
    assert grace_end(FRI, CALENDAR, ZONE) == week_end(FRI, CALENDAR, ZONE) == wall(NEXT_MON, "10:00")


@pytest.mark.parametrize(
    ("calendar", "grace", "frozen"),
    [
        (CALENDAR, (TUE, "10:00"), (NEXT_MON, "10:00")),
        (away(3, 3), (day(4), "10:00"), (NEXT_MON, "10:00")),
        (away(9, 10), (TUE, "10:00"), (day(11), "10:00")),
    ],
)
def test_grace_and_freeze_wait_for_a_day_worked(
    calendar: Calendar, grace: tuple[date, str], frozen: tuple[date, str]
) -> None:
    assert grace_end(MONDAY, calendar, ZONE) == wall(*grace)
    assert week_end(MONDAY, calendar, ZONE) == wall(*frozen)
