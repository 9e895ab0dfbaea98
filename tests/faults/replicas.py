"""R17: replicas on one PostgreSQL, one of them killed every few seconds while pushes are due and people talk."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.ledger import Books, Figures, count
from tests.faults.people import Rep, founded
from tests.faults.process import Bot, Fake, until
from tests.faults.storm import REST_SECONDS, SLACK, TELEGRAM
from tests.faults.traffic import Feeder, SlackTraffic, TelegramTraffic, Traffic
from tests.support.loopback import free_port
from tests.support.wire import balanced

REPLICAS = 3
FIRST_SILENT = 900_001
TALKERS = 20
# Telegram's own limit for a bot (platforms section 2), counted by the fake.
MOST_A_SECOND = 30
SECOND_POLLER = "Conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """At most so many kills, one every so many seconds among those that run, while anything is left to do.

    Pushes that are due, and what people say on both platforms. With `webhooks` Telegram calls one address behind which
    each connection goes to another replica.
    """

    kills: int
    every: float
    pushes: int
    telegram: int
    slack: int
    webhooks: bool = False


SHORT = Size(kills=3, every=2.0, pushes=100, telegram=60, slack=30)
CALLED = Size(kills=2, every=2.0, pushes=20, telegram=80, slack=0, webhooks=True)
LONG = Size(kills=60, every=5.0, pushes=10_000, telegram=2_000, slack=600)


class PostgresBooks(Books):
    """The same books on a server: every organisation's rows are seen, as the product's own jobs see them."""

    def __init__(self, database_url: str) -> None:
        self.conninfo = database_url.replace("postgresql+psycopg:", "postgresql:")

    def rows(self, sql: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.conninfo) as connection:
            connection.execute("SELECT set_config('dealpace.org', 'installation', true)")
            return connection.execute(sql.replace("?", "%s").encode(), values).fetchall()

    def integrity(self) -> str:
        """A server looks after its files itself; that each row is of one key is its word."""
        return "ok"


@contextmanager
def replicas(
    folder: Path, database_url: str, telegram: Fake, slack: Fake | None, *, webhooks: bool = False
) -> Iterator[list[Bot]]:
    """Three processes as an operator starts them, all at once."""
    bots = []
    with ExitStack() as stack:
        ports = [free_port() for _ in range(REPLICAS)]
        hook: dict[str, str] = {}
        if webhooks:
            called = telegram.act("behind_tls", url=stack.enter_context(balanced(ports)))
            hook = {"DEALPACE_TELEGRAM_MODE": "webhook", "DEALPACE_PUBLIC_URL": called}
        for number, port in enumerate(ports):
            (own := folder / f"replica-{number}").mkdir()
            settings = hook | {"DEALPACE_LISTEN": f"127.0.0.1:{port}"} if webhooks else {}
            bot = Bot(own, database_url, telegram=telegram, slack=slack, replicas="many", settings=settings)
            bots.append(stack.enter_context(bot))
        for bot in bots:
            bot.start()
        yield bots


def replica_storm(folder: Path, database_url: str, size: Size, *, seed: int) -> Figures:
    """A run with kills; its figures when all is quiet."""
    print(f"seed {seed}: {REPLICAS} replicas, {size}")
    chance, began, clock = random.Random(seed), time.monotonic(), threading.Event()
    with Fake(TELEGRAM) as telegram_fake, Fake(SLACK) as slack_fake:
        traffics: list[Traffic] = [
            TelegramTraffic(telegram_fake, people=TALKERS, updates=size.telegram, seed=seed),
            SlackTraffic(slack_fake, people=TALKERS, updates=size.slack, seed=seed),
        ]
        numbers = [str(FIRST_SILENT + each) for each in range(size.pushes)]
        silent = [Rep(platform="telegram", account=each, chat=each) for each in numbers]
        founded(
            database_url,
            [*silent, *(story.rep for traffic in traffics for story in traffic.stories)],
            morning_due=True,
        )
        for rep in silent:
            telegram_fake.act("open_private", user_id=int(rep.account))
        books = PostgresBooks(database_url)
        with replicas(folder, database_url, telegram_fake, slack_fake, webhooks=size.webhooks) as bots:
            until(lambda: all(_runs(bot) for bot in bots), "all replicas run", REST_SECONDS)
            feeder = Feeder(traffics)
            kills = 0
            while kills < size.kills and not (feeder.finished() and _at_rest(traffics, books)):
                clock.wait(size.every)
                running = [bot for bot in bots if _runs(bot)]
                if len(running) > 1:
                    victim = chance.choice(running)
                    victim.kill()
                    clock.wait(chance.random())
                    victim.start()
                    kills += 1
            until(lambda: _alive(bots) and feeder.finished(), "everything said", REST_SECONDS)
            patience = REST_SECONDS + size.pushes / MOST_A_SECOND
            until(lambda: _alive(bots) and _at_rest(traffics, books), "all quiet", patience)
            # One that still starts has not yet heard how it is told to stop.
            until(lambda: all(_runs(bot) for bot in bots), "all replicas run", REST_SECONDS)
            for bot in bots:
                assert bot.terminate()[0] == 0
        for fake in (telegram_fake, slack_fake):
            assert fake.get("/_illegal") == []
        lost = sum(not telegram_fake.get(f"/_chat/{rep.chat}") for rep in silent)
        conflicts = second_pollers(telegram_fake)
        polled = any(call["method"] == "getUpdates" for call in telegram_fake.get("/_calls"))
        busiest = telegram_fake.act("busiest", window_seconds=1.0)
        figures = count(
            f"pushes, Telegram updates and Slack events to {REPLICAS} replicas",
            traffics,
            books,
            kills=kills,
            seed=seed,
            seconds=time.monotonic() - began,
        )
        figures = replace(figures, lost=figures.lost + lost, updates=figures.updates + size.pushes)
        print(f"{figures}; {conflicts} polls met another; at most {busiest} messages in a second")
        assert conflicts == 0
        assert polled is not size.webhooks
        assert busiest <= MOST_A_SECOND + 1
        return figures


def second_pollers(fake: Fake) -> int:
    """How often Telegram ended a poll because somebody else polled too."""
    calls = fake.get("/_calls")
    return sum(call["method"] == "getUpdates" and SECOND_POLLER in call["outcome"] for call in calls)


def _runs(bot: Bot) -> bool:
    """Whether the process last started got as far as to take part."""
    return bot.alive() and bot.started <= len(bot.events("running"))


def _alive(bots: Sequence[Bot]) -> bool:
    return all(bot.alive() for bot in bots)


def _at_rest(traffics: Sequence[Traffic], books: Books) -> bool:
    """Whether nothing waits any more, and every push that was due has been written."""
    if traffics[0].fake.act("pending"):
        return False
    due = books.one("SELECT count(*) FROM due WHERE due_at <= ?", time.time_ns() // 1000)
    return not due and not books.waiting()
