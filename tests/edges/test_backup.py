"""Backups on real files: whole or refused, without a key, and an installation made of one says nothing twice."""

import asyncio
import io
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from bot.app import App, build, copies_of
from bot.archive import FILES, MANIFEST, Manifest, packing, unpacking
from bot.backup import BEGUN, back_up, restore
from bot.clock import WallClock
from bot.files import Files
from bot.inbound import Person, Said, from_plain, plain
from bot.layout import plain as plain_lines
from bot.pause import Paused, resume, standing_of
from bot.run import run
from bot.settings import Misconfigured, Settings
from bot.transcript import Recorder
from domain.deals import ApprovalId, Decision
from domain.files import FileKind, KeptFile
from domain.installation import CopyFailed, Why
from domain.milestones import PROJECT, Known, revised
from domain.people import Language, MemberId, OrgId, Role
from domain.ports import Address, Urgency
from handlers.view import encode
from storage import backup, schema, tables
from storage.database import SqlDatabase, open_engine
from tests.faults.process import until
from tests.rules.sources import ROOT
from tests.support.house import MONDAY, PLATFORM, FreeClock, House, house, seat
from tests.support.opened import NINE, Opened, letter, opened
from tests.support.postgres import cluster
from tests.support.required import require

CANARY = "987654321:AAHcanarycanarycanarycanary"
SMALL = 100_000


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "backup.tar"


@pytest.fixture(autouse=True)
def folder(archive: Path) -> None:
    archive.parent.mkdir()


@contextmanager
def another(url: str, tmp_path: Path) -> Iterator[str]:
    """A place of the same kind where there is no database yet."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'new place' / 'dealpace.db'}"
        return
    with cluster().lent() as empty:
        yield empty


def with_programs(url: str) -> None:
    if not url.startswith("sqlite") and not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        require("postgres", "pg_dump and pg_restore are not here")


def kept(books: Opened, files: Files, contents: list[bytes]) -> list[str]:
    """Files of a new organisation; their names in the store."""
    org, _, member = books.found()
    names = [files.keep(each) for each in contents]
    with books.turn(org, member) as store:
        for name, content in zip(names, contents, strict=True):
            store.add_file(
                member,
                KeptFile(
                    kind=FileKind.DOCUMENT,
                    name="offer.pdf",
                    mime="application/pdf",
                    size=len(content),
                    sha256=sha256(content).hexdigest(),
                    kept_as=name,
                    platform="telegram",
                    ref="r",
                ),
                "",
                NINE,
            )
    return names


# ---------------------------------------------------------------------- what is in it


def test_database_and_files_come_back_as_they_were(database_url: str, archive: Path, tmp_path: Path) -> None:
    with_programs(database_url)
    files = Files(tmp_path / "files")
    with opened(database_url) as books:
        names = kept(books, files, [b"one", b"two", b"three"])
        made = back_up(copies_of(database_url), files, archive, NINE)
        with books.work() as work:
            assert work.installation.standing().backed_up_at == NINE
            assert work.installation.standing().paused is None
    assert made.file == archive and made.manifest.missing == 0
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [each.name for each in archive.parent.iterdir()] == [archive.name]
    elsewhere = Files(tmp_path / "elsewhere")
    with another(database_url, tmp_path) as url:
        done = restore(copies_of(url), elsewhere, archive, NINE + timedelta(days=1))
        assert done.missing == 0 and done.contents.organisations == 1
        assert {name: elsewhere.open(name) for name in names} == dict(
            zip(names, (b"one", b"two", b"three"), strict=True)
        )
        with opened(url) as books, books.work() as work:
            [found] = work.people.organisations()
            assert found.name == "Nordwind"
            standing = work.installation.standing()
            assert (standing.paused, standing.restored_from) == (Why.RESTORED, NINE)
        assert schema.check(open_engine(url)).is_ready
    if url.startswith("sqlite"):
        beside = (tmp_path / "new place").iterdir()
        assert {stat.S_IMODE(each.stat().st_mode) for each in beside} == {0o600}
    assert {stat.S_IMODE((tmp_path / "elsewhere" / name).stat().st_mode) for name in names} == {0o600}


def test_a_copy_that_is_put_in_place_by_hand_is_paused_too(
    database_url: str, archive: Path, tmp_path: Path
) -> None:
    with_programs(database_url)
    back_up(copies_of(database_url), Files(None), archive, NINE)
    with unpacking(archive) as found, another(database_url, tmp_path) as url:
        copy = found.database(tmp_path)
        if found.manifest.kind == "sqlite":
            url = f"sqlite:///{copy}"
        else:
            plain_url, original = (each.replace("+psycopg", "") for each in (url, database_url))
            # What docs/backup.md says of a dump without our setting: the owner sees no row, and it says so.
            bare = subprocess.run(["pg_dump", f"--dbname={original}"], capture_output=True, check=False)
            assert bare.returncode != 0 and b"row-level security" in bare.stderr
            subprocess.run(["pg_restore", "--no-owner", f"--dbname={plain_url}", str(copy)], check=True)
        with opened(url) as books, books.work() as work:
            assert work.installation.standing().paused is Why.RESTORED


def test_files_that_are_gone_or_damaged_are_counted(sqlite_url: str, archive: Path, tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    with opened(sqlite_url) as books:
        whole, gone, damaged = kept(books, files, [b"whole", b"gone", b"damaged"])
    files.remove(gone)
    (tmp_path / "files" / damaged).write_bytes(b"dAmaged")
    made = back_up(copies_of(sqlite_url), files, archive, NINE)
    assert (made.manifest.files, made.manifest.missing) == (3, 2)
    with tarfile.open(archive) as tar:
        assert [name for name in tar.getnames() if name.startswith(FILES)] == [FILES + whole]
    done = restore(copies_of(f"sqlite:///{tmp_path / 'b.db'}"), Files(tmp_path / "b"), archive, NINE)
    assert done.missing == 2


def test_no_key_is_in_it_and_nothing_that_no_row_names(
    sqlite_url: str, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(tmp_path / "files")
    with opened(sqlite_url) as books:
        kept(books, files, [b"one"])
    files.keep(CANARY.encode())
    for name in (".env", "dealpace.key", "files/secret.key"):
        (tmp_path / name).write_text(f"DEALPACE_TELEGRAM_TOKEN={CANARY}\n")
    monkeypatch.setenv("DEALPACE_TELEGRAM_TOKEN", CANARY)
    back_up(copies_of(sqlite_url), files, archive, NINE)
    assert CANARY.encode() not in archive.read_bytes()
    assert b"one" in archive.read_bytes()


def test_a_backup_is_never_written_over_and_goes_into_a_folder(sqlite_url: str, archive: Path) -> None:
    files = Files(None)
    made = back_up(copies_of(sqlite_url), files, archive.parent, NINE)
    assert made.file == archive.parent / "dealpace-20260302-090000.tar"
    before = made.file.read_bytes()
    with pytest.raises(CopyFailed, match="is there already"):
        back_up(copies_of(sqlite_url), files, archive.parent, NINE)
    assert made.file.read_bytes() == before
    beside = back_up(copies_of(sqlite_url), files, None, NINE)
    assert beside.file.parent == Path(sqlite_url.removeprefix("sqlite:///")).parent


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, archive: Path) -> None:
    with pytest.raises(CopyFailed, match="there is no database at"):
        back_up(copies_of(f"sqlite:///{tmp_path / 'none.db'}"), Files(None), archive, NINE)
    assert not (tmp_path / "none.db").exists() and not archive.exists()
    with pytest.raises(CopyFailed, match="in memory"):
        copies_of("sqlite:///:memory:")


def test_what_a_writer_writes_meanwhile_is_in_it_up_to_one_instant(
    sqlite_url: str, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two counters that are equal after every commit, and rows enough for many steps of a page each."""
    monkeypatch.setattr(backup, "PAGES", 1)
    stop, failed, written = threading.Event(), [], [0]

    def write() -> None:
        database = SqlDatabase(sqlite_url)
        transactions = database.connect()
        try:
            for number in range(1, 20_000):
                if stop.is_set():
                    break
                work = transactions.begin()
                work.inbox.keep_offset("one", number)
                work.inbox.keep("telegram", str(number), "lane", "x" * 500, NINE)
                work.inbox.keep_offset("other", number)
                transactions.commit()
                written[0] = number
        except Exception as error:
            failed.append(error)
        finally:
            transactions.close()
            database.close()

    thread = threading.Thread(target=write)
    thread.start()
    seen = []
    try:
        until(lambda: written[0] or failed, "the first commit")
        for number in range(20):
            before = written[0]
            made = back_up(copies_of(sqlite_url), Files(None), archive.with_name(f"{number}.tar"), NINE)
            seen.append((made.file, before, written[0]))
            if len(seen) >= 3 and any(after - before >= 2 for _, before, after in seen):
                break
    finally:
        stop.set()
        thread.join(60)
    assert failed == []
    assert any(after - before >= 2 for _, before, after in seen), "the writer was held up"
    for file, before, after in seen:
        with unpacking(file) as found, closing(sqlite3.connect(found.database(tmp_path))) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            offsets = dict(copy.execute("SELECT platform, next FROM poll_offset"))
            assert offsets["one"] == offsets["other"]
            # One commit may have been made and not yet counted.
            assert before <= offsets["one"] <= after + 1
            assert copy.execute("SELECT count(*) FROM inbox").fetchone() == (offsets["one"],)


# ---------------------------------------------------------------------- what is refused


@pytest.fixture
def whole(sqlite_url: str, archive: Path, tmp_path: Path) -> Path:
    files = Files(tmp_path / "files")
    with opened(sqlite_url) as books:
        kept(books, files, [b"a file of " + bytes(range(256)) * 4])
    return back_up(copies_of(sqlite_url), files, archive, NINE).file


def refused(file: Path, tmp_path: Path) -> str:
    """Why it was not restored; nothing came of it."""
    target = tmp_path / "target"
    with pytest.raises(CopyFailed) as failure:
        restore(copies_of(f"sqlite:///{target / 'dealpace.db'}"), Files(target / "files"), file, NINE)
    assert not target.exists() or list(target.iterdir()) == []
    return str(failure.value)


def test_a_backup_with_one_wrong_byte_is_refused(whole: Path, tmp_path: Path) -> None:
    good = whole.read_bytes()
    places: list[int] = []
    with tarfile.open(whole) as tar:
        for each in tar:
            ends = (each.offset_data, each.offset_data + each.size // 2, each.offset_data + each.size - 1)
            # In the header: its name, its mode, its size, its kind.
            places += [*ends, each.offset, each.offset + 104, each.offset + 130, each.offset + 156]
    assert len(places) == 4 * 7
    for place in places:
        bad = bytearray(good)
        bad[place] ^= 1
        whole.write_bytes(bad)
        assert "damaged" in refused(whole, tmp_path), place
    for length in (0, 100, 512, len(good) // 2, len(good) - 10_240):
        whole.write_bytes(good[:length])
        assert "damaged" in refused(whole, tmp_path), length
    whole.write_bytes(b"no tar at all " * 1000)
    assert "damaged" in refused(whole, tmp_path)
    whole.write_bytes(good)
    restore(copies_of(f"sqlite:///{tmp_path / 'target' / 'x.db'}"), Files(tmp_path / "t"), whole, NINE)


def made_up(file: Path, whole: Path, change: Callable[[tarfile.TarInfo], tarfile.TarInfo]) -> Path:
    """An archive whose sums are right and whose file is something else."""
    with tarfile.open(whole) as old, file.open("wb") as out, packing(out, NINE) as into:
        manifest = Manifest.model_validate_json(old.extractfile(MANIFEST).read())  # type: ignore[union-attr]
        for name in manifest.members:
            content = old.extractfile(name).read()  # type: ignore[union-attr]
            if not name.startswith(FILES):
                into.add(name, io.BytesIO(content), len(content))
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info = change(info)
            into._tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
            into.members[info.name] = sha256(content).hexdigest()
        into.seal(manifest.model_copy(update={"members": into.members}))
    return file


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "files/../../evil", "files/evil", "evil"])
def test_nothing_in_a_backup_leads_out_of_it(whole: Path, tmp_path: Path, name: str) -> None:
    def renamed(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.name = name
        return info

    assert "no part of a backup" in refused(made_up(tmp_path / "evil.tar", whole, renamed), tmp_path)
    assert not (tmp_path / "evil").exists() and not Path("/tmp/evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_no_part_of_a_backup(whole: Path, tmp_path: Path, kind: bytes) -> None:
    def another_kind(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.type, info.size, info.linkname = kind, 0, "/etc/passwd"
        return info

    assert "no part of a backup" in refused(made_up(tmp_path / "evil.tar", whole, another_kind), tmp_path)


def test_a_backup_of_a_newer_release_is_refused(sqlite_url: str, archive: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    back_up(copies_of(sqlite_url), Files(None), archive, NINE)
    said = refused(archive, tmp_path)
    assert "9999" in said and "newer release" in said


def test_a_database_that_is_there_is_left_alone(whole: Path, sqlite_url: str, tmp_path: Path) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    before = file.read_bytes()
    with pytest.raises(CopyFailed, match="is there and not empty"):
        restore(copies_of(sqlite_url), Files(tmp_path / "files"), whole, NINE)
    assert file.read_bytes() == before
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE somebody_elses (id INTEGER)")
    letters = tmp_path / "letters.txt"
    letters.write_text("no database at all" * 100)
    for each in (foreign, letters):
        before = each.read_bytes()
        with pytest.raises(CopyFailed, match="is there and not empty"):
            restore(copies_of(f"sqlite:///{each}"), Files(tmp_path / "b"), whole, NINE)
        assert each.read_bytes() == before


def test_tables_without_an_organisation_give_way(whole: Path, tmp_path: Path) -> None:
    """`dealpace doctor` or `run` may have made them before anybody thought of restoring."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    app = build(url, WallClock(), {})
    app.prepare()
    app.close()
    restore(copies_of(url), Files(tmp_path / "b"), whole, NINE)
    with opened(url) as books, books.work() as work:
        assert len(work.people.organisations()) == 1


def test_a_postgres_database_that_is_there_is_left_alone(postgres_url: str, archive: Path) -> None:
    with_programs(postgres_url)
    back_up(copies_of(postgres_url), Files(None), archive, NINE)
    with pytest.raises(CopyFailed, match="not empty"):
        restore(copies_of(postgres_url), Files(None), archive, NINE)


def test_without_its_programs_postgres_is_not_half_backed_up(
    postgres_url: str, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(archive.parent))
    with pytest.raises(CopyFailed, match="pg_dump is not on this machine: install"):
        back_up(copies_of(postgres_url), Files(None), archive, NINE)
    assert list(archive.parent.iterdir()) == []


# ---------------------------------------------------------------------- a full disk


def limited(folder: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the operator under a limit of the system: no file grows beyond a tenth of the database."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))

    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            # Python would leave cut files of its own among the installed packages.
            "PYTHONDONTWRITEBYTECODE": "1",
            "DEALPACE_DATABASE_URL": url,
        },
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_backup_that_finds_no_room_leaves_nothing(sqlite_url: str, archive: Path) -> None:
    ended = limited(archive.parent, sqlite_url, "backup", str(archive))
    assert ended.returncode == 1
    assert "could not be" in ended.stderr and "Traceback" not in ended.stderr
    assert list(archive.parent.iterdir()) == []


def at_last_revision(url: str, revision: str = "0005") -> None:
    engine = open_engine(url)
    schema.downgrade(engine, revision)
    engine.dispose()


def revision_of(url: str) -> str:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_without_room_for_a_backup_nothing_is_migrated(sqlite_url: str, tmp_path: Path) -> None:
    at_last_revision(sqlite_url)
    ended = limited(tmp_path, sqlite_url, "db", "upgrade")
    assert ended.returncode == 1
    assert "was not brought up to date, because no backup could be made" in ended.stderr
    assert revision_of(sqlite_url) == "0005"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(("dealpace-", BEGUN))] == []


def test_before_a_migration_a_backup_is_made_and_three_are_kept(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as books:
        books.found()
    clock = FreeClock(NINE)
    for _ in range(5):
        at_last_revision(sqlite_url)
        app = build(sqlite_url, clock, {})
        app.prepare()
        # Nothing is to be brought up any more.
        app.prepare()
        app.close()
        clock.at += timedelta(days=1)
    made = sorted(tmp_path.glob("*.tar"))
    assert [each.name for each in made] == [
        f"dealpace-before-upgrade-of-0005-2026030{day}-090000.tar" for day in (4, 5, 6)
    ]
    url = f"sqlite:///{tmp_path / 'back' / 'dealpace.db'}"
    done = restore(copies_of(url), Files(tmp_path / "b"), made[0], NINE)
    assert (done.manifest.revision, done.manifest.with_files) == ("0005", False)
    # Brought up to date on the way, because only these tables can say that it is paused.
    assert revision_of(url) == schema.HEAD
    with opened(url) as books, books.work() as work:
        assert work.installation.standing().paused is Why.RESTORED
        assert len(work.people.organisations()) == 1


def test_a_fresh_database_is_made_without_a_backup(tmp_path: Path) -> None:
    app = build(f"sqlite:///{tmp_path / 'fresh.db'}", WallClock(), {})
    app.prepare()
    app.close()
    assert list(tmp_path.glob("*.tar")) == []


def test_a_database_of_a_newer_release_is_told_of_by_run_and_upgrade(sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("run",), ("db", "upgrade")):
        ended = limited(Path(sqlite_url.removeprefix("sqlite:///")).parent, sqlite_url, *words)
        assert ended.returncode == 1 and "Traceback" not in ended.stderr
        assert "start the newer release, or restore a backup made before it" in ended.stderr


# ---------------------------------------------------------------------- nothing is said twice


@dataclass(slots=True)
class Copy:
    """An installation restored from a backup, on a clock of its own, with a channel that notes what is sent."""

    app: App
    clock: FreeClock
    recorder: Recorder

    async def goes_on_until(self, moment: datetime) -> None:
        """Runs as a bot does, a quarter of an hour at a time."""
        while self.clock.at < moment:
            self.clock.at = min(self.clock.at + timedelta(minutes=15), moment)
            await self.app.settle()


@contextmanager
def copy_at(url: str, now: datetime, folder: Path) -> Iterator[Copy]:
    clock, recorder = FreeClock(now), Recorder()
    app = build(url, clock, {PLATFORM: from_plain}, folder=folder)
    app.prepare()
    app.courier.join(PLATFORM, recorder)
    try:
        yield Copy(app, clock, recorder)
    finally:
        app.close()


async def said_by(app: App) -> set[str]:
    """What was sent as a message of its own: by the key that is one's only."""
    p = tables.letter.c
    statement = select(p.key).where(p.state == "sent", p.delivery.not_in(("edit", "menu")))
    return await app.writer.run(
        lambda work: set(work.connection.execute(statement).scalars())  # type: ignore[attr-defined]
    )


async def customers(app: App) -> list[str]:
    """The names of all customers."""
    statement = select(tables.customer.c.name)
    return await app.writer.run(
        lambda work: list(work.outbox.connection.execute(statement).scalars())  # type: ignore[attr-defined]
    )


async def delivered(at: House, words: str) -> None:
    """Taken in and not yet answered: the process ends before."""
    said = Said(
        person=Person(account="ann", name="ann"),
        at=Address(platform=PLATFORM, chat="ann"),
        private=True,
        text=words,
        said_at=at.clock.now(),
    )
    body = plain(said)
    await at.app.writer.run(lambda work: work.inbox.keep(PLATFORM, "late", "ann", body, at.clock.now()))


def test_what_the_original_sent_after_the_backup_a_copy_never_sends(
    database_url: str, archive: Path, tmp_path: Path
) -> None:
    with_programs(database_url)

    async def scenario() -> None:
        async with house([seat("ann"), seat("bob")], url=database_url, folder=tmp_path / "files") as at:
            await at.says("ann", "/visit Acme; met: Li Wei; result: ok; next: call tomorrow")
            waiting = letter(
                "1:told:bob",
                to=Address(platform=PLATFORM, chat="bob"),
                urgency=Urgency.PUSH,
                due_at=at.clock.at,
                card=encode(at.card("ann")),
            )
            await at.app.writer.run(lambda work: work.outbox.write(waiting))
            await delivered(at, "/visit Beta; met: Kim Tran; result: ok; next: call tomorrow")
            back_up(copies_of(database_url), at.app.files, archive, at.clock.at)
            before = await said_by(at.app)
            # The original goes on for two days and a half: the letter, the answer, morning cards, nudges.
            await at.app.dispatch.recover()
            await at.app.settle()
            while at.clock.at < MONDAY + timedelta(days=2, hours=12):
                at.clock.at += timedelta(minutes=15)
                await at.app.settle()
            after = await said_by(at.app)
            stopped_at = at.clock.at
        sent_since = after - before
        assert waiting.key in sent_since and len(sent_since) > 6
        with another(database_url, tmp_path) as url:
            restore(copies_of(url), Files(tmp_path / "b"), archive, stopped_at)
            with pytest.raises(Paused, match="dealpace admin resume"):
                await run(Settings(database_url=url, telegram_token="1:a", _env_file=None))
            with copy_at(url, stopped_at + timedelta(minutes=1), tmp_path / "b") as copy:
                assert (await standing_of(copy.app)).paused is Why.RESTORED
                withheld = await copy.app.writer.run(
                    lambda work: work.installation.withheld(copy.clock.now())
                )
                assert (withheld.letters, withheld.deliveries) == (1, 1) and withheld.pushes >= 2
                assert await resume(copy.app) >= 2
                assert (await standing_of(copy.app)).paused is None
                assert copy.recorder.sent == []
            # The process of the bot is another than the operator's.
            with copy_at(url, stopped_at + timedelta(minutes=2), tmp_path / "b") as copy:
                await copy.app.recover()
                await copy.app.settle()
                # What lives on may be shown as it is; nothing is posted.
                assert [each for each in copy.recorder.sent if not each.edits] == []
                await copy.goes_on_until(stopped_at + timedelta(days=2))
                told = await said_by(copy.app) - before
                assert told & sent_since == set()
                # It does speak: of the days that came after.
                assert len(told) > 4
                assert sorted(await customers(copy.app)) == ["Acme", "Beta"]
                assert await resume(copy.app) == 0

    asyncio.run(asyncio.wait_for(scenario(), 300))


def test_a_request_that_the_original_passed_on_is_passed_on_without_a_word(
    sqlite_url: str, archive: Path, tmp_path: Path
) -> None:
    """The deputy was told by the original; the copy knows it as asked, and tells whoever comes after."""
    boss = replace(seat("boss"), roles=frozenset({Role.MANAGER}))
    dora = replace(seat("dora"), deputy=True)

    async def scenario() -> None:
        async with house([seat("ann"), boss, dora], url=sqlite_url, folder=tmp_path / "files") as at:
            stage = PROJECT.stage(1)
            known = tuple(each for each in stage.tasks if each.known is Known.AMOUNT_AND_CLOSE)
            short = revised(PROJECT, replace(stage, tasks=known), 1)
            at.clock.at += timedelta(hours=7)
            await at.app.writer.run(
                lambda work: work.store(OrgId(1)).keep_template(short, MemberId(1), at.clock.at)
            )
            await at.says("ann", "/deal new Acme; amount: 60k; close: 30 Apr")
            await at.says("ann", "/visit Acme; met: Li Wei; result: budget confirmed; deal: D1")
            assert "boss" in await at.says("ann", "/advance D1")
            back_up(copies_of(sqlite_url), at.app.files, archive, at.clock.at)
            before = len(at.recorder.chats.get("dora", ()))
            while not any("on to deep contact" in " ".join(at.said("dora")) for _ in at.sent()):
                assert at.clock.at < MONDAY + timedelta(days=4)
                at.clock.at += timedelta(hours=1)
                await at.app.settle()
            assert len(at.recorder.chats["dora"]) > before
            stopped_at = at.clock.at + timedelta(minutes=1)
        url = f"sqlite:///{tmp_path / 'b.db'}"
        restore(copies_of(url), Files(tmp_path / "b"), archive, stopped_at)
        with copy_at(url, stopped_at, tmp_path / "b") as copy:
            withheld = await copy.app.writer.run(lambda work: work.installation.withheld(stopped_at))
            assert withheld.deadlines == 1
            assert await resume(copy.app) >= 1
            approval = await copy.app.writer.run(lambda work: work.store(OrgId(1)).approval(ApprovalId(1)))
            assert approval and len(approval.asked) == 2 and approval.decision is Decision.OPEN
        with copy_at(url, stopped_at + timedelta(minutes=1), tmp_path / "b") as copy:
            await copy.app.recover()
            await copy.goes_on_until(stopped_at + timedelta(hours=3))
            shown = [each.card for chat in ("boss", "dora") for each in copy.recorder.chats.get(chat, ())]
            assert not any("on to deep contact" in " ".join(plain_lines(each, Language.EN)) for each in shown)

    asyncio.run(asyncio.wait_for(scenario(), 200))


def test_a_letter_for_later_than_the_resumption_is_kept(
    sqlite_url: str, archive: Path, tmp_path: Path
) -> None:
    """The original is stopped by then: nobody else would send it."""

    async def scenario() -> None:
        later = letter("1:later", urgency=Urgency.PUSH, due_at=NINE + timedelta(days=3))
        edit = letter("1:edit", urgency=Urgency.EDIT, due_at=NINE)
        with opened(sqlite_url) as books:
            books.found()
            with books.work() as work:
                for each in (later, edit, letter("1:now")):
                    work.outbox.write(each)
            with books.work() as work:
                work.connection.execute(  # type: ignore[attr-defined]
                    update(tables.letter).where(tables.letter.c.key == "1:edit").values(delivery="edit")
                )
        back_up(copies_of(sqlite_url), Files(None), archive, NINE)
        url = f"sqlite:///{tmp_path / 'b.db'}"
        restore(copies_of(url), Files(tmp_path / "b"), archive, NINE)
        # A clock that is behind does not make the copy speak.
        with copy_at(url, NINE - timedelta(hours=1), tmp_path / "b") as copy:
            assert await resume(copy.app) == 1
        with opened(url) as books, books.work() as work:
            states = work.connection.execute(text("SELECT key, state FROM letter"))  # type: ignore[attr-defined]
            assert dict(map(tuple, states)) == {"1:later": "due", "1:edit": "due", "1:now": "withheld"}

    asyncio.run(scenario())


def test_a_plain_pause_withholds_nothing_and_a_copy_stays_one(database_url: str) -> None:
    async def scenario() -> None:
        with copy_at(database_url, NINE, Path("unused")) as at:
            unsent = letter("1:unsent", urgency=Urgency.PUSH, to=Address(platform=PLATFORM, chat="ann"))
            await at.app.writer.run(lambda work: work.outbox.write(unsent))
            await at.app.writer.run(lambda work: work.installation.pause(NINE))
            standing = await standing_of(at.app)
            assert (standing.paused, standing.paused_at) == (Why.OPERATOR, NINE)
            with pytest.raises(Misconfigured, match="paused by an operator since 2026-03-02 09:00 UTC"):
                await run(Settings(database_url=database_url, telegram_token="1:a", _env_file=None))
            assert await resume(at.app) == 0
            assert (await standing_of(at.app)).paused is None
            found = await at.app.writer.run(lambda work: work.outbox.claim(NINE, 9))
            assert [each.key for each in found] == ["1:unsent"]
            # A database without the row is a dump that nobody resumed; an operator's word does not change that.
            await at.app.writer.run(
                lambda work: work.connection.execute(tables.installation.delete())  # type: ignore[attr-defined]
            )
            await at.app.writer.run(lambda work: work.installation.pause(NINE))
            assert (await standing_of(at.app)).paused is Why.RESTORED
            await resume(at.app)
            assert (await standing_of(at.app)).paused is None

    asyncio.run(scenario())


def test_a_backup_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refused(tmp_path / "none.tar", tmp_path)
