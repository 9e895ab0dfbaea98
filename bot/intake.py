"""Stores what a platform delivered before it is acknowledged, each delivery once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.writer import Writer
from domain.ports import Delivered, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery: the platform's own id of it, the lane that keeps its order, and its JSON as it came."""

    id: str
    lane: str
    body: str


class Intake:
    """The first thing that happens to a delivery. When it returns, nothing that came is lost any more."""

    def __init__(self, writer: Writer, dispatch: Dispatch, clock: Clock, *, shared: bool = False) -> None:
        self._writer = writer
        self._dispatch = dispatch
        self._clock = clock
        self._shared = shared

    async def take(self, platform: str, deliveries: Sequence[Delivery], *, offset: int | None = None) -> int:
        """Commits the deliveries, and a poller's next offset with them; how many were new."""
        return len(await asyncio.shield(self._store(platform, deliveries, offset)))

    async def ask(self, platform: str, delivery: Delivery, until: float) -> Mapping[str, str]:
        """Stores a form that stays open until it is answered or the monotonic clock shows `until`; its errors by part.

        Only storing it is waited for beyond that: what is not stored must not be acknowledged.
        """
        kept = await asyncio.shield(self._store(platform, [delivery], None))
        return await self._dispatch.errors(kept[0], until) if kept else {}

    async def _store(
        self, platform: str, deliveries: Sequence[Delivery], offset: int | None
    ) -> Sequence[Delivered]:
        """Commits and passes on. Whoever asked may be ended in between: what is kept would wait for the next start."""
        kept = await self._writer.run(self._keep(platform, deliveries, offset))
        for delivered in kept:
            self._dispatch.offer(delivered)
        return kept

    def _keep(
        self, platform: str, deliveries: Sequence[Delivery], offset: int | None
    ) -> Callable[[Work], list[Delivered]]:
        def job(work: Work) -> list[Delivered]:
            now, kept = self._clock.now(), []
            if self._shared:
                work.inbox.line_up([each.lane for each in deliveries])
            for each in deliveries:
                number = work.inbox.keep(platform, each.id, each.lane, each.body, now)
                if number is not None:
                    kept.append(
                        Delivered(
                            id=number, platform=platform, lane=each.lane, body=each.body, received_at=now
                        )
                    )
            if offset is not None:
                work.inbox.keep_offset(platform, offset)
            return kept

        return job

    async def offset(self, platform: str) -> int:
        """Where a poller goes on."""
        return await self._writer.run(lambda work: work.inbox.offset(platform))
