"""R4: SIGTERM with work in flight and something that hangs: out in time, with code 0, and nothing is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.ledger import Books, count
from tests.faults.people import founded
from tests.faults.process import Bot, Fake, until
from tests.faults.storm import TELEGRAM
from tests.faults.traffic import TelegramTraffic

pytestmark = pytest.mark.faults
MOST_SECONDS = 25.0
HANGS = 3


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake(TELEGRAM) as found:
        yield found


def test_a_platform_that_hangs_does_not_hold_up_the_end(fake: Fake, sqlite_url: str, tmp_path: Path) -> None:
    """The first sends are accepted and their answers come a minute later; then SIGTERM."""
    traffic = TelegramTraffic(fake, people=20, updates=60, seed=4)
    founded(sqlite_url, [story.rep for story in traffic.stories])
    fake.fault("sendMessage", HANGS, delay_seconds=60.0)
    books = Books(sqlite_url)
    with Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        bot.start()
        traffic.feed()
        until(lambda: bot.alive() and fake.sent() > HANGS, "others are answered while some sends hang")
        code, seconds = bot.terminate()
        assert code == 0
        assert seconds <= MOST_SECONDS
        bot.start()
        until(lambda: bot.alive() and not fake.act("pending") and not books.waiting(), "all answered", 120)
        assert bot.terminate()[0] == 0
    figures = count("SIGTERM", [traffic], books, kills=1, seed=4, seconds=seconds)
    print(figures)
    assert figures.verdict() == []
    assert figures.repeated >= HANGS


def test_a_database_that_hangs_does_not_hold_up_the_end(fake: Fake, sqlite_url: str, tmp_path: Path) -> None:
    """Another process keeps the database locked; the turn that waits for it cannot be ended."""
    traffic = TelegramTraffic(fake, people=10, updates=30, seed=5)
    founded(sqlite_url, [story.rep for story in traffic.stories])
    books = Books(sqlite_url)
    with Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        bot.start()
        until(lambda: bot.alive() and bot.events("running"), "running")
        until(lambda: any(call["method"] == "getUpdates" for call in fake.get("/_calls")), "polling")
        with closing(sqlite3.connect(books.path, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            traffic.feed()
            until(lambda: _asked_again(fake), "the updates were handed out")
            code, seconds = bot.terminate()
            other.execute("ROLLBACK")
        assert code == 0
        assert seconds <= MOST_SECONDS
        assert fake.act("pending") == traffic.updates
        bot.start()
        until(lambda: bot.alive() and not fake.act("pending") and not books.waiting(), "all answered", 120)
        assert bot.terminate()[0] == 0
    figures = count("SIGTERM", [traffic], books, kills=1, seed=5, seconds=seconds)
    print(figures)
    assert figures.verdict() == []


@pytest.mark.long
def test_a_database_that_is_locked_for_long_is_waited_for(
    fake: Fake, sqlite_url: str, tmp_path: Path
) -> None:
    """R8: another process holds the lock for longer than SQLite waits; nobody has to start anything anew."""
    traffic = TelegramTraffic(fake, people=10, updates=60, seed=6)
    founded(sqlite_url, [story.rep for story in traffic.stories])
    books = Books(sqlite_url)
    with Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        bot.start()
        until(lambda: bot.alive() and bot.events("running"), "running")
        with closing(sqlite3.connect(books.path, isolation_level=None, timeout=30)) as other:
            traffic.feed()
            until(lambda: bot.alive() and fake.sent() > 0, "the first answers")
            other.execute("BEGIN IMMEDIATE")
            until(lambda: bot.alive() and bot.events("outbox_out"), "the outbox is out", 120)
            other.execute("ROLLBACK")
        until(lambda: bot.alive() and not fake.act("pending") and not books.waiting(), "all answered", 120)
        assert bot.terminate()[0] == 0
    figures = count("locked", [traffic], books, kills=0, seed=6, seconds=0)
    print(figures)
    assert figures.verdict() == []


def _asked_again(fake: Fake) -> bool:
    return any(call["method"] == "getUpdates" and call["outcome"] == "ok" for call in fake.get("/_calls"))
