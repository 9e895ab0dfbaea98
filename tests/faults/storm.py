"""One run of kills: the bot dies at random points while people talk, and is started again at once."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.ledger import Books, Figures, count
from tests.faults.people import founded
from tests.faults.process import Bot, Fake, until
from tests.faults.traffic import Feeder, SlackTraffic, TelegramTraffic, Traffic

# Out of so many kills one comes while the bot is still starting.
EARLY_OF = 5
STARTING_SECONDS, LAST_MOMENT_SECONDS = 1.5, 0.06
REST_SECONDS = 300.0
TELEGRAM, SLACK = "tests.support.telegram_server", "tests.support.slack_server"


def storm(
    folder: Path, database_url: str, *, kills: int, telegram: int, slack: int, seed: int, people: int = 60
) -> Figures:
    """So many kills while so many Telegram updates and Slack events arrive; the figures when all is quiet."""
    print(f"seed {seed}: {kills} kills, {telegram} updates, {slack} events")
    chance = random.Random(seed)
    began = time.monotonic()
    with Fake(TELEGRAM) as telegram_fake, Fake(SLACK) as slack_fake:
        traffics: list[Traffic] = []
        if telegram:
            traffics.append(TelegramTraffic(telegram_fake, people=people, updates=telegram, seed=seed))
        if slack:
            traffics.append(SlackTraffic(slack_fake, people=min(people, 20), updates=slack, seed=seed))
        founded(database_url, [story.rep for traffic in traffics for story in traffic.stories])
        bot = Bot(
            folder,
            database_url,
            telegram=telegram_fake if telegram else None,
            slack=slack_fake if slack else None,
        )
        with bot:
            feeder = Feeder(traffics)
            for round_ in range(kills):
                bot.start()
                _wait_for_a_point(bot, feeder, traffics, kills - round_, chance)
                bot.kill()
            bot.start()
            books = Books(database_url)
            until(lambda: bot.alive() and feeder.finished(), "everything said", REST_SECONDS)
            until(lambda: bot.alive() and _quiet(traffics, books), "everything answered", REST_SECONDS)
            code, _ = bot.terminate()
            assert code == 0
        for fake in (telegram_fake, slack_fake):
            assert fake.get("/_illegal") == []
        names = [name for name, number in (("Telegram updates", telegram), ("Slack events", slack)) if number]
        seconds = time.monotonic() - began
        figures = count(" and ".join(names), traffics, books, kills=kills, seed=seed, seconds=seconds)
        print(figures)
        return figures


def _wait_for_a_point(
    bot: Bot, feeder: Feeder, traffics: Sequence[Traffic], kills_left: int, chance: random.Random
) -> None:
    """Until the bot has sent a random share of what is left, then a random moment more."""
    if chance.randrange(EARLY_OF) == 0:
        feeder.rest(chance.random() * STARTING_SECONDS)
        return
    sent = _sent(traffics)
    left = sum(traffic.updates for traffic in traffics) - sent
    wanted = sent + chance.randint(1, max(1, min(2 * left // (kills_left + 1), left - kills_left)))
    until(
        lambda: bot.alive() and (_sent(traffics) >= wanted or feeder.finished()),
        "some progress",
        REST_SECONDS,
    )
    feeder.rest(chance.random() * LAST_MOMENT_SECONDS)


def _sent(traffics: Sequence[Traffic]) -> int:
    return sum(traffic.fake.sent() for traffic in traffics)


def _quiet(traffics: Sequence[Traffic], books: Books) -> bool:
    """Whether nothing waits any more, at the platforms or in the books."""
    for traffic in traffics:
        if traffic.stories[0].rep.platform == "telegram" and traffic.fake.act("pending"):
            return False
    return books.waiting() == 0
