"""P12: how long the product needs from nothing to its first answer, and how its memory grows."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import upgrade
from bot.clock import WallClock
from bot.seed import found
from storage.database import SqlDatabase
from tests.bench.figure import Figure, Found, over
from tests.bench.world import NOW, Size, account, founding, make
from tests.support.telegram_server import TOKEN, TelegramServer

BARS = ("P12",)
ROOT = Path(__file__).parents[2]
# What the product imports when Telegram is set up on SQLite; some load more on first use, which is named here too.
LIBRARIES = (
    "asyncio",
    "sqlite3",
    "anyio._backends._asyncio",
    "apscheduler.schedulers.asyncio",
    "babel.dates",
    "httpcore",
    "httpx",
    "pydantic_settings",
    "rapidfuzz.process",
    "sqlalchemy.dialects.sqlite",
    "structlog",
    "telegram.request",
    "typer",
)
REFERENCE = f"import {', '.join(LIBRARIES)}\nprint(flush=True)"
LONGEST_SECONDS = 60.0
LOG = "log"
PERSON = int(account(0, 0))
ABOUT = """\
P12. From the start of the process to the first answer that Telegram's stand-in on loopback accepts: `dealpace run` on a
migrated database with one organisation, an update waiting. The reference is a process that only imports the libraries
that run loads. Memory is what Linux counts as resident in a process that answers the visits of P2, after a first
tenth of them; no picture is drawn in it, and none of what draws is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """How long P12 runs."""

    rounds: int
    commands: int
    size: Size


FULL = Footing(rounds=15, commands=100_000, size=Size(organisations=8, reps_each=250))
QUICK = Footing(rounds=5, commands=10_000, size=Size(organisations=8, reps_each=250))


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Seconds of one round."""

    product: float
    reference: float


def installation(path: Path) -> None:
    """A migrated database with one small organisation, as on the second day of an installation."""
    url = f"sqlite:///{path}"
    upgrade(url, WallClock())
    database = SqlDatabase(url)
    transactions = database.connect()
    found(transactions.begin(), founding(0, Size(organisations=1, reps_each=10)), NOW)
    transactions.commit()
    transactions.close()
    database.close()


@contextmanager
def process(words: Sequence[str], folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A Python of its own on this checkout that runs in a folder and is gone afterwards; its log is `log` there.

    It keeps what it compiled there too, as an installation does, also where this process is told to keep nothing.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment |= settings
    with (folder / LOG).open("w") as log:
        running = subprocess.Popen(
            [sys.executable, *words],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait()
            if running.stdout:
                running.stdout.close()


async def first_answer(database: Path, folder: Path, *options: str) -> float:
    """Seconds until the product, started on a copy of a database, has answered what waited for it."""
    mine = folder / "mine.db"
    shutil.copy(database, mine)
    async with TelegramServer() as server:
        server.user_sends(PERSON, "/help visit")
        settings = {
            "DEALPACE_TELEGRAM_TOKEN": TOKEN,
            "DEALPACE_TELEGRAM_API_ROOT": server.root,
            "DEALPACE_DATABASE_URL": f"sqlite:///{mine}",
        }
        start = time.perf_counter()
        with process([*options, "-m", "bot", "run"], folder, **settings):
            await server.until(lambda: server.messages(PERSON), LONGEST_SECONDS)
            return time.perf_counter() - start


def imported(folder: Path, *options: str) -> float:
    """Seconds until a process has imported the libraries."""
    start = time.perf_counter()
    with process([*options, "-c", REFERENCE], folder) as running:
        if running.stdout is None or not running.stdout.readline():
            raise RuntimeError((folder / LOG).read_text())
        return time.perf_counter() - start


def resident(world: Path, folder: Path, scale: Footing) -> tuple[int, int]:
    """Octets resident after a tenth of the commands, and after so many more."""
    numbers = map(str, (scale.size.organisations, scale.size.reps_each, scale.commands))
    with process(["-m", "tests.bench.memory", str(world), *numbers], folder) as running:
        said, _ = running.communicate()
    if running.returncode:
        raise RuntimeError((folder / LOG).read_text())
    before, after = map(int, said.split())
    return before, after


async def run(quick: bool, _only: Sequence[str]) -> Found:
    """Runs P12."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as name:
        return await _run(Path(name), scale)


async def _run(folder: Path, scale: Footing) -> Found:
    database, world = folder / "installation.db", folder / "world.db"
    installation(database)
    # The first of each compiles what is not compiled yet.
    rounds = [await _round(database, folder) for _ in range(1 + scale.rounds)][1:]
    make(world, scale.size)
    before, after = resident(world, folder, scale)
    slower, spread = over(rounds, lambda each: each.product / each.reference)
    product, _ = over(rounds, lambda each: each.product)
    reference, _ = over(rounds, lambda each: each.reference)
    growth = (after - before) / before * 100
    return Found(
        figures=[
            Figure(
                bar="P12",
                what=f"start to the first durable answer ({product * 1e3:.0f} ms)",
                value=slower,
                spread=spread,
                most=1.25,
                reference=f"importing the libraries alone, {reference * 1e3:.0f} ms",
            ),
            Figure(
                bar="P12",
                what=f"growth of memory over {scale.commands} commands",
                value=growth,
                spread=(growth, growth),
                most=5.0,
                reference=f"{before / 2**20:.1f} MiB after {scale.commands // 10}, {after / 2**20:.1f} MiB at the end",
                unit="%",
            ),
        ],
        ran=f"P12: {scale.rounds} starts of each; {scale.commands} commands in one process",
        about=ABOUT,
    )


async def _round(database: Path, folder: Path) -> Started:
    return Started(reference=imported(folder), product=await first_answer(database, folder))
