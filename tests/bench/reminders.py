"""P6: a hundred thousand reminders due at once, cards built and letters written, against APScheduler's stores."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select

from bot.seed import Founding, Seat, found
from domain.people import Language, Profile, Role
from storage import tables
from storage.database import SqlDatabase
from tests.bench.figure import Figure, Found, over

BARS = ("P6",)
ZONE = "Asia/Shanghai"
# 09:00 on a Monday in Shanghai.
DUE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CHUNK = 5_000
LONGEST_SECONDS = 900.0
ABOUT = """\
P6. Everybody's reminder is due at the same minute. Ours is the tick as `dealpace run` calls it, on SQLite with
synchronous=FULL: who works today, the zone, the next period, a card with a line and a button each, a letter and its
buttons, all committed. APScheduler has one cron job a person and runs nothing: only its scheduling is measured
(`_process_jobs`), each job with a trigger of its own; its SQLAlchemyJobStore on SQLite with fewer jobs, since its time a job is the same. Idle is a wake-up
with nothing due. Memory is what becomes resident: theirs with the jobs added, ours over firing all of them. Each runs in a
process of its own, and its processor time is taken: of the wall the machine's other work would be part. The floor writes
the same rows once more with stdlib sqlite3: what a letter, its buttons and the next period cost before any code of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many are due, how many jobs the slow store has, how often."""

    rounds: int
    reminders: int
    stored: int


FULL = Crowd(rounds=3, reminders=100_000, stored=2_000)
QUICK = Crowd(rounds=1, reminders=20_000, stored=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What each contender took: seconds a reminder, seconds an idle wake-up, octets."""

    ours: dict[str, float]
    floor: dict[str, float]
    memory: dict[str, float]
    sql: dict[str, float]


def crowd(path: Path, count: int) -> None:
    """A database in which so many people wait for one push."""
    with closing(SqlDatabase(f"sqlite:///{path}")) as database:
        tables.metadata.create_all(database.engine)
        transactions = database.connect()
        found(transactions.begin(), _founding(), DUE - timedelta(days=1))
        transactions.commit()
        connection = transactions.connection
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        first = connection.execute(select(tables.member)).mappings().one()
        account = connection.execute(select(tables.identity)).mappings().one()
        connection.execute(delete(tables.due))
        for start in range(1, count + 1, CHUNK):
            numbers = range(start, min(start + CHUNK, count + 1))
            others = [n for n in numbers if n > 1]
            connection.execute(
                insert(tables.member), [dict(first) | {"id": n, "name": f"Rep {n}"} for n in others]
            )
            connection.execute(
                insert(tables.identity),
                [dict(account) | {"member_id": n, "account": f"{n}", "chat": f"{n}"} for n in others],
            )
            connection.execute(
                insert(tables.due),
                [
                    {
                        "org_id": 1, "member_id": n, "push": "reminder", "label": "2026-03-02", "due_at": DUE,
                        "not_after": DUE + timedelta(hours=4), "unanswered": 0, "served": "",
                    }
                    for n in numbers
                ],
            )  # fmt: skip
        connection.exec_driver_sql("COMMIT")
        transactions.close()


def _founding() -> Founding:
    seat = Seat(
        handle="0", name="Rep 1", roles=frozenset({Role.REP}), language=Language.EN, platform="telegram"
    )
    return Founding(
        name="Crowd",
        language=Language.EN,
        zone=ZONE,
        currency="CNY",
        week=frozenset({1, 2, 3, 4, 5}),
        profile=Profile.FIELD,
        started_on=date(2026, 1, 1),
        joined_on=date(2026, 1, 1),
        teams=[("North", [seat])],
    )


def _took(contender: str, path: Path, count: int) -> dict[str, float]:
    words = [sys.executable, "-m", "tests.bench.reminding", contender, str(path), str(count)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True)
    read: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return read


def rounds(folder: Path, size: Crowd) -> list[Round]:
    """Alternating rounds, each on fresh databases."""
    took = []
    for n in range(size.rounds):
        crowd(folder / f"ours{n}.db", size.reminders)
        took.append(
            Round(
                ours=_took("ours", folder / f"ours{n}.db", size.reminders),
                floor=_took("floor", folder / f"ours{n}.db", size.reminders),
                memory=_took("memory", folder / "none", size.reminders),
                sql=_took("sql", folder / f"sql{n}.db", size.stored),
            )
        )
    return took


async def run(quick: bool, _only: Sequence[str]) -> Found:
    """Runs the bar."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as folder:
        took = rounds(Path(folder), size)
    return Found(
        figures=figures(took, size),
        ran=f"P6: {size.reminders} reminders at once, {size.stored} in APScheduler's SQLAlchemyJobStore; {size.rounds} rounds",
        about=ABOUT,
    )


def figures(took: Sequence[Round], size: Crowd) -> list[Figure]:
    """The bars."""

    def micro(of: str, what: str) -> float:
        return over(took, lambda each: getattr(each, of)[what])[0] * 1e6

    def figure(what: str, of: str, key: str, least: float, unit: str) -> Figure:
        value, spread = over(took, lambda each: getattr(each, of)[key] / each.ours[key])
        return Figure(
            bar="P6",
            what=f"{what} ({micro('ours', key):.1f} us)",
            value=value,
            spread=spread,
            least=least,
            reference=f"{unit}, {micro(of, key):.1f} us",
        )

    share, spread = over(took, lambda each: 100 * max(each.ours["memory"], 0.0) / each.memory["memory"])
    held = over(took, lambda each: each.memory["memory"] / 1e6)[0]
    return [
        figure("a reminder", "sql", "each", 100.0, "APScheduler, SQLAlchemyJobStore"),
        figure("a reminder", "memory", "each", 5.0, "APScheduler, MemoryJobStore"),
        Figure(
            bar="P6",
            what=f"a reminder ({micro('ours', 'each'):.1f} us)",
            value=over(took, lambda each: each.ours["each"] / each.floor["each"])[0],
            spread=over(took, lambda each: each.ours["each"] / each.floor["each"])[1],
            reference=f"its rows with stdlib sqlite3, {micro('floor', 'each'):.1f} us",
        ),
        figure("an idle tick", "sql", "idle", 50.0, "APScheduler, SQLAlchemyJobStore"),
        Figure(
            bar="P6",
            what=f"memory for {size.reminders} reminders",
            value=share,
            spread=spread,
            most=2.0,
            reference=f"APScheduler, MemoryJobStore, {held:.0f} MB",
            unit="%",
        ),
    ]
