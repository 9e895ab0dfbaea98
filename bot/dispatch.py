"""Takes what was stored to the gateway: in order within a lane, side by side across lanes."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from bot.clock import Clock
from bot.courier import OUTAGE_WAITS, Courier
from bot.gateway import Gateway
from bot.inbound import Inbound, Membership, Submitted
from bot.writer import Writer
from domain.ports import Database, Delivered, EventId, Letter
from domain.refusals import Refusal

log = structlog.get_logger()
RECOVER_PAGE = 500

Decode = Callable[[str], Inbound | None]


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
    ) -> None:
        self._writer = writer
        self._gateway = gateway
        self._courier = courier
        self._decoders = decoders
        self._database = database
        self._clock = clock
        self._lanes: dict[str, deque[Delivered]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: dict[EventId, asyncio.Future[Mapping[str, str]]] = {}

    async def errors(self, delivered: Delivered, seconds: float) -> Mapping[str, str]:
        """Answers a form that stays open meanwhile: what is wrong with it, by part; nothing when it is done.

        A turn that takes longer than `seconds` answers with a message instead.
        """
        asked = self._asked[delivered.id] = asyncio.get_running_loop().create_future()
        self.offer(delivered)
        try:
            found: Mapping[str, str] = await asyncio.wait_for(asyncio.shield(asked), seconds)
            return found
        except TimeoutError:
            if self._asked.pop(delivered.id, None):
                return {}
            # Its errors are just being put into words.
            late: Mapping[str, str] = await asked
            return late

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
        """Takes up what was stored and not answered before the process ended; how many rows."""
        after, found = EventId(0), 0
        while True:
            page = await self._writer.run(lambda work, a=after: work.inbox.waiting(a, RECOVER_PAGE))  # type: ignore[misc]
            for delivered in page:
                self.offer(delivered)
            found += len(page)
            if len(page) < RECOVER_PAGE:
                return found
            after = page[-1].id

    async def idle(self) -> None:
        """Returns when every lane is empty."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _serve(self, lane: str) -> None:
        rows = self._lanes[lane]
        while rows:
            await self._answer(rows[0])
            rows.popleft()
        del self._lanes[lane]

    async def _answer(self, delivered: Delivered) -> None:
        """One row to the end: answered, refused or quarantined; an outage of the database is waited out."""
        for wait in itertools.chain(OUTAGE_WAITS, itertools.repeat(OUTAGE_WAITS[-1])):
            try:
                letters = await self._turn(delivered)
            except Exception as error:
                if not self._database.is_outage(error):
                    raise
                log.warning("database_out", error=type(error).__name__, event_id=delivered.id)
                await asyncio.sleep(wait)
            else:
                self._courier.hand(letters)
                if asked := self._asked.pop(delivered.id, None):
                    asked.set_result({})
                return

    async def _turn(self, delivered: Delivered) -> Sequence[Letter]:
        inbound: Inbound | None = None
        try:
            inbound = self._decoders[delivered.platform](delivered.body)
            if inbound is None:
                return await self._writer.run(lambda work: self._gateway.ignore(work, delivered))
            return await self._ask(delivered, inbound)
        except Exception as error:
            if self._database.is_outage(error):
                raise
            return await self._stumble(delivered, inbound, error)

    async def _ask(self, delivered: Delivered, inbound: Inbound) -> Sequence[Letter]:
        """The gateway's answer; a refusal is told in a transaction of its own, so that none of the turn stays."""
        try:
            return await self._writer.run(lambda work: self._gateway.handle(work, delivered, inbound))
        except Refusal as refusal:
            if isinstance(inbound, Membership):
                raise
            said, person = refusal, inbound
        if isinstance(inbound, Submitted) and (asked := self._asked.pop(delivered.id, None)):
            await self._object(delivered, inbound, said, asked)
            return ()
        return await self._writer.run(lambda work: self._gateway.refuse(work, delivered, person, said))

    async def _object(
        self,
        delivered: Delivered,
        submitted: Submitted,
        refusal: Refusal,
        asked: "asyncio.Future[Mapping[str, str]]",
    ) -> None:
        """Puts what is wrong with a form to whoever waits for it, and ends their wait in any case."""
        errors: Mapping[str, str] = {}
        try:
            errors = await self._writer.run(
                lambda work: self._gateway.field_errors(work, delivered, submitted, refusal)
            )
        finally:
            asked.set_result(errors)

    async def _stumble(
        self, delivered: Delivered, inbound: Inbound | None, error: Exception
    ) -> Sequence[Letter]:
        """A bug: logged once with a reference, the row set aside, the person told the reference."""
        reference = self._gateway.reference()
        log.error("turn_failed", reference=reference, event_id=delivered.id, exc_info=error)
        try:
            return await self._writer.run(
                lambda work: self._gateway.stumble(work, delivered, reference, inbound)
            )
        except Exception as again:
            if inbound is None or self._database.is_outage(again):
                raise
            # Even telling them fails: the row is set aside all the same, so that its lane goes on.
            log.error("stumble_untold", reference=reference, event_id=delivered.id, exc_info=again)
            return await self._writer.run(
                lambda work: self._gateway.stumble(work, delivered, reference, None)
            )
