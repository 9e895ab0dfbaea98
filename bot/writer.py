"""Runs jobs on the database: one thread that commits groups on SQLite, a few connections side by side elsewhere."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from domain.ports import Database, Job, Transactions, Work

T = TypeVar("T")
GROUP_MOST = 64
# After a group of so many the next waits a moment for as many.
CROWD, LINGER_SECONDS = 4, 0.002
CONNECTIONS = 8
TRIES = 6
CLOSE_SECONDS = 3.0


class Writer(Protocol):
    """Where a unit of work is run; the awaited result exists only after the commit."""

    async def run(self, job: Job[T]) -> T: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class Waiting:
    """A job and who waits for it."""

    job: Callable[[Work], Any]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None


def writer_for(database: Database) -> Writer:
    """The writer that fits the database."""
    return GroupWriter(database) if database.single_writer else PoolWriter(database)


class Threads:
    """Threads that serve one queue of jobs; what one of them hangs in does not hold up the end of the process."""

    def __init__(self, serve: Callable[[], None], count: int) -> None:
        self.queue: SimpleQueue[Waiting | None] = SimpleQueue()
        # As daemons: a pool's threads would be waited for at the exit, however long (a locked or silent database).
        self._threads = [
            threading.Thread(target=serve, name=f"writer-{number}", daemon=True) for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    async def run(self, job: Job[T]) -> T:
        loop = asyncio.get_running_loop()
        waiting = Waiting(job, loop, loop.create_future())
        self.queue.put(waiting)
        result: T = await waiting.future
        return result

    def close(self) -> None:
        """Lets them do what came before, for a bounded time."""
        until = time.monotonic() + CLOSE_SECONDS
        for _ in self._threads:
            self.queue.put(None)
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0.0))


class GroupWriter:
    """The one writer on SQLite: a savepoint per job of several, one commit per group (architecture 5b)."""

    def __init__(self, database: Database) -> None:
        self._threads = Threads(self._serve, 1)
        self._queue = self._threads.queue
        self._transactions = database.connect()
        self.commits = 0
        self._lately = 0
        self._threads.start()

    async def run(self, job: Job[T]) -> T:
        return await self._threads.run(job)

    def close(self) -> None:
        self._threads.close()

    def _serve(self) -> None:
        while group := self._next():
            self._lately = len(group)
            self._commit(self._transactions, group)
            _tell(group)
        self._transactions.close()

    def _next(self) -> list[Waiting]:
        """The first job to come and all that wait behind it; nothing once the writer is closed."""
        first = self._queue.get()
        group: list[Waiting] = []
        until = time.monotonic() + LINGER_SECONDS if self._lately >= CROWD else None
        while first is not None:
            group.append(first)
            if len(group) == GROUP_MOST:
                break
            try:
                # Those just answered speak again at once: many in one commit are worth the moment.
                short = len(group) < self._lately
                left = until - time.monotonic() if until and short else 0.0
                first = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except Empty:
                return group
        else:
            # Closed: what came before is still kept, then the thread ends at the next empty group.
            if group:
                self._queue.put(None)
        return group

    def _commit(self, transactions: Transactions, group: Sequence[Waiting]) -> None:
        """Runs the group in one transaction; when that is lost, each job in its own."""
        try:
            work = transactions.begin()
        except Exception as error:
            # Locked by somebody else: to wait as long again for each job alone would only stand in the way.
            for waiting in group:
                waiting.error = error
            return
        try:
            if len(group) == 1:
                # Alone it needs no savepoint: an error takes back the whole transaction.
                group[0].result = group[0].job(work)
            else:
                for waiting in group:
                    _attempt(transactions, work, waiting)
                    if waiting.error and not transactions.standing():
                        raise waiting.error
            transactions.commit()
            self.commits += 1
        except Exception as error:
            transactions.rollback()
            if len(group) == 1:
                group[0].error = group[0].error or error
                return
            for waiting in group:
                waiting.result = waiting.error = None
                self._commit(transactions, [waiting])


def _attempt(transactions: Transactions, work: Work, waiting: Waiting) -> None:
    """One job in its savepoint; an error takes back this job alone."""
    transactions.mark()
    try:
        waiting.result = waiting.job(work)
    except Exception as error:
        waiting.error = error
        if transactions.standing():
            transactions.back()
    else:
        transactions.keep()


def _tell(group: Sequence[Waiting]) -> None:
    """Wakes those who wait, once per loop and only after the commit."""
    loops = {id(waiting.loop): waiting.loop for waiting in group}
    for key, loop in loops.items():
        mine = [waiting for waiting in group if id(waiting.loop) == key]
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, mine)


def _settle(group: Sequence[Waiting]) -> None:
    for waiting in group:
        if waiting.future.done():
            continue
        if waiting.error is not None:
            waiting.future.set_exception(waiting.error)
        else:
            waiting.future.set_result(waiting.result)


class PoolWriter:
    """Several connections side by side: one transaction per job, run again when it merely met another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._local = threading.local()
        self._threads = Threads(self._serve, CONNECTIONS)
        self._threads.start()

    async def run(self, job: Job[T]) -> T:
        return await self._threads.run(job)

    def close(self) -> None:
        self._threads.close()

    def _serve(self) -> None:
        while waiting := self._threads.queue.get():
            try:
                waiting.result = self._run(waiting.job)
            except Exception as error:
                waiting.error = error
            _tell([waiting])
            # An idle thread holds on to nothing of its last job.
            del waiting
        if transactions := self._held():
            transactions.close()

    def _run(self, job: Job[T]) -> T:
        for _ in range(TRIES - 1):
            try:
                return self._once(job)
            except Exception as error:
                if not self._database.is_conflict(error):
                    raise
        return self._once(job)

    def _once(self, job: Job[T]) -> T:
        transactions, work = self._begun()
        try:
            result = job(work)
            transactions.commit()
            return result
        except Exception as error:
            try:
                transactions.rollback()
            finally:
                if self._database.is_outage(error):
                    self._drop(transactions)
            raise

    def _begun(self) -> tuple[Transactions, Work]:
        """This thread's connection with a transaction open; one that died while it was idle is replaced unseen."""
        transactions = self._mine()
        try:
            return transactions, transactions.begin()
        except Exception as error:
            self._drop(transactions)
            if not self._database.is_outage(error):
                raise
        transactions = self._mine()
        return transactions, transactions.begin()

    def _mine(self) -> Transactions:
        found = self._held()
        if found is None:
            found = self._local.transactions = self._database.connect()
        return found

    def _held(self) -> Transactions | None:
        """The connection of this thread, if it has one."""
        held: Transactions | None = getattr(self._local, "transactions", None)
        return held

    def _drop(self, transactions: Transactions) -> None:
        """A connection that failed is not used again."""
        self._local.transactions = None
        transactions.close()
