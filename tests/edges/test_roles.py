"""Roles among replicas: one owner at a time, another at once when it leaves and soon when it is cut off."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import psycopg

from bot.jobs.elected import Elected, Pace, lasting
from bot.jobs.port import role_of
from tests.support.postgres import cluster
from tests.support.slack_house import in_loop

ROLE, OTHER = "send:telegram:x", "send:slack:x"
QUICK = Pace(look=0.05, proof=0.6, grace=1.0)
SOON = 20.0


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not seen():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def elected(url: str, count: int, *roles: str) -> AsyncIterator[list[Elected]]:
    """So many replicas that want the same roles."""
    found = [Elected(lasting(url), QUICK) for _ in range(count)]
    running = [asyncio.create_task(each.run()) for each in found]
    for each in found:
        for role in roles:
            each.want(role)
    try:
        yield found
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def owner(replicas: list[Elected]) -> Elected | None:
    """Who has the role; never more than one."""
    found = [each for each in replicas if each.owns(ROLE)]
    assert len(found) <= 1
    return found[0] if found else None


def cut(url: str, *, every: bool = False) -> int:
    """Ends the connections that hold locks (or all), as a restart of the server or a broken network does."""
    holding = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
    where = "TRUE" if every else holding
    sql = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {where} AND pid <> pg_backend_pid() AND datname = current_database()"
    with psycopg.connect(cluster().as_superuser(url).replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(sql.encode()).fetchone()
    assert row
    return int(row[0])


def test_one_has_a_role_and_another_when_it_is_given_back(postgres_url: str) -> None:
    async def scenario() -> None:
        async with elected(postgres_url, 3, ROLE, OTHER) as replicas:
            await until(lambda: owner(replicas) is not None)
            first = owner(replicas)
            assert first
            standing = [each for each in replicas if each is not first]
            await until(lambda: all(each.stands_by(ROLE) for each in standing))
            assert not first.stands_by(ROLE)
            assert all(each.term(ROLE) is None for each in standing)
            left_at = time.monotonic()
            await first.leave()
            assert not first.owns(ROLE)
            await until(lambda: owner(replicas) is not None)
            # Without the time that is given to an owner who may not know that it is none any more.
            assert time.monotonic() - left_at < QUICK.grace
            assert owner(replicas) is not first

    in_loop(scenario())


def test_who_is_cut_off_knows_it_before_another_begins(postgres_url: str) -> None:
    async def scenario() -> None:
        async with elected(postgres_url, 3, ROLE) as replicas:
            for _ in range(3):
                await until(lambda: owner(replicas) is not None)
                before = owner(replicas)
                assert before and cut(postgres_url) == 1
                await until(lambda held=before: not held.owns(ROLE))  # type: ignore[misc]
                # `owner` fails where two act at once, in each of these looks.
                await until(lambda: owner(replicas) is not None)

    in_loop(scenario())


def test_a_term_is_a_new_one_each_time_and_somebody_is_woken(postgres_url: str) -> None:
    async def scenario() -> None:
        async with elected(postgres_url, 1, ROLE) as [alone]:
            woken: list[float] = []
            alone.heard(lambda: woken.append(time.monotonic()))
            terms = []
            for _ in range(2):
                await until(lambda: alone.owns(ROLE))
                terms.append(alone.term(ROLE))
                seen = len(woken)
                cut(postgres_url, every=True)
                await until(lambda: not alone.owns(ROLE))
                await until(lambda seen=seen: len(woken) > seen)  # type: ignore[misc]
            assert None not in terms
            assert len(set(terms)) == len(terms)

    in_loop(scenario())


def test_what_is_done_alone_is_ended_with_the_role_and_begun_anew(postgres_url: str) -> None:
    """Two do the same thing alone, the role goes to and fro: never do both act, and somebody always does again."""

    async def scenario() -> None:
        spans: list[tuple[float, float]] = []
        begun: list[int] = []

        async def act(number: int) -> None:
            begun.append(number)
            since = time.monotonic()
            try:
                await asyncio.sleep(SOON)
            finally:
                spans.append((since, time.monotonic()))

        async with elected(postgres_url, 2) as replicas:
            acting = [
                asyncio.create_task(each.alone(ROLE, lambda number=number: act(number)))  # type: ignore[misc]
                for number, each in enumerate(replicas)
            ]
            for done in (1, 2):
                await until(lambda done=done: len(begun) == done)  # type: ignore[misc]
                assert cut(postgres_url) == 1
            await until(lambda: len(begun) == 3)
            # Who is told to end gives the role back, and the other one begins.
            acting[begun[-1]].cancel()
            await until(lambda: len(begun) == 4)
            assert begun[-1] != begun[-2]
            for task in acting:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)
        assert all(ended <= begins for (_, ended), (begins, _) in pairwise(sorted(spans)))

    in_loop(scenario())


def test_an_end_of_what_is_done_alone_is_its_own(postgres_url: str) -> None:
    async def scenario() -> None:
        async def ends() -> None:
            return None

        async def fails() -> None:
            raise ValueError("its own")

        async with elected(postgres_url, 1) as [alone]:
            await asyncio.wait_for(alone.alone(ROLE, ends), SOON)
            try:
                await asyncio.wait_for(alone.alone(ROLE, fails), SOON)
            except ValueError as error:
                assert str(error) == "its own"
            else:
                raise AssertionError("an error was swallowed")

    in_loop(scenario())


def test_the_address_keeps_what_it_said_and_its_connections_end_in_time() -> None:
    url = "postgresql+psycopg://bot:p%2Bw@db.example/deals?options=-c%20search_path%3Dsales&sslmode=require"
    found = psycopg.conninfo.conninfo_to_dict(lasting(url))
    assert (found["user"], found["password"], found["host"], found["dbname"]) == (
        "bot",
        "p+w",
        "db.example",
        "deals",
    )
    assert found["sslmode"] == "require"
    assert str(found["options"]).startswith("-c search_path=sales -c tcp_keepalives_idle=5")
    assert found["tcp_user_timeout"] == "10000"


def test_a_role_names_no_token() -> None:
    token = "123456:secret"
    found = role_of("send", "telegram", token)
    assert found.startswith("send:telegram:")
    assert "secret" not in found
    assert found != role_of("send", "telegram", "123457:secret")
