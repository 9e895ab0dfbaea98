"""The Slack door: what comes, by watched connections or signed calls, is stored before it is acknowledged."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.routing import Route

from bot.app import App
from bot.inbound import Opened
from bot.intake import Delivery
from bot.jobs.port import role_of
from bot.settings import Misconfigured
from bot.slack import http, modal
from bot.slack.channel import SlackChannel, code_of
from bot.slack.connection import MUTE, Connection, Lost, Patience
from bot.slack.fetching import SlackFiles
from bot.slack.payload import channel_of, delivery_of, is_ours, is_uninstalled, kind_of, stored, user_of
from bot.slack.reading import decode, read
from bot.slack.roster import Roster
from bot.watch import Pulse

__all__ = ["SlackDoor", "TokenRefused", "decode"]

Json = dict[str, Any]
T = TypeVar("T")

log = structlog.get_logger()
CHATTY = ("slack_sdk", "slack_bolt", "aiohttp")
# What Slack says of a token that will never do; everything else may pass.
REFUSED = {
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "not_allowed_token_type",
    "not_authed",
    "token_expired",
    "token_revoked",
}
# A form stays open until its turn is over, but no longer than this, from the moment it came; what alone may take
# longer is storing it, and then nothing is acknowledged.
FORM_SECONDS = 2.0
# A home that was just opened shows what is so; from then on it is edited.
HOME_SECONDS, HOMES_MOST = 5.0, 10_000


class TokenRefused(Misconfigured):
    """Slack does not take a token: nothing can be done before somebody sets another."""


class SlackDoor:
    """One workspace: by Socket Mode with an app-level token, by signed HTTP with a signing secret, or by both."""

    def __init__(
        self,
        app: App,
        bot_token: str,
        app_token: str | None,
        api_root: str,
        *,
        signing_secret: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        MUTE.setLevel(logging.CRITICAL)
        self._app = app
        self._app_token = app_token
        self._signing_secret = signing_secret
        self._patience = patience or Patience()
        # A call that failed is never silently made again: the outbox decides (platforms M6).
        self._client = AsyncWebClient(token=bot_token, base_url=api_root, retry_handlers=[])
        # What receiving waits for must not hang as long as a letter may.
        brief = round(self._patience.call)
        self._opener, self._asker = (
            AsyncWebClient(token=token, base_url=api_root, retry_handlers=[], timeout=brief)
            for token in (app_token, bot_token)
        )
        self.pulse = Pulse("slack")
        self._looked: dict[str, float] = {}
        self._roster = Roster(self._client)
        self._channel = SlackChannel(self._client, app.file_bytes)
        self._files = SlackFiles(bot_token, api_root)
        app.fetchers["slack"] = self._files
        self._bolt = AsyncApp(
            client=self._client,
            name="dealpace",
            process_before_response=True,
            before_authorize=self._middleware(),
            logger=logging.getLogger("slack_bolt.dealpace"),
        )
        self._team = self._bot = ""
        # Replicas each hold a connection, Slack gives every envelope to one of them (ten at most); one alone sends.
        app.courier.join("slack", self._channel, role_of("send", "slack", bot_token))

    def routes(self) -> Sequence[Route]:
        """What the door serves over HTTP, where Slack signs what it calls."""
        return (http.route(self._signing_secret, self._called),) if self._signing_secret else ()

    async def run(self) -> None:
        """Serves until cancelled. Raises `TokenRefused`. Sending goes on afterwards, until `close`."""
        await self._insist(self._identify)
        if not self._app_token:
            log.info("slack_by_http")
            await self._ask_on()
        connection: Connection | None = None
        try:
            while True:
                fresh = await self._insist(self._connect)
                old, connection = connection, fresh
                if old:
                    await old.close()
                log.info("slack_connected")
                log.info("slack_reconnecting", reason=await connection.watch())
        finally:
            if connection:
                await connection.close()

    async def renew(self) -> None:
        """Each run makes its own connection, from a URL of its own."""

    async def answers(self) -> bool:
        """Whether Slack answers at all: each call of this client has a connection of its own."""
        try:
            said = await self._asker.auth_test()
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
            return False
        self.pulse.compare(_date_of(said), self._app.clock.now())
        return True

    async def _ask_on(self) -> None:
        """Slack tells nobody whether its calls arrive: besides those that do, that it knows us is all there is to know."""
        while True:
            if await self.answers():
                self.pulse.prove()
            else:
                log.warning("slack_unreachable", reason="auth.test")
            await asyncio.sleep(self._patience.ask)

    async def close(self) -> None:
        """Closes the connections for sending, once nothing is to be sent any more."""
        await self._files.close()
        await self._channel.close()

    async def _insist(self, step: Callable[[], Awaitable[T]]) -> T:
        """A step without which there is nothing to do, however long it takes."""
        tries = 0
        while True:
            try:
                return await step()
            except (SlackApiError, aiohttp.ClientError, Lost, TimeoutError, OSError) as error:
                code = code_of(error) if isinstance(error, SlackApiError) else ""
                log.warning("slack_unreachable", reason=code or type(error).__name__)
                await asyncio.sleep(self._patience.waits[min(tries, len(self._patience.waits) - 1)])
                tries += 1

    async def _identify(self) -> None:
        """Who we are, and in which workspace."""
        me = await _accepted(self._asker.auth_test(), "DEALPACE_SLACK_BOT_TOKEN")
        self.pulse.compare(_date_of(me), self._app.clock.now())
        self._team, self._bot = str(me["team_id"]), str(me["user_id"])

    async def _connect(self) -> Connection:
        """A new connection from a new URL."""
        asked = self._opener.apps_connections_open(app_token=self._app_token or "")
        url = (await _accepted(asked, "DEALPACE_SLACK_APP_TOKEN"))["url"]
        patience = self._patience
        handler = AsyncSocketModeHandler(
            self._bolt,
            self._app_token or "",
            logger=MUTE,
            web_client=self._opener,
            ping_interval=patience.ping,
        )
        connection = Connection(handler=handler, patience=patience, pulse=self.pulse)
        try:
            await connection.open(url)
        except BaseException:
            await connection.close()
            raise
        return connection

    def _middleware(self) -> Any:
        """The one entry. It runs before Bolt asks Slack anything, and answers without any listener.

        An error here, a full disk say, becomes a 500 in Bolt: nothing is acknowledged, and Slack brings events again.
        """

        async def store(body: Json) -> BoltResponse:
            return BoltResponse(status=200, body=await self._take(body) or "")

        return store

    async def _called(self, payload: Json) -> Json | None:
        """One signed call. None when it cannot be stored now, for whatever reason.

        An event Slack then brings again; whoever commanded, pressed or sent a form is told by Slack that it failed.
        """
        try:
            said = await self._take(payload)
            self.pulse.prove()
            return said
        except Exception as error:
            log.warning("slack_not_stored", error=type(error).__name__)
            return None

    async def _take(self, payload: Json) -> Json:
        """Commits one delivery to the inbox; what the acknowledgement says, mostly nothing.

        What asks for no answer, our own messages above all, is not kept.
        """
        if not self._team:
            raise Lost("nobody knows yet which workspace is ours")
        came_at = time.monotonic()
        if is_uninstalled(payload) and is_ours(payload, self._team):
            self._channel.revoke()
            return {}
        user, kind = user_of(payload), kind_of(payload)
        user = user if user.isascii() else ""
        if not self._wanted(payload, user, came_at):
            return {}
        with_dm = kind != "event" or not channel_of(payload).startswith("D")
        known = await self._roster.known(user, with_dm=with_dm) if user else {}
        body = json.dumps(self._stored(payload, known))
        delivery = Delivery(id=delivery_of(payload), lane=f"slack:{self._team}:{user}", body=body)
        if kind == "form":
            wrong = await self._app.intake.ask("slack", delivery, came_at + FORM_SECONDS)
            return modal.errors(payload["view"], wrong) if wrong else {}
        try:
            await self._app.intake.take("slack", [delivery])
        except Exception:
            # What was not stored comes again, and then it is the first.
            self._looked.pop(user, None)
            raise
        return {}

    def _wanted(self, payload: Json, user: str, now: float) -> bool:
        try:
            inbound = read(self._stored(payload, {}))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # Not to be read: kept, and set aside alone when its turn comes.
            return True
        return not self._just_looked(user, now) if isinstance(inbound, Opened) else inbound is not None

    def _just_looked(self, user: str, now: float) -> bool:
        """Whether a person opened their home a moment ago; if not, they did so now."""
        if len(self._looked) >= HOMES_MOST:
            self._looked.clear()
        before = self._looked.get(user, now - HOME_SECONDS)
        if now - before < HOME_SECONDS:
            return True
        self._looked[user] = now
        return False

    def _stored(self, payload: Json, known: Json) -> Json:
        now = self._app.clock.now()
        return stored(payload, team=self._team, bot=self._bot, received_at=now, known=known)


def _date_of(said: AsyncSlackResponse) -> str | None:
    """When Slack said it, by its own clock."""
    return next((value for name, value in said.headers.items() if name.lower() == "date"), None)


async def _accepted(call: Awaitable[T], setting: str) -> T:
    """The answer to a call with a token. Raises `TokenRefused`, which names its setting."""
    try:
        return await call
    except SlackApiError as error:
        if code_of(error) in REFUSED:
            raise TokenRefused(f"Slack refuses {setting} ({code_of(error)})") from None
        raise
