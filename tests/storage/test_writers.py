"""The writers on their databases: groups and savepoints on SQLite, many connections and retries on PostgreSQL."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import make_url

from bot.writer import CONNECTIONS, GroupWriter, PoolWriter, Writer, writer_for
from domain.activity import Activity, ActivityId, Kind
from domain.people import MemberId, OrgId
from domain.ports import Change, ChangeId, EventId, Urgency, Wording, Work
from storage.database import SqlDatabase, SqlTransactions
from tests.support.opened import CHAT, MEMBER, MONDAY, NINE, ORGANISATION, letter
from tests.support.postgres import cluster

LANES, TURNS = 8, 50


class Stumble(Exception):
    """What a job raises when it fails."""


@pytest.fixture
def database(database_url: str) -> Iterator[SqlDatabase]:
    found = SqlDatabase(database_url)
    yield found
    found.close()


@pytest.fixture
def writer(database: SqlDatabase) -> Iterator[Writer]:
    found = writer_for(database)
    yield found
    found.close()


def found(work: Work) -> tuple[OrgId, MemberId]:
    org = work.people.found(ORGANISATION)
    member = work.store(org).add_member(MEMBER)
    work.people.bind(CHAT, "41", org, member)
    return org, member


def visit(work: Work, org: OrgId, member: MemberId, event: EventId, name: str) -> None:
    """What a turn does: find who speaks, make the customer on the way, record, write the answer, be done."""
    known = work.people.who(CHAT, "41")
    assert known is not None
    change = Change(id=ChangeId(event), actor_id=member, said_at=NINE, command="visit")
    store = work.store(org, change)
    customer = store.customer_by_key(name) or store.add_customer(name, name, member)
    activity = Activity(
        id=ActivityId(0),
        kind=Kind.VISIT,
        member_id=member,
        customer_id=customer.id,
        at=NINE,
        on=MONDAY,
        recorded_at=NINE,
    )
    store.add_activity(activity, Wording(result="met"))
    store.touch_card("day:1")
    work.outbox.write(letter(f"event:{event}", urgency=Urgency.PUSH, org_id=org, change_id=change.id))
    work.inbox.done(event)


def test_lanes_side_by_side_lose_and_repeat_nothing(writer: Writer) -> None:
    """Every lane records for the same organisation and the same few customers: numbers and keys collide."""

    async def play() -> None:
        org, member = await writer.run(found)

        async def lane(number: int) -> None:
            for turn in range(TURNS):
                event = await writer.run(
                    lambda work, t=turn: work.inbox.keep("telegram", f"{number}.{t}", f"{number}", "{}", NINE)  # type: ignore[misc]
                )
                assert event is not None
                await writer.run(lambda work, e=event, t=turn: visit(work, org, member, e, f"c{t % 7}"))  # type: ignore[misc]

        await asyncio.gather(*(lane(number) for number in range(LANES)))

        def read(work: Work) -> None:
            store = work.store(org)
            activities = store.activities(member, MONDAY, MONDAY)
            assert sorted(each.id for each in activities) == list(range(1, LANES * TURNS + 1))
            assert sorted(name for _, name, _ in store.customer_names()) == [f"c{n}" for n in range(7)]
            by_customer = Counter(each.customer_id for each in activities)
            assert sum(by_customer.values()) == LANES * TURNS
            assert work.inbox.waiting(EventId(0), 9) == ()
            assert len(work.outbox.claim(NINE, 999)) == LANES * TURNS
            assert all(store.facts(ChangeId(event)) for event in range(1, LANES * TURNS + 1))

        await writer.run(read)

    asyncio.run(play())


def test_a_failing_job_takes_back_only_itself(writer: Writer) -> None:
    def job(work: Work, org: OrgId, name: str) -> str:
        work.store(org).add_team(name)
        work.outbox.write(letter(name, urgency=Urgency.PUSH))
        if name.startswith("bad"):
            raise Stumble(name)
        return name

    async def play() -> None:
        org, _ = await writer.run(found)
        names = [f"{'bad' if number % 3 == 1 else 'good'} {number:02}" for number in range(30)]
        results = await asyncio.gather(
            *(writer.run(lambda work, n=name: job(work, org, n)) for name in names),  # type: ignore[misc]
            return_exceptions=True,
        )
        for name, result in zip(names, results, strict=True):
            assert (isinstance(result, Stumble) and str(result) == name) or result == name
        good = [name for name in names if name.startswith("good")]

        def read(work: Work) -> tuple[list[str], list[str]]:
            letters = [each.key for each in work.outbox.claim(NINE, 99)]
            return sorted(team.name for team in work.store(org).teams()), sorted(letters)

        assert await writer.run(read) == (good, good)

    asyncio.run(play())


def test_a_result_is_told_only_after_its_commit(writer: Writer, database: SqlDatabase) -> None:
    async def play() -> None:
        event = await writer.run(lambda work: work.inbox.keep("telegram", "7", "lane", "{}", NINE))
        other = database.connect()
        assert [each.id for each in other.begin().inbox.waiting(EventId(0), 9)] == [event]
        other.rollback()
        other.close()

    asyncio.run(play())


def test_jobs_that_wait_together_share_a_commit(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    writer = GroupWriter(database)
    gate = threading.Event()

    async def play() -> int:
        first = asyncio.ensure_future(writer.run(lambda work: gate.wait(30)))
        rest = [
            asyncio.ensure_future(writer.run(lambda work, n=n: work.inbox.keep_offset("telegram", n)))  # type: ignore[misc]
            for n in range(20)
        ]
        # All are queued once the loop has come round; the writer still stands in the first.
        for _ in range(3):
            await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, *rest)
        return await writer.run(lambda work: work.inbox.offset("telegram"))

    assert asyncio.run(play()) == 19
    assert writer.commits <= 3
    writer.close()
    database.close()


def test_a_locked_database_is_waited_for_once_and_everybody_is_told(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    other = database.connect()
    writer = GroupWriter(database)
    said: list[str] = []
    assert isinstance(writer._transactions, SqlTransactions)
    raw = writer._transactions.work.driver.raw
    raw.execute("PRAGMA busy_timeout=50")
    raw.set_trace_callback(said.append)

    async def play() -> None:
        other.begin()
        jobs = (writer.run(lambda work, n=n: work.inbox.keep_offset("t", n)) for n in range(20))  # type: ignore[misc]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        assert all(isinstance(result, Exception) and database.is_outage(result) for result in results)
        # The first may have gone alone before the others came.
        assert said.count("BEGIN IMMEDIATE") <= 2
        other.rollback()
        await writer.run(lambda work: work.inbox.keep_offset("t", 7))
        assert await writer.run(lambda work: work.inbox.offset("t")) == 7

    asyncio.run(play())
    writer.close()
    other.close()
    database.close()


def test_what_was_queued_before_closing_is_kept(writer: Writer) -> None:
    async def play() -> None:
        jobs = [
            asyncio.ensure_future(writer.run(lambda work, n=n: work.inbox.keep("t", str(n), "l", "{}", NINE)))  # type: ignore[misc]
            for n in range(100)
        ]
        await asyncio.sleep(0)
        await asyncio.gather(*jobs)
        assert len(await writer.run(lambda work: work.inbox.waiting(EventId(0), 999))) == 100

    asyncio.run(play())


# PostgreSQL alone: there several connections meet.


@pytest.fixture
def pool(postgres_url: str) -> Iterator[tuple[PoolWriter, SqlDatabase]]:
    database = SqlDatabase(postgres_url)
    writer = PoolWriter(database)
    yield writer, database
    writer.close()
    database.close()


def test_two_turns_that_make_the_same_customer_at_once_make_one(
    pool: tuple[PoolWriter, SqlDatabase],
) -> None:
    """Both look before either writes; the unique key lets one through and the other runs again."""
    writer, _ = pool
    together = threading.Barrier(2, timeout=30)
    runs: list[int] = []

    def job(work: Work, org: OrgId, member: MemberId, event: int) -> int:
        change = Change(id=ChangeId(event), actor_id=member, said_at=NINE, command="visit")
        store = work.store(org, change)
        known = store.customer_by_key("acme")
        runs.append(event)
        if len(runs) <= 2:
            together.wait()
        return known.id if known else store.add_customer("Acme", "acme", member).id

    async def play() -> None:
        org, member = await writer.run(found)
        made = await asyncio.gather(
            *(writer.run(lambda work, e=event: job(work, org, member, e)) for event in (1, 2))  # type: ignore[misc]
        )
        assert made == [1, 1]
        assert len(runs) == 3

    asyncio.run(play())


def test_a_deadlock_runs_again(pool: tuple[PoolWriter, SqlDatabase]) -> None:
    writer, _ = pool
    together = threading.Barrier(2, timeout=30)
    runs: list[str] = []

    def job(work: Work, first: str, second: str) -> None:
        runs.append(first)
        work.inbox.keep_offset(first, 1)
        if len(runs) <= 2:
            together.wait()
        work.inbox.keep_offset(second, 1)

    async def play() -> None:
        for row in ("a", "b"):
            await writer.run(lambda work, r=row: work.inbox.keep_offset(r, 0))  # type: ignore[misc]
        await asyncio.gather(
            writer.run(lambda work: job(work, "a", "b")), writer.run(lambda work: job(work, "b", "a"))
        )
        assert len(runs) == 3
        assert await writer.run(lambda work: (work.inbox.offset("a"), work.inbox.offset("b"))) == (1, 1)

    asyncio.run(play())


def test_a_killed_connection_is_an_outage_once_and_then_replaced(
    pool: tuple[PoolWriter, SqlDatabase], postgres_url: str
) -> None:
    writer, database = pool

    def killed(work: Work) -> None:
        work.inbox.keep_offset("telegram", 7)
        kill_all(postgres_url)
        work.inbox.keep_offset("telegram", 8)

    async def play() -> None:
        for _ in range(3):
            with pytest.raises(Exception) as caught:
                await writer.run(killed)
            assert database.is_outage(caught.value)
            assert not database.is_conflict(caught.value)
            assert await writer.run(lambda work: work.inbox.offset("telegram")) == 0

    asyncio.run(play())


def test_connections_killed_while_idle_are_replaced_unseen(
    pool: tuple[PoolWriter, SqlDatabase], postgres_url: str
) -> None:
    writer, _ = pool

    async def play() -> None:
        for _ in range(2):
            offsets = [writer.run(lambda work: work.inbox.offset("t")) for _ in range(CONNECTIONS * 4)]
            assert await asyncio.gather(*offsets) == [0] * len(offsets)
            kill_all(postgres_url)

    asyncio.run(play())


def kill_all(url: str) -> None:
    """Ends every other connection to the database, as a restart of the server does."""
    superuser = make_url(cluster().as_superuser(url)).set(drivername="postgresql")
    with psycopg.connect(superuser.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_two_writers_number_the_same_organisation_without_a_retry(
    pool: tuple[PoolWriter, SqlDatabase],
) -> None:
    """Numbering queues up: whoever waits takes the next number instead of the same one."""
    writer, _ = pool
    runs: list[int] = []

    def job(work: Work, org: OrgId, number: int) -> int:
        runs.append(number)
        return work.store(org).add_member(replace(MEMBER, name=str(number)))

    async def play() -> None:
        org, _ = await writer.run(found)
        numbers = await asyncio.gather(
            *(writer.run(lambda work, n=n: job(work, org, n)) for n in range(40))  # type: ignore[misc]
        )
        assert sorted(numbers) == list(range(2, 42))
        assert len(runs) == 40

    asyncio.run(play())
