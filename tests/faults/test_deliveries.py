"""R13 and R10: updates that repeat, jump, fall back or cannot be read, as one bot over one connection sees them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.ledger import Books, count
from tests.faults.people import Rep, founded
from tests.faults.process import Bot, Fake, until
from tests.faults.storm import TELEGRAM
from tests.faults.traffic import Story, TelegramTraffic

pytestmark = pytest.mark.faults
SOON = 1_900_000_000
# Each breaks another required field of a message (platforms R10).
POISON: tuple[dict[str, Any], ...] = (
    {"date": "yesterday"},
    {"date": 10**18},
    {"chat": {"id": 5001}},
    {"from": {"id": "x", "is_bot": False}},
    {"text": 7},
    {"message_id": None, "chat": []},
)


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake(TELEGRAM) as found:
        yield found


def message(story: Story, update_id: int, **changed: Any) -> dict[str, Any]:
    """The next visit of a person as an update with a chosen number."""
    number = int(story.rep.account)
    said = {
        "message_id": update_id % 100_000,
        "date": SOON,
        "chat": {"id": number, "type": "private", "first_name": "Ann"},
        "from": {"id": number, "is_bot": False, "first_name": "Ann", "language_code": "en"},
        "text": story.visit() if not changed else "/today",
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
    }
    return {"update_id": update_id, "message": said | changed}


def test_numbers_that_repeat_jump_and_fall_back(fake: Fake, sqlite_url: str, tmp_path: Path) -> None:
    """The same number twice, a gap, and after a quiet week a lower one: each once, over a restart too."""
    traffic = TelegramTraffic(fake, people=1, updates=5, seed=1)
    (story,) = traffic.stories
    founded(sqlite_url, [story.rep])
    books = Books(sqlite_url)
    fake.act("open_private", user_id=int(story.rep.account))
    first, second = message(story, 700_000), message(story, 700_001)
    after_gap, lower, next_lower = message(story, 700_900), message(story, 12), message(story, 13)

    def all_taken() -> bool:
        return not fake.act("pending") and not books.waiting()

    with Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        bot.start()
        for update in (first, first, second, first, after_gap):
            fake.act("push", update=update)
        until(lambda: bot.alive() and fake.sent() >= 3 and all_taken(), "the first three")
        fake.act("push", update=second)
        fake.act("push", update=lower)
        until(lambda: bot.alive() and fake.sent() >= 4 and all_taken(), "the lower number")
        assert bot.terminate()[0] == 0
        bot.start()
        for update in (lower, next_lower, next_lower):
            fake.act("push", update=update)
        until(lambda: bot.alive() and fake.sent() >= 5 and all_taken(), "the one after it")
        assert bot.terminate()[0] == 0
    figures = count("numbers", [traffic], books, kills=0, seed=1, seconds=0)
    assert figures.verdict() == []
    assert books.one("SELECT count(*) FROM inbox") == 5
    assert fake.sent() == 5


ADMIN = Rep(platform="telegram", account="9001", chat="9001")


@pytest.mark.parametrize("hundreds", [len(POISON), pytest.param(100, marks=pytest.mark.long)])
def test_a_poison_update_per_hundred_is_set_aside_alone(
    fake: Fake, sqlite_url: str, tmp_path: Path, hundreds: int
) -> None:
    """R10: all others are answered, each broken one has a row under a reference, an admin hears of the first."""
    traffic = TelegramTraffic(fake, people=30 if hundreds == len(POISON) else 100, updates=200, seed=2)
    founded(sqlite_url, [story.rep for story in traffic.stories], admin=ADMIN)
    fake.act("open_private", user_id=int(ADMIN.account))
    books = Books(sqlite_url)
    poison = {900_000 + number: POISON[number % len(POISON)] for number in range(hundreds)}
    with Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        bot.start()
        for number, changed in poison.items():
            # Whoever it was: it is the same update however it is broken.
            fake.act("push", update=message(traffic.stories[0], number, **changed))
            for story in traffic.stories:
                fake.act("send", user_id=int(story.rep.account), text=story.visit())
            until(lambda: bot.alive() and fake.act("pending") < 500, "the bot keeps up", 240)
        said = len(poison) * len(traffic.stories)
        until(lambda: bot.alive() and fake.sent() >= said, "all others answered", 120 + hundreds * 5)
        until(lambda: not fake.act("pending") and not books.waiting(), "rest", 60)
        assert bot.terminate()[0] == 0
    rows = books.rows(
        "SELECT delivery, reference, attempts, fault FROM inbox WHERE state = 'poison' ORDER BY id"
    )
    assert [int(delivery) for delivery, *_ in rows] == list(poison)
    assert all(attempts == 1 and fault for _, _, attempts, fault in rows)
    logged = bot.events("turn_failed")
    assert sorted(each["reference"] for each in logged) == sorted(reference for _, reference, _, _ in rows)
    # One alert, and it names the first that could be told to be of this organisation.
    alerts = books.rows("SELECT chat, card FROM letter WHERE key LIKE 'set_aside:%'")
    assert [chat for chat, _ in alerts] == [ADMIN.chat]
    assert any(reference in alerts[0][1] for _, reference, _, _ in rows)
    figures = count("poison", [traffic], books, kills=0, seed=2, seconds=0)
    assert figures.verdict() == [f"{len(poison)} quarantined"]
