"""Takes what was stored to the gateway: in order within a lane, side by side across lanes."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.courier import OUTAGE_WAITS, Courier
from bot.fetch import Fetch
from bot.gateway import Gateway
from bot.inbound import Attached, Inbound, Membership, Submitted
from bot.writer import Writer
from domain.files import KeptFile
from domain.ports import Database, Delivered, EventId, Job, Letter, Work
from domain.refusals import Refusal

log = structlog.get_logger()
RECOVER_PAGE = 500
# Among replicas: what waits for so long may have been left by one that died; and how long the replica that holds the
# head of a lane is given to begin with it, looked at so often, before another one does.
LEFT_AFTER = timedelta(seconds=10)
BEGIN_SECONDS, LOOK_SECONDS = 1.0, 0.02

Decode = Callable[[str], Inbound | None]


class Elsewhere(Exception):
    """A row is not to be answered here and now: it is done already, or `older` stands before it in its lane."""

    def __init__(self, older: Delivered | None) -> None:
        super().__init__()
        self.older = older


class Dispatch:
    """One task per busy lane; a lane's next row starts when the last is committed."""

    def __init__(
        self,
        writer: Writer,
        gateway: Gateway,
        courier: Courier,
        decoders: Mapping[str, Decode],
        database: Database,
        clock: Clock,
        fetch: Fetch,
        *,
        shared: bool = False,
    ) -> None:
        self._writer = writer
        self._shared = shared
        self._gateway = gateway
        self._courier = courier
        self._decoders = decoders
        self._database = database
        self._clock = clock
        self._fetch = fetch
        self._fetched: dict[EventId, tuple[KeptFile, ...]] = {}
        self._fetching: set[asyncio.Task[tuple[KeptFile, ...]]] = set()
        self._lanes: dict[str, deque[Delivered]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: dict[EventId, asyncio.Future[Mapping[str, str]]] = {}
        # By lane: the last row that could not be ended here.
        self._left: dict[str, EventId] = {}
        self.handled = 0

    async def errors(self, delivered: Delivered, until: float) -> Mapping[str, str]:
        """Waits for a form that was just offered: what is wrong with it, by part; nothing when it is done.

        A turn that is not over when the monotonic clock shows `until` answers with a message instead.
        """
        asked = self._asked[delivered.id] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait([asked], timeout=max(until - time.monotonic(), 0.0))
        finally:
            self._asked.pop(delivered.id, None)
        # Between looking and leaving nothing else runs: what is not told here is told by a message.
        return asked.result() if asked.done() else {}

    def offer(self, delivered: Delivered) -> None:
        """Puts a stored row at the end of its lane."""
        lane = self._lanes.get(delivered.lane)
        if lane is not None:
            lane.append(delivered)
            return
        self._lanes[delivered.lane] = deque([delivered])
        task = asyncio.get_running_loop().create_task(self._serve(delivered.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def recover(self) -> int:
        """Takes up what was stored and not answered before the process ended; how many rows.

        Among replicas that may be another's: what came just now is left to it, and nothing is answered twice.
        """
        after, found = EventId(0), 0
        until = self._clock.now() - LEFT_AFTER if self._shared else None
        here = {row.id for lane in self._lanes.values() for row in lane} if self._shared else set()
        while True:
            page = await self._writer.run(lambda work, a=after: work.inbox.waiting(a, RECOVER_PAGE))  # type: ignore[misc]
            left = [row for row in page if until is None or (row.received_at <= until and row.id not in here)]
            for delivered in left:
                self.offer(delivered)
            found += len(left)
            if len(page) < RECOVER_PAGE:
                return found
            after = page[-1].id

    async def again(self) -> int:
        """Takes up what was set aside and an operator wants handled again; how many rows."""
        found = await self._writer.run(lambda work: work.inbox.again())
        for delivered in found:
            self.offer(delivered)
        return len(found)

    async def idle(self) -> None:
        """Returns when every lane is empty."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def leave(self) -> None:
        """Ends what is still being fetched, before its connections are closed: the next start fetches it again."""
        for task in tuple(self._fetching):
            task.cancel()

    async def _serve(self, lane: str) -> None:
        rows = self._lanes[lane]
        while rows:
            await self._take(rows[0])
            rows.popleft()
        del self._lanes[lane]

    async def _take(self, delivered: Delivered) -> None:
        try:
            await self._answer(delivered)
        except Exception as error:
            # Not even to be set aside: the next start takes it up, and its lane goes on.
            log.error("row_left", event_id=delivered.id, exc_info=error)
            self._left[delivered.lane] = delivered.id
            self._tell(delivered, {})
        self._fetched.pop(delivered.id, None)

    async def _answer(self, delivered: Delivered) -> None:
        """One row to the end, whoever ends it; what stands before it in its lane and is left by others, first."""
        until = time.monotonic() + BEGIN_SECONDS
        while True:
            try:
                await self._end(delivered)
                return
            except Elsewhere as elsewhere:
                older = elsewhere.older
            if older is None:
                self._tell(delivered, {})
                return
            if time.monotonic() < until:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._take(older)

    async def _end(self, delivered: Delivered) -> None:
        """Answered, refused or quarantined; an outage of the database is waited out."""
        for wait in itertools.chain(OUTAGE_WAITS, itertools.repeat(OUTAGE_WAITS[-1])):
            try:
                letters = await self._turn(delivered)
            except Exception as error:
                if not self._database.is_outage(error):
                    raise
                log.warning("database_out", error=type(error).__name__, event_id=delivered.id)
                await asyncio.sleep(wait)
            else:
                self.handled += 1
                self._courier.hand(letters)
                self._tell(delivered, {})
                return

    async def _turn(self, delivered: Delivered) -> Sequence[Letter]:
        inbound: Inbound | None = None
        try:
            inbound = self._decoders[delivered.platform](delivered.body)
            if inbound is None:
                return await self._run(delivered, lambda work: self._gateway.ignore(work, delivered))
            return await self._ask(delivered, inbound)
        except Elsewhere:
            raise
        except Exception as error:
            if self._database.is_outage(error):
                raise
            return await self._stumble(delivered, inbound, error)

    async def _ask(self, delivered: Delivered, inbound: Inbound) -> Sequence[Letter]:
        """The gateway's answer; a refusal is told in a transaction of its own, so that none of the turn stays."""
        try:
            kept = await self._kept(delivered, inbound)
            return await self._run(
                delivered, lambda work: self._gateway.handle(work, delivered, inbound, kept)
            )
        except Refusal as refusal:
            if isinstance(inbound, Membership):
                raise
            said, person = refusal, inbound
        if isinstance(inbound, Submitted) and delivered.id in self._asked:
            form = inbound
            errors = await self._writer.run(lambda work: self._gateway.field_errors(work, form, said))
            # The form may have been closed meanwhile; only what was told is done.
            if self._tell(delivered, errors):
                return await self._run(delivered, lambda work: self._gateway.ignore(work, delivered))
        return await self._run(delivered, lambda work: self._gateway.refuse(work, delivered, person, said))

    async def _run(self, delivered: Delivered, job: Job[Sequence[Letter]]) -> Sequence[Letter]:
        """One transaction of a turn. Among replicas it has its lane to itself, and the answer is sent by the sender."""

        def turn(work: Work) -> Sequence[Letter]:
            oldest = work.inbox.oldest(delivered.lane, self._left.get(delivered.lane, EventId(0)))
            if oldest is None or oldest.id != delivered.id:
                raise Elsewhere(oldest if oldest and oldest.id < delivered.id else None)
            work.outbox.share(job(work))
            return ()

        return await self._writer.run(turn if self._shared else job)

    async def _kept(self, delivered: Delivered, inbound: Inbound) -> tuple[KeptFile, ...]:
        """The files of a delivery, in the store: fetched once, however often its turn has to begin again."""
        if not isinstance(inbound, Attached):
            return ()
        if delivered.id not in self._fetched:
            fetching = asyncio.create_task(self._fetch.kept(inbound))
            self._fetching.add(fetching)
            fetching.add_done_callback(self._fetching.discard)
            self._fetched[delivered.id] = await fetching
        return self._fetched[delivered.id]

    def _tell(self, delivered: Delivered, errors: Mapping[str, str]) -> bool:
        """Answers whoever waits with a form open; whether anybody still does."""
        asked = self._asked.pop(delivered.id, None)
        if asked:
            asked.set_result(errors)
        return asked is not None

    async def _stumble(
        self, delivered: Delivered, inbound: Inbound | None, error: Exception
    ) -> Sequence[Letter]:
        """A bug: logged once with a reference, the row set aside, the person told the reference."""
        reference = self._gateway.reference()
        log.error("turn_failed", reference=reference, event_id=delivered.id, exc_info=error)
        try:
            return await self._run(
                delivered, lambda work: self._gateway.stumble(work, delivered, reference, inbound, error)
            )
        except Elsewhere:
            raise
        except Exception as again:
            if self._database.is_outage(again):
                raise
            # Even telling them fails: the row is set aside all the same, so that its lane goes on.
            log.error("stumble_untold", reference=reference, event_id=delivered.id, exc_info=again)
            return await self._run(
                delivered, lambda work: self._gateway.set_aside(work, delivered, reference, error)
            )
