"""P10: the stalled deals of a million by index and counter, against working out every age in one query."""

import json
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, insert

from bot.seed import found
from domain.deal_ports import Which
from domain.deals import State
from domain.milestones import PROJECT
from domain.people import OrgId
from domain.ports import Store
from domain.schedule import local_date
from domain.stalled import Clock, Level, assess, begins, deadlines
from storage import tables
from storage.database import SqlDatabase
from tests.bench.figure import Figure, Found, median, over
from tests.bench.world import NOW, Size, founding

BARS = ("P10",)
FIRST = 50
# So many deals a customer, a rep; so many rows an insert.
PER_CUSTOMER, PER_REP, CHUNK = 10, 500, 5_000
LEVELS = tuple(Level)
STALLED = Which(stalled=True, states=frozenset({State.ACTIVE}))
# Every age in one query: what a product does that stores no deadlines. It knows the last day of the customer and of the
# next step as columns (else it would join records and steps), no days off, and hands over rows, not objects.
REFERENCE = """
WITH usual (milestone, days) AS (SELECT value ->> 0, value ->> 1 FROM json_each(:usual)),
aged AS (
    SELECT d.id, d.customer_id, d.title, d.owner_id, d.milestone, d.amount, d.next_on, d.moves, u.days,
        julianday(:today) - julianday(d.entered_on) - d.held_days AS stood,
        julianday(:today) - julianday(max(d.opened_on, coalesce(d.customer_on, ''))) AS idle,
        d.next_on IS NULL OR d.next_on < :today AS overdue
    FROM deal d JOIN usual u ON u.milestone = d.milestone
    WHERE d.org_id = :org AND d.state = 'active' AND d.withdrawn = 0
),
levelled AS (
    SELECT *, CASE
        WHEN stood >= 2 * days OR idle >= 30 OR moves >= 3 THEN 2
        WHEN (stood >= 1.5 * days) + (idle >= 14) + overdue + (moves >= 2) > 1 THEN 2
        WHEN stood >= 1.5 * days OR idle >= 14 OR overdue OR moves >= 2 THEN 1
        ELSE 0 END AS level
    FROM aged
),
counted AS MATERIALIZED (SELECT * FROM levelled WHERE level > 0)
SELECT first.*, c.name, (SELECT count(*) FROM counted WHERE level = 2), (SELECT count(*) FROM counted)
FROM (SELECT * FROM counted ORDER BY level DESC, stood DESC, id LIMIT :first) first
JOIN customer c ON c.org_id = :org AND c.id = first.customer_id
ORDER BY first.level DESC, first.stood DESC, first.id
"""
ABOUT = """\
P10. One organisation's active deals on SQLite; about a fifth warn or are critical. Ours is what `/stalled` reads: the first
50 deals with their customers, as the domain's values, along the index of the stored levels, and the totals by level from
the counters. The reference works out days in the milestone, days without the customer, overdue steps and moves of every
deal from its columns in one query of stdlib sqlite3, counts by level and sorts out the first 50; both find the same
numbers. It is given the last day of the customer and the next step as columns and knows no days off, which favours it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """How many deals, how often."""

    deals: int
    rounds: int
    reads: int


FULL = Ageing(deals=1_000_000, rounds=7, reads=20)
QUICK = Ageing(deals=100_000, rounds=5, reads=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Seconds of one round: ours, ours with a tenth of the deals, every age in one query."""

    ours: float
    tenth: float
    ages: float


async def run(quick: bool, only: Sequence[str]) -> Found:
    """Measures P10."""
    with tempfile.TemporaryDirectory() as name:
        return measured(Path(name), QUICK if quick else FULL)


def measured(folder: Path, scale: Ageing) -> Found:
    """The figures, from two worlds of which one has a tenth of the deals."""
    large, small = folder / "deals.db", folder / "tenth.db"
    make(large, scale.deals)
    make(small, scale.deals // 10)
    with closing(Reading(large)) as ours, closing(Reading(small)) as tenth, closing(Ages(large)) as ages:
        same = ours.totals() == ages.totals() and ours.first() == min(FIRST, sum(ours.totals()))
        rounds = [
            Read(
                ours=timed(ours.read, scale.reads),
                tenth=timed(tenth.read, scale.reads),
                ages=timed(ages.read, 1),
            )
            for _ in range(1 + scale.rounds)
        ][1:]
    ratio, spread = over(rounds, lambda each: each.ours / each.ages)
    growth, growth_spread = over(rounds, lambda each: each.ours / each.tenth)
    mine, reference = (
        median([each.ours for each in rounds]) * 1e3,
        median([each.ages for each in rounds]) * 1e3,
    )
    return Found(
        figures=[
            Figure(
                bar="P10",
                what=f"first {FIRST} and totals of {scale.deals} deals ({mine:.2f} ms)",
                value=ratio,
                spread=spread,
                most=0.05,
                reference=f"all ages in one SQL query, {reference:.0f} ms",
            ),
            Figure(
                bar="P10",
                what="ten times the deals",
                value=growth,
                spread=growth_spread,
                most=2.0,
                reference=f"the same of {scale.deals // 10} deals",
            ),
        ],
        ran=f"P10: {scale.deals} and {scale.deals // 10} deals; {scale.rounds} rounds, {scale.reads} reads in each",
        about=ABOUT,
        broken="" if same else "P10: the stored levels are not those of the query",
    )


def timed(read: Callable[[], object], times: int) -> float:
    """Seconds of one read, the mean of so many."""
    start = time.perf_counter()
    for _ in range(times):
        read()
    return (time.perf_counter() - start) / times


class Reading:
    """The product's store on a world of deals."""

    def __init__(self, path: Path) -> None:
        self._database = SqlDatabase(f"sqlite:///{path}")
        self._transactions = self._database.connect()
        self._store: Store = self._transactions.begin().store(OrgId(1))

    def read(self) -> tuple[object, object]:
        return self._store.deals(STALLED, FIRST), self._store.stalled_totals()

    def totals(self) -> tuple[int, int]:
        """How many are critical, and how many are stalled at all."""
        found = self._store.stalled_totals()
        return found.get(Level.CRITICAL, 0), sum(found.values())

    def first(self) -> int:
        return len(self._store.deals(STALLED, FIRST))

    def close(self) -> None:
        self._transactions.rollback()
        self._transactions.close()
        self._database.close()


class Ages:
    """The reference on the same file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        usual = json.dumps([[stage.number, stage.days] for stage in PROJECT.stages])
        self._values = {"org": 1, "today": NOW.date().isoformat(), "usual": usual, "first": FIRST}

    def read(self) -> list[tuple[Any, ...]]:
        return self._connection.execute(REFERENCE, self._values).fetchall()

    def totals(self) -> tuple[int, int]:
        *_, critical, every = self.read()[0]
        return critical, every

    def close(self) -> None:
        self._connection.close()


def make(path: Path, deals: int) -> None:
    """An organisation with so many active deals, each with its clocks as the product would have set them."""
    reps = max(10, deals // PER_REP)
    database = SqlDatabase(f"sqlite:///{path}")
    tables.metadata.create_all(database.engine)
    transactions = database.connect()
    # One team and a seat a rep; their names and customers do not matter here.
    found(transactions.begin(), replace(founding(0, Size(organisations=1, reps_each=reps)), zone="UTC"), NOW)
    transactions.commit()
    transactions.close()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        _fill(connection, deals)
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _fill(connection: Connection, deals: int) -> None:
    owners = [tuple(row) for row in connection.exec_driver_sql("SELECT id, team_id FROM member ORDER BY id")]
    totals: Counter[tuple[int, int, int]] = Counter()
    connection.exec_driver_sql("BEGIN")
    customers = range(1, deals // PER_CUSTOMER + 2)
    for first in range(0, len(customers), CHUNK):
        connection.execute(
            insert(tables.customer),
            [
                {
                    **key(number),
                    "name": f"Works {number}",
                    "key": f"works{number}",
                    "owner_id": owners[0][0],
                    "is_key": False,
                    "segment": "",
                    "buyer_type": "",
                }
                for number in customers[first : first + CHUNK]
            ],
        )
    chance, rows = Random(10), []
    for number in range(1, deals + 1):
        owner, team = owners[number % len(owners)]
        row = _deal(chance, number, owner, team)
        if row["level"]:
            for whose in (owner, 0):
                totals[whose, team or 0, row["level"]] += 1
        rows.append(row)
        if len(rows) == CHUNK or number == deals:
            connection.execute(insert(tables.deal), rows)
            rows = []
    connection.execute(
        insert(tables.stalled_count),
        [
            {"org_id": 1, "owner_id": owner, "team_id": team, "level": level, "n": n}
            for (owner, team, level), n in totals.items()
        ],
    )
    connection.exec_driver_sql("COMMIT")


def key(number: int) -> dict[str, Any]:
    return {"org_id": 1, "id": number, "withdrawn": False}


PLAIN: dict[str, Any] = {
    **{column.name: None for column in tables.deal.columns},
    **dict.fromkeys(
        (
            column.name
            for column in tables.deal.columns
            if column.info.get("personal") or column.name in ("reason", "standing")
        ),
        "",
    ),
    **dict.fromkeys(("backs", "approved", "held_days", "shift", "quiets", "template_id"), 0),
    "state": "active",
    "phase": "need",
    "imported": False,
    "unproven": (),
    "overridden": (),
}


def _deal(chance: Random, number: int, owner: int, team: int | None) -> dict[str, Any]:
    """A deal somewhere on its way; one in five has waited too long."""
    today = local_date(NOW, "UTC")
    stage = PROJECT.stage(chance.randint(1, 6))
    entered = today - timedelta(days=int(stage.days * 1.65 * chance.random()))
    opened = entered - timedelta(days=chance.randint(0, 60))
    heard: date | None = today - timedelta(days=int(14.6 * chance.random()))
    if chance.random() < 0.02:
        heard = today - timedelta(days=chance.randint(14, 50))
    ahead = chance.randint(0, 30) if chance.random() > 0.03 else -chance.randint(1, 20)
    next_on = today + timedelta(days=ahead) if chance.random() > 0.02 else None
    moves = chance.choices((0, 1, 2, 3), (88, 9, 2, 1))[0]
    clock = Clock(
        entered_on=entered,
        benchmark_days=stage.days,
        next_on=next_on,
        last_customer_on=max(opened, heard or opened),
        close_moves=moves,
    )
    level, ends = LEVELS.index(assess(clock, today).level), deadlines(clock)
    return {
        **PLAIN,
        **key(number),
        "customer_id": number // PER_CUSTOMER + 1,
        "owner_id": owner,
        "team_id": team,
        "title": f"Line {number}",
        "milestone": stage.number,
        "opened_on": opened,
        "entered_on": entered,
        "amount": Decimal(chance.randint(1, 500)) * 1000,
        "moves": moves,
        "customer_on": heard,
        "next_on": next_on,
        "warn_at": begins(ends.warn_on, "UTC"),
        "critical_at": begins(ends.critical_on, "UTC"),
        "level": level,
        "since": (None, ends.warn_on, ends.critical_on)[level],
        "counted_owner": owner,
        "counted_team": team,
    }
