"""`python -m tests.bench.memory WORLD ORGANISATIONS REPS COMMANDS`: octets resident before and after the commands."""

import asyncio
import resource
import sys
import tempfile
from pathlib import Path

from tests.bench.product import Product
from tests.bench.rounds import CHATS
from tests.bench.world import Size, commands

# So many commands are made at a time: they are not to count.
SLICE = 500


def resident() -> int:
    """Octets of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def measured(world: Path, size: Size, count: int) -> tuple[int, int]:
    """Octets before and after the commands, of a process that has just warmed up with a tenth of them."""
    with tempfile.TemporaryDirectory() as folder:
        product = Product(world, Path(folder) / "product.db")
        await product.start()
        warm = count // 10
        await _answered(product, size, 0, warm)
        before = resident()
        await _answered(product, size, warm, count)
        after = resident()
        await product.stop()
        return before, after


async def _answered(product: Product, size: Size, first: int, count: int) -> None:
    for start in range(first, first + count, SLICE):
        await product.at_once(commands(size, start, min(SLICE, first + count - start)), CHATS)


if __name__ == "__main__":
    organisations, reps, count = map(int, sys.argv[2:])
    size = Size(organisations=organisations, reps_each=reps)
    print(*asyncio.run(measured(Path(sys.argv[1]), size, count)))
