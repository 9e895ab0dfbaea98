"""Carried steps: one a working day, three at most, then they leave the card (method section 2)."""

from datetime import date

import pytest

from domain.steps import carried, stands
from domain.workdays import Calendar
from tests.domain.records import CALENDAR, away, day


@pytest.mark.parametrize(
    ("due", "today", "calendar", "times", "on_card"),
    [
        (day(5), day(4), CALENDAR, 0, False),
        (day(5), day(5), CALENDAR, 0, True),
        (day(5), day(6), CALENDAR, 1, True),
        (day(5), day(8), CALENDAR, 1, True),
        (day(5), day(9), CALENDAR, 2, True),
        (day(5), day(10), CALENDAR, 3, True),
        (day(5), day(11), CALENDAR, 3, False),
        (day(7), day(9), CALENDAR, 1, True),
        (day(5), day(11), away(9, 10), 2, True),
        (day(2), day(31), CALENDAR, 3, False),
    ],
)
def test_a_step_is_carried(due: date, today: date, calendar: Calendar, times: int, on_card: bool) -> None:
    assert carried(due, today, calendar) == times
    assert stands(due, today, calendar) is on_card
