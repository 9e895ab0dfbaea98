"""A statement with lists runs on the driver as it does through SQLAlchemy, whatever the length of its lists."""

from datetime import date

import pytest
from sqlalchemy import bindparam, select

from domain.people import OrgId
from storage import tables
from storage.driver import LONGEST, Driver, Listed
from tests.support.opened import ORGANISATION, Opened

o = tables.org.c
FOUND = (
    select(o.id, o.started_on, bindparam("shown", "as it is"))
    .where(o.id >= bindparam("least"), o.id.in_(bindparam("ids", expanding=True)))
    .where(o.started_on.in_(bindparam("days", expanding=True)), o.currency.in_(["EUR", "CNY"]))
    .order_by(o.id)
)


@pytest.mark.parametrize("length", [0, 1, 2, LONGEST, LONGEST + 1])
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
        for length in range(2 * LONGEST):
            driver.rows(FOUND, {"least": 1, "ids": list(range(length)), "days": [ORGANISATION.started_on]})
        (listed,) = (each for each in driver._prepared.values() if isinstance(each, Listed))
    assert len(listed._prepared) == LONGEST + 1
