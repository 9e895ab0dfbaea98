"""P9: everybody's week from their cells, against DuckDB and a loop over an ORM on a year of records; what cells cost."""

import gc
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as wall
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb

from bot import gateway
from domain.people import MemberId
from domain.weekly import Weekly
from handlers.tick import tick
from handlers.weekly import gathered_weeklies
from storage.database import SqlDatabase
from tests.bench.figure import Figure, Found, median, over
from tests.bench.orm_loop import Loop
from tests.bench.product import Product
from tests.bench.weekly_world import FRIDAY, MONDAY, QUARTER, Year, make, opened, recounted
from tests.bench.world import Size, commands
from tests.bench.world import make as make_world

BARS = ("P9",)
PUSH = "week_end"
# The Friday message is due at 16:00.
DUE = datetime.combine(FRIDAY, wall(16), UTC)
# Contacts and calls of each day against 5 and 10, visits and key visits of the week against 10 and 2, in eight
# hundredths; sales and the target of the quarter, of whose months the working days up to Friday count.
REFERENCE = f"""
WITH week AS (
    SELECT member_id, on_date, kind, customer_id, key_customer, credit = 'counted' AS counted,
        kind <> 'message' OR replied = 1 AS met
    FROM activity WHERE on_date BETWEEN DATE '{MONDAY}' AND DATE '{MONDAY}' + 6
),
by_day AS (
    SELECT member_id, on_date,
        least(count(DISTINCT customer_id) FILTER (WHERE met), 5) AS contacts,
        least(count(*) FILTER (WHERE counted AND kind = 'call'), 10) AS calls,
        count(*) FILTER (WHERE counted AND kind = 'visit') AS visits,
        count(*) FILTER (WHERE counted AND kind = 'visit' AND key_customer = 1) AS key_visits
    FROM week GROUP BY member_id, on_date
),
done AS (
    SELECT member_id, sum(visits)::INTEGER AS visits,
        (8 * sum(contacts) + 4 * sum(calls) + 20 * least(sum(visits), 10) + 100 * least(sum(key_visits), 2))::INTEGER
            AS eighths
    FROM by_day GROUP BY member_id
),
sold AS (
    SELECT member_id, sum(cents) AS cents FROM sale
    WHERE on_date BETWEEN DATE '{QUARTER}' AND DATE '{FRIDAY}' GROUP BY member_id
),
asked AS (
    SELECT member_id, sum(units // days + (n < units % days)::INTEGER) AS units
    FROM target JOIN workday USING (month) GROUP BY member_id
)
SELECT member_id, visits, eighths, cents::BIGINT, units::BIGINT,
    rank() OVER (ORDER BY least(cents / (100.0 * units), 1.2) * 62.5 + eighths * 37.5 / 800 DESC) AS place
FROM done JOIN sold USING (member_id) JOIN asked USING (member_id)
"""
ABOUT = """\
P9. One organisation in teams of 50; each rep has 1,000 records in 50 weeks, a won deal every other week and four monthly
targets. Computed is `gathered_weeklies`, the numbers every board and scorecard starts from, for all reps at once: plan
completion, sales and target of the rolling quarter, verified share, closed days, as exact values; it reads cells, never a
record. DuckDB works out completion, sales, target and rank in one query on its own tables, with the credit of each record
given as a column; both find the same numbers for every rep, and the product's recomputation of every tenth rep finds no
cell that is different. Cards and letters are the Friday message to every rep through the tick, in slices of 100: own points
and place in the team, those of the week before beside them, one letter each, committed. The loop asks the SQLAlchemy ORM
for one rep's records, sales, targets and closed days at a time and counts in Python; it is timed on every hundredth rep.
Upkeep is the visit of P1 with the cells of its week worked out again, against the same without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How many people, how often; every how many the loop takes one; commands of the upkeep."""

    reps: int
    rounds: int
    letters: int
    every: int
    upkeep: int
    size: Size


FULL = Scoring(
    reps=10_000, rounds=5, letters=1, every=100, upkeep=300, size=Size(organisations=8, reps_each=250)
)
QUICK = Scoring(
    reps=1_000, rounds=5, letters=1, every=10, upkeep=100, size=Size(organisations=2, reps_each=100)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Seconds of one round for everybody."""

    ours: float
    duck: float
    loop: float


async def run(quick: bool, only: Sequence[str]) -> Found:
    """Measures P9."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="dealpace-bench-") as name:
        return await measured(Path(name), scale)


async def measured(folder: Path, scale: Scoring) -> Found:
    """The figures, and whether everybody found the same."""
    year = make(folder, scale.reps)
    with closing(duckdb.connect(str(year.duck), read_only=True)) as duck:
        rounds, same = _rounds(year, duck, scale)
        letters = [
            (_letters(year), _timed(lambda: duck.execute(REFERENCE).fetchall())) for _ in range(scale.letters)
        ]
    upkeep = await _upkeep(folder, scale)
    mine = f"{median([each.ours for each in rounds]) * 1e3:.0f} ms"
    against = f"{median([each.duck for each in rounds]) * 1e3:.0f} ms"
    compute, spread = over(rounds, lambda each: each.ours / each.duck)
    looped, looped_spread = over(rounds, lambda each: each.loop / each.ours)
    told, told_spread = over(letters, lambda each: each[0] / each[1])
    kept, kept_spread = over(upkeep, lambda each: each[0] / each[1])
    broken = "" if same else "P9: cells, DuckDB and the loop do not find the same numbers"
    return Found(
        figures=[
            Figure(
                bar="P9",
                what=f"weeks of {scale.reps} reps ({mine})",
                value=compute,
                spread=spread,
                most=6,
                reference=f"DuckDB on {year.records} records, {against}",
            ),
            Figure(
                bar="P9",
                what=f"with cards and letters ({median([each[0] for each in letters]):.1f} s)",
                value=told,
                spread=told_spread,
                most=15,
                reference="DuckDB's query alone",
            ),
            Figure(
                bar="P9",
                what="faster than a loop",
                value=looped,
                spread=looped_spread,
                least=40,
                reference=f"SQLAlchemy ORM, {median([each.loop for each in rounds]):.1f} s (one in {scale.every})",
            ),
            Figure(
                bar="P9",
                what=f"a visit with its cells ({median([each[0] for each in upkeep]) * 1e6:.0f} us)",
                value=kept,
                spread=kept_spread,
                most=1.4,
                reference=f"without, {median([each[1] for each in upkeep]) * 1e6:.0f} us",
            ),
        ],
        ran=f"P9: {scale.reps} reps, {year.records} records; {scale.rounds} rounds; upkeep of {scale.upkeep} visits a round",
        about=ABOUT,
        broken=broken,
    )


def _rounds(year: Year, duck: duckdb.DuckDBPyConnection, scale: Scoring) -> tuple[list[Round], bool]:
    looped = range(1, scale.reps + 1, scale.every)
    with opened(year.path) as (store, org), closing(Loop(year.path)) as loop:
        people = store.gather_members(org, [MemberId(number) for number in range(1, scale.reps + 1)])

        def ours() -> dict[MemberId, Weekly]:
            return gathered_weeklies(store, org, people, MONDAY, FRIDAY)

        def query() -> list[tuple[int, ...]]:
            return duck.execute(REFERENCE).fetchall()

        found, rows = ours(), query()
        weeks = {member: loop.week(member) for member in looped}
        same = recounted(store, org, year) and len(found) == len(rows) == scale.reps
        same = same and all(_agree(found[MemberId(row[0])], row) for row in rows)
        same = same and all(
            (found[MemberId(member)].done, found[MemberId(member)].sales, found[MemberId(member)].scored_days)
            == each
            for member, each in weeks.items()
        )
        rounds = []
        for _ in range(scale.rounds):
            gc.collect()
            rounds.append(
                Round(
                    ours=_timed(ours),
                    duck=_timed(query),
                    loop=_timed(lambda: [loop.week(member) for member in looped]) * scale.every,
                )
            )
    return rounds, same


def _agree(week: Weekly, row: Sequence[int]) -> bool:
    _, visits, eighths, cents, units, _ = row
    found = (week.visits, week.done, week.sales * 100, week.target)
    return found == (visits, Fraction(eighths, 800), Decimal(cents), Decimal(units))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _letters(year: Year) -> float:
    """Seconds until the Friday message to everybody lies in the outbox, committed."""
    with closing(sqlite3.connect(year.path)) as raw:
        raw.execute("DELETE FROM letter")
        raw.execute("DELETE FROM due")
        at = int(DUE.timestamp()) * 1_000_000
        raw.execute(
            "INSERT INTO due (org_id, member_id, push, label, due_at, not_after, unanswered, served) "
            "SELECT 1, id, ?, ?, ?, ?, 0, '' FROM member",
            (PUSH, FRIDAY.isoformat(), at, at + 3_600_000_000),
        )
        raw.commit()
    database = SqlDatabase(f"sqlite:///{year.path}")
    transactions = database.connect()

    def told() -> None:
        while tick(transactions.begin(), DUE, lambda bits: "a" * 20):
            transactions.commit()
        transactions.commit()

    took = _timed(told)
    transactions.close()
    database.close()
    with closing(sqlite3.connect(year.path)) as raw:
        (written,) = raw.execute("SELECT count(*) FROM letter WHERE member_id IS NOT NULL").fetchone()
    if written != year.reps:
        raise RuntimeError(f"{written} letters for {year.reps} reps")
    return took


@contextmanager
def _without_cells() -> Iterator[None]:
    kept = vars(gateway)["roll"]
    setattr(gateway, "roll", lambda turn: None)  # noqa: B010
    try:
        yield
    finally:
        setattr(gateway, "roll", kept)  # noqa: B010


async def _upkeep(folder: Path, scale: Scoring) -> list[tuple[float, float]]:
    """Seconds a visit with its cells and without, in alternating rounds on equal databases."""
    world = folder / "world.db"
    make_world(world, scale.size)
    kept, bare = Product(world, folder / "kept.db"), Product(world, folder / "bare.db")
    await kept.start()
    await bare.start()
    found = []
    for number in range(1 + scale.rounds):
        visits = commands(scale.size, number * scale.upkeep, scale.upkeep)
        with_cells = await kept.sequential(visits) / scale.upkeep
        with _without_cells():
            found.append((with_cells, await bare.sequential(visits) / scale.upkeep))
    await kept.stop()
    await bare.stop()
    return found[1:]
