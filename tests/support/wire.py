"""The network between the bot and a fake platform: it can be cut, go dead without a word, or be down for a while."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Self

CHUNK = 65536


class Pair:
    """One connection through the wire, both ways."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.ends = (near, far)
        self.frozen = False

    def abort(self) -> None:
        for end in self.ends:
            end.transport.abort()


class Wire:
    """Forwards what comes to a port of its own to a port of the loopback, as long as it is whole.

    Of several ports each new connection goes to the next that takes it, as a load balancer does it.
    """

    def __init__(self, *to_ports: int) -> None:
        self._to = cycle(to_ports)
        self._ends = len(to_ports)
        self._pairs: set[Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self.made = 0

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def up(self) -> None:
        """Takes new connections, on the port it had."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Breaks what there is and refuses what comes."""
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Breaks every connection; new ones may be made at once."""
        for pair in list(self._pairs):
            pair.abort()

    def freeze(self) -> None:
        """What goes by the connections of now is swallowed, and neither end hears of it."""
        for pair in self._pairs:
            pair.frozen = True

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        far = await self._reached()
        if far is None:
            writer.transport.abort()
            return
        far_reader, far_writer = far
        pair = Pair(writer, far_writer)
        self._pairs.add(pair)
        ways = [
            asyncio.create_task(_pump(pair, *way)) for way in ((reader, far_writer), (far_reader, writer))
        ]
        self._tasks.update(ways)
        await asyncio.wait(ways)
        self._tasks.difference_update(ways)
        self._pairs.discard(pair)

    async def _reached(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(self._ends):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", next(self._to))
        return None


@contextlib.contextmanager
def balanced(ports: Sequence[int]) -> Iterator[str]:
    """A wire to all of these in a thread of its own, for tests that wait without a loop; its root."""
    loop, wire = asyncio.new_event_loop(), Wire(*ports)
    thread = threading.Thread(target=loop.run_forever, name="wire", daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(wire.up(), loop).result()
    try:
        yield wire.root
    finally:
        asyncio.run_coroutine_threadsafe(wire.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pump(pair: Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            if not pair.frozen:
                writer.write(data)
                await writer.drain()
    if not pair.frozen:
        pair.abort()
