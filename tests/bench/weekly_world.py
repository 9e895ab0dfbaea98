"""A year of activity for P9: the same rows in the product's database and in DuckDB, made of the same arithmetic."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from bot.seed import found
from domain.kpis import Kpi
from domain.people import MemberId, Organisation, OrgId, Profile
from domain.ports import Store
from domain.rollups import Cell
from handlers.rollups import roll_weeks
from storage import tables
from storage.database import SqlDatabase
from tests.bench.world import NOW, TEAMS_EACH, Size, founding

# So many weeks of so many records a rep, the last of them the week that is scored.
WEEKS, A_WEEK = 50, 20
EACH = WEEKS * A_WEEK
PER_TEAM = 50
MONDAY = date(2026, 3, 2)
FRIDAY = MONDAY + timedelta(days=4)
START = MONDAY - timedelta(weeks=WEEKS - 1)
LONG_AGO = date(2024, 1, 1)
QUARTER = MONDAY - timedelta(weeks=12)
# Each rep wins a deal in every other week, and has a target for every month of the quarter.
WON = WEEKS // 2
MONTHS = (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
MICROSECONDS = 1_000_000
# The rows in the order they came, as arithmetic on their number i and the number of reps; both engines read it. A record
# is a call, visit, message or meeting with one of ten customers; one in thirteen lacks something and does not count.
RECORD = """
    SELECT i + 1 AS id, i % {reps} + 1 AS member_id, day, hour, kind, customer_id,
        CASE WHEN h % 13 = 0 THEN 'thin' ELSE 'counted' END AS credit,
        CASE WHEN h % 3 = 0 THEN 0 ELSE 1 END AS replied,
        CASE WHEN customer_id % 10 = 0 THEN 1 ELSE 0 END AS key_customer
    FROM (
        SELECT i, h, ((i / {reps}) / 20) * 7 + ((i / {reps}) % 20) / 4 AS day, 8 + 2 * ((i / {reps}) % 4) AS hour,
            CASE WHEN h % 10 < 4 THEN 'call' WHEN h % 10 < 7 THEN 'visit'
                WHEN h % 10 < 9 THEN 'message' ELSE 'meeting' END AS kind,
            (i % {reps}) * 10 + (h / 16) % 10 + 1 AS customer_id
        FROM (SELECT i, (i * 2654435761) % 1000003 AS h FROM {numbers})
    )
"""
# What each won, in hundredths: the number of the deal is i.
SALE = """
    SELECT i + 1 AS id, i % {reps} + 1 AS member_id, (i / {reps}) * 14 + (i % {reps}) % 5 AS day,
        100 * (1000 + (i * 7919) % 90000) + i % 100 AS cents
    FROM {numbers}
"""
# What each is to win in a month, in whole units.
TARGET = """
    SELECT i + 1 AS id, i % {reps} + 1 AS member_id, i / {reps} AS month, 20000 + (i * 104729) % 60000 AS units
    FROM {numbers}
"""
# SQLite counts as far as it is told; in DuckDB a division of whole numbers is written //.
UP_TO = "(WITH RECURSIVE counted (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM counted WHERE i < {last}) SELECT i FROM counted)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Where the data lies, and for how many people."""

    path: Path
    duck: Path
    reps: int

    @property
    def records(self) -> int:
        return self.reps * EACH


def make(folder: Path, reps: int) -> Year:
    """The organisation with its year in both databases; the week's cells are made by the product."""
    year = Year(path=folder / "year.db", duck=folder / "year.duckdb", reps=reps)
    database = SqlDatabase(f"sqlite:///{year.path}")
    tables.metadata.create_all(database.engine)
    transactions = database.connect()
    # Ten teams of one; the others join below, at once.
    plan = founding(0, Size(organisations=1, reps_each=TEAMS_EACH))
    found(
        transactions.begin(),
        replace(plan, profile=Profile.FULL, joined_on=LONG_AGO, started_on=LONG_AGO),
        NOW,
    )
    transactions.commit()
    transactions.close()
    with closing(sqlite3.connect(year.path)) as raw:
        _fill(raw, year)
    database.close()
    with closing(sqlite3.connect(year.path)) as raw:
        raw.execute("ANALYZE")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _fill_duck(year)
    return year


@contextmanager
def opened(path: Path) -> Iterator[tuple[Store, Organisation]]:
    """The store of the organisation, to read."""
    database = SqlDatabase(f"sqlite:///{path}")
    transactions = database.connect()
    store = transactions.begin().store(OrgId(1))
    try:
        yield store, store.organisation()
    finally:
        transactions.commit()
        transactions.close()
        database.close()


def _said(rows: str, reps: int, count: int, *, duck: bool) -> str:
    if duck:
        return rows.replace("/", "//").format(reps=reps, numbers=f"(SELECT range AS i FROM range({count}))")
    return rows.format(reps=reps, numbers=UP_TO.format(last=count - 1))


def _fill(raw: sqlite3.Connection, year: Year) -> None:
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        raw.execute(f"PRAGMA {pragma}")
    indexes = raw.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'ix_activity%'").fetchall()
    for name, _ in indexes:
        raw.execute(f"DROP INDEX {name}")
    _join(raw, year.reps)
    start = int(datetime(START.year, START.month, START.day, tzinfo=UTC).timestamp())
    at = f"({start} + day * 86400 + hour * 3600) * {MICROSECONDS}"
    days = [(n, (START + timedelta(days=n)).isoformat()) for n in range(WEEKS * 7)]
    raw.execute("CREATE TEMP TABLE day_of (day INTEGER PRIMARY KEY, on_date TEXT)")
    raw.executemany("INSERT INTO day_of VALUES (?, ?)", days)
    raw.execute(
        "INSERT INTO customer (org_id, id, withdrawn, name, key, owner_id, is_key, segment, buyer_type) "
        f"SELECT 1, i + 1, 0, 'Works ' || i, 'works' || i, 1, 0, '', '' FROM {UP_TO.format(last=year.reps * 10 - 1)}"
    )
    columns = {
        "org_id": "1", "id": "id", "kind": "kind", "member_id": "member_id", "team_id": "1",
        "customer_id": "customer_id", "deal_id": "NULL", "at": at, "on_date": "on_date", "recorded_at": at,
        "contact_ids": "',' || customer_id || ','", "has_result": "1", "has_next": "1", "replied": "replied",
        "key_customer": "key_customer", "late": "0",
        "complete_at": f"CASE credit WHEN 'thin' THEN NULL ELSE {at} END",
        "credit": "credit", "result": "'went through the offer'", "next": "'call again'", "purpose": "''",
        "withdrawn": "0",
    }  # fmt: skip
    _insert(raw, "activity", columns, _said(RECORD, year.reps, year.records, duck=False))
    sale = {
        "org_id": "1", "id": "id", "member_id": "member_id", "team_id": "1", "kpi": f"'{Kpi.SALES}'",
        "on_date": "on_date", "value": "cents", "origin": "'derived'", "deal_id": "NULL", "customer_id": "NULL",
        "note": "''", "made_by": "member_id", "withdrawn": "0",
    }  # fmt: skip
    _insert(raw, "result", sale, _said(SALE, year.reps, year.reps * WON, duck=False))
    _targets(raw, year)
    raw.execute(
        "INSERT INTO report (org_id, id, withdrawn, member_id, on_date, sent_at, reflection) "
        f"SELECT 1, i + 1, 0, i % {year.reps} + 1, date('{MONDAY}', '+' || (i / {year.reps}) || ' days'), 0, '' "
        f"FROM {UP_TO.format(last=year.reps * 5 - 1)}"
    )
    _cells(raw)
    for _, sql in indexes:
        raw.execute(sql)
    raw.commit()


def _insert(raw: sqlite3.Connection, table: str, columns: dict[str, str], rows: str) -> None:
    raw.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} "
        f"FROM ({rows}) JOIN day_of USING (day)"
    )


def _targets(raw: sqlite3.Connection, year: Year) -> None:
    ends = [(n, first.isoformat(), _end(first).isoformat()) for n, first in enumerate(MONTHS)]
    raw.execute("CREATE TEMP TABLE month_of (month INTEGER PRIMARY KEY, first_on TEXT, last_on TEXT)")
    raw.executemany("INSERT INTO month_of VALUES (?, ?, ?)", ends)
    columns = {
        "org_id": "1", "id": "id", "member_id": "member_id", "team_id": "NULL", "kpi": f"'{Kpi.SALES}'",
        "first_on": "first_on", "last_on": "last_on", "amount": "units * 100", "quality": "''", "cost": "NULL",
        "parent_id": "NULL", "rounds": "1", "step": "'locked'", "answer_by": "NULL", "answer_of": "NULL",
        "silent": "0", "made_by": "1", "made_at": "0", "locked_at": "0", "withdrawn": "0",
    }  # fmt: skip
    rows = _said(TARGET, year.reps, year.reps * len(MONTHS), duck=False)
    raw.execute(
        f"INSERT INTO target ({', '.join(columns)}) SELECT {', '.join(columns.values())} "
        f"FROM ({rows}) JOIN month_of USING (month)"
    )


def _end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _join(raw: sqlite3.Connection, reps: int) -> None:
    """Colleagues like the first of each team, with a seat and a chat of their own."""
    more = UP_TO.format(last=reps - 1)
    names = [row[1] for row in raw.execute("PRAGMA table_info(team)")]
    columns = ", ".join({"id": "i + 1", "name": "'Team ' || i"}.get(name, name) for name in names)
    raw.execute(
        f"INSERT INTO team ({', '.join(names)}) SELECT {columns} FROM {more} "
        f"JOIN (SELECT {', '.join(n for n in names if n not in ('id', 'name'))} FROM team WHERE id = 1) ON TRUE "
        f"WHERE i BETWEEN {TEAMS_EACH} AND {(reps - 1) // PER_TEAM}"
    )
    for table in ("member", "team_stay"):
        raw.execute(f"UPDATE {table} SET team_id = 1")
    for table, number in (("member", "id"), ("team_stay", "member_id"), ("identity", "member_id")):
        names = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
        new = {
            number: "i + 1",
            "id": "i + 1",
            "team_id": f"i / {PER_TEAM} + 1",
            "account": "'rep' || i",
            "chat": "'rep' || i",
        }
        columns = ", ".join(new.get(name, f"like_{name}") for name in names)
        first = ", ".join(f"{name} AS like_{name}" for name in names)
        raw.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {columns} FROM {more} "
            f"JOIN (SELECT {first} FROM {table}) ON like_{number} = i % {TEAMS_EACH} + 1 WHERE i >= {TEAMS_EACH}"
        )


def _cells(raw: sqlite3.Connection) -> None:
    """The cells of the quarter, as the product keeps them; that they are the same is checked on every tenth rep."""
    raw.execute(
        "CREATE TEMP TABLE counted AS SELECT member_id, on_date, count(*) AS records, "
        "sum(credit = 'counted' AND kind = 'call') AS calls, sum(credit = 'counted' AND kind = 'visit') AS visits, "
        "sum(credit = 'counted' AND kind = 'visit' AND key_customer) AS key_visits, "
        "count(DISTINCT CASE WHEN kind <> 'message' OR replied THEN customer_id END) AS contacts "
        f"FROM activity WHERE on_date >= '{QUARTER}' GROUP BY member_id, on_date"
    )
    parts = [
        f"SELECT member_id, on_date, '{cell}' AS cell, {cell} AS n FROM counted WHERE {cell} > 0"
        for cell in (Cell.CALLS, Cell.CONTACTS, Cell.KEY_VISITS, Cell.RECORDS, Cell.VISITS)
    ]
    parts.append(
        f"SELECT member_id, on_date, '{Cell.SALES}', sum(value) FROM result "
        f"WHERE on_date >= '{QUARTER}' GROUP BY member_id, on_date"
    )
    raw.execute(
        "INSERT INTO rollup_day (org_id, member_id, on_date, cell, n) "
        f"SELECT 1, member_id, on_date, cell, n FROM ({' UNION ALL '.join(parts)}) ORDER BY 2, 3, 4"
    )
    raw.execute(
        "INSERT INTO rollup_week (org_id, member_id, week_on, cell, n) "
        "SELECT 1, member_id, date(on_date, 'weekday 0', '-6 days'), cell, sum(n) FROM rollup_day GROUP BY 2, 3, 4"
    )


def recounted(store: Store, org: Organisation, year: Year) -> bool:
    """Whether the product's own recomputation of every tenth rep finds no cell that is different."""
    people = [MemberId(number) for number in range(1, year.reps + 1, 10)]
    return roll_weeks(store, org, people, MONDAY, MONDAY).wrong == 0


def _fill_duck(year: Year) -> None:
    with closing(duckdb.connect(str(year.duck))) as duck:
        start = f"DATE '{START}' + day::INTEGER"
        duck.execute(
            f"CREATE TABLE activity AS SELECT id, member_id, {start} AS on_date, kind, customer_id, credit, replied, "
            f"key_customer FROM ({_said(RECORD, year.reps, year.records, duck=True)}) ORDER BY id"
        )
        duck.execute(
            f"CREATE TABLE sale AS SELECT member_id, {start} AS on_date, cents "
            f"FROM ({_said(SALE, year.reps, year.reps * WON, duck=True)}) ORDER BY id"
        )
        duck.execute(
            "CREATE TABLE target AS SELECT member_id, month, units "
            f"FROM ({_said(TARGET, year.reps, year.reps * len(MONTHS), duck=True)}) ORDER BY id"
        )
        # The days of each month's target, and which of them the quarter sees until Friday.
        duck.execute("CREATE TABLE workday (month INTEGER, n INTEGER, days INTEGER)")
        duck.executemany("INSERT INTO workday VALUES (?, ?, ?)", list(_workdays()))


def _workdays() -> Iterator[Sequence[int]]:
    for number, first in enumerate(MONTHS):
        days = [first + timedelta(days=n) for n in range((_end(first) - first).days + 1)]
        worked = [day for day in days if day.isoweekday() <= 5]
        yield from ((number, n, len(worked)) for n, day in enumerate(worked) if QUARTER <= day <= FRIDAY)
