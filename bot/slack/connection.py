"""One Socket Mode connection, watched: whoever holds it learns that it is over, and makes another."""

import asyncio
import logging
import time
from dataclasses import dataclass, field

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.watch import Pulse

log = structlog.get_logger()
# The library's lines about connections name URLs with their tickets; what matters of it is logged here.
MUTE = logging.getLogger("slack_sdk.socket_mode.mute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, in seconds, before a connection counts as lost, and between tries to get a new one.

    `dead`: so long neither a message nor an answer to our pings. With `check`, `connect` and `hello` it stays below
    the 30 s within which we receive again (quality R18), as the longest wait with the time of a call does.
    `quiet`: Slack has been seen to keep a connection up and deliver nothing (platforms section 4), so one that
    brought nothing for so long is replaced; the new one is there before the old one goes, and nothing is missed.
    """

    call: float = 8.0
    connect: float = 5.0
    hello: float = 5.0
    check: float = 2.5
    ping: float = 5.0
    dead: float = 15.0
    quiet: float = 900.0
    waits: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0)
    close: float = 5.0
    ask: float = 30.0


class Lost(Exception):
    """A connection that could not be made or said no hello."""


@dataclass(slots=True)
class Connection:
    """One Socket Mode connection, for one URL. It never goes back to a URL: whoever watches it makes a new one.

    The library's own way back retries the same URL for ever once its ticket is no longer good (platforms M8).
    """

    handler: AsyncSocketModeHandler
    patience: Patience
    pulse: Pulse
    heard_at: float = 0.0
    answered_at: float = 0.0
    ponged: float | None = None
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, url: str) -> None:
        client = self.handler.client
        client.wss_uri = url
        client.connect_to_new_endpoint = self._ended  # type: ignore[method-assign]
        client.on_message_listeners.append(self._hear)
        async with asyncio.timeout(self.patience.connect):
            await client.connect()  # type: ignore[no-untyped-call]
        async with asyncio.timeout(self.patience.hello):
            await self.heard.wait()

    async def watch(self) -> str:
        """Returns when the connection is over; why."""
        while not self.over.is_set():
            try:
                async with asyncio.timeout(self.patience.check):
                    await self.over.wait()
            except TimeoutError:
                if not await self.handler.client.is_connected() or self._is_dead():
                    return "dead"
                if time.monotonic() - self.heard_at > self.patience.quiet:
                    return "quiet"
        return "parted"

    async def close(self) -> None:
        try:
            async with asyncio.timeout(self.patience.close):
                await self.handler.close_async()  # type: ignore[no-untyped-call]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("slack_close_failed", error=type(error).__name__)

    def _is_dead(self) -> bool:
        """Whether neither a message nor a pong came for too long.

        The library compares pongs with the machine's clock, which somebody may set; here only that another one came
        counts. The first it notes is its own ping.
        """
        pong = self.handler.client.last_ping_pong_time
        if pong != self.ponged and self.ponged is not None:
            self._alive()
        self.ponged = pong
        return time.monotonic() - self.answered_at > self.patience.dead

    def _alive(self) -> None:
        self.answered_at = time.monotonic()
        self.pulse.prove()

    async def _hear(self, _message: aiohttp.WSMessage) -> None:
        self._alive()
        self.heard_at = self.answered_at
        self.heard.set()

    async def _ended(self, force: bool = False) -> None:
        self.over.set()
