"""The queue of updates for the bot: kept until confirmed, handed out by long poll or pushed to a webhook."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import islice

import aiohttp

from tests.support.loopback import Json
from tests.support.telegram_bot_api import Refused

LONGEST_POLL_SECONDS = 50
LARGEST_BATCH = 100
POLL_UNDER_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
POLL_ENDED_BY_WEBHOOK = "Conflict: terminated by setWebhook request"
TWO_POLLERS = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
NOT_DELIVERED_UNLESS_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
KNOWN_KINDS = NOT_DELIVERED_UNLESS_ASKED | {
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "inline_query",
}


@dataclass(slots=True)
class QueuedUpdate:
    """One update, confirmed when `done`; `delivered` says that a poll has shown it at least once."""

    update: Json
    delivered: bool = False
    done: bool = False


class UpdateQueue:
    """Own the unconfirmed updates, in order of arrival; ids may repeat, jump and fall, as a test wishes.

    A confirmation never drops what no poll has shown: an offset confirms the delivered updates up to the
    last one whose id is `offset - 1`, or, if there is none, the delivered ones below the offset.
    """

    def __init__(self) -> None:
        self.allowed: frozenset[str] | None = None
        self._queue: deque[QueuedUpdate] = deque()
        self._arrival = asyncio.Event()
        self._current_poll = 0

    def push(self, update: Json) -> QueuedUpdate | None:
        """Queue an update, unless the bot has not asked for its kind."""
        if not self._is_wanted(update):
            return None
        queued = QueuedUpdate(update)
        self._queue.append(queued)
        self._wake()
        return queued

    def pending(self) -> list[QueuedUpdate]:
        return [queued for queued in self._queue if not queued.done]

    def clear(self) -> None:
        self._queue.clear()

    def interrupt_polls(self) -> None:
        """End every waiting poll: a webhook has been set."""
        self._current_poll += 1
        self._wake()

    async def poll(
        self, *, offset: int, limit: int, timeout: float, webhook: Callable[[], bool]
    ) -> list[Json]:
        """One getUpdates; a newer poll or a webhook ends it with 409."""
        if webhook():
            raise Refused(409, POLL_UNDER_WEBHOOK)
        self._current_poll += 1
        mine = self._current_poll
        self._wake()
        self._confirm(offset)
        deadline = time.monotonic() + min(timeout, LONGEST_POLL_SECONDS)
        while not (batch := self._batch(limit)) and (remaining := deadline - time.monotonic()) > 0:
            await self._wait_for_arrival(remaining)
            if webhook():
                raise Refused(409, POLL_ENDED_BY_WEBHOOK)
            if self._current_poll != mine:
                raise Refused(409, TWO_POLLERS)
        for queued in batch:
            queued.delivered = True
        return [queued.update for queued in batch]

    def _is_wanted(self, update: Json) -> bool:
        kinds = KNOWN_KINDS.intersection(update)
        if self.allowed is None:
            return not kinds & NOT_DELIVERED_UNLESS_ASKED
        return kinds <= self.allowed

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            for queued in list(self._queue)[:offset]:
                queued.done = True
        last_confirmed = None
        for queued in self._queue:
            if not (queued.delivered or queued.done):
                break
            if queued.update.get("update_id") == offset - 1:
                last_confirmed = queued
        while self._queue and (self._queue[0].done or last_confirmed is not None):
            confirmed = self._queue.popleft()
            confirmed.done = True
            last_confirmed = None if confirmed is last_confirmed else last_confirmed
        while self._queue and self._queue[0].delivered and self._queue[0].update.get("update_id", 0) < offset:
            self._queue.popleft().done = True

    def _batch(self, limit: int) -> list[QueuedUpdate]:
        waiting = (queued for queued in self._queue if not queued.done)
        return list(islice(waiting, max(1, min(limit, LARGEST_BATCH))))

    async def _wait_for_arrival(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._arrival.wait(), seconds)
        except TimeoutError:
            return

    def _wake(self) -> None:
        self._arrival.set()
        self._arrival = asyncio.Event()


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Own the pushing of updates to one URL: in order within a chat, again and again until a 2xx."""

    url: str
    reached: str
    secret_token: str
    max_connections: int
    call_in_reply: Callable[[Json], Awaitable[None]]
    first_retry_seconds: float = 0.02
    longest_retry_seconds: float = 1.0
    errors: list[str] = field(default_factory=list)
    failed_at: int = 0
    _retired: bool = False
    _session: aiohttp.ClientSession | None = None
    _turns: dict[object, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _slots: asyncio.Semaphore | None = None

    async def deliver(self, queued: QueuedUpdate) -> None:
        async with self._turns[_queue_key(queued.update)]:
            pause = 0.0
            while not (queued.done or self._retired):
                await asyncio.sleep(pause)
                asked_pause = await self._attempt(queued)
                pause = asked_pause or min(
                    max(pause * 2, self.first_retry_seconds), self.longest_retry_seconds
                )

    async def retire(self) -> None:
        """The webhook is deleted: what it has not delivered stays in the queue."""
        self._retired = True
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _attempt(self, queued: QueuedUpdate) -> float | None:
        """Post once; returns the pause asked for by Retry-After, if any, capped for the tests' sake."""
        self._slots = self._slots or asyncio.Semaphore(self.max_connections)
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret_token} if self.secret_token else {}
        async with self._slots:
            if self._retired:
                return None
            self._session = self._session or aiohttp.ClientSession()
            try:
                async with self._session.post(self.reached, json=queued.update, headers=headers) as response:
                    body = await response.read()
                    if response.ok:
                        queued.done = True
                        await self._run_reply(response, body)
                        return None
                    self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                    asked = response.headers.get("Retry-After")
                    return min(float(asked), self.longest_retry_seconds) if asked else None
            except (aiohttp.ClientError, TimeoutError) as error:
                self._failed(f"Connection error: {error}")
                return None

    def _failed(self, reason: str) -> None:
        self.errors.append(reason)
        self.failed_at = int(time.time())

    async def _run_reply(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        """A 2xx answer that names a method is executed as a call of the bot."""
        if body and response.content_type == "application/json":
            answer = await response.json()
            if isinstance(answer, dict) and "method" in answer:
                await self.call_in_reply(answer)


def _queue_key(update: Json) -> object:
    for body in update.values():
        if isinstance(body, dict):
            place = body.get("chat") or body.get("message", {}).get("chat") or body.get("from") or {}
            return place.get("id")
    return None
