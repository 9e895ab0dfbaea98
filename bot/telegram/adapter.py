"""The Telegram door: takes updates in, polled or pushed, stores them before they are confirmed, sends cards out."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

import httpx
import structlog
from telegram import Bot
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.app import App
from bot.buckets import Limits
from bot.jobs.port import role_of
from bot.settings import Misconfigured
from bot.telegram.fetching import TelegramFiles
from bot.telegram.menus import commands_of, static
from bot.telegram.sender import LIMITS, Sender, asked_pause
from bot.telegram.updates import KINDS, PLATFORM, decode, deliveries, offset_after, query_ids
from bot.watch import Pulse

if TYPE_CHECKING:
    # HTTP is loaded where Telegram is to call us.
    from starlette.routing import Route

    from bot.telegram.webhook import Hook

__all__ = ["TelegramDoor", "TokenRefused", "decode"]

log = structlog.get_logger()
T = TypeVar("T")
# A connection that died without a word is found out by a poll that gets no answer: all of it, and the longest wait
# between two tries, stay below the 30 s within which we receive again (quality R18).
POLL_SECONDS = 20
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
# A connection that stays checked out after a cut must not stop the polls (platforms section 4).
POLL_CONNECTIONS, SEND_CONNECTIONS = 8, 32
# How long a poll may hang beyond its own time before it is given up.
POLL_GRACE, ANSWER_SECONDS = 6.0, 20.0
MENU_TRIES = 5
# How many updates Telegram may push at once, and how often we look whether it still does.
PUSHES, WATCH_SECONDS = 40, 30.0
# How long a question of the watch, and the end of a connection, may take.
ASK_SECONDS = 5.0
REASON_MOST = 120


class TokenRefused(Misconfigured):
    """Telegram does not know the token: nothing can be done before somebody sets another."""


class TelegramDoor:
    """One bot: `run` polls, or with a hook is pushed to; the courier sends through it as soon as it is made."""

    def __init__(
        self,
        app: App,
        token: str,
        api_root: str,
        *,
        hook: "Hook | None" = None,
        limits: Limits = LIMITS,
        poll_seconds: int = POLL_SECONDS,
        first_wait: float = FIRST_WAIT,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        root = api_root.rstrip("/")
        self._app = app
        self._poll_seconds = poll_seconds
        self._first_wait = first_wait
        self._hook = hook
        self._watch_seconds = watch_seconds
        # Which commands in groups are for us cannot be told before Telegram has told us our name.
        self._username: str | None = None
        self.pulse = Pulse(PLATFORM, stands_by=lambda: app.roles.stands_by(self._role))
        self._polls = HTTPXRequest(
            connection_pool_size=POLL_CONNECTIONS,
            pool_timeout=POLL_GRACE,
            httpx_kwargs={"verify": _trust(), "event_hooks": {"response": [self._compare]}},
        )
        self._bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=HTTPXRequest(
                connection_pool_size=SEND_CONNECTIONS,
                read_timeout=ANSWER_SECONDS,
                pool_timeout=ANSWER_SECONDS,
                httpx_kwargs={"verify": _trust()},
            ),
            get_updates_request=self._polls,
        )
        self._spinners: set[asyncio.Task[None]] = set()
        self._fetcher = TelegramFiles(self._bot, _trust())
        app.fetchers[PLATFORM] = self._fetcher
        # Telegram serves one poller of a bot at a time; where it pushes, one looks whether it does.
        self._role = role_of("receive", PLATFORM, token)
        self._term: int | None = None
        app.courier.join(
            PLATFORM, Sender(self._bot, limits, app.file_bytes), role_of("send", PLATFORM, token)
        )

    def routes(self) -> "Sequence[Route]":
        """What the door serves over HTTP: nothing while it polls."""
        if not self._hook:
            return ()
        from bot.telegram.webhook import Webhook

        return (Webhook(self._hook.secret, self._take).route(),)

    async def run(self) -> None:
        """Receives until cancelled. Raises `TokenRefused`. Sending goes on afterwards, until `close`."""
        username = await self._identify()
        menus = asyncio.create_task(self._set_menus())
        try:
            await self._app.roles.alone(self._role, lambda: self._receive(username))
        finally:
            for task in (menus, *self._spinners):
                task.cancel()
            await asyncio.gather(menus, *self._spinners, return_exceptions=True)

    async def _receive(self, username: str) -> None:
        # Only who has just taken the role begins anew: a door that is run again has still to prove that it hears.
        term = self._app.roles.term(self._role)
        if term != self._term:
            self._term = term
            self.pulse.begin()
        if self._hook:
            await self._keep_hook(self._hook)
        else:
            await self._insist(self._bot.delete_webhook)
            await self._poll(username)

    async def renew(self) -> None:
        """The next poll goes by new connections: what a cut left behind may hold the old ones (platforms section 4)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASK_SECONDS):
                await self._polls.shutdown()
        await self._polls.initialize()

    async def answers(self) -> bool:
        """Whether Telegram answers at all, by a connection made for this question."""
        try:
            async with httpx.AsyncClient(verify=_trust(), timeout=ASK_SECONDS) as asking:
                said = (await asking.post(f"{self._bot.base_url}/getMe")).json()
        except (httpx.HTTPError, ValueError):
            # Somebody else's page is no answer either.
            return False
        return isinstance(said, dict) and said.get("ok") is True

    async def _compare(self, answer: httpx.Response) -> None:
        self.pulse.compare(answer.headers.get("date"), self._app.clock.now())

    async def _identify(self) -> str:
        """Our name, asked for once."""
        if self._username is None:
            me = await self._insist(self._bot.get_me)
            self._username = username = me.username or ""
            self._app.links[PLATFORM] = lambda code: f"https://t.me/{username}?start={code}"
        return self._username

    async def close(self) -> None:
        """Closes the connections, once nothing is to be sent any more."""
        await self._fetcher.close()
        await self._bot.shutdown()
        for request in (self._polls, self._bot.request):
            await request.shutdown()

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer to a call without which there is nothing to do, however long it takes."""
        failures = 0
        while True:
            try:
                return await call()
            except InvalidToken:
                raise TokenRefused("Telegram refuses DEALPACE_TELEGRAM_TOKEN") from None
            except TelegramError as error:
                await self._pause(error, failures)
                failures += 1

    async def _keep_hook(self, hook: "Hook") -> None:
        """Has Telegram push to us, and looks now and then whether it still does."""
        await self._set_hook(hook)
        last_error: datetime | None = None
        while True:
            await asyncio.sleep(self._watch_seconds)
            info = await self._insist(self._bot.get_webhook_info)
            failing = info.last_error_date != last_error and info.last_error_date is not None
            last_error = info.last_error_date
            if info.url == hook.url and not failing:
                self.pulse.prove()
                continue
            # Another process took it, or shows another secret: setting it once more is harmless.
            log.warning(
                "telegram_webhook_failing" if failing else "telegram_webhook_lost",
                reason=(info.last_error_message or "")[:REASON_MOST],
                waiting=info.pending_update_count,
            )
            await self._set_hook(hook)

    async def _set_hook(self, hook: "Hook") -> None:
        await self._insist(
            lambda: self._bot.set_webhook(
                hook.url, secret_token=hook.secret, allowed_updates=KINDS, max_connections=PUSHES
            )
        )

    async def _take(self, update: object) -> bool:
        """Keeps an update that was pushed; what cannot be kept now is brought again."""
        if self._username is None:
            return False
        try:
            await self._app.intake.take(PLATFORM, deliveries([update], self._username))
        except Exception as error:
            # Whatever it is, what is not stored is not acknowledged. The error's own words may quote the update.
            log.warning("telegram_not_stored", error=type(error).__name__)
            return False
        self.pulse.prove()
        self._answer_spinners([update])
        return True

    async def _poll(self, username: str) -> None:
        """The loop of receiving: fetch, commit, and only then ask beyond what was committed."""
        offset: int | None = None
        failures = 0
        while True:
            try:
                if offset is None:
                    offset = await self._app.intake.offset(PLATFORM)
                updates = await self._fetch(offset)
                self.pulse.prove()
                following = offset_after(updates, offset)
                if updates:
                    kept = deliveries(updates, username)
                    await self._app.intake.take(PLATFORM, kept, offset=following)
                if updates and following == offset:
                    raise ValueError("updates without a number cannot be confirmed")
            except InvalidToken:
                raise TokenRefused("Telegram refuses DEALPACE_TELEGRAM_TOKEN") from None
            except Exception as error:
                # Whatever it is, a poller that ends receives nothing: wait and fetch the same again.
                await self._pause(error, failures)
                failures += 1
                continue
            offset, failures = following, 0
            self._answer_spinners(updates)

    async def _fetch(self, offset: int) -> Sequence[object]:
        """The next updates as bare JSON: the library would refuse them all for the sake of one (M3)."""
        asked = {
            "offset": offset,
            "timeout": self._poll_seconds,
            "limit": 100,
            "allowed_updates": json.dumps(KINDS),
        }
        url = f"{self._bot.base_url}/getUpdates?{urlencode(asked)}"
        patience = self._poll_seconds + POLL_GRACE
        async with asyncio.timeout(patience + POLL_GRACE):
            found: object = await self._polls.post(url, read_timeout=patience)
        if not isinstance(found, list):
            raise ValueError("the result of getUpdates is not a list")
        return found

    async def _pause(self, error: Exception, failures: int) -> None:
        """Waits before the next try, ever longer; another poller with our token is worth its own name."""
        event = "telegram_second_poller" if isinstance(error, Conflict) else "telegram_not_receiving"
        seconds = min(self._first_wait * 2 ** min(failures, 10), LONGEST_WAIT)
        if isinstance(error, RetryAfter):
            self.pulse.throttled += 1
            seconds = asked_pause(error)
        log.warning(
            event,
            error=type(error).__name__,
            # What Telegram finds wrong with a request, a webhook it cannot call for one, is for the operator to read.
            reason=str(error)[:REASON_MOST] if isinstance(error, BadRequest) else "",
            failures=failures + 1,
            silent=round(self.pulse.age),
        )
        await asyncio.sleep(seconds)

    def _answer_spinners(self, updates: Sequence[object]) -> None:
        for query in query_ids(updates):
            task = asyncio.create_task(self._answer_spinner(query))
            self._spinners.add(task)
            task.add_done_callback(self._spinners.discard)

    async def _answer_spinner(self, query: str) -> None:
        try:
            await self._bot.answer_callback_query(query)
        except TelegramError as error:
            # Mostly "query is too old": the press is stored and will be answered by its card.
            log.debug("telegram_spinner", error=type(error).__name__)

    async def _set_menus(self) -> None:
        """The menus of whoever has none of their own; setting them again changes nothing."""
        for failures in range(MENU_TRIES):
            try:
                for menu in static():
                    await self._bot.set_my_commands(
                        commands_of(menu), scope=menu.scope, language_code=menu.code
                    )
                return
            except TelegramError as error:
                await self._pause(error, failures)
        log.error("telegram_menu_not_set")


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The certificates to trust, read once: every client would read them again."""
    return httpx.create_ssl_context()
