"""`python -m tests.bench.reminding CONTENDER PATH COUNT`: one contender fires so many reminders; what it took, as JSON."""

import asyncio
import gc
import json
import random
import resource
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from datetime import time as Wall
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.executors.base import BaseExecutor
from apscheduler.jobstores.base import BaseJobStore
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_RUNNING
from apscheduler.triggers.cron import CronTrigger

from bot.app import App, build
from domain.kinds import Notice
from domain.people import Member, MemberId
from domain.schedule import Cadence
from handlers.registry import Slice, push
from handlers.view import Button, Card, Line, card, t
from tests.bench.reminders import DUE, ZONE

IDLE = 300
# How many rows of one statement are committed at once where nothing but the statements is measured.
AT_ONCE = 1_000


def _at(_member: Member) -> Wall:
    return DUE.astimezone(ZoneInfo(ZONE)).time()


@push(kind=Notice.MORNING, at=_at, patience=timedelta(hours=4), cadence=Cadence.DAILY)
def reminder(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """One card for each: a line with the own name, and a button."""
    rows = ((Button(t("button.settings"), "/settings"),),)
    return {
        each.member.id: card(Line(f"{each.member.name}: 5 calls"), rows=rows) for each in slice_.recipients
    }


class Noon:
    """A clock that stands."""

    def now(self) -> datetime:
        return DUE + timedelta(seconds=30)


def resident() -> int:
    """Octets of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def ours(app: App, count: int) -> dict[str, float]:
    """The tick as the product runs it, letters committed; then minutes in which nothing is due."""
    # As the product does once it has started.
    gc.collect()
    gc.freeze()
    before = resident()
    start = time.process_time()
    fired = await app.tick()
    took = time.process_time() - start
    if fired != count:
        raise RuntimeError(f"{fired} of {count} were due")
    grown = resident() - before
    transactions = app.database.connect()
    now = Noon().now()
    for n in range(IDLE + 1):
        if n == 1:
            # The first prepares the statement.
            start = time.process_time()
        work = transactions.begin()
        if not work.outbox.is_quiet(now, now.year):
            raise RuntimeError("something is still due")
        transactions.commit()
    idle = (time.process_time() - start) / IDLE
    transactions.close()
    return {"each": took / count, "idle": idle, "memory": grown}


class Nowhere(BaseExecutor):  # type: ignore[misc]
    """Runs nothing: only the scheduling is measured."""

    def _do_submit_job(self, job: object, run_times: object) -> None:
        pass


def nothing(_person: int) -> None:
    """What is due."""


def apscheduler(store: BaseJobStore, count: int) -> dict[str, float]:
    """One cron job a person, in their zone, all due at once; `_process_jobs` is what a wake-up of APScheduler runs."""
    scheduler = BackgroundScheduler(
        jobstores={"default": store}, executors={"default": Nowhere()}, timezone=UTC
    )
    scheduler.start(paused=True)
    before = resident()
    due = datetime.now(UTC) - timedelta(minutes=30)
    for n in range(count):
        # Each person has an hour of their own.
        trigger = CronTrigger(hour=due.hour, minute=due.minute, timezone=ZoneInfo(ZONE))
        scheduler.add_job(
            nothing, trigger, (n,), id=f"reminder-{n}", next_run_time=due, misfire_grace_time=None
        )
    memory = resident() - before
    # As a wake-up finds it: not paused, and its own thread asleep.
    scheduler.state = STATE_RUNNING
    start = time.process_time()
    scheduler._process_jobs()
    took = time.process_time() - start
    scheduler._process_jobs()
    start = time.process_time()
    for _ in range(IDLE):
        scheduler._process_jobs()
    idle = (time.process_time() - start) / IDLE
    scheduler.shutdown(wait=False)
    return {"each": took / count, "idle": idle, "memory": memory}


def floor(path: str, count: int) -> dict[str, float]:
    """The rows that ours wrote into this database once more, with stdlib sqlite3 alone: a letter, its buttons, the next period."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
        periods = connection.execute(
            "SELECT label, due_at, not_after, served, org_id, member_id, push FROM due"
        ).fetchall()
        written = {
            table: connection.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("letter", "card_action")
        }
        statements = [
            (f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
            for table, rows in written.items()
        ]
        moved = "label=?, due_at=?, not_after=?, served=? WHERE org_id=? AND member_id=? AND push=?"
        statements.append((f"UPDATE due SET {moved}", periods))
        connection.executescript("DELETE FROM letter; DELETE FROM card_action; UPDATE due SET due_at = 0;")
        start = time.process_time()
        for sql, rows in statements:
            if len(rows) != count:
                raise RuntimeError(f"{len(rows)} rows of {count} reminders")
            for first in range(0, count, AT_ONCE):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(sql, rows[first : first + AT_ONCE])
                connection.execute("COMMIT")
        return {"each": (time.process_time() - start) / count}


def main(contender: str, path: str, count: int) -> dict[str, float]:
    """What one contender took."""
    match contender:
        case "memory":
            return apscheduler(MemoryJobStore(), count)
        case "floor":
            return floor(path, count)
        case "sql":
            return apscheduler(SQLAlchemyJobStore(url=f"sqlite:///{path}"), count)
        case _:
            app = build(f"sqlite:///{path}", Noon(), {}, random.Random(1))
            try:
                return asyncio.run(ours(app, count))
            finally:
                app.close()


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
