"""What processes that share a database rely on: lanes are one's at a time, letters the sender's, slices different ones."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest

from bot.app import build
from bot.clock import WallClock
from domain.ports import Address, EventId, Outcome, Urgency, Work
from domain.schedule import Due
from handlers.tick import plan_new_pushes
from tests.support.opened import NINE, Opened, letter, opened

NOBODY = EventId(0)
MINUTE = timedelta(minutes=1)
PATIENCE = 20.0


def arrives(work: Work, delivery: str, lane: str = "L", at: datetime = NINE) -> EventId:
    found = work.inbox.keep("telegram", delivery, lane, "{}", at)
    assert found
    return found


@contextmanager
def two(url: str) -> Iterator[tuple[Opened, Opened]]:
    """Two processes on one database."""
    with opened(url) as one, opened(url) as other:
        yield one, other


class Meanwhile:
    """What another process does at the same time; `result` waits for its end."""

    def __init__(self, books: Opened, act: Callable[[Work], object]) -> None:
        self.done = threading.Event()
        self.found: list[object] = []
        self._books, self._act = books, act
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with self._books.work() as work:
            self.found.append(self._act(work))
        self.done.set()

    def result(self) -> object:
        assert self.done.wait(PATIENCE)
        return self.found[0]


def oldest(work: Work, lane: str = "L") -> EventId | None:
    found = work.inbox.oldest(lane, NOBODY)
    return found.id if found else None


# ---------------------------------------------------------------------- lanes


def test_the_oldest_of_a_lane_comes_first_and_what_is_done_no_more(books: Opened) -> None:
    with books.work() as work:
        first, other, second = arrives(work, "1"), arrives(work, "2", "M"), arrives(work, "3")
    with books.work() as work:
        found = work.inbox.oldest("L", NOBODY)
        assert found
        assert (found.id, found.lane, found.received_at) == (first, "L", NINE)
        # In the same transaction already.
        work.inbox.done(first)
        assert oldest(work) == second
        assert work.inbox.oldest("L", second) is None
        assert oldest(work, "M") == other
    with books.work() as work:
        work.inbox.failed(second, "ref", quarantine=True)
    with books.work() as work:
        assert oldest(work) is None


def test_a_lane_is_one_process_s_until_its_turn_is_over(postgres_url: str) -> None:
    with two(postgres_url) as (here, there):
        with here.work() as work:
            first, second = arrives(work, "1"), arrives(work, "2")
            work.inbox.keep("telegram", "3", "M", "{}", NINE)
        with here.work() as work:
            assert oldest(work) == first
            # Another lane is free, this one is not.
            with there.work() as beside:
                assert oldest(beside, "M")
            waiting = Meanwhile(there, oldest)
            assert not waiting.done.wait(0.3)
            work.inbox.done(first)
        # It sees what the turn before it did.
        assert waiting.result() == second


def test_a_turn_that_failed_gives_its_lane_back(postgres_url: str) -> None:
    with two(postgres_url) as (here, there):
        with here.work() as work:
            first = arrives(work, "1")
        with pytest.raises(ValueError, match="bug"), here.work() as work:
            assert oldest(work) == first
            raise ValueError("bug")
        with there.work() as work:
            assert oldest(work) == first


def test_deliveries_of_a_lane_are_seen_in_the_order_of_their_numbers(postgres_url: str) -> None:
    with two(postgres_url) as (here, there):
        with here.work() as work:
            # In whatever order they are named: two who number the same lanes never wait for each other.
            work.inbox.line_up(["M", "L", "L"])
            first = arrives(work, "1")

            def second(work: Work) -> EventId:
                work.inbox.line_up(["L", "M"])
                return arrives(work, "2")

            later = Meanwhile(there, second)
            assert not later.done.wait(0.3)
        assert int(str(later.result())) > first


def test_lining_up_is_no_matter_where_one_writes_alone(books: Opened) -> None:
    with books.work() as work:
        work.inbox.line_up(["L"])
        assert arrives(work, "1")


# ---------------------------------------------------------------------- letters


def test_a_shared_answer_is_claimed_like_any_letter(books: Opened) -> None:
    with books.work() as work:
        answer, other = letter("event:1"), letter("event:2")
        work.outbox.write(answer)
        work.outbox.write(other)
        work.outbox.share([answer])
    with books.work() as work:
        assert [each.key for each in work.outbox.claim(NINE, 9)] == ["event:1"]
    with books.work() as work:
        # What left already is not sent anew.
        work.outbox.sent(answer, "m1", "digest", NINE)
        work.outbox.share([answer])
        work.outbox.share([])
    with books.work() as work:
        assert work.outbox.claim(NINE, 9) == ()


def test_a_new_sender_takes_up_its_own_platform_s_letters(books: Opened) -> None:
    slack = letter("s", to=Address(platform="slack", chat="D1"), urgency=Urgency.PUSH)
    telegram = letter("t", urgency=Urgency.PUSH)
    with books.work() as work:
        work.outbox.write(slack)
        work.outbox.write(telegram)
    with books.work() as work:
        assert len(work.outbox.claim(NINE, 9)) == 2
        assert work.outbox.recover(NINE, "slack") == 1
        assert work.outbox.next_due(["telegram"]) is None
        assert work.outbox.next_due(["slack"]) == work.outbox.next_due() == NINE
    with books.work() as work:
        assert [each.key for each in work.outbox.claim(NINE, 9)] == ["s"]
        work.outbox.retry("t", NINE + MINUTE, Outcome.NOT_SENT)
    with books.work() as work:
        assert work.outbox.next_due(["telegram"]) == NINE + MINUTE


def test_a_commit_is_heard_and_what_is_taken_back_is_not(postgres_url: str) -> None:
    plain = postgres_url.replace("+psycopg", "")
    with opened(postgres_url) as books, psycopg.connect(plain, autocommit=True) as ear:
        ear.execute("LISTEN dealpace")
        with pytest.raises(ValueError, match="bug"), books.work() as work:
            work.outbox.ring()
            raise ValueError("bug")
        assert list(ear.notifies(timeout=0.2)) == []
        with books.work() as work:
            work.outbox.share([])
        assert [each.payload for each in ear.notifies(timeout=PATIENCE, stop_after=1)] == [""]


# ---------------------------------------------------------------------- what is due


def test_two_who_take_slices_take_different_ones(postgres_url: str) -> None:
    with two(postgres_url) as (here, there):
        org, _, member = here.found()
        with here.store(org) as store:
            due = Due(label="2026-03-02", due_at=NINE, not_after=NINE + MINUTE)
            store.add_pushes(member, [("morning", due), ("nudge", due)])
        with here.work() as one, there.work() as other:
            mine, yours = one.outbox.due(NINE, 1), other.outbox.due(NINE, 9)
            assert len(mine) == len(yours) == 1
            assert {mine[0].push, yours[0].push} == {"morning", "nudge"}
        with here.work() as work:
            assert len(work.outbox.due(NINE, 9)) == 2


def test_what_a_version_brings_is_planned_once_however_many_start(postgres_url: str) -> None:
    """Replicas plan in transactions that do not see each other's: one comes first, the others find it done."""
    with opened(postgres_url) as books:
        org, _, _ = books.found()
    app = build(postgres_url, WallClock(), {})

    def plan(work: Work) -> frozenset[str]:
        found = plan_new_pushes(work, org, NINE)
        # Long enough for the others to begin.
        threading.Event().wait(0.2)
        return found

    async def all_at_once() -> list[frozenset[str]]:
        return list(await asyncio.gather(*(app.writer.run(plan) for _ in range(3))))

    found = asyncio.run(all_at_once())
    app.close()
    with opened(postgres_url) as books, books.store(org) as store:
        planned = store.planned_pushes()
    assert planned
    # Who came first planned all of these, the others what nobody here gets.
    assert planned <= max(found, key=len)
    assert [each for each in found if not each & planned] == sorted(found, key=len)[:2]
