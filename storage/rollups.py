"""Rows of numbers in cells: a person's days and weeks, and what the last recomputation found."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from domain.people import MemberId
from domain.rollups import Cell, Cells, summed
from domain.week_ports import RollupCheck
from domain.workdays import ONE_DAY
from storage import tables
from storage.session import Session
from storage.upsert import upsert

d, w, c = tables.rollup_day.c, tables.rollup_week.c, tables.rollup_check.c
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
DAYS = (
    select(d.member_id, d.on_date, d.cell, d.n)
    .where(d.org_id == bindparam("org_id"), d.member_id.in_(IDS), d.n != 0)
    .where(d.on_date.between(bindparam("first"), bindparam("last")))
    .where(d.cell.in_(bindparam("cells", expanding=True)))
)
WEEKS = (
    select(w.member_id, w.week_on, w.cell, w.n)
    .where(w.org_id == bindparam("org_id"), w.member_id.in_(IDS), w.n != 0)
    .where(w.week_on.between(bindparam("first"), bindparam("last")))
)
# Asked with every record: one person's week, without the expanding list.
DAYS_OF_ONE = select(d.on_date, d.cell, d.n).where(
    d.org_id == bindparam("org_id"),
    d.member_id == bindparam("member_id"),
    d.on_date.between(bindparam("first"), bindparam("last")),
)
KEEP_DAY = upsert(tables.rollup_day, ("org_id", "member_id", "on_date", "cell"), ("n",))
KEEP_WEEK = upsert(tables.rollup_week, ("org_id", "member_id", "week_on", "cell"), ("n",))
KEEP_CHECK = upsert(tables.rollup_check, ("org_id",), ("checked_at", "cells", "wrong", "examples"))
CHECK = select(c.checked_at, c.cells, c.wrong, c.examples).where(c.org_id == bindparam("org_id"))

CELLS: Mapping[str, Cell] = {cell.value: cell for cell in Cell}
Found = dict[MemberId, dict[date, dict[Cell, int]]]


class Rollups(Session):
    """The organisation's numbers."""

    def touched_weeks(self) -> frozenset[tuple[MemberId, date]]:
        return frozenset(self._weeks)

    def keep_cells(self, member: MemberId, monday: date, days: Mapping[date, Cells]) -> int:
        """Writes the cells that are different; one that is nothing now stays as a row of nothing."""
        last = monday + 6 * ONE_DAY
        kept: dict[tuple[date, Cell], int] = {
            (on, CELLS[cell]): n
            for on, cell, n in self.rows(DAYS_OF_ONE, member_id=member, first=monday, last=last)
        }
        wanted = {(on, cell): n for on, cells in days.items() for cell, n in cells.items()}
        changed = {key: wanted.get(key, 0) for key in kept | wanted if kept.get(key, 0) != wanted.get(key, 0)}
        if not changed:
            return 0
        whole = summed(days)
        of = {"org_id": self.org_id, "member_id": member}
        self.driver.many(
            KEEP_DAY,
            [{**of, "on_date": on, "cell": cell, "n": n} for (on, cell), n in sorted(changed.items())],
        )
        self.keep_week(member, monday, {cell: whole.get(cell, 0) for _, cell in changed})
        return len(changed)

    def keep_week(self, member: MemberId, monday: date, cells: Cells) -> None:
        of = {"org_id": self.org_id, "member_id": member, "week_on": monday}
        self.driver.many(KEEP_WEEK, [{**of, "cell": cell, "n": n} for cell, n in sorted(cells.items())])

    def day_cells(
        self, members: Sequence[MemberId], first: date, last: date, only: Sequence[Cell] = tuple(Cell)
    ) -> Found:
        names = [cell.value for cell in only]
        return _by_member(self.rows(DAYS, ids=list(members), first=first, last=last, cells=names))

    def week_cells(self, members: Sequence[MemberId], first: date, last: date) -> Found:
        return _by_member(self.rows(WEEKS, ids=list(members), first=first, last=last))

    def keep_check(self, check: RollupCheck) -> None:
        self.driver.run(
            KEEP_CHECK,
            {
                "org_id": self.org_id,
                "checked_at": check.checked_at,
                "cells": check.cells,
                "wrong": check.wrong,
                "examples": check.examples,
            },
        )

    def last_check(self) -> RollupCheck | None:
        row = self.row(CHECK)
        if row is None:
            return None
        checked_at, cells, wrong, examples = row
        return RollupCheck(checked_at=checked_at, cells=cells, wrong=wrong, examples=examples)


def _by_member(rows: Iterable[Sequence[Any]]) -> Found:
    found: Found = {}
    for member, on, cell, n in rows:
        by_day = found.get(member)
        if by_day is None:
            by_day = found[member] = {}
        cells = by_day.get(on)
        if cells is None:
            cells = by_day[on] = {}
        cells[CELLS[cell]] = n
    return found
