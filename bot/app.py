"""The composition root: the only place that knows both the handlers and the storage."""

import asyncio
import base64
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from bot.clock import Clock
from bot.courier import Courier
from bot.dispatch import Decode, Dispatch
from bot.fetch import Fetch, Fetcher
from bot.files import Files, folder_of
from bot.gateway import Gateway
from bot.holidays import public_holidays
from bot.intake import Intake
from bot.jobs.alone import Alone
from bot.jobs.port import Act, Roles
from bot.settings import Misconfigured
from bot.writer import Writer, writer_for
from domain.files import FileId
from domain.installation import CopyFailed
from domain.people import MemberId, OrgId
from domain.ports import Database, Work
from domain.week_ports import RollupCheck
from handlers.codes import OWNER_CODE_LIVES, TYPED_BITS, code_hash, readable
from handlers.escalating import APPROVALS, escalate
from handlers.gone import tell_lost
from handlers.letters import digest_of
from handlers.negotiating import pass_deadlines
from handlers.observing import keep_holidays
from handlers.recounting import finish, is_due, recount
from handlers.registry import registry
from handlers.snoozing import SNOOZES, send_again
from handlers.tick import DEALS, EDITS, SLICE, SLICE_MOST, check_deals, plan_new_pushes, refresh, tick
from handlers.turn import Codes
from handlers.words import catalogue
from storage.backup import copies_of as copies_of
from storage.database import SqlDatabase
from storage.health import Checkup as Checkup
from storage.health import Fault as Fault
from storage.health import examine_database as examine_database
from storage.schema import SchemaTooNew

log = structlog.get_logger()
# A turn with the writer stays below 50 ms (architecture 5b): what is due is cut to this.
TURN_SECONDS = 0.025
# Bytes that no row names after so long belong to a turn that was never finished.
ORPHANS_KEPT = timedelta(days=1)
SWEPT_AT_ONCE = 200


@dataclass(slots=True)
class App:
    """Everything that runs, wired once."""

    database: Database
    writer: Writer
    gateway: Gateway
    courier: Courier
    dispatch: Dispatch
    intake: Intake
    clock: Clock
    codes: Codes
    files: Files
    roles: Roles
    links: dict[str, Callable[[str], str | None]] = field(default_factory=dict)
    fetchers: dict[str, Fetcher] = field(default_factory=dict)
    copy_first: Callable[[str], None] = lambda _revision: None

    def prepare(self) -> None:
        """Makes the database ready: a fresh one is made, an older one brought up to date. Raises `Misconfigured`."""
        _make_ready(self.database, self.copy_first)

    async def recover(self) -> None:
        """Takes up what a crash left, answers not given and letters not sent, and plans what this version brings.

        Among replicas letters that were being sent are taken up by whoever takes over the sending.
        """
        sent = 0 if self.roles.shared else await self.courier.recover()
        answered = await self.dispatch.recover()
        if answered or sent:
            log.info("recovered", deliveries=answered, letters=sent)
        now = self.clock.now()
        # A newer release of the library may know days that were not known before.
        await self._observe(await self.writer.run(lambda work: work.holidays.chosen()))
        for org in await self.writer.run(lambda work: work.people.organisations()):
            await self.writer.run(lambda work, one=org.id: plan_new_pushes(work, one, now))  # type: ignore[misc]

    async def tick(self, share: Act | None = None) -> int:
        """Writes the letters that are due now, slice by slice, and edits what no longer shows what is so.

        Where one slice is not all, `share` asks other replicas to take slices too.
        """
        now, total = self.clock.now(), 0
        if await self.writer.run(lambda work: work.outbox.is_quiet(now, now.year + 1)):
            return 0
        await self._observe(await self.writer.run(lambda work: work.holidays.wanted(now.year + 1)))
        # First, so that a digest of this minute knows what stalled at midnight.
        while count := await self.writer.run(lambda work: check_deals(work, now)):
            total += count
            if count < DEALS:
                break
        while count := await self.writer.run(lambda work: escalate(work, now, self.codes)):
            total += count
            if count < APPROVALS:
                break
        while count := await self.writer.run(lambda work: pass_deadlines(work, now, self.codes, APPROVALS)):
            total += count
            if count < APPROVALS:
                break
        while count := await self.writer.run(lambda work: tell_lost(work, now, self.codes)):
            total += count
        while count := await self.writer.run(lambda work: send_again(work, now, self.codes)):
            total += count
            if count < SNOOZES:
                break
        total += await self.push(share)
        return total + await self.refresh()

    async def push(self, share: Act | None = None) -> int:
        """Serves what is due, as much at a time as the writer has a moment for; whoever else does so takes other slices."""
        now, total, most, took = self.clock.now(), 0, SLICE, [0.0]

        def served(work: Work) -> int:
            start = time.perf_counter()
            count = tick(work, now, self.codes, most)
            took[0] = time.perf_counter() - start
            return count

        while count := await self.writer.run(served):
            total += count
            if count < most:
                break
            if share and total == count:
                await share()
            most = min(max(int(most * TURN_SECONDS / max(took[0], TURN_SECONDS / 2)), SLICE), SLICE_MOST)
        return total

    async def ring(self) -> None:
        """Something may be due: tells whoever sends, here or in another replica."""
        if self.roles.shared:
            await self.writer.run(lambda work: work.outbox.ring())
        self.courier.wake()

    async def _observe(self, regions: Sequence[str]) -> None:
        """Loads the public holidays of regions: last year's for what is looked back at, this and the next year's."""
        now = self.clock.now()
        for region in regions:
            days = await asyncio.to_thread(public_holidays, region, now.year - 1, now.year + 1)
            since = date(now.year - 1, 1, 1)
            await self.writer.run(
                lambda work, one=region, found=days, first=since: keep_holidays(  # type: ignore[misc]
                    work, one, found, first, now.year + 1, now
                )
            )

    async def refresh(self) -> int:
        """Edits the cards that changed since they were sent."""
        now, total = self.clock.now(), 0
        while count := await self.writer.run(lambda work: refresh(work, now, self.codes, digest_of)):
            total += count
            if count < EDITS:
                break
        return total

    async def recount(self) -> int:
        """Works out all numbers again, of each organisation at its night; how many were wrong and are right now."""
        now, total = self.clock.now(), 0
        for org in await self.writer.run(lambda work: work.people.organisations()):
            if await self.writer.run(lambda work, one=org.id: is_due(work, one, now)):  # type: ignore[misc]
                total += await self._recount(org.id, now)
        return total

    async def _recount(self, org: OrgId, now: datetime) -> int:
        after: MemberId | None = MemberId(0)
        cells = wrong = 0
        examples: list[str] = []
        while after is not None:
            after, found = await self.writer.run(lambda work, last=after: recount(work, org, last, now))  # type: ignore[misc]
            cells, wrong = cells + found.cells, wrong + found.wrong
            examples += found.examples.split()
        check = RollupCheck(checked_at=now, cells=cells, wrong=wrong, examples=" ".join(examples[:5]))
        await self.writer.run(lambda work: finish(work, org, check))
        if wrong:
            log.error("numbers_were_wrong", org=org, cells=cells, wrong=wrong)
        return wrong

    async def tidy(self) -> int:
        """Deletes what was kept long enough, a little at a time; how many rows."""
        now, total = self.clock.now(), 0
        while count := await self.writer.run(lambda work: work.tidy(now)):
            total += count
        await self._sweep()
        return total

    async def _sweep(self) -> None:
        """Removes bytes that no row names, once no turn can still be about to name them."""
        before, gone = self.clock.now() - ORPHANS_KEPT, 0
        old = await asyncio.to_thread(lambda: list(self.files.left_before(before)))
        for start in range(0, len(old), SWEPT_AT_ONCE):
            names = old[start : start + SWEPT_AT_ONCE]
            named = await self.writer.run(lambda work, some=names: work.named_files(some))  # type: ignore[misc]
            for name in set(names) - named:
                self.files.remove(name)
                gone += 1
        if gone:
            log.info("files_swept", files=gone)

    async def file_bytes(self, org: OrgId, file: FileId) -> bytes | None:
        """The bytes of an organisation's file; None when there is no such file, or its bytes are gone."""
        found = await self.writer.run(lambda work: work.store(org).file(file))
        if found is None:
            return None
        try:
            return await asyncio.to_thread(self.files.open, found.kept_as)
        except OSError as error:
            log.error("file_bytes_gone", error=type(error).__name__)
            return None

    async def settle(self) -> None:
        """Does all that is to be done now, until it is quiet: for clocks that stand still."""
        await self.dispatch.idle()
        while await self.courier.settle() + await self.tick():
            await self.dispatch.idle()

    async def next_at(self) -> datetime | None:
        """The next instant at which something is due."""

        def job(work: Work) -> datetime | None:
            return min(filter(None, (work.outbox.next_push(), work.outbox.next_due())), default=None)

        return await self.writer.run(job)

    async def owner_code(self) -> str:
        """A new one-time code that makes whoever sends it the admin of a new organisation."""
        code = self.codes(TYPED_BITS)
        expires_at = self.clock.now() + OWNER_CODE_LIVES
        await self.writer.run(lambda work: work.people.keep_owner_code(code_hash(code), expires_at))
        return readable(code)

    async def has_organisation(self) -> bool:
        return bool(await self.writer.run(lambda work: work.people.organisations()))

    def close(self) -> None:
        self.writer.close()
        self.database.close()
        self.files.close()


def build(
    database_url: str,
    clock: Clock,
    decoders: Mapping[str, Decode],
    source: random.Random | None = None,
    folder: Path | None = None,
    roles: Roles | None = None,
) -> App:
    """Wires an app; `source` is the randomness of codes, the system's when none is given.

    `folder` is where files lie: beside the database when none is given. Without `roles` there is one process alone.
    """
    roles = roles or Alone()
    catalogue(), registry()
    codes = coder(source or random.SystemRandom())
    database: Database = _opened(database_url)
    writer = writer_for(database)
    links: dict[str, Callable[[str], str | None]] = {}
    files = Files(folder_of(database_url, folder))
    fetchers: dict[str, Fetcher] = {}

    def link(platform: str, code: str) -> str | None:
        make = links.get(platform)
        return make(code) if make else None

    gateway = Gateway(clock, codes, link, files.open)
    courier = Courier(writer, clock, database, codes, roles)
    roles.heard(courier.wake)
    fetch = Fetch(writer=writer, files=files, fetchers=fetchers)
    dispatch = Dispatch(writer, gateway, courier, decoders, database, clock, fetch, shared=roles.shared)
    return App(
        database=database,
        writer=writer,
        gateway=gateway,
        courier=courier,
        dispatch=dispatch,
        intake=Intake(writer, dispatch, clock, shared=roles.shared),
        clock=clock,
        codes=codes,
        files=files,
        roles=roles,
        links=links,
        fetchers=fetchers,
        copy_first=_copies_first(database_url, clock),
    )


def _copies_first(database_url: str, clock: Clock) -> Callable[[str], None]:
    """Makes a backup of an embedded database that is about to be brought up to date."""

    def before(revision: str) -> None:
        # Loaded where there is something to bring up.
        from bot.backup import back_up_before

        made = back_up_before(copies_of(database_url), revision, clock.now())
        log.info("backed_up_before_upgrade", file=made.file.name, revision=revision)

    return before


def _make_ready(database: Database, before: Callable[[str], None]) -> None:
    try:
        database.create(before)
    except (SchemaTooNew, CopyFailed) as error:
        raise Misconfigured(str(error)) from None


def _opened(database_url: str) -> Database:
    try:
        return SqlDatabase(database_url)
    except (ArgumentError, NoSuchModuleError):
        # The URL itself may hold a password: it is not repeated.
        raise Misconfigured(
            "DEALPACE_DATABASE_URL is none that can be read; sqlite:///dealpace.db or postgresql://user:password@host/name"
        ) from None


def coder(source: random.Random) -> Codes:
    """Codes of so many random bits in lower-case base32: no letters that look alike, fit for buttons and links."""

    def codes(bits: int) -> str:
        size = (bits + 7) // 8
        return base64.b32encode(source.randbytes(size)).decode().rstrip("=").lower()

    return codes


def upgrade(database_url: str, clock: Clock) -> None:
    """Brings a database to this version's tables. Raises `Misconfigured`."""
    database = _opened(database_url)
    try:
        _make_ready(database, _copies_first(database_url, clock))
    finally:
        database.close()


def differences(database_url: str) -> tuple[str, ...]:
    """Where a database differs from this version's tables; changes nothing."""
    database = SqlDatabase(database_url)
    try:
        return database.differences()
    finally:
        database.close()
