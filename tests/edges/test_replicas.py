"""Replicas side by side: a lane keeps its order across them, one sends, and what one leaves another takes up."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.app import App, build
from bot.buckets import Limits
from bot.clock import WallClock
from bot.courier import IN_FLIGHT
from bot.dispatch import BEGIN_SECONDS, LEFT_AFTER
from bot.inbound import Person, Said, from_plain, plain
from bot.intake import Delivery
from bot.jobs.elected import Elected, lasting
from domain.people import Language
from domain.ports import Address, Letter, Urgency, Work
from handlers.view import Card, card, encode
from tests.edges.test_roles import QUICK, cut, until
from tests.faults.people import Rep, founded
from tests.support.house import PLATFORM
from tests.support.slack_house import in_loop

ROLE = "send:web:x"
ANN = Rep(platform=PLATFORM, account="ann", chat="ann")
STATES = "SELECT state, count(*) FROM inbox GROUP BY state ORDER BY state"
VISITS = "SELECT customer.name FROM activity JOIN customer USING (org_id) WHERE customer.id = activity.customer_id ORDER BY activity.id"


@dataclass(slots=True)
class Room:
    """Where all replicas send to: who sent what, when it began; `open` is shut while nothing is to arrive."""

    sent: list[tuple[int, str, float]] = field(default_factory=list)
    begun: list[tuple[int, str, float]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def letters(self) -> list[str]:
        return [key for _, key, _ in self.sent]


@dataclass(slots=True)
class Way:
    """One replica's way into the room."""

    number: int
    room: Room
    limits: Limits = field(default_factory=Limits)
    menus: bool = False

    def is_group(self, chat: str) -> bool:
        return False

    async def send(self, letter: Letter, shown: Card) -> str:
        self.room.begun.append((self.number, letter.key, time.monotonic()))
        await self.room.open.wait()
        self.room.sent.append((self.number, letter.key, time.monotonic()))
        return f"m{len(self.room.sent)}"


@dataclass(slots=True)
class Replica:
    """One process, as `dealpace run` wires it but for its doors and its jobs."""

    app: App
    roles: Elected
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def start(self) -> None:
        self.tasks = [asyncio.create_task(each) for each in (self.roles.run(), self.app.courier.run())]

    async def die(self) -> None:
        """As a kill does it: nothing is given back."""
        for task in (*self.tasks, *self.app.dispatch._tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, *self.app.dispatch._tasks, return_exceptions=True)

    async def hears(self, number: int, said: str) -> None:
        at = Address(platform=PLATFORM, chat=ANN.chat)
        inbound = Said(
            person=Person(account=ANN.account, name="Ann"),
            at=at,
            private=True,
            text=said,
            said_at=datetime.now(UTC),
        )
        await self.app.intake.take(
            PLATFORM, [Delivery(id=str(number), lane=ANN.account, body=plain(inbound))]
        )

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return await self.app.writer.run(
            lambda work: [tuple(row) for row in work.outbox.connection.execute(text(sql))]  # type: ignore[attr-defined]
        )

    async def write(self, letters: Sequence[Letter]) -> None:
        def job(work: Work) -> None:
            for each in letters:
                work.outbox.write(each)

        await self.app.writer.run(job)
        await self.app.ring()


@asynccontextmanager
async def replicas(url: str, room: Room, count: int = 2) -> AsyncIterator[list[Replica]]:
    made = []
    for number in range(count):
        roles = Elected(lasting(url), QUICK)
        app = build(lasting(url), WallClock(), {PLATFORM: from_plain}, roles=roles)
        app.courier.join(PLATFORM, Way(number, room), ROLE)
        made.append(Replica(app, roles))
    for each in made:
        each.start()
    try:
        yield made
    finally:
        for each in made:
            await each.die()
            each.app.close()


async def eventually(ask: Callable[[], Any], wanted: object) -> None:
    """Until the database says so."""
    async with asyncio.timeout(20):
        while (await ask()) != wanted:
            await asyncio.sleep(0.02)


def pushes(count: int, chats: int) -> list[Letter]:
    """Letters for many chats, due now."""
    now = datetime.now(UTC)
    return [
        Letter(
            key=f"push:{number:03d}",
            to=Address(platform=PLATFORM, chat=f"chat-{number % chats}"),
            card=encode(card("hello")),
            language=Language.EN,
            due_at=now,
            urgency=Urgency.PUSH,
        )
        for number in range(count)
    ]


async def with_ann(url: str, scenario: Callable[[], Any]) -> None:
    await asyncio.to_thread(founded, url, [ANN])
    await scenario()


def test_what_one_person_says_is_answered_in_order_whichever_replica_hears_it(postgres_url: str) -> None:
    async def scenario() -> None:
        room = Room()
        room.open.set()
        async with replicas(postgres_url, room) as both:
            for number in range(20):
                await both[number % 2].hears(
                    number, f'/visit "Firm {number:02d}"; met: Li Wei; result: ok; next: call by Fri'
                )
            await eventually(lambda: both[0].rows(STATES), [("done", 20)])
            await until(lambda: len(room.sent) >= 20)
            assert await both[0].rows(VISITS) == [(f"Firm {number:02d}",) for number in range(20)]
        answers = [key for key in room.letters() if key.startswith("event:")]
        assert answers == sorted(set(answers), key=lambda key: int(key.partition(":")[2]))
        assert len(answers) == 20
        assert len({number for number, _, _ in room.sent}) == 1

    in_loop(with_ann(postgres_url, scenario))


def test_what_a_dead_replica_left_is_answered_first(postgres_url: str) -> None:
    async def scenario() -> None:
        room = Room()
        room.open.set()
        async with replicas(postgres_url, room) as (dead, other):
            await until(lambda: dead.roles.owns(ROLE) or other.roles.owns(ROLE))
            # It stores what it heard, and ends before it begins with it.
            dead.app.dispatch.offer = lambda delivered: None  # type: ignore[method-assign]
            await dead.hears(1, "/today")
            await dead.hears(2, "/help")
            await dead.die()
            asked_at = time.monotonic()
            await other.hears(3, "/week")
            await until(lambda: len(room.sent) == 3)
            assert time.monotonic() - asked_at >= BEGIN_SECONDS
            assert room.letters() == ["event:1", "event:2", "event:3"]
            assert await other.rows(STATES) == [("done", 3)]

    in_loop(with_ann(postgres_url, scenario))


def test_what_is_left_is_taken_up_once_it_is_old_enough(postgres_url: str) -> None:
    async def scenario() -> None:
        room = Room()
        room.open.set()
        async with replicas(postgres_url, room) as (dead, other):
            dead.app.dispatch.offer = lambda delivered: None  # type: ignore[method-assign]
            await dead.hears(1, "/today")
            await dead.die()
            # It may be in work elsewhere.
            assert await other.app.dispatch.recover() == 0
            old = int((datetime.now(UTC) - LEFT_AFTER - timedelta(seconds=1)).timestamp() * 1_000_000)
            await other.rows(f"UPDATE inbox SET received_at = {old} RETURNING id")
            assert await other.app.dispatch.recover() == 1
            await until(lambda: room.letters() == ["event:1"])
            await other.app.dispatch.idle()
            assert await other.app.dispatch.recover() == 0

    in_loop(with_ann(postgres_url, scenario))


def test_one_sends_and_what_it_was_sending_when_it_was_cut_off_comes_once_more(postgres_url: str) -> None:
    async def scenario() -> None:
        room = Room()
        room.open.set()
        async with replicas(postgres_url, room) as both:
            await until(lambda: any(each.roles.owns(ROLE) for each in both))
            await both[0].write(pushes(300, chats=20))
            await until(lambda: len(room.sent) > 20)
            # Some are on their way when the lock is lost.
            room.open.clear()
            await until(lambda: len(room.begun) > len(room.sent))
            first, cut_at = both[room.begun[-1][0]], time.monotonic()
            assert cut(postgres_url) == 1
            await until(lambda: not first.roles.owns(ROLE))
            stopped = len(room.begun)
            # Nobody begins with another before whoever lost the lock must know it.
            await until(lambda: len(room.begun) > stopped)
            assert room.begun[stopped][2] - cut_at >= QUICK.grace
            room.open.set()
            await until(lambda: len(set(room.letters())) == 300)
            await eventually(
                lambda: both[0].rows("SELECT count(*) FROM letter WHERE state = 'sent'"), [(300,)]
            )
            repeated = Counter(room.letters()).total() - 300
            assert repeated <= IN_FLIGHT

    in_loop(with_ann(postgres_url, scenario))


def test_who_stops_in_good_order_leaves_nothing_uncertain(postgres_url: str) -> None:
    """What is claimed and did not leave is due again, and the next sender has it at once: nothing comes twice."""

    async def scenario() -> None:
        room = Room()
        async with replicas(postgres_url, room) as both:
            await until(lambda: any(each.roles.owns(ROLE) for each in both))
            await both[0].write(pushes(60, chats=20))
            await until(lambda: len(room.begun) == IN_FLIGHT)
            first = both[room.begun[0][0]]
            first.app.courier.stop()
            room.open.set()
            await asyncio.wait_for(first.tasks[1], 20)
            assert len(room.sent) == IN_FLIGHT
            await first.roles.leave()
            await until(lambda: len(room.sent) == 60)
            assert len(set(room.letters())) == 60
            assert await both[0].rows("SELECT count(*) FROM letter WHERE outcome = 'unknown'") == [(0,)]

    in_loop(with_ann(postgres_url, scenario))


def test_what_another_replica_writes_reaches_the_sender_soon(postgres_url: str) -> None:
    """Told by a notification: otherwise the sender, idle, would look half a minute later."""

    async def scenario() -> None:
        room = Room()
        room.open.set()
        async with replicas(postgres_url, room) as both:
            await until(lambda: any(each.roles.owns(ROLE) for each in both))
            owner = next(each for each in both if each.roles.owns(ROLE))
            other = next(each for each in both if each is not owner)
            await until(lambda: owner.app.courier._lines != {})
            for number in range(5):
                await other.hears(number, "/today")
                await until(lambda number=number: len(room.sent) == number + 1)  # type: ignore[misc]

    in_loop(with_ann(postgres_url, scenario))
