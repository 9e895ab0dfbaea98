"""The rounds: product, floor and usual stack take turns in one process on the same commands, and what came of it."""

import asyncio
import gc
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.bench.figure import median
from tests.bench.floor import Floor, Statement, Tape
from tests.bench.product import Product
from tests.bench.usual_stack import Usual, visits
from tests.bench.world import Size, commands, counts, make

CHATS = 32
COMMITS_EACH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How long a run is: commands a round for each contender."""

    size: Size
    rounds: int
    alone: int
    together: int
    usual_alone: int
    usual_together: int
    paced: int
    seconds: float = 420.0

    def within(self, each: float) -> "Scale":
        """The same with fewer commands, when one takes so many seconds that the time would not do."""
        works = self.alone * 2.5 + self.together + 3 * (self.usual_alone + self.usual_together)
        share = min(1.0, self.seconds / (each * (self.rounds * works + self.paced)))
        return replace(
            self,
            alone=max(LEAST, int(self.alone * share)),
            together=max(LEAST * 2, int(self.together * share)),
            usual_alone=max(LEAST // 2, int(self.usual_alone * share)),
            usual_together=max(LEAST, int(self.usual_together * share)),
            paced=max(LEAST, int(self.paced * share)),
        )


LEAST = 8
PROBED = 20
FULL = Scale(
    size=Size(organisations=8, reps_each=250),
    rounds=9,
    alone=300,
    together=1200,
    usual_alone=120,
    usual_together=160,
    paced=3000,
)
QUICK = Scale(
    size=Size(organisations=8, reps_each=250),
    rounds=5,
    alone=150,
    together=500,
    usual_alone=50,
    usual_together=64,
    paced=800,
    seconds=45.0,
)


@dataclass(slots=True)
class Round:
    """Seconds per command of one round."""

    floor: float = 0.0
    alone: float = 0.0
    together: float = 0.0
    usual_alone: float = 0.0
    usual_together: float = 0.0
    per_commit: float = 0.0


@dataclass(slots=True)
class Measured:
    """Everything a run found."""

    rounds: list[Round] = field(default_factory=list)
    paced: list[float] = field(default_factory=list)
    rate: float = 0.0
    statements: float = 0.0
    same: bool = False
    usual_visits: int = 0
    scale: Scale = QUICK


Transactions = list[tuple[Statement, ...]]


async def taped(world: Path, folder: Path, scale: Scale) -> tuple[list[Transactions], Path]:
    """The transactions the product runs for each round's sequential commands."""
    product, tape = Product(world, folder / "taped.db"), Tape()
    await product.start()
    product.record(tape)
    slices = []
    for number in range(scale.rounds):
        tape.statements.clear()
        await product.sequential(commands(scale.size, number * scale.alone, scale.alone))
        slices.append(list(tape.transactions()))
        if len(slices[-1]) != COMMITS_EACH * scale.alone:
            raise RuntimeError(f"{len(slices[-1])} transactions for {scale.alone} commands")
    await product.stop()
    return slices, product.path


async def measure(scale: Scale, *, together: bool = True, usual: bool = True) -> Measured:
    """Alternating rounds of all contenders that are wanted."""
    with tempfile.TemporaryDirectory(prefix="dealpace-bench-") as name:
        return await _measure(Path(name), scale, together=together, usual=usual)


async def _measure(folder: Path, scale: Scale, *, together: bool, usual: bool) -> Measured:
    world = folder / "world.db"
    make(world, scale.size)
    scale = scale.within(await _probed(world, folder, scale))
    slices, taped_path = await taped(world, folder, scale)
    product, floor = Product(world, folder / "product.db"), Floor(world, folder / "floor.db")
    other = Usual(folder / "usual.db", scale.size) if usual else None
    await product.start()
    if other:
        await other.start()
    # As `bot.run` does once all is loaded.
    gc.collect()
    gc.freeze()
    found = Measured(scale=scale, statements=sum(map(len, slices[0])) / scale.alone)
    fresh = scale.rounds * scale.alone
    for number in range(scale.rounds):
        found.rounds.append(
            await _round(product, floor, other, scale, number, slices[number], fresh, together)
        )
    if together:
        middle = median([each.together for each in found.rounds])
        found.rate = 0.5 / middle
        first = fresh + scale.rounds * scale.together
        gc.collect()
        found.paced = await product.paced(commands(scale.size, first, scale.paced), found.rate)
    await product.stop()
    floor.close()
    if other:
        await other.stop()
        found.usual_visits = visits(other.path)
    found.same = counts(taped_path) == counts(folder / "floor.db")
    return found


async def _probed(world: Path, folder: Path, scale: Scale) -> float:
    """Seconds of one command on this machine now."""
    product = Product(world, folder / "probed.db")
    await product.start()
    taken = await product.sequential(commands(scale.size, 0, PROBED)) / PROBED
    await product.stop()
    return taken


async def _round(
    product: Product,
    floor: Floor,
    other: Usual | None,
    scale: Scale,
    number: int,
    transactions: Transactions,
    fresh: int,
    together: bool,
) -> Round:
    found = Round()
    gc.collect()
    alone = commands(scale.size, number * scale.alone, scale.alone)
    found.alone = await product.sequential(alone) / scale.alone
    await _settled(product)
    found.floor = floor.replay(transactions) / scale.alone
    if together:
        many = commands(scale.size, fresh + number * scale.together, scale.together)
        before = product.commits
        found.together = await product.at_once(many, CHATS) / scale.together
        found.per_commit = scale.together / (product.commits - before)
        await _settled(product)
    if other:
        gc.collect()
        each = scale.usual_alone + scale.usual_together
        mine = commands(scale.size, number * each, each)
        found.usual_alone = await other.sequential(mine[: scale.usual_alone]) / scale.usual_alone
        found.usual_together = await other.at_once(mine[scale.usual_alone :], CHATS) / scale.usual_together
    return found


async def _settled(product: Product) -> None:
    """Until the courier has recorded what left, so that no contender runs beside it."""
    for _ in range(100):
        if product.quiet:
            return
        await asyncio.sleep(0.01)
