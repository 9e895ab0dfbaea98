"""One Socket Mode connection, watched: whoever holds it learns that it is over, and makes another."""

import asyncio
import logging
import time
from dataclasses import dataclass, field

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

log = structlog.get_logger()
# The library's lines about connections name URLs with their tickets; what matters of it is logged here.
MUTE = logging.getLogger("slack_sdk.socket_mode.mute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, in seconds, before a connection counts as lost, and between tries to get a new one.

    `quiet`: Slack has been seen to keep a connection up and deliver nothing (platforms section 4), so one that
    brought nothing for so long is replaced; the new one is there before the old one goes, and nothing is missed.
    """

    connect: float = 8.0
    hello: float = 10.0
    check: float = 5.0
    ping: float = 10.0
    quiet: float = 900.0
    waits: tuple[float, ...] = (1.0, 2.0, 5.0, 15.0, 60.0)
    close: float = 5.0


class Lost(Exception):
    """A connection that could not be made or said no hello."""


@dataclass(slots=True)
class Connection:
    """One Socket Mode connection, for one URL. It never goes back to a URL: whoever watches it makes a new one.

    The library's own way back retries the same URL for ever once its ticket is no longer good (platforms M8).
    """

    handler: AsyncSocketModeHandler
    patience: Patience
    heard_at: float = 0.0
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
                if not await self.handler.client.is_connected():
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

    async def _hear(self, _message: aiohttp.WSMessage) -> None:
        self.heard_at = time.monotonic()
        self.heard.set()

    async def _ended(self, force: bool = False) -> None:
        self.over.set()
