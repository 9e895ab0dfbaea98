"""Pushes across kills: the morning card of two hundred people, the bot dying while it is sent."""

import random
from pathlib import Path

import pytest

from bot.courier import IN_FLIGHT
from tests.faults.ledger import Books
from tests.faults.people import Rep, founded
from tests.faults.process import Bot, Fake, until
from tests.faults.storm import TELEGRAM
from tests.faults.test_kill import seed

pytestmark = pytest.mark.faults
PEOPLE, KILLS = 200, 3


def test_every_morning_card_arrives_whatever_kills_the_bot(sqlite_url: str, tmp_path: Path) -> None:
    number = seed()
    chance = random.Random(number)
    print(f"seed {number}")
    reps = [
        Rep(platform="telegram", account=str(each), chat=str(each)) for each in range(6001, 6001 + PEOPLE)
    ]
    founded(sqlite_url, reps, morning_due=True)
    points = sorted(chance.sample(range(1, PEOPLE - 1), KILLS))
    books = Books(sqlite_url)
    with Fake(TELEGRAM) as fake, Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        for rep in reps:
            fake.act("open_private", user_id=int(rep.account))
        for point in points:
            bot.start()
            until(lambda point=point: bot.alive() and fake.sent() >= point, f"{point} cards")  # type: ignore[misc]
            bot.kill()
        bot.start()
        until(lambda: bot.alive() and fake.sent() >= PEOPLE and not books.waiting(), "all cards", 120)
        assert bot.terminate()[0] == 0
        shown = {rep.account: len(fake.get(f"/_chat/{rep.chat}")) for rep in reps}
        assert fake.get("/_illegal") == []
    repeated = sum(shown.values()) - PEOPLE
    print(f"{PEOPLE} cards, {KILLS} kills at {points}: {repeated} repeated, {KILLS * IN_FLIGHT} allowed")
    assert [account for account, cards in shown.items() if not cards] == []
    assert repeated <= KILLS * IN_FLIGHT
    cards = books.rows("SELECT state, count(*) FROM letter WHERE delivery = 'post' GROUP BY state")
    assert cards == [("sent", PEOPLE)]
    assert books.integrity() == "ok"
