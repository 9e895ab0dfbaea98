"""The store of files, and how bytes come into it: whole, counted, judged, tried again, swept when nobody names them."""

import asyncio
import errno
import os
from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.clock import SetClock
from bot.fetch import FetchFailed
from bot.files import BEGUN, Files, folder_of
from bot.inbound import Attached, Enclosed, Person, from_plain, plain
from bot.intake import Delivery
from domain.files import FILE_MOST, FILES_MOST, FileId, FileKind
from domain.people import OrgId
from domain.ports import Address
from storage import tables
from tests.support.house import PLATFORM, house, seat
from tests.support.keeping import JPEG, PDF, PNG, keeping

LATER = timedelta(days=2)


def in_loop(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 60))


# ---------------------------------------------------------------------- the store


def test_bytes_are_kept_under_a_name_that_says_nothing(tmp_path: Path) -> None:
    files = Files(tmp_path / "deep" / "files")
    names = {files.keep(PDF) for _ in range(2)}
    assert len(names) == 2 and all(len(each) == 32 for each in names)
    for name in names:
        assert files.open(name) == PDF
        assert (tmp_path / "deep" / "files" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "deep" / "files").stat().st_mode & 0o777 == 0o700
    assert {each.name for each in (tmp_path / "deep" / "files").iterdir()} == names
    gone = names.pop()
    files.remove(gone)
    files.remove(gone)
    with pytest.raises(FileNotFoundError):
        files.open(gone)


@pytest.mark.parametrize(
    "name", ["", ".", "../secret", "/etc/passwd", "A" * 32, "a" * 31, "a" * 32 + "\n", "a" * 32 + BEGUN]
)
def test_no_name_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    files = Files(tmp_path / "files")
    files.keep(PDF)
    with pytest.raises(FileNotFoundError):
        files.open(name)
    with pytest.raises(FileNotFoundError):
        files.remove(name)
    assert (tmp_path / "secret").exists()


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files(tmp_path / "files")

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            files.keep(PDF)
    assert list((tmp_path / "files").iterdir()) == []
    assert files.open(files.keep(PDF)) == PDF


def test_without_a_folder_the_bytes_go_with_the_process() -> None:
    files = Files(None)
    assert list(files.left_before(datetime.now(UTC))) == []
    name = files.keep(PDF)
    assert files.open(name) == PDF
    files.close()
    with pytest.raises(FileNotFoundError):
        files.open(name)


@pytest.mark.parametrize(
    ("url", "chosen", "folder"),
    [
        ("sqlite:///dealpace.db", None, Path("files")),
        ("sqlite:////opt/dealpace/dealpace.db", None, Path("/opt/dealpace/files")),
        ("sqlite:///:memory:", None, None),
        ("postgresql://user:password@host/name", None, Path("files")),
        ("sqlite:///:memory:", Path("/srv/files"), Path("/srv/files")),
    ],
)
def test_files_lie_beside_the_database(url: str, chosen: Path | None, folder: Path | None) -> None:
    assert folder_of(url, chosen) == folder


# ---------------------------------------------------------------------- how bytes come


class Platform:
    """A platform whose files come as a test says: bytes in pieces, or a failure, one for each try."""

    def __init__(self, *tries: Sequence[bytes] | Exception) -> None:
        self.tries = list(tries)
        self.asked: list[str] = []
        self.closed = 0

    async def chunks(self, ref: str) -> AsyncGenerator[bytes, None]:
        self.asked.append(ref)
        found = self.tries.pop(0) if len(self.tries) > 1 else self.tries[0]
        try:
            if isinstance(found, Exception):
                raise found
            for each in found:
                yield each
        finally:
            self.closed += 1


def attached(
    *names: str,
    size: int | None = None,
    caption: str = "",
    who: str = "ann",
    kind: FileKind = FileKind.DOCUMENT,
) -> Attached:
    return Attached(
        person=Person(account=who, name=who),
        at=Address(platform=PLATFORM, chat=who),
        private=True,
        files=tuple(
            Enclosed(kind=kind, name=each, mime="x/y", size=size, ref=f"ref-{each}") for each in names
        ),
        caption=caption,
        said_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    with keeping():
        yield


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.fetch.LONGEST_WAIT", 0.0)


def told(tmp_path: Path, platform: Platform, inbound: Attached) -> str:
    """The first line that answers what came, of a platform that fetches."""
    said: list[str] = []

    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            at.app.fetchers[PLATFORM] = platform
            await at.hears(inbound)
            said.append(at.said(inbound.person.account)[0])

    in_loop(scenario())
    return said[0]


def in_store(tmp_path: Path) -> list[bytes]:
    folder = tmp_path / "files"
    return [each.read_bytes() for each in folder.iterdir()] if folder.exists() else []


def test_what_came_is_kept_and_handed_over(tmp_path: Path) -> None:
    platform = Platform([PDF[:5], PDF[5:]])
    said = told(tmp_path, platform, attached("../../offer.pdf", caption=" what he said "))
    assert said == f"took [F1 offer.pdf application/pdf {len(PDF)}] caption [what he said] from [None]"
    assert in_store(tmp_path) == [PDF]
    assert platform.asked == ["ref-../../offer.pdf"]


def test_several_files_of_one_message_come_together(tmp_path: Path) -> None:
    said = told(tmp_path, Platform([PDF], [PNG]), attached("a.pdf", "b.png"))
    assert said.startswith("took [F1 a.pdf application/pdf 249 F2 b.png image/png 72]")
    assert sorted(in_store(tmp_path)) == sorted([PDF, PNG])


def test_too_many_at_once_are_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    platform = Platform([PDF])
    said = told(tmp_path, platform, attached(*(f"{n}.pdf" for n in range(FILES_MOST + 1))))
    assert said == "More than 10 files at once; none was kept. Send them in smaller lots."
    assert platform.asked == [] and in_store(tmp_path) == []


TOO_LARGE = (
    "big.pdf is over 20 MB and was not kept. A smaller copy works, or a screenshot of the part that counts."
)


def test_what_says_it_is_too_large_is_not_fetched(tmp_path: Path) -> None:
    platform = Platform([PDF])
    assert told(tmp_path, platform, attached("big.pdf", size=FILE_MOST + 1)) == TOO_LARGE
    assert platform.asked == []


def test_what_is_larger_than_it_said_is_dropped_while_it_comes(tmp_path: Path) -> None:
    piece = bytes(4_000_000)
    platform = Platform([piece] * 500)
    assert told(tmp_path, platform, attached("big.pdf", size=10)) == TOO_LARGE
    # Asked once: it is as large the next time. Let go of at once: 2 GB would have come.
    assert len(platform.asked) == platform.closed == 1
    assert in_store(tmp_path) == []


def test_the_largest_that_is_taken_is_taken(tmp_path: Path) -> None:
    content = b"%PDF-" + bytes(FILE_MOST - 5)
    said = told(tmp_path, Platform([content]), attached("big.pdf", size=FILE_MOST))
    assert f"application/pdf {FILE_MOST}]" in said


NOT_FETCHED = "offer.pdf could not be fetched; nothing was saved. Send it again, please."


def test_a_failure_that_passes_is_tried_again(tmp_path: Path) -> None:
    platform = Platform(FetchFailed("HTTP 502"), FetchFailed("HTTP 429", after=9.0), [PDF])
    assert told(tmp_path, platform, attached("offer.pdf")).startswith("took [F1 offer.pdf")
    assert len(platform.asked) == 3


def test_a_failure_that_stays_is_told(tmp_path: Path) -> None:
    platform = Platform(FetchFailed("HTTP 502"))
    assert told(tmp_path, platform, attached("offer.pdf")) == NOT_FETCHED
    assert len(platform.asked) == 3
    assert in_store(tmp_path) == []


@pytest.mark.parametrize("failure", [FetchFailed("HTTP 404", lasting=True), []])
def test_what_is_not_there_is_not_asked_for_again(tmp_path: Path, failure: Any) -> None:
    platform = Platform(failure)
    assert told(tmp_path, platform, attached("offer.pdf")) == NOT_FETCHED
    assert len(platform.asked) == 1


def test_one_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(Platform):
        async def chunks(self, ref: str) -> AsyncGenerator[bytes, None]:
            self.asked.append(ref)
            await asyncio.sleep(3600)
            yield b""

    platform = Hanging([])

    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            at.app.fetchers[PLATFORM] = platform
            object.__setattr__(at.app.dispatch._fetch, "try_seconds", 0.05)
            await at.hears(attached("offer.pdf"))
            assert at.said("ann") == [NOT_FETCHED]

    in_loop(scenario())
    assert len(platform.asked) == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("offer.pdf", b"<!DOCTYPE html><script>1</script>"),
        ("offer.pdf", b"MZ\x90\0"),
        ("logo.svg", b"<svg/>"),
    ],
)
def test_pages_and_programs_are_refused_by_what_they_are(tmp_path: Path, name: str, content: bytes) -> None:
    said = told(tmp_path, Platform([content]), attached(name))
    assert said == f"{name} is a web page or a program; those are not kept. A PDF or a picture of it works."
    assert in_store(tmp_path) == []


def test_a_photo_that_is_no_picture_is_a_document(tmp_path: Path) -> None:
    kinds: list[FileKind] = []

    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            at.app.fetchers[PLATFORM] = Platform([PDF], [JPEG])
            await at.hears(attached("", kind=FileKind.PHOTO))
            await at.hears(attached("", kind=FileKind.PHOTO))
            rows = await at.rows(tables.file.select())
            kinds.extend(row.kind for row in rows)

    in_loop(scenario())
    assert kinds == [FileKind.DOCUMENT, FileKind.PHOTO]


def test_a_full_disk_is_told_and_the_next_one_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            at.app.fetchers[PLATFORM] = Platform([PDF])
            with monkeypatch.context() as patched:
                patched.setattr(os, "fsync", full)
                await at.hears(attached("offer.pdf"))
            [said] = at.said("ann")
            assert said.startswith("offer.pdf cannot be kept right now: there is no room here.")
            assert in_store(tmp_path) == []
            await at.hears(attached("offer.pdf"))
            assert at.said("ann")[0].startswith("took [F1 offer.pdf")

    in_loop(scenario())


def test_nothing_is_fetched_for_a_stranger(tmp_path: Path) -> None:
    platform = Platform([PDF])
    for size in (10, FILE_MOST + 1):
        said = told(tmp_path, platform, attached("offer.pdf", who="zoe", size=size))
        assert said == "Dealpace, the sales coach of a team. Entry is by invitation."
    assert platform.asked == []


def test_nothing_is_fetched_where_nobody_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Platform([PDF])
    monkeypatch.setattr("bot.fetch.takes_files", lambda: False)
    said = told(tmp_path, platform, attached("offer.pdf"))
    assert said == "A file cannot be read yet; nothing was saved. Words work."
    assert platform.asked == []


# ---------------------------------------------------------------------- crashes and leftovers


def test_a_crash_between_fetching_and_answering_is_made_up_for(tmp_path: Path, sqlite_url: str) -> None:
    """The first process ends while the file comes; the second finds the delivery, fetches again and answers once."""
    gate = asyncio.Event()

    class Held(Platform):
        async def chunks(self, ref: str) -> AsyncGenerator[bytes, None]:
            self.asked.append(ref)
            await gate.wait()
            yield b""

    async def scenario() -> None:
        clock = SetClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        async with house([seat("ann")], url=sqlite_url, folder=tmp_path / "files") as at:
            held = Held([])
            at.app.fetchers[PLATFORM] = held
            await at.app.intake.take(
                PLATFORM, [Delivery(id="t1", lane="ann", body=plain(attached("offer.pdf")))]
            )
            while not held.asked:
                await asyncio.sleep(0.01)
            at.app.dispatch.leave()
            await at.app.dispatch.idle()
            rows = await at.rows(tables.inbox.select())
            assert [row.state for row in rows] == ["new"]
        app = build(sqlite_url, clock, {PLATFORM: from_plain}, folder=tmp_path / "files")
        platform = app.fetchers[PLATFORM] = Platform([PDF])
        await app.recover()
        await app.dispatch.idle()
        assert platform.asked == ["ref-offer.pdf"]
        found = await app.writer.run(lambda work: work.store(OrgId(1)).files_of([FileId(1), FileId(2)]))
        assert [each.name for each in found] == ["offer.pdf"]
        assert await app.file_bytes(OrgId(1), FileId(1)) == PDF
        # Whoever is not of the organisation is shown nothing.
        assert await app.file_bytes(OrgId(2), FileId(1)) is None
        await app.recover()
        await app.dispatch.idle()
        assert len(platform.asked) == 1
        app.close()

    in_loop(scenario())


def test_bytes_of_a_turn_that_went_back_are_swept_after_a_day(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            folder = tmp_path / "files"
            at.app.fetchers[PLATFORM] = Platform([PDF])
            await at.hears(attached("offer.pdf"))
            orphan, begun, strange = at.app.files.keep(PNG), folder / ("b" * 32 + BEGUN), folder / "notes.txt"
            begun.write_bytes(b"half")
            strange.write_text("somebody else's")
            await at.app.tidy()
            assert len(list(folder.iterdir())) == 4
            at.clock.at = datetime.now(UTC) + LATER
            await at.app.tidy()
            left = {each.name for each in folder.iterdir()}
            assert orphan not in left and begun.name not in left and strange.name in left
            assert await at.app.file_bytes(OrgId(1), FileId(1)) == PDF
            assert len(left) == 2

    in_loop(scenario())


def test_a_file_whose_bytes_are_gone_is_none(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            at.app.fetchers[PLATFORM] = Platform([PDF])
            await at.hears(attached("offer.pdf"))
            for each in (tmp_path / "files").iterdir():
                each.unlink()
            assert await at.app.file_bytes(OrgId(1), FileId(1)) is None

    in_loop(scenario())
