"""Scheduled work in one process, on APScheduler."""

import asyncio
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
