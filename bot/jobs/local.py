"""Scheduled work and roles in one process: APScheduler, and every role is ours."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.jobs.port import Act

log = structlog.get_logger()
# A loop that was blocked runs the job late rather than never (platforms 0.8).
GRACE_SECONDS = 3600


class LocalJobs:
    """One scheduler without a job store: the work itself is found in the database."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def every(self, seconds: float, name: str, act: Act) -> None:
        """Runs `act` now and then every `seconds`; never twice at once, and a failure never ends it."""

        async def run() -> None:
            try:
                await act()
            except asyncio.CancelledError:
                # The process ends; what the job was about is found again at the next start.
                return
            except Exception as error:
                log.error("job_failed", job=name, exc_info=error)

        self._scheduler.add_job(
            run,
            "interval",
            seconds=seconds,
            id=name,
            misfire_grace_time=GRACE_SECONDS,
            coalesce=True,
            max_instances=1,
            next_run_time=datetime.now(UTC),
        )

    def shared(self, name: str, act: Act) -> None:
        """There is nobody to share with."""

    async def defer(self, name: str) -> None:
        """There is nobody to ask."""

    def start(self) -> None:
        self._scheduler.start()

    async def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


class Alone:
    """Every role belongs to the one process there is."""

    shared = False

    def want(self, role: str) -> None:
        """It has it already."""

    def owns(self, role: str) -> bool:
        return True

    def term(self, role: str) -> int | None:
        return 0

    def stands_by(self, role: str) -> bool:
        return False

    async def alone(self, role: str, act: Act) -> None:
        await act()

    def heard(self, wake: Callable[[], None]) -> None:
        """Nobody else writes letters."""

    async def run(self) -> None:
        """There is nothing to hold."""
        await asyncio.get_running_loop().create_future()

    async def leave(self) -> None:
        """Nobody waits for them."""
