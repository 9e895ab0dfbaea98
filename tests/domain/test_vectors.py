"""The worked examples of the method for the day of a rep, compared exactly; and that none of all is left out."""

import re
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest

from domain.activity import Credit, Kind, recredited
from domain.people import Profile
from domain.quota import (
    METRICS,
    PROFILES,
    Metric,
    attained,
    completion,
    day_state,
    percent,
    prorated,
    standings,
    tally,
)
from domain.steps import CARRIES_AT_MOST, carried, stands
from tests.domain.records import CALENDAR, MONDAY, ZONE, away, day, record, wall
from tests.domain.test_vectors_deals import CHECKS as DEALS
from tests.domain.test_vectors_week import CHECKS as WEEK
from tests.domain.vectors import VECTORS, expected


def completed(*ratios: Fraction) -> str:
    done = completion(ratios)
    assert done is not None
    return f"{percent(done)}%"


def test_a1() -> None:
    """Two habits are scored beside contacts and calls: the team choice that the method allows."""
    done = re.findall(r"(\d+)/(\d+)", VECTORS["A1"]["title"].split(";")[1])
    assert len(done) == 4
    ratios = [attained(int(actual), int(target)) for actual, target in done]
    assert completed(*ratios) == expected("A1")


def test_a2() -> None:
    full = PROFILES[Profile.FULL]
    visits, key_visits = full[Metric.VISITS], full[Metric.KEY_VISITS]

    def due(present: int) -> tuple[int, int]:
        return prorated(visits, present, 5), prorated(key_visits, present, 5)

    three, one, none = due(3), due(1), due(0)
    assert expected("A2") == (
        f"visits {three[0]}, key visits {three[1]}; present 1 of 5: visits {one[0]}, key {one[1]}; "
        f"present 0: {none[0]},{none[1]} (week excused)"
    )
    two_days_off = standings({Metric.VISITS: visits}, [], away(5, 6), MONDAY)
    assert two_days_off[0].target == three[0]


def test_a3() -> None:
    logged = [
        (Kind.CALL, 1),
        (Kind.CALL, 1),
        (Kind.VISIT, 2),
        (Kind.CALL, 3),
        (Kind.MESSAGE, 3),
        (Kind.CALL, 4),
        (Kind.EMAIL, 5),
    ]
    records = [
        record(number, kind, clock=f"{8 + number:02}:00", customer=customer)
        for number, (kind, customer) in enumerate(logged)
    ]
    counts = tally(records, MONDAY, MONDAY)
    contacts, calls = counts[Metric.CONTACTS], counts[Metric.CALLS]
    target, of = METRICS[Metric.CONTACTS].quantity, METRICS[Metric.CALLS].quantity
    met = "met" if contacts >= target else "missed"
    done = completed(attained(contacts, target), attained(calls, of))
    assert expected("A3") == (
        f"contacts {contacts} (target {target} -> {met}), calls {calls} of {of}, completion {done}"
    )


def test_a6() -> None:
    """Credit is decided per customer, so the call to c2 stands alone."""
    first = [record(n, Kind.CALL, clock=clock) for n, clock in enumerate(("09:00", "09:20", "09:35"))]
    second = [record(9, Kind.CALL, clock="09:05", customer=2)]
    decided = [*recredited(first, CALENDAR, ZONE), *recredited(second, CALENDAR, ZONE)]
    counted = [each for each in decided if each.credit is Credit.COUNTED]
    (left_out,) = (each for each in decided if each not in counted)
    clock = (left_out.at + timedelta(hours=8)).strftime("%H:%M")
    assert expected("A6") == f"counted {len(counted)} of {len(decided)} ({clock} not counted)"


def test_a7() -> None:
    sent = (
        wall(MONDAY, "19:59"),
        wall(MONDAY, "20:00"),
        wall(day(3), "08:00"),
        wall(day(3), "10:01"),
    )
    states = [day_state(MONDAY, at, at, CALENDAR, ZONE).replace("_", " ") for at in sent]
    assert "; ".join(states) == expected("A7")


def test_m2() -> None:
    """Due on Monday: carried on Tuesday, Wednesday and, with the alert, on Thursday; gone on Friday."""
    counts = [carried(MONDAY, day(number), CALENDAR) for number in (2, 3, 4, 5, 6)]
    shown = [stands(MONDAY, day(number), CALENDAR) for number in (2, 3, 4, 5, 6)]
    steps = " -> ".join(str(count) for count in counts[:3])
    assert expected("M2") == f"carry count {steps} -> alert at {counts[3]}"
    assert counts[3] == counts[4] == CARRIES_AT_MOST
    assert shown == [True, True, True, True, False]


CHECKS: dict[str, Callable[[], None]] = {
    "A1": test_a1,
    "A2": test_a2,
    "A3": test_a3,
    "A6": test_a6,
    "A7": test_a7,
    "M2": test_m2,
    **DEALS,
    **WEEK,
}


@pytest.mark.parametrize("number", VECTORS)
def test_no_vector_is_left_out(number: str) -> None:
    assert number in CHECKS
