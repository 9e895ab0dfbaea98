"""A statement with lists runs on the driver as it does through SQLAlchemy, whatever the length of its lists."""

from datetime import date

import pytest
from sqlalchemy import Date, bindparam, select
from sqlalchemy.dialects import sqlite

from domain.people import OrgId
from storage import tables
from storage.database import open_engine
from storage.driver import LONGEST, Driver, Listed
from storage.types import TextDate
from tests.support.opened import NINE, ORGANISATION, Opened

o = tables.org.c
FOUND = (
    select(o.id, o.started_on, bindparam("shown", "as it is"))
    .where(o.id >= bindparam("least"), o.id.in_(bindparam("ids", expanding=True)))
    .where(o.started_on.in_(bindparam("days", expanding=True)), o.currency.in_(["EUR", "CNY"]))
    .order_by(o.id)
)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 100, LONGEST, LONGEST + 1])
@pytest.mark.parametrize("days", [[], [ORGANISATION.started_on], [date(2020, 1, 1), ORGANISATION.started_on]])
def test_lists_of_any_length_find_what_sqlalchemy_finds(books: Opened, length: int, days: list[date]) -> None:
    first, second = books.found("One")[0], books.found("Two")[0]
    values = {"least": first, "ids": [second, *range(100, 99 + length)][:length], "days": days}
    wanted: list[tuple[OrgId, date, str]] = (
        [(second, ORGANISATION.started_on, "as it is")] if length and days else []
    )
    with books.work():
        driver: Driver = books.transactions.work.people.driver
        # Twice: prepared, then as it was prepared; between them lists of another length.
        for _ in range(2):
            assert [tuple(row) for row in driver.rows(FOUND, values)] == wanted
            assert driver.rows(FOUND, values | {"ids": [first] * 3, "least": second}) == []


def test_long_lists_leave_nothing_behind(books: Opened) -> None:
    with books.work():
        driver: Driver = books.transactions.work.people.driver
        for length in (*range(70), LONGEST - 1, LONGEST, LONGEST + 1, 2 * LONGEST):
            driver.rows(FOUND, {"least": 1, "ids": list(range(length)), "days": [ORGANISATION.started_on]})
        (listed,) = (each for each in driver._prepared.values() if isinstance(each, Listed))
    # None, 1, 2, 4 to 128, and the longest.
    assert len(listed._prepared) == 10


def test_a_date_is_written_as_sqlite_always_wrote_it() -> None:
    ours = Date().dialect_impl(open_engine("sqlite://").dialect)
    assert isinstance(ours, TextDate)
    mine, theirs = ours.bind_processor(None), sqlite.DATE().bind_processor(sqlite.dialect())  # type: ignore[no-untyped-call]
    assert theirs is not None
    for each in (date(1, 1, 1), date(987, 6, 5), date(2026, 3, 2), date.max, NINE, None):
        assert mine(each) == theirs(each)
