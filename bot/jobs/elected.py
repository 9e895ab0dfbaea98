"""Roles among replicas: PostgreSQL's session locks say whose they are, its notifications who has written letters."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psycopg
import structlog
from psycopg import AsyncConnection
from sqlalchemy import make_url

from bot.jobs.port import Act

log = structlog.get_logger()
# What `storage/outbox.py` rings, and what a role that is given back says there.
LISTEN, LEFT = "LISTEN dealpace", "left "
# Advisory locks and channels are one database's; two installations may share it, each in a schema of its own.
TAKE = (
    "SELECT role, pg_try_advisory_lock(hashtextextended(current_schema() || '/' || role, 0))"
    " FROM unnest(%s::text[]) AS role"
)
GIVE_BACK = (
    "SELECT pg_advisory_unlock(hashtextextended(current_schema() || '/' || role, 0)),"
    " pg_notify('dealpace', 'left ' || role) FROM unnest(%s::text[]) AS role"
)
# A server that is away is asked again at least so often, in seconds.
LONGEST_WAIT = 2.0
# A server that does not answer for so long is given up; the roles are not used long before that.
ANSWER_SECONDS = 10.0
# A replica that was cut off, not closed, must not keep its locks: neither side waits hours for the other.
CONNECTION = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
SESSION = (
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    " -c idle_in_transaction_session_timeout=60000"
)


def lasting(database_url: str) -> str:
    """The address of the database for connections whose end is noticed in seconds, on both sides."""
    url = make_url(database_url)
    options = " ".join((*url.normalized_query.get("options", ()), SESSION))
    url = url.set(drivername="postgresql").update_query_dict({**CONNECTION, "options": options})
    place, _, query = url.render_as_string(hide_password=False).partition("?")
    # A space as libpq reads it; a plus that is meant is written in digits there already.
    return f"{place}?{query.replace('+', '%20')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds between proofs that the locks are still ours; how long one lasts; and how long a new owner waits.

    Whoever lost a lock without knowing it acts no longer than `proof` after the last proof, and whoever takes it
    begins no sooner than `grace` after: as `grace` is longer, the two never act at the same time.
    """

    look: float = 0.25
    proof: float = 1.5
    grace: float = 2.0


@dataclass(slots=True)
class Held:
    """A lock that is ours: the number of the term, and from when on it may be used."""

    term: int
    since: float


class Elected:
    """The roles of one replica, all on one connection: when it is lost, so are they."""

    shared = True

    def __init__(self, conninfo: str, pace: Pace | None = None) -> None:
        self._conninfo = conninfo
        self._pace = pace or Pace()
        self._wanted: set[str] = set()
        self._held: dict[str, Held] = {}
        self._left: set[str] = set()
        self._terms = 0
        self._proven = 0.0
        self._connection: AsyncConnection | None = None
        self._look = asyncio.Event()
        self._wake: Callable[[], None] = lambda: None
        self._owned: frozenset[str] = frozenset()
        self._ended = False

    def want(self, role: str) -> None:
        self._wanted.add(role)
        self._look.set()

    def owns(self, role: str) -> bool:
        now, held = time.monotonic(), self._held.get(role)
        return held is not None and held.since <= now < self._proven + self._pace.proof

    def term(self, role: str) -> int | None:
        held = self._held.get(role)
        return held.term if held and held.since <= time.monotonic() else None

    def stands_by(self, role: str) -> bool:
        fresh = time.monotonic() < self._proven + self._pace.proof
        return fresh and role in self._wanted and not self.owns(role)

    async def alone(self, role: str, act: Act) -> None:
        self.want(role)
        try:
            while True:
                await self._until(lambda: self.owns(role))
                log.info("role_taken", role=role)
                if await self._while_owned(role, act):
                    return
                log.warning("role_lost", role=role)
        finally:
            self._wanted.discard(role)
            await self._give_back([role])

    async def _while_owned(self, role: str, act: Act) -> bool:
        """Whether `act` came to its own end; otherwise the role was lost and `act` is over too."""
        acting = asyncio.ensure_future(act())
        lost = asyncio.create_task(self._until(lambda: not self.owns(role)))
        try:
            await asyncio.wait({acting, lost}, return_when=asyncio.FIRST_COMPLETED)
            if acting.done():
                acting.result()
                return True
        finally:
            for each in (acting, lost):
                each.cancel()
            await asyncio.gather(acting, lost, return_exceptions=True)
        return False

    async def _until(self, seen: Callable[[], bool]) -> None:
        """A proof also ends by time alone, so it is looked at and not waited for."""
        while not seen():
            await asyncio.sleep(self._pace.look / 4)

    def heard(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    async def run(self) -> None:
        """Holds and listens until all is given back; a lost connection is made anew for as long as it takes."""
        listening = asyncio.create_task(self._again(self._listen))
        try:
            await self._again(self._hold)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def leave(self) -> None:
        self._wanted.clear()
        await self._give_back(list(self._held))
        self._ended = True
        self._look.set()

    async def _again(self, part: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        failures = 0
        while not self._ended:
            connection: AsyncConnection | None = None
            try:
                connection = await AsyncConnection.connect(self._conninfo, autocommit=True)
                failures = 0
                await part(connection)
            except (psycopg.Error, TimeoutError, OSError) as error:
                # Once for each outage, however long it takes.
                if not failures:
                    log.warning("roles_connection_lost", error=type(error).__name__)
                failures += 1
            finally:
                if connection:
                    await connection.close()
            await asyncio.sleep(min(self._pace.look * 2 ** min(failures, 10), LONGEST_WAIT))

    async def _hold(self, connection: AsyncConnection) -> None:
        self._connection = connection
        try:
            while not self._ended:
                asked_at = time.monotonic()
                missing = sorted(self._wanted - self._held.keys())
                async with asyncio.timeout(ANSWER_SECONDS):
                    rows = await (await connection.execute(TAKE, (missing,))).fetchall()
                # What was proven was so when it was asked, not when the answer came.
                self._proven = asked_at
                for role, taken in rows:
                    if taken:
                        self._take(role)
                    # Somebody else was quicker; how they will leave is not known yet.
                    self._left.discard(role)
                # Asked for while it was still wanted.
                await self._give_back([role for role in self._held if role not in self._wanted])
                self._tell()
                self._look.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.look):
                        await self._look.wait()
        finally:
            self._connection = None
            self._held.clear()
            self._tell()

    def _take(self, role: str) -> None:
        """One that was given back may be used at once; one whose owner was cut off only when they must know it."""
        self._terms += 1
        wait = 0.0 if role in self._left else self._pace.grace
        self._held[role] = Held(self._terms, time.monotonic() + wait)

    def _tell(self) -> None:
        """A role that came or went is a reason to look."""
        owned = frozenset(role for role in self._held if self.term(role) is not None)
        if owned != self._owned:
            self._owned = owned
            self._wake()

    async def _give_back(self, roles: list[str]) -> None:
        given = [role for role in roles if self._held.pop(role, None)]
        self._tell()
        if not given or not self._connection:
            return
        try:
            async with asyncio.timeout(self._pace.grace):
                await self._connection.execute(GIVE_BACK, (given,))
        except (psycopg.Error, TimeoutError, OSError) as error:
            # The lock ends with the connection.
            log.warning("role_not_given_back", error=type(error).__name__)

    async def _listen(self, connection: AsyncConnection) -> None:
        await connection.execute(LISTEN)
        # Whatever was written while nobody listened.
        self._wake()
        async for notice in connection.notifies():
            if notice.payload.startswith(LEFT):
                self._left |= self._wanted & {notice.payload.removeprefix(LEFT)}
                self._look.set()
            else:
                self._wake()
