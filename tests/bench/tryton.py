"""P11: a record logged and a deal moved through its gate, against Tryton from PyPI in a process of its own."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from domain.people import OrgId
from domain.workdays import monday
from handlers.boarding import team_week
from storage import tables
from storage.database import SqlDatabase
from tests.bench.deadlines import PLAIN, key
from tests.bench.figure import Figure, Found, over
from tests.bench.product import Product
from tests.bench.statements import statements
from tests.bench.world import CUSTOMERS_EACH, NOW, Command, Size, commands, make, members

BARS = ("P11",)
# The one place that says which Tryton; its other modules follow from these.
PACKAGES = ("trytond==8.2.1", "trytond-sale-opportunity==8.2.0", "proteus==8.2.0")
PEER = Path(__file__).with_name("tryton_peer.py")
UV = ("uv", "run", "--isolated", "--no-project", "--python", sys.executable)
# Seconds to fetch the packages, to make the database, for one round.
FETCHING, MAKING, ANSWERING = 120.0, 300.0, 120.0
FULL_SYNC = 2
# The board of this many reps must not take more queries than that of so few.
RANKED = (100, 1000)
ABOUT = """\
P11. The product takes raw Telegram updates to the reply's body as in P1: `/visit`, and `/advance` of a deal whose gate is
worked out and advises (it passes unproven). Tryton is installed from PyPI for the run into an environment of its own and
called in-process through proteus' proxies, the public RPC without HTTP: a note created on an opportunity with the last
ten read back, and the button that takes a lead to an opportunity, which checks party and employee. Tryton has no record
of activities; its notes are the closest. Both sides use a SQLite file in WAL with synchronous=FULL (Tryton's default is
NORMAL). The board is that of one team, as `/board` works it out. Each times itself, in alternating rounds; Tryton renders nothing, which favours it."""


class Absent(Exception):
    """Tryton could not be had here, and why."""


class Wrong(Exception):
    """A side did not do its work, and what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Racing:
    """How many rounds, and operations of each kind in one."""

    size: Size
    rounds: int
    each: int

    @property
    def deals(self) -> int:
        return (self.rounds + 1) * self.each


FULL = Racing(size=Size(organisations=1, reps_each=50), rounds=9, each=40)
QUICK = Racing(size=Size(organisations=1, reps_each=50), rounds=5, each=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raced:
    """Seconds of one operation in one round."""

    log: float
    move: float
    their_log: float
    their_move: float


async def run(quick: bool, only: Sequence[str]) -> Found:
    """Measures P11, or says why it could not."""
    with tempfile.TemporaryDirectory(prefix="dealpace-bench-") as name:
        try:
            return await measured(Path(name), QUICK if quick else FULL)
        except Absent as why:
            return Found(figures=(), ran=f"P11: not run: {why}", about=ABOUT, missing=f"P11: not run: {why}")
        except (Wrong, TimeoutError, OSError) as why:
            return Found(figures=(), ran="P11: broken", about=ABOUT, broken=f"P11: {why!r}")


async def fetched() -> None:
    """Has uv get the packages, so that their absence is told from a failure of ours."""
    try:
        process = await asyncio.create_subprocess_exec(
            *_command("-c", "import trytond"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except FileNotFoundError:
        raise Absent("there is no uv here") from None
    try:
        _, said = await asyncio.wait_for(process.communicate(), FETCHING)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Absent(f"PyPI took more than {FETCHING:.0f} s") from None
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise Absent(lines[-1].strip() if lines else f"uv ended with {process.returncode}")


def _command(*words: str) -> tuple[str, ...]:
    return (*UV, *(part for each in PACKAGES for part in ("--with", each)), "python", *words)


class Tryton:
    """The other process, asked line by line."""

    def __init__(self, folder: Path, deals: int) -> None:
        self._folder, self._deals = folder, deals
        self._process: asyncio.subprocess.Process | None = None
        self.synchronous = -1

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *_command(str(PEER)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=(self._folder / "peer.log").open("wb"),
        )
        found = await self._ask({"folder": str(self._folder), "deals": self._deals}, MAKING)
        self.synchronous = found["synchronous"]

    async def seconds(self, what: str, first: int, count: int) -> float:
        """Seconds of one operation, the mean of so many, by its own watch."""
        found = await self._ask({"do": what, "first": first, "count": count}, ANSWERING)
        return float(found["seconds"]) / count

    async def counts(self) -> dict[str, int]:
        """How many of each it has done, by its own tables."""
        return await self._ask({"do": "counts"}, ANSWERING)

    async def _ask(self, what: dict[str, Any], within: float) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise Wrong("Tryton is not running")
        process.stdin.write(json.dumps(what).encode() + b"\n")
        line = await asyncio.wait_for(process.stdout.readline(), within)
        if not line:
            said = (self._folder / "peer.log").read_text(errors="replace").strip().splitlines()
            raise Wrong(f"Tryton ended: {said[-1] if said else 'without a word'}")
        found: dict[str, Any] = json.loads(line)
        return found

    async def stop(self) -> None:
        process = self._process
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


def advances(size: Size, first: int, count: int) -> list[Command]:
    """The deals of all reps moved in turn; no deal twice."""
    found = []
    for number, visit in enumerate(commands(size, first, count), first):
        body = json.loads(visit.body)
        body["update_id"] += 100_000_000
        body["message"]["message_id"] += 1_000_000
        body["message"]["text"] = f"/advance D{_deal(size, number)} unproven"
        body["message"]["entities"][0]["length"] = len("/advance")
        found.append(
            Command(
                update=body["update_id"],
                chat=visit.chat,
                customer=visit.customer,
                met=visit.met,
                body=json.dumps(body),
            )
        )
    return found


def _deal(size: Size, number: int) -> int:
    return number % size.reps * CUSTOMERS_EACH + number // size.reps + 1


def filled(path: Path, scale: Racing) -> None:
    """The world with one deal at the first milestone for every customer."""
    make(path, scale.size)
    database = SqlDatabase(f"sqlite:///{path}")
    whose = members(database.engine, scale.size)
    today = NOW.date()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(
            insert(tables.deal),
            [
                {
                    **PLAIN,
                    **key(rep * CUSTOMERS_EACH + number + 1),
                    "customer_id": rep * CUSTOMERS_EACH + number + 1,
                    "owner_id": member,
                    "team_id": team,
                    "counted_owner": member,
                    "counted_team": team,
                    "title": f"Line {number}",
                    "milestone": 1,
                    "opened_on": today,
                    "entered_on": today,
                    "moves": 0,
                    "level": 0,
                }
                for (_, rep), (_, member, team) in whose.items()
                for number in range(CUSTOMERS_EACH)
            ],
        )
        connection.exec_driver_sql("COMMIT")
    database.close()


def done(path: Path) -> dict[str, int]:
    """Records and moved deals in the product's database."""
    database = SqlDatabase(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        found = {
            "log": int(connection.execute(text("SELECT count(*) FROM activity")).scalar_one()),
            "move": int(
                connection.execute(text("SELECT count(*) FROM deal WHERE milestone = 2")).scalar_one()
            ),
        }
    database.close()
    return found


async def measured(folder: Path, scale: Racing) -> Found:
    """The figures of alternating rounds, the first of which warms both sides."""
    await fetched()
    world, theirs = folder / "world.db", folder / "tryton"
    theirs.mkdir()
    filled(world, scale)
    before = done(world)
    product, other = Product(world, folder / "product.db"), Tryton(theirs, scale.deals)
    await product.start()
    rounds = []
    try:
        await other.start()
        for number in range(scale.rounds + 1):
            first = number * scale.each
            logs, moves = (make_(scale.size, first, scale.each) for make_ in (commands, advances))
            rounds.append(
                Raced(
                    log=await product.sequential(logs) / scale.each,
                    their_log=await other.seconds("log", first, scale.each),
                    move=await product.sequential(moves) / scale.each,
                    their_move=await other.seconds("move", first, scale.each),
                )
            )
        counted = await other.counts()
    finally:
        await other.stop()
        await product.stop()
    after = done(product.path)
    ours = {name: after[name] - before[name] for name in after}
    few, many = (_ranked(folder / f"board{reps}.db", reps) for reps in RANKED)
    return _found(scale, rounds[1:], ours, counted, other.synchronous, (few, many))


def _ranked(path: Path, reps: int) -> int:
    """How many statements the board of one team of so many reps takes."""
    make(path, Size(organisations=1, reps_each=reps))
    database = SqlDatabase(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        for table in ("member", "team_stay"):
            connection.execute(text(f"UPDATE {table} SET team_id = 1"))
        connection.commit()
    transactions = database.connect()
    work = transactions.begin()
    store = work.store(OrgId(1))
    team = store.teams()[0]

    def board() -> None:
        week = team_week(store, store.organisation(), team, monday(NOW.date()), NOW.date())
        if len(week.board.placed) + len(week.board.unranked) + len(week.board.rookies) != reps:
            raise Wrong(f"the board knows of other than {reps} reps")

    ran = statements(work, board)
    transactions.rollback()
    transactions.close()
    database.close()
    return ran


def _found(
    scale: Racing,
    rounds: Sequence[Raced],
    ours: dict[str, int],
    theirs: dict[str, int],
    level: int,
    ranked: tuple[int, int],
) -> Found:
    wanted = {"log": scale.deals, "move": scale.deals}
    broken = ""
    if ours != wanted or theirs != wanted:
        broken = f"P11: {wanted} were asked for; ours did {ours}, Tryton {theirs}"
    elif level != FULL_SYNC:
        broken = f"P11: Tryton ran with synchronous={level}"
    return Found(
        figures=[
            _figure("log a record", rounds, lambda r: r.log, lambda r: r.their_log, 8.0),
            _figure("move a deal through its gate", rounds, lambda r: r.move, lambda r: r.their_move, 10.0),
            Figure(
                bar="P11",
                what=f"queries of the board of {RANKED[1]} reps ({ranked[1]})",
                value=ranked[1] / ranked[0],
                spread=(ranked[1] / ranked[0], ranked[1] / ranked[0]),
                most=1.0,
                reference=f"the board of {RANKED[0]} reps, {ranked[0]} queries",
            ),
        ],
        ran=f"P11: {scale.rounds} rounds of {scale.each} records and {scale.each} moves; {', '.join(PACKAGES)}",
        about=ABOUT,
        broken=broken,
    )


def _figure(
    what: str,
    rounds: Sequence[Raced],
    ours: Callable[[Raced], float],
    theirs: Callable[[Raced], float],
    least: float,
) -> Figure:
    value, spread = over(rounds, lambda each: theirs(each) / ours(each))
    mine, reference = over(rounds, ours)[0] * 1e3, over(rounds, theirs)[0] * 1e3
    return Figure(
        bar="P11",
        what=f"{what} ({mine:.2f} ms)",
        value=value,
        spread=spread,
        least=least,
        reference=f"Tryton's API, {reference:.1f} ms",
    )
