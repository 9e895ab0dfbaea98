"""P7: how fast one worker claims letters and marks them sent, nothing paced, against a raw loop and procrastinate."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import procrastinate
import psycopg

from bot.courier import CLAIM_MOST
from bot.writer import Writer, writer_for
from domain.people import Language, MemberId, OrgId
from domain.ports import Address, Letter, Urgency, Work
from handlers.view import card, encode
from handlers.wanted import keep_wanted
from storage import schema
from storage.database import SqlDatabase, open_engine
from tests.bench.figure import Figure, Found, over
from tests.bench.world import NOW, Size, make
from tests.support.opened import MEMBER, ORGANISATION
from tests.support.postgres import Cluster, Unavailable

BARS = ("P7",)
ABOUT = """\
P7. Letters that are due to people of one organisation. One worker takes a hundred at a time, asks of them whether they are still
wanted (members, chats, rooms, days off), reads each as a letter, and marks the hundred before as sent with its next commit
(synchronous=FULL), through the writer as the courier does; nothing is sent. The raw loop is stdlib sqlite3 on a copy of the same
file: one select of a hundred whole rows, one `executemany` that marks them as being sent, one that marks those before as sent, one
commit; it knows no answers, no limits of time and asks nothing. procrastinate's worker runs as many jobs that do nothing, one at a
time as it comes, on the same PostgreSQL server (fsync on); its jobs were deferred before, as the letters were written."""
# As the raw loop takes them.
DUE = """SELECT id, key, org_id, member_id, change_id, platform, chat, language, card, card_key, token, urgency, delivery,
    edits, reply_to, due_at, not_after, form_trigger FROM letter WHERE state = 'due' AND try_at <= ?
    ORDER BY urgency, try_at, id LIMIT ?"""
UNDER_WAY = "UPDATE letter SET state = 'sending', attempts = attempts + 1 WHERE id = ?"
GONE = "UPDATE letter SET state = 'sent', outcome = 'sent', message = ?, sent_at = ? WHERE id = ?"
MESSAGE = "4711"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claiming:
    """How many letters a round is, and how many rounds; procrastinate is timed on fewer jobs."""

    letters: int
    rounds: int
    jobs: int
    size: Size


PEOPLE = Size(organisations=1, reps_each=500)
FULL = Claiming(letters=10_000, rounds=5, jobs=1_000, size=PEOPLE)
QUICK = Claiming(letters=2_000, rounds=5, jobs=100, size=PEOPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Seconds per letter, or per job, of one round."""

    ours: float
    other: float


def letters(scale: Claiming) -> list[Letter]:
    """A push each, of a card that lives on, to one person after the other."""
    people = scale.size.reps_each
    words = encode(card("Good morning. Two visits, one call to make, and the offer for Acme is due."))
    return [
        Letter(
            key=f"1:morning:{number}:2026-03-02",
            to=Address(platform="telegram", chat=str(1_000_000 + number % people)),
            card=words,
            language=Language.EN,
            due_at=NOW - timedelta(minutes=1),
            not_after=NOW + timedelta(hours=4),
            urgency=Urgency.PUSH,
            member_id=MemberId(1 + number % people),
            org_id=OrgId(1),
        )
        for number in range(scale.letters)
    ]


async def filled(writer: Writer, scale: Claiming) -> None:
    """Writes them."""

    def job(work: Work) -> None:
        for each in letters(scale):
            work.outbox.write(each)

    await writer.run(job)


async def ours(url: str, scale: Claiming) -> tuple[float, int]:
    """Seconds per letter through the outbox, and how many were marked."""
    database = SqlDatabase(url)
    writer = writer_for(database)
    done: list[Letter] = []

    def job(work: Work) -> list[Letter]:
        for each in last:
            work.outbox.sent(each, MESSAGE, "", NOW)
        return list(keep_wanted(work, work.outbox.claim(NOW, CLAIM_MOST)))

    try:
        await filled(writer, scale)
        last: list[Letter] = []
        began = time.perf_counter()
        while True:
            claimed = await writer.run(job)
            done += last
            last = claimed
            if not claimed:
                break
        return (time.perf_counter() - began) / scale.letters, len(done)
    finally:
        writer.close()
        database.close()


def raw(path: Path, scale: Claiming) -> float:
    """Seconds per letter of the loop without anything."""
    now = int(NOW.timestamp() * 1e6)
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            opened.execute(f"PRAGMA {pragma}")
        last: list[tuple[int]] = []
        began = time.perf_counter()
        while True:
            opened.execute("BEGIN IMMEDIATE")
            opened.executemany(GONE, [(MESSAGE, now, each) for (each,) in last])
            rows = opened.execute(DUE, (now, CLAIM_MOST)).fetchall()
            last = [(row[0],) for row in rows]
            opened.executemany(UNDER_WAY, last)
            opened.execute("COMMIT")
            if not rows:
                break
        return (time.perf_counter() - began) / scale.letters


async def on_sqlite(folder: Path, scale: Claiming) -> tuple[list[Round], str]:
    """Alternating rounds, each on fresh copies; and what is wrong with them, if anything."""
    world, due = folder / "world.db", folder / "due.db"
    make(world, scale.size)
    shutil.copy(world, due)
    database = SqlDatabase(f"sqlite:///{due}")
    writer = writer_for(database)
    await filled(writer, scale)
    writer.close()
    database.close()
    rounds = []
    for number in range(scale.rounds):
        mine, other = folder / f"ours{number}.db", folder / f"raw{number}.db"
        shutil.copy(world, mine)
        shutil.copy(due, other)
        took, done = await ours(f"sqlite:///{mine}", scale)
        rounds.append(Round(ours=took, other=raw(other, scale)))
        if not done == sent(mine) == sent(other) == scale.letters:
            return rounds, f"{done} letters marked of {scale.letters}"
    return rounds, ""


def sent(path: Path) -> int:
    with closing(sqlite3.connect(path)) as opened:
        (count,) = opened.execute("SELECT count(*) FROM letter WHERE state = 'sent'").fetchone()
        return int(count)


async def procrastinated(url: str, jobs: int) -> float:
    """Seconds per job of procrastinate's worker."""
    conninfo = url.replace("postgresql+psycopg", "postgresql")
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo))
    ran = 0

    @app.task(name="nothing")
    async def nothing(number: int) -> None:
        nonlocal ran
        ran += number >= 0

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        asked: list[Any] = [{"number": number} for number in range(jobs)]
        await nothing.batch_defer_async(*asked)
        began = time.perf_counter()
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
        took = time.perf_counter() - began
    if ran != jobs:
        raise RuntimeError(f"procrastinate ran {ran} jobs of {jobs}")
    return took / jobs


def prepared(url: str) -> None:
    """A migrated database with one organisation of so many people."""
    engine = open_engine(url)
    schema.prepare(engine)
    engine.dispose()


async def on_postgres(scale: Claiming) -> list[Round]:
    """Alternating rounds on a server of this run's own, fsync on. Raises `Unavailable`."""
    cluster = Cluster.start(fsync=True)
    try:
        rounds = []
        for _ in range(scale.rounds):
            with cluster.lent(cluster.template(prepared)) as url, cluster.lent() as other:
                peopled(url, scale.size.reps_each)
                took, _ = await ours(url, scale)
                rounds.append(Round(ours=took, other=await procrastinated(other, scale.jobs)))
        return rounds
    finally:
        cluster.stop()


def peopled(url: str, people: int) -> None:
    """The people the letters are for, or none would be wanted."""
    database = SqlDatabase(url)
    transactions = database.connect()
    work = transactions.begin()
    store = work.store(work.people.found(ORGANISATION))
    for _ in range(people):
        store.add_member(MEMBER)
    transactions.commit()
    transactions.close()
    database.close()


async def run(quick: bool, only: Sequence[str]) -> Found:
    """Both databases; PostgreSQL only where a server can be started."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="dealpace-bench-") as name:
        return await measured(Path(name), scale)


async def measured(folder: Path, scale: Claiming) -> Found:
    rounds, broken = await on_sqlite(folder, scale)
    figures = [_figure("SQLite", rounds, 0.5, "a raw batch loop of stdlib sqlite3, {:.1f} us")]
    missing = ""
    try:
        figures.append(
            _figure("PostgreSQL", await on_postgres(scale), 30, "procrastinate's worker, {:.0f} us a job")
        )
    except (Unavailable, psycopg.OperationalError) as why:
        missing = f"P7 on PostgreSQL: not run: {why}"
    return Found(
        figures=figures,
        ran=f"P7: {scale.letters} letters a round, {scale.rounds} rounds; {scale.jobs} jobs of procrastinate "
        f"{procrastinate.__version__}",
        about=ABOUT,
        broken=broken,
        missing=missing,
    )


def _figure(where: str, rounds: Sequence[Round], least: float, reference: str) -> Figure:
    def micro(value: Callable[[Round], float]) -> float:
        return over(rounds, value)[0] * 1e6

    value, spread = over(rounds, lambda each: each.other / each.ours)
    return Figure(
        bar="P7",
        what=f"claim and mark on {where} ({micro(lambda each: each.ours):.1f} us a letter)",
        value=value,
        spread=spread,
        least=least,
        reference=reference.format(micro(lambda each: each.other)),
    )
