"""What whoever supervises the bot asks over HTTP: whether it lives, whether it is ready, and its figures."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.app import App
from bot.metrics import Readings, exposition
from bot.watch import Watch

T = TypeVar("T")
# However often somebody asks, the database is asked no more often than this, and waited for no longer than that.
FIGURES_SECONDS, REVISION_SECONDS, PATIENCE_SECONDS = 10.0, 2.0, 3.0


class Kept(Generic[T]):
    """An answer that is kept for some seconds; while a question is open nobody asks another one."""

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._asking: asyncio.Task[T] | None = None
        self._asked_at = 0.0

    async def get(self) -> T | None:
        """The answer, or None where there is none in time."""
        asking, now = self._asking, time.monotonic()
        if asking is None or (asking.done() and now - self._asked_at >= self._seconds):
            asking, self._asked_at = asyncio.create_task(self._asked()), now
            self._asking = asking
        await asyncio.wait([asking], timeout=PATIENCE_SECONDS)
        # What went wrong is said by those who need the answer for their work.
        return asking.result() if asking.done() and asking.exception() is None else None

    async def _asked(self) -> T:
        return await self._ask()


class Vitals:
    """The three addresses; no name of a person or customer and no secret is in what they say."""

    def __init__(self, app: App, watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self._figures = Kept(
            lambda: app.writer.run(lambda work: work.upkeep.figures(app.clock.now())), FIGURES_SECONDS
        )
        self._schema = Kept(self._at_head, REVISION_SECONDS)

    def routes(self) -> Sequence[Route]:
        return (
            Route("/healthz", self.health, methods=["GET"]),
            Route("/readyz", self.readiness, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        )

    async def health(self, _request: Request) -> Response:
        """Whether each platform lately proved that we receive; that the loop turns shows in that somebody answers."""
        ages = {platform: round(age, 1) for platform, age in self._watch.ages.items()}
        return _judged(self._watch.is_receiving, {"seconds_since_proof": ages})

    async def readiness(self, _request: Request) -> Response:
        """Whether it may be given work: the database is here and at our tables, all doors are open, no end is near."""
        at_head = await self._schema.get()
        said = {
            "database": at_head is not None,
            "schema": bool(at_head),
            "doors": {each.platform: each.proven for each in self._watch.pulses},
            "stopping": self._watch.stopping,
        }
        ready = at_head and all(each.proven for each in self._watch.pulses) and not self._watch.stopping
        return _judged(bool(ready), said)

    async def metrics(self, _request: Request) -> Response:
        """All figures, in the format of Prometheus."""
        said, kind = exposition(await self.readings())
        return Response(said, headers={"content-type": kind})

    async def readings(self) -> Readings:
        """All figures as they are now; the database's are a few seconds old at most."""
        watch = self._watch
        pulses = {each.platform: each for each in watch.pulses}
        throttled = Counter({platform: each.throttled for platform, each in pulses.items()})
        throttled.update(self._app.courier.throttled)
        return Readings(
            now=self._app.clock.now(),
            ages=watch.ages,
            skews={platform: each.skew for platform, each in pulses.items() if each.skew is not None},
            healed={platform: watch.healed[platform] for platform in pulses},
            throttled=throttled,
            jumps=watch.jumps,
            turns=self._app.dispatch.handled,
            tick_late=watch.tick_late,
            figures=await self._figures.get(),
        )

    async def _at_head(self) -> bool:
        return await self._app.writer.run(lambda work: work.upkeep.is_at_head())


def _judged(is_well: bool, said: dict[str, object]) -> Response:
    return JSONResponse({"ok": is_well, **said}, status_code=200 if is_well else 503)
