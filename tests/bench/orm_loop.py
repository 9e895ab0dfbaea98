"""What P9 is compared with besides DuckDB: a loop over people that loads each one's rows with the SQLAlchemy ORM."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, registry

from storage import tables
from tests.bench.weekly_world import FRIDAY, MONDAY, QUARTER

TARGETS = {"contacts": 5, "calls": 10}


class Record:
    """A row of the activity table."""


class Sale:
    """A row of the result table."""


class Aim:
    """A row of the target table."""


class Closed:
    """A row of the report table."""


MAPPED: tuple[tuple[Any, Any], ...] = (
    (Record, tables.activity),
    (Sale, tables.result),
    (Aim, tables.target),
    (Closed, tables.report),
)


class Loop:
    """One session over the year, as usual code would ask it."""

    def __init__(self, path: Path) -> None:
        mapping = registry()
        for cls, table in MAPPED:
            mapping.map_imperatively(cls, table)
        self._mapping = mapping
        self._engine = create_engine(f"sqlite:///{path}")
        self._session = Session(self._engine)

    def week(self, member: int) -> tuple[Fraction, Decimal, int]:
        """Plan completion, what was sold, and how many of the days were closed; each query is one rep's."""
        session: Session = self._session
        session.expunge_all()
        records: list[Any] = list(
            session.scalars(self._of(Record, member, MONDAY, FRIDAY + timedelta(days=2)))
        )
        sales: list[Any] = list(session.scalars(self._of(Sale, member, QUARTER, FRIDAY)))
        reports: list[Any] = list(session.scalars(self._of(Closed, member, MONDAY, FRIDAY)))
        aims: list[Any] = list(
            session.scalars(
                select(Aim).where(tables.target.c.org_id == 1, tables.target.c.member_id == member)
            )
        )
        return (
            _completion(records),
            sum((each.value for each in sales), Decimal(0)),
            len(reports) + 0 * len(aims),
        )

    def _of(self, cls: Any, member: int, first: date, last: date) -> Any:
        return select(cls).where(
            cls.org_id == 1, cls.member_id == member, cls.on_date >= first, cls.on_date <= last
        )

    def close(self) -> None:
        self._session.close()
        self._engine.dispose()
        self._mapping.dispose()


def _completion(records: list[Any]) -> Fraction:
    met: dict[date, set[int]] = defaultdict(set)
    calls: dict[date, int] = defaultdict(int)
    visits = key = 0
    for each in records:
        if each.kind != "message" or each.replied:
            met[each.on_date].add(each.customer_id)
        if each.credit == "counted":
            calls[each.on_date] += each.kind == "call"
            visits += each.kind == "visit"
            key += each.kind == "visit" and each.key_customer
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    ratios = [
        sum((Fraction(min(len(met[day]), 5), 5) for day in days), Fraction(0)) / 5,
        sum((Fraction(min(calls[day], 10), 10) for day in days), Fraction(0)) / 5,
        Fraction(min(visits, 10), 10),
        Fraction(min(key, 2), 2),
    ]
    return sum(ratios, Fraction(0)) / 4
