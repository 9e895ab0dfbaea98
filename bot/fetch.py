"""Brings the bytes of what people sent into the store of files, before the turn they belong to begins."""

import asyncio
import contextlib
import hashlib
import itertools
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bot.files import Files
from bot.inbound import Attached, Enclosed
from bot.writer import Writer
from domain.files import (
    FILE_MOST,
    FILES_MOST,
    MEGABYTE,
    REFUSED,
    FileKind,
    KeptFile,
    plain_name,
    sniffed,
)
from domain.ports import Work
from domain.refusals import NotAllowed, NotNow, Refusal
from handlers.registry import takes_files

log = structlog.get_logger()
# One try may take so long, all of it; between tries it waits, unless the platform says for how long.
TRY_SECONDS = 60.0
WAITS = (1.0, 4.0)
LONGEST_WAIT = 15.0
# Each is in memory until it is kept.
AT_ONCE = 4
# The end of a name in a card: a phone's line.
SHOWN_MOST = 40
MIME_MOST = 128


class FetchFailed(Exception):
    """The bytes did not come. A `lasting` failure is the same next time; `after` is the pause the platform asks for."""

    def __init__(self, reason: str, *, lasting: bool = False, after: float | None = None) -> None:
        super().__init__(reason)
        self.lasting = lasting
        self.after = after


class TooMuch(FetchFailed):
    """It is larger than what is kept, whatever was said of it before."""

    def __init__(self) -> None:
        super().__init__("too large", lasting=True)


class Fetcher(Protocol):
    """How the files of a platform are read."""

    def chunks(self, ref: str) -> AsyncGenerator[bytes, None]:
        """The bytes as they come; whoever reads them counts. Raises `FetchFailed`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """The files of one delivery at a time and lane; a platform without a fetcher has kept its bytes already."""

    writer: Writer
    files: Files
    fetchers: Mapping[str, Fetcher]
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    waits: Sequence[float] = WAITS
    try_seconds: float = TRY_SECONDS

    async def kept(self, inbound: Attached) -> tuple[KeptFile, ...]:
        """The files with their bytes in the store; none where nobody takes them. Raises `Refusal`.

        Nothing is fetched for somebody who is not known: it would fill the disk for whoever finds the bot.
        """
        known = await self.writer.run(lambda work: _is_known(work, inbound))
        if not known:
            return ()
        if len(inbound.files) > FILES_MOST:
            raise Refusal("file.too_many", most=FILES_MOST)
        for each in inbound.files:
            if (each.size or 0) > FILE_MOST:
                raise too_large(each)
        if not takes_files():
            return ()
        return tuple([await self._one(inbound, each) for each in inbound.files])

    async def _one(self, inbound: Attached, enclosed: Enclosed) -> KeptFile:
        platform = inbound.at.platform
        name = _name(enclosed)
        async with self.gate:
            content, kept_as = await self._bytes(platform, enclosed)
            mime = sniffed(content, name)
            if mime in REFUSED:
                if kept_as:
                    await asyncio.to_thread(self.files.remove, kept_as)
                raise NotAllowed("file.not_taken", what=_shown(enclosed))
            kept_as = kept_as or await self._keep(content, enclosed)
        return KeptFile(
            kind=enclosed.kind if mime.startswith("image/") else FileKind.DOCUMENT,
            name=name,
            mime=mime[:MIME_MOST],
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            kept_as=kept_as,
            platform=platform,
            ref=enclosed.ref.encode("utf-8", "replace").decode(),
        )

    async def _bytes(self, platform: str, enclosed: Enclosed) -> tuple[bytes, str]:
        """The bytes, and their name in the store where a door of ours has put them there."""
        fetcher = self.fetchers.get(platform)
        if fetcher is None:
            try:
                return await asyncio.to_thread(self.files.open, enclosed.ref), enclosed.ref
            except OSError as error:
                log.warning("file_not_there", platform=platform, error=type(error).__name__)
                raise NotNow("file.not_fetched", what=_shown(enclosed)) from None
        return await self._fetched(platform, fetcher, enclosed), ""

    async def _fetched(self, platform: str, fetcher: Fetcher, enclosed: Enclosed) -> bytes:
        for wait in itertools.chain(self.waits, (None,)):
            try:
                async with asyncio.timeout(self.try_seconds):
                    return await _counted(fetcher.chunks(enclosed.ref))
            except TooMuch:
                raise too_large(enclosed) from None
            except FetchFailed as error:
                failure = error
            except TimeoutError:
                failure = FetchFailed("no end in time")
            log.warning("file_not_fetched", platform=platform, reason=str(failure), again=wait is not None)
            if wait is None or failure.lasting:
                break
            await asyncio.sleep(min(failure.after or wait, LONGEST_WAIT))
        raise NotNow("file.not_fetched", what=_shown(enclosed))

    async def _keep(self, content: bytes, enclosed: Enclosed) -> str:
        try:
            return await asyncio.to_thread(self.files.keep, content)
        except OSError as error:
            log.error("file_not_kept", error=type(error).__name__, errno=error.errno)
            raise NotNow("file.no_room", what=_shown(enclosed)) from None


async def _counted(chunks: AsyncGenerator[bytes, None]) -> bytes:
    content = bytearray()
    # Whoever stops reading lets go of the connection at once.
    async with contextlib.aclosing(chunks):
        async for chunk in chunks:
            content += chunk
            if len(content) > FILE_MOST:
                raise TooMuch
    if not content:
        raise FetchFailed("nothing in it", lasting=True)
    return bytes(content)


def too_large(enclosed: Enclosed) -> Refusal:
    """What was sent, the limit, and a way out."""
    return NotAllowed("file.too_large", what=_shown(enclosed), most=FILE_MOST // MEGABYTE)


def _is_known(work: Work, inbound: Attached) -> bool:
    return work.people.who(inbound.at, inbound.person.account) is not None


def _name(enclosed: Enclosed) -> str:
    """The name it came with; a photo has none."""
    return plain_name(enclosed.name) or ("photo.jpg" if enclosed.kind is FileKind.PHOTO else "file")


def _shown(enclosed: Enclosed) -> str:
    name = _name(enclosed)
    return name if len(name) <= SHOWN_MOST else name[: SHOWN_MOST - 13] + "\u2026" + name[-12:]
