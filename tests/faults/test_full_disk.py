"""A full disk inside a savepoint (architecture 5b): nothing is half applied, and all goes on once there is room.

`PRAGMA max_page_count` makes SQLite say what it says on a full disk. A statement that SQLite can take back by itself
fails alone; any other ends the whole transaction, savepoints and all that other jobs of the group did.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import App, build
from bot.clock import WallClock
from bot.inbound import Inbound, Person, Said, from_plain, plain
from bot.intake import Delivery
from bot.transcript import Recorder
from bot.writer import GroupWriter
from domain.people import Language
from domain.ports import Address, Draft, EventId, Urgency, Work
from storage.database import SqlDatabase, SqlTransactions
from tests.support.opened import NINE, letter

pytestmark = pytest.mark.faults
BIG = "x" * 60_000
ROOM = 1_000_000
Statement = Callable[[Work, str, str], None]


class Disk:
    """The room there is, as one connection of SQLite sees it."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def fill(self, room: int = 2) -> None:
        """Leaves a page or two: a small row still fits, a big one does not."""
        (pages,) = self._raw.execute("PRAGMA page_count").fetchone()
        self._raw.execute(f"PRAGMA max_page_count={pages + room}")

    def shrink_cache(self) -> None:
        """Leaves a cache of a few pages: what does not fit is written in the middle of the transaction."""
        self._raw.execute("PRAGMA cache_size=4")

    def empty(self) -> None:
        self._raw.execute(f"PRAGMA max_page_count={ROOM}")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[SqlDatabase]:
    found = SqlDatabase(sqlite_url)
    yield found
    found.close()


@pytest.fixture
def writer(database: SqlDatabase) -> Iterator[GroupWriter]:
    found = GroupWriter(database)
    yield found
    found.close()


def disk_of(writer: GroupWriter) -> Disk:
    """The limit is the connection's, so it is the writer's own that is asked."""
    transactions = writer._transactions
    assert isinstance(transactions, SqlTransactions)
    return Disk(transactions.work.driver.raw)


def keep(work: Work, delivery: str, body: str = "{}") -> EventId | None:
    return work.inbox.keep("telegram", delivery, "lane", body, WallClock().now())


def kept(work: Work) -> list[str]:
    return [each.body[:4] for each in work.inbox.waiting(EventId(0), 999)]


def inbox_row(work: Work, name: str, words: str) -> None:
    """SQLite takes back the statement alone."""
    keep(work, name, words)


def doorstep_row(work: Work, name: str, words: str) -> None:
    """SQLite gives up the whole transaction."""
    draft = Draft(line=words, part="name")
    work.people.keep_doorstep(Address(platform="telegram", chat=name), Language.EN, draft)


def test_the_two_kinds_of_statements_do_what_they_are_here_for(database: SqlDatabase) -> None:
    for statement, stands in ((inbox_row, True), (doorstep_row, False)):
        transactions = database.connect()
        disk = Disk(transactions.work.driver.raw)
        work = transactions.begin()
        disk.fill()
        transactions.mark()
        with pytest.raises(Exception, match="disk is full"):
            statement(work, "1", BIG)
        assert transactions.standing() is stands
        transactions.rollback()
        transactions.close()


@pytest.mark.parametrize("statement", [inbox_row, doorstep_row])
@pytest.mark.parametrize("spilt", [False, True], ids=["in the cache", "spilt"])
def test_what_does_not_fit_fails_alone_and_the_rest_is_kept(
    writer: GroupWriter, database: SqlDatabase, statement: Statement, spilt: bool
) -> None:
    disk = disk_of(writer)
    if spilt:
        disk.shrink_cache()

    def job(work: Work, number: int) -> int:
        """Something small before and after what may not fit, and a letter put aside for the commit."""
        work.inbox.keep_offset(f"before {number}", 1)
        work.outbox.write(letter(f"{number}"))
        statement(work, f"{number}", BIG if number % 3 == 1 else "small")
        work.inbox.keep_offset(f"after {number}", 1)
        return number

    async def play() -> None:
        disk.fill()
        jobs = [writer.run(lambda work, n=n: job(work, n)) for n in range(12)]  # type: ignore[misc]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        for number, result in enumerate(results):
            if number % 3 == 1:
                assert isinstance(result, Exception)
                assert database.is_outage(result)
            else:
                assert result == number
        for number in range(12):
            expected = int(number % 3 != 1)
            for part in ("before", "after"):
                row = f"{part} {number}"
                assert await writer.run(lambda work, r=row: work.inbox.offset(r)) == expected  # type: ignore[misc]
        assert await writer.run(lambda work: work.outbox.recover(NINE)) == 8
        disk.empty()
        for number in (1, 4, 7, 10):
            assert await writer.run(lambda work, n=number: job(work, n)) == number  # type: ignore[misc]
        assert await writer.run(lambda work: work.outbox.recover(NINE)) == 4

    asyncio.run(play())
    assert integrity(database) == "ok"


def test_a_job_that_fails_half_way_leaves_no_half(writer: GroupWriter) -> None:
    disk = disk_of(writer)

    def job(work: Work, name: str, size: int) -> None:
        work.inbox.keep_offset(name, 1)
        keep(work, name, "y" * size)
        work.inbox.keep_offset(name, 2)

    async def play() -> None:
        disk.fill()
        sizes = {"a": 10, "b": 60_000, "c": 10, "d": 60_000}
        results = await asyncio.gather(
            *(writer.run(lambda work, n=name, s=size: job(work, n, s)) for name, size in sizes.items()),  # type: ignore[misc]
            return_exceptions=True,
        )
        assert [isinstance(result, Exception) for result in results] == [False, True, False, True]
        offsets = [await writer.run(lambda work, n=name: work.inbox.offset(n)) for name in sizes]  # type: ignore[misc]
        assert offsets == [2, 0, 2, 0]

    asyncio.run(play())


def test_a_disk_that_is_full_at_the_commit_tells_everybody(
    writer: GroupWriter, database: SqlDatabase
) -> None:
    """Rows put aside are written when the group commits: then nobody of it may be told that it is kept."""
    disk = disk_of(writer)

    async def play() -> None:
        disk.fill()
        results = await asyncio.gather(
            *(
                writer.run(lambda work, n=n: work.outbox.write(letter(str(n), card=BIG)))  # type: ignore[misc]
                for n in range(3)
            ),
            return_exceptions=True,
        )
        assert all(isinstance(result, Exception) and database.is_outage(result) for result in results)
        disk.empty()
        await writer.run(lambda work: work.outbox.write(letter("4")))
        assert await writer.run(lambda work: work.outbox.recover(WallClock().now())) == 1

    asyncio.run(play())


def test_a_person_is_answered_once_there_is_room_again(sqlite_url: str) -> None:
    """The dispatcher waits the outage out: the delivery was stored before, so nobody has to say it again."""
    tries: list[str] = []

    def decode(body: str) -> Inbound | None:
        """Asked at every try; somebody makes room before the third."""
        tries.append(body)
        if len(tries) == 3:
            disk.empty()
        return from_plain(body)

    app = build(sqlite_url, WallClock(), {"telegram": decode})
    recorder = Recorder()
    app.courier.join("telegram", recorder)
    assert isinstance(app.writer, GroupWriter)
    disk = disk_of(app.writer)
    at = Address(platform="telegram", chat="41")
    said = Said(
        person=Person(account="41", name="Maja", language=Language.EN),
        at=at,
        private=True,
        text="/start",
        said_at=app.clock.now(),
    )

    async def play() -> None:
        disk.fill(room=0)
        await fill_letters(app)
        # There is still room among the deliveries, none among the letters.
        assert await app.intake.take("telegram", [Delivery(id="1", lane="41", body=plain(said))]) == 1
        await app.dispatch.idle()
        await app.courier.settle()
        assert [shown.to for shown in recorder.sent] == [at]
        assert await app.writer.run(kept) == []

    asyncio.run(play())
    assert len(tries) == 3
    app.close()


async def fill_letters(app: App) -> None:
    """Writes letters, each due in a hundred years, until not even a small one fits."""
    for number in range(200):
        unsent = letter(
            f"filler {number}", card="z" * 200, urgency=Urgency.PUSH, due_at=NINE.replace(year=2126)
        )
        try:
            await app.writer.run(lambda work, each=unsent: work.outbox.write(each))  # type: ignore[misc]
        except Exception as error:
            assert app.database.is_outage(error)
            return
    raise AssertionError("the disk is not full")


def integrity(database: SqlDatabase) -> object:
    with database.engine.connect() as connection:
        return connection.execute(text("PRAGMA integrity_check")).scalar()


def test_the_file_stays_whole(writer: GroupWriter, database: SqlDatabase, sqlite_url: str) -> None:
    disk = disk_of(writer)
    disk.shrink_cache()

    async def play() -> None:
        for _ in range(5):
            disk.fill()
            jobs = [
                writer.run(lambda work, n=n: keep(work, f"{n}", BIG))  # type: ignore[misc]
                for n in range(9)
            ]
            results = await asyncio.gather(*jobs, return_exceptions=True)
            assert any(isinstance(result, Exception) for result in results)
            disk.empty()
            await writer.run(lambda work: keep(work, "fits", BIG))

    asyncio.run(play())
    assert integrity(database) == "ok"
    assert Path(sqlite_url.removeprefix("sqlite:///")).stat().st_size > len(BIG)
