"""The Slack door: what comes by Socket Mode is stored before it is acknowledged, over connections that are watched."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App
from bot.intake import Delivery
from bot.slack.channel import SlackChannel, code_of
from bot.slack.reading import channel_of, decode, delivery_of, kept, user_of
from bot.slack.roster import Roster

__all__ = ["Patience", "SlackDoor", "decode"]

Json = dict[str, Any]

log = structlog.get_logger()
CHATTY = ("slack_sdk", "slack_bolt", "aiohttp")
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


class SlackDoor:
    """One workspace by Socket Mode."""

    def __init__(
        self, app: App, bot_token: str, app_token: str, api_root: str, patience: Patience | None = None
    ) -> None:
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        MUTE.setLevel(logging.CRITICAL)
        self._app = app
        self._app_token = app_token
        self._patience = patience or Patience()
        # A call that failed is never silently made again: the outbox decides (platforms M6).
        self._client = AsyncWebClient(token=bot_token, base_url=api_root, retry_handlers=[])
        self._opener = AsyncWebClient(token=app_token, base_url=api_root, retry_handlers=[])
        self._roster = Roster(self._client)
        self._channel = SlackChannel(self._client)
        self._bolt = AsyncApp(
            client=self._client,
            name="dealpace",
            process_before_response=True,
            before_authorize=self._middleware(),
            logger=logging.getLogger("slack_bolt.dealpace"),
        )
        self._team = self._bot = ""
        app.courier.join("slack", self._channel)

    async def run(self) -> None:
        """Serves until cancelled. Sending goes on afterwards, until `close`."""
        connection: Connection | None = None
        tries = 0
        try:
            while True:
                try:
                    fresh = await self._connect()
                except (SlackApiError, aiohttp.ClientError, Lost, TimeoutError, OSError) as error:
                    reason = (code_of(error) if isinstance(error, SlackApiError) else "") or type(
                        error
                    ).__name__
                    log.warning("slack_unreachable", reason=reason)
                    await asyncio.sleep(self._patience.waits[min(tries, len(self._patience.waits) - 1)])
                    tries += 1
                    continue
                old, connection, tries = connection, fresh, 0
                if old:
                    await old.close()
                log.info("slack_connected")
                log.info("slack_reconnecting", reason=await connection.watch())
        finally:
            if connection:
                await connection.close()

    async def close(self) -> None:
        """Closes the connections for sending, once nothing is to be sent any more."""
        await self._channel.close()

    async def _connect(self) -> Connection:
        """A new connection from a new URL."""
        if not self._team:
            me = await self._client.auth_test()
            self._team, self._bot = str(me["team_id"]), str(me["user_id"])
        url = (await self._opener.apps_connections_open(app_token=self._app_token))["url"]
        patience = self._patience
        handler = AsyncSocketModeHandler(
            self._bolt, self._app_token, logger=MUTE, web_client=self._opener, ping_interval=patience.ping
        )
        connection = Connection(handler=handler, patience=patience)
        try:
            await connection.open(url)
        except BaseException:
            await connection.close()
            raise
        return connection

    def _middleware(self) -> Any:
        """The one entry. It runs before Bolt asks Slack anything, and answers without any listener.

        An error here, a full disk say, becomes a 500 in Bolt: nothing is acknowledged and Slack sends again.
        """

        async def store(body: Json) -> BoltResponse:
            await self._take(body)
            return BoltResponse(status=200)

        return store

    async def _take(self, payload: Json) -> None:
        """Commits one delivery to the inbox. What asks for no answer, our own messages above all, is not kept."""
        if not self._wanted(payload):
            return
        user, channel = user_of(payload), channel_of(payload)
        user = user if user.isascii() else ""
        in_channel = bool(channel) and not channel.startswith("D")
        known = await self._roster.known(user, in_channel=in_channel) if user else {}
        lane = f"slack:{self._team}:{user}"
        body = self._body(payload, known)
        await self._app.intake.take("slack", [Delivery(id=delivery_of(payload), lane=lane, body=body)])

    def _wanted(self, payload: Json) -> bool:
        try:
            return decode(self._body(payload, {})) is not None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # Not to be read: kept, and set aside alone when its turn comes.
            return True

    def _body(self, payload: Json, known: Json) -> str:
        now = self._app.clock.now()
        return kept(payload, team=self._team, bot=self._bot, received_at=now, known=known)
