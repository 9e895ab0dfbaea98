"""DuckDB over raw rows of the product's database: what is worked out by the `.sql` files beside this one."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from sqlalchemy import Table, select

from domain.people import Role
from storage import tables
from tests.oracle.history import NOW
from tests.support.house import House

QUARTER = (date(2026, 1, 1), date(2026, 3, 31))
HERE = Path(__file__).parent
MINUTE = 60
# The raw rows and nothing that the product derived from them: no credit, no cells, no frozen cards.
RAW: tuple[tuple[Table, str], ...] = (
    (tables.activity, "id member_id customer_id kind at on_date recorded_at complete_at contact_ids has_result replied key_customer"),
    (tables.claim, "id member_id metric on_date effective"),
    (tables.report, "id member_id on_date"),
    (tables.leave, "id member_id first_on last_on"),
    (tables.calendar_day, "id team_id on_date works"),
    (tables.team_stay, "member_id team_id since"),
    (tables.deal, "id customer_id owner_id team_id state milestone opened_on entered_on amount close_on held_days closed_on imported"),
    (tables.passage, "id deal_id milestone entered_on left_on days passed"),
    (tables.checked, "id deal_id item note source activity_id contact_id confirmed_by coach_id"),
    (tables.seller, "id deal_id member_id share"),
    (tables.target, "id member_id team_id first_on last_on amount step"),
    (tables.sample, "id member_id week_on activity_id verdict upheld"),
    (tables.instalment, "id deal_id amount due_on"),
    (tables.payment, "id deal_id amount on_date"),
    (tables.rating, "id member_id value on_date"),
    (tables.result, "id member_id kpi on_date value origin"),
)  # fmt: skip
TYPES = {
    "BIGINT": "id member_id customer_id team_id owner_id deal_id milestone held_days days effective share activity_id contact_id confirmed_by coach_id",
    "DATE": "due_on on_date first_on last_on since opened_on entered_on close_on closed_on left_on week_on joined_on",
    "TIMESTAMP": "happened_at recorded_at complete_at",
    "BOOLEAN": "has_result replied key_customer works imported named is_rep",
    "DECIMAL(18, 2)": "amount value",
    "BIGINT[]": "contact_ids",
    "INTEGER": "zone_minutes",
}
TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names.split()}
# What is called otherwise there: a shorter word, or one that DuckDB keeps for itself.
CALLED = {"team_stay": "stay", "at": "happened_at"}


@dataclass(frozen=True, slots=True)
class Oracle:
    """The other engine, with the raw rows in it."""

    duck: duckdb.DuckDBPyConnection

    def works_out(self, file: str) -> None:
        self.duck.execute((HERE / file).read_text(encoding="utf-8"))

    def looks_from(self, today: date) -> None:
        """What is worked out from now on is as it stands on a day."""
        self.duck.execute(
            "CREATE OR REPLACE TABLE now AS SELECT ? AS today, ? AS first_on, ? AS last_on", [today, *QUARTER]
        )

    def rows(self, query: str) -> list[dict[str, Any]]:
        found = self.duck.execute(query)
        names = [each[0] for each in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


async def oracle(at: House, folder: Path, asked: Sequence[tuple[date, date]]) -> Oracle:
    """An oracle that knows the raw rows, asked about weeks by their Monday and the day they are looked at."""
    made = Oracle(duckdb.connect())
    for table, names in RAW:
        columns = [table.c[name] for name in names.split()]
        found = select(*columns)
        if "withdrawn" in table.c:
            found = found.where(table.c.withdrawn.is_(False))
        called = [CALLED.get(each, each) for each in (table.name, *names.split())]
        _fill(made, called[0], called[1:], await at.rows(found), folder)
    m = tables.member.c
    people = [
        (number, team, joined, profile, quantities or "{}", Role.REP in roles.split(","), named, _east(zone))
        for number, team, joined, profile, quantities, roles, named, zone in await at.rows(
            select(m.id, m.team_id, m.joined_on, m.profile, m.quantities, m.roles, m.named, m.zone)
        )
    ]
    names_of = ["id", "team_id", "joined_on", "profile", "quantities", "is_rep", "named", "zone_minutes"]
    _fill(made, "member", names_of, people, folder)
    made.duck.execute("CREATE TABLE asked (monday DATE, until DATE)")
    made.duck.executemany("INSERT INTO asked VALUES (?, ?)", [list(each) for each in asked])
    return made


def _east(zone: str) -> int:
    """Minutes east of Greenwich; the zones of these histories keep no summer time."""
    offset = NOW.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // MINUTE


def _fill(made: Oracle, name: str, columns: list[str], rows: Sequence[Sequence[Any]], folder: Path) -> None:
    file = folder / f"{name}.csv"
    with file.open("w", newline="", encoding="utf-8") as sheet:
        csv.writer(sheet).writerows([_written(each) for each in row] for row in rows)
    types = ", ".join(f"{each} {TYPE_OF.get(each, 'VARCHAR')}" for each in columns)
    made.duck.execute(f"CREATE TABLE {name} ({types})")
    made.duck.execute(f"COPY {name} FROM '{file}' (FORMAT csv, HEADER false, NULLSTR '\\N', QUOTE '\"')")


def _written(value: object) -> object:
    if value is None:
        return "\\N"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, tuple):
        return "[" + ",".join(map(str, value)) + "]"
    return value
