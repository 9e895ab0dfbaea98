"""A year of pushes for a team in three zones and three holiday regions, from due instant to due instant.

The oracle below knows which days each person works from the library, the leave and the declared days alone. The short
form, a quarter with the Chinese New Year in it, runs by default; the year: `uv run python -m tests.flows.year --write`.
"""

import asyncio
from datetime import date

import pytest

from tests.flows.year import Span, Year, lived

QUARTER = Span(first=date(2026, 1, 26), last=date(2026, 4, 26))
WHOLE = Span(first=date(2026, 1, 1), last=date(2026, 12, 31))


def promised(year: Year) -> None:
    assert year.quiet() == []
    assert year.twice() == []
    assert year.wrong_periods() == []
    assert year.wrong_times() == []
    assert year.over_budget() == []
    assert len(year.posts) > 100


def test_a_quarter_of_pushes_is_as_the_calendar_says() -> None:
    promised(asyncio.run(lived(QUARTER)))


@pytest.mark.long
def test_a_year_of_pushes_is_as_the_calendar_says() -> None:
    promised(asyncio.run(lived(WHOLE)))
