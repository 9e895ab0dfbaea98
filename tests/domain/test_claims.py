"""Bulk claims: at most five a day over all of them, in every number alike, never contacts (product section 4)."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import pytest

from domain.activity import Kind
from domain.quota import BULK_PER_DAY, Claim, Metric, claimed, month_standings, standings, week_completion
from tests.domain.records import CALENDAR, MONDAY, day, record

CALLS, CONTACTS = Metric.CALLS, Metric.CONTACTS
SUNDAY, TUESDAY = day(8), day(3)


def claim(number: int, effective: int, on: date = MONDAY, quantity: int = 9) -> Claim:
    return Claim(id=number, metric=CALLS, on=on, quantity=quantity, effective=effective)


@pytest.mark.parametrize(
    ("claims", "counted"),
    [
        ([], {}),
        ([claim(1, 3)], {CALLS: 3}),
        # What was typed does not count, what had a result and a next step does.
        ([claim(1, 0, quantity=8)], {CALLS: 0}),
        ([claim(1, 8)], {CALLS: 5}),
        # Five over all of the day's bulk, not five each.
        ([claim(1, 3), claim(2, 4)], {CALLS: 5}),
        ([claim(1, 5), claim(2, 5), claim(3, 1)], {CALLS: 5}),
        # Each day has its own five.
        ([claim(1, 8), claim(2, 4, TUESDAY)], {CALLS: 9}),
        ([claim(1, 2, date(2026, 3, 1)), claim(2, 2, day(9))], {}),
    ],
)
def test_what_bulk_counts_for(claims: Sequence[Claim], counted: Mapping[Metric, int]) -> None:
    assert claimed(claims, MONDAY, SUNDAY) == counted
    assert claimed(claims[::-1], MONDAY, SUNDAY) == counted


def test_the_rule_says_five() -> None:
    assert BULK_PER_DAY == 5


def test_a_bar_knows_what_of_it_was_only_claimed() -> None:
    records = [record(1, Kind.CALL), record(2, Kind.CALL, customer=2)]
    targets = {CALLS: 10, CONTACTS: 5}
    found = standings(targets, records, CALENDAR, MONDAY, [claim(1, 3), claim(2, 4, TUESDAY)])
    assert [(each.metric, each.actual, each.claimed, each.missing) for each in found] == [
        (CALLS, 5, 3, 5),
        (CONTACTS, 2, 0, 3),
    ]


def test_claims_complete_the_day_they_are_for() -> None:
    claims = [claim(1, 5), claim(2, 1, TUESDAY)]
    done = week_completion({CALLS: 2}, [record(1, Kind.CALL, on=TUESDAY)], CALENDAR, MONDAY, day(4), claims)
    # All of Monday, all of Tuesday with the call, nothing of Wednesday.
    assert done == Fraction(2, 3)


def test_a_month_counts_claims_by_the_day() -> None:
    claims = [claim(1, 8), claim(2, 3, TUESDAY), claim(3, 5, date(2026, 4, 1))]
    (found,) = month_standings(lambda _: {CALLS: 5}, [], CALENDAR, day(1), day(31), claims)
    assert (found.actual, found.claimed, found.target) == (8, 8, 110)
