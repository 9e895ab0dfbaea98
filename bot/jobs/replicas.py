"""Scheduled work among replicas, on procrastinate: the database decides who does it, and whose was left is done anew."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import Status

from bot.courier import OUTAGE_WAITS
from bot.jobs.port import Act, Roles

log = structlog.get_logger()
# The pool names the server at each try; that the jobs are out is said here.
CHATTY = (("procrastinate", logging.WARNING), ("psycopg.pool", logging.CRITICAL))
# Another application's jobs in the same tables are not ours to take.
QUEUE = "dealpace"
# What comes more often is no job: a loop in whichever replica has the role (procrastinate's clock counts seconds,
# and each of its jobs is a handful of statements).
FINEST_SECONDS = 5.0
MINUTE, HOUR = 60, 3600
# A replica that says nothing for so long is dead, and what it was doing is done anew.
BEAT_SECONDS, DEAD_SECONDS = 2.0, 10.0
STALLED_CRON = "* * * * * */5"
AT_ONCE = 4
# A replica alone can take its own requests for help; more than these few are of no use to it.
HELPERS = 4
# Until when a job may go on after SIGTERM.
FINISH_SECONDS = 10.0
POLL_SECONDS = 5.0


class ReplicaJobs:
    """One worker of the queue in each replica; jobs are named here, and nothing else is ever in one."""

    def __init__(self, conninfo: str, roles: Roles) -> None:
        for name, level in CHATTY:
            logging.getLogger(name).setLevel(level)
        self._roles = roles
        self._loops: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._queue = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=AT_ONCE))
        self._queue.periodic(cron=STALLED_CRON)(
            # Without a lock: if its own owner dies, the next one does not wait for it.
            self._queue.task(name="stalled", queue=QUEUE, queueing_lock="stalled")(self._take_up)
        )

    def every(self, seconds: float, name: str, act: Act) -> None:
        if seconds < FINEST_SECONDS:
            self._loops.append(lambda: self._roles.alone(f"job:{name}", lambda: _loop(seconds, name, act)))
            return

        async def run(timestamp: int) -> None:
            await _guarded(name, act)

        # One waits at most, one runs at most: a tick that takes long does not leave a heap of others behind it.
        task = self._queue.task(name=name, queue=QUEUE, queueing_lock=name, lock=name)(run)
        self._queue.periodic(cron=cron_of(seconds))(task)

    def shared(self, name: str, act: Act) -> None:
        async def run(part: int) -> None:
            await _guarded(name, act)

        self._queue.task(name=name, queue=QUEUE)(run)

    async def defer(self, name: str) -> None:
        for part in range(HELPERS):
            with contextlib.suppress(exceptions.AlreadyEnqueued):
                asked = self._queue.configure_task(name, queue=QUEUE, queueing_lock=f"{name}:{part}")
                await asked.defer_async(part=part)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(each()) for each in (self._work, *self._loops)]

    async def stop(self) -> None:
        """Takes no more jobs; the one in work is ended in time or left to another replica."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self) -> None:
        """The worker ends with the database; it begins anew for as long as it takes."""
        for wait in itertools.chain(OUTAGE_WAITS, itertools.repeat(OUTAGE_WAITS[-1])):
            try:
                async with self._queue.open_async():
                    await self._queue.run_worker_async(
                        queues=[QUEUE],
                        concurrency=AT_ONCE,
                        install_signal_handlers=False,
                        delete_jobs="always",
                        fetch_job_polling_interval=POLL_SECONDS,
                        update_heartbeat_interval=BEAT_SECONDS,
                        stalled_worker_timeout=DEAD_SECONDS,
                        shutdown_graceful_timeout=FINISH_SECONDS,
                    )
            except Exception as error:
                log.warning("jobs_out", error=type(error).__name__)
            await asyncio.sleep(wait)

    async def _take_up(self, timestamp: int) -> None:
        """The jobs of a replica that died: done anew, unless the same one waits already."""
        manager = self._queue.job_manager
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=DEAD_SECONDS):
            log.warning("job_taken_up", job=job.task_name)
            try:
                await manager.retry_job(job)
            except exceptions.UniqueViolation:
                await manager.finish_job(job, status=Status.FAILED, delete_job=True)


async def _guarded(name: str, act: Act) -> None:
    try:
        await act()
    except Exception as error:
        log.error("job_failed", job=name, exc_info=error)


async def _loop(seconds: float, name: str, act: Act) -> None:
    while True:
        await _guarded(name, act)
        await asyncio.sleep(seconds)


def cron_of(seconds: float) -> str:
    """The cron line of a period that divides a minute, an hour or a day; the sixth field counts seconds."""
    whole = int(seconds)
    if whole < MINUTE and MINUTE % whole == 0:
        return f"* * * * * */{whole}"
    if whole % MINUTE == 0 and whole < HOUR and HOUR % whole == 0:
        return f"*/{whole // MINUTE} * * * *"
    if whole % HOUR == 0 and 24 % (whole // HOUR) == 0:
        return f"0 */{whole // HOUR} * * *"
    raise ValueError(f"no cron line for every {seconds:g} s")
