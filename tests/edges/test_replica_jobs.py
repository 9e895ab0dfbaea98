"""Jobs among replicas: each is done by one of them, what a dead one left is done anew, and others' jobs are left alone."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager

from bot.clock import WallClock
from bot.jobs import replicas as jobs
from bot.jobs.alone import Alone
from bot.jobs.elected import lasting
from bot.jobs.queue import prepare
from bot.jobs.replicas import QUEUE, ReplicaJobs, cron_of
from bot.replicas import shared_by, upgrade
from bot.settings import Misconfigured, Settings
from tests.support.postgres import cluster
from tests.support.slack_house import in_loop

SOON = 40.0
NOTE = "SELECT obj_description('procrastinate_jobs'::regclass)"


@pytest.fixture
def queue_url() -> Iterator[str]:
    """The queue's tables, and nothing else."""
    with cluster().lent() as url:
        plain = lasting(url)
        prepare(plain)
        yield plain


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(sql.encode()).fetchall()


def put(url: str, sql: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(sql.encode())


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not seen():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def working(*all_of: ReplicaJobs) -> AsyncIterator[None]:
    for each in all_of:
        each.start()
    try:
        yield
    finally:
        await asyncio.gather(*(each.stop() for each in all_of))


def test_a_job_is_done_by_one_of_them_at_a_time(queue_url: str) -> None:
    async def scenario() -> None:
        done: Counter[int] = Counter()
        busy: set[int] = set()
        most = 0

        async def act(number: int) -> None:
            nonlocal most
            busy.add(number)
            most = max(most, len(busy))
            await asyncio.sleep(0.2)
            busy.discard(number)
            done[number] += 1

        replicas = [ReplicaJobs(queue_url, Alone()) for _ in range(3)]
        for number, each in enumerate(replicas):
            each.every(5.0, "tick", lambda number=number: act(number))  # type: ignore[misc]
        async with working(*replicas):
            await until(lambda: done.total() >= 2)
        assert most == 1
        # One for each period, whoever did it, and nothing is left over.
        stamps = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tick' AND status <> 'todo'"
        assert rows(queue_url, stamps) == [(0,)]

    in_loop(scenario())


def test_others_take_their_part_and_a_failure_ends_nothing(queue_url: str) -> None:
    async def scenario() -> None:
        took: list[int] = []

        async def part(number: int) -> None:
            took.append(number)
            await asyncio.sleep(0.3)
            raise ValueError("one part fails")

        replicas = [ReplicaJobs(queue_url, Alone()) for _ in range(2)]
        for number, each in enumerate(replicas):
            each.shared("slices", lambda number=number: part(number))  # type: ignore[misc]
        async with working(*replicas):
            await until(lambda: len(rows(queue_url, "SELECT id FROM procrastinate_workers")) == 2)
            await replicas[0].defer("slices")
            # Asked again while they wait or work: no heap of requests.
            await replicas[0].defer("slices")
            await until(lambda: len(took) >= jobs.HELPERS and _idle(queue_url))
        assert jobs.HELPERS <= len(took) <= 2 * jobs.HELPERS
        assert set(took) == {0, 1}

    in_loop(scenario())


def _idle(url: str) -> bool:
    return rows(url, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'slices'") == [(0,)]


def test_what_a_dead_replica_was_doing_is_done_anew(queue_url: str) -> None:
    """Its last sign of life is old, its job still says that it is being done, and holds the lock of the next."""

    async def scenario() -> None:
        done: list[str] = []

        async def act() -> None:
            done.append("tick")

        put(
            queue_url,
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')",
        )
        put(
            queue_url,
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status, args, worker_id)"
            " SELECT 'dealpace', 'tick', 'tick', 'tick', 'doing', '{\"timestamp\": 1}', id FROM procrastinate_workers",
        )
        replica = ReplicaJobs(queue_url, Alone())
        replica.every(3600.0, "tick", act)
        async with working(replica):
            await until(lambda: bool(done))
        assert rows(queue_url, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == [(0,)]

    in_loop(scenario())


def test_jobs_of_another_application_are_left_alone(queue_url: str) -> None:
    async def scenario() -> None:
        other = App(connector=PsycopgConnector(conninfo=queue_url))
        async with other.open_async():
            await other.configure_task("send_invoices", queue="billing").defer_async()
            await other.configure_task("gone_from_the_code", queue=QUEUE).defer_async()
        done: list[int] = []

        async def act() -> None:
            done.append(1)

        replica = ReplicaJobs(queue_url, Alone())
        replica.every(5.0, "tick", act)
        async with working(replica):
            await until(lambda: bool(done))
        left = rows(
            queue_url, "SELECT task_name, status::text FROM procrastinate_jobs WHERE queue_name = 'billing'"
        )
        assert left == [("send_invoices", "todo")]
        # One of ours that an older release left does no harm either.
        assert rows(queue_url, "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'gone%'") == [
            (0,)
        ]

    in_loop(scenario())


def test_what_comes_often_is_a_loop_of_whoever_has_the_role(queue_url: str) -> None:
    async def scenario() -> None:
        done: list[int] = []

        async def act() -> None:
            done.append(1)
            raise ValueError("and goes on")

        replica = ReplicaJobs(queue_url, Alone())
        replica.every(0.01, "refresh", act)
        async with working(replica):
            await until(lambda: len(done) > 3)
        assert rows(queue_url, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'refresh'") == [
            (0,)
        ]

    in_loop(scenario())


@pytest.mark.parametrize(
    ("seconds", "line"),
    [
        (5.0, "* * * * * */5"),
        (15.0, "* * * * * */15"),
        (60.0, "*/1 * * * *"),
        (1800.0, "*/30 * * * *"),
        (3600.0, "0 */1 * * *"),
    ],
)
def test_a_period_as_a_cron_line(seconds: float, line: str) -> None:
    assert cron_of(seconds) == line


@pytest.mark.parametrize("seconds", [7.0, 90.0, 2700.0, 18_000.0])
def test_a_period_that_divides_nothing_is_a_mistake(seconds: float) -> None:
    with pytest.raises(ValueError, match="no cron line"):
        cron_of(seconds)


# ---------------------------------------------------------------------- the tables of the queue


def test_two_who_make_the_tables_at_once_make_them_once() -> None:
    with cluster().lent() as url:
        plain, failed = lasting(url), []

        def make() -> None:
            try:
                prepare(plain)
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=make) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(SOON)
        assert failed == []
        [[note]] = rows(plain, NOTE)
        assert str(note).endswith(".sql")


def test_an_older_release_s_tables_are_brought_up(queue_url: str) -> None:
    """As a release before made them, by the library's own steps up to its own."""
    shape = (
        "SELECT proname, pg_get_function_identity_arguments(oid) FROM pg_proc"
        " WHERE proname LIKE 'procrastinate%' ORDER BY 1, 2"
    )
    with cluster().lent() as url:
        older = lasting(url)
        steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
        before = [each for each in steps if each.name < "03.04"]
        for each in before:
            put(older, each.read_text(encoding="utf-8"))
        put(older, f"COMMENT ON TABLE procrastinate_jobs IS '{before[-1].name}'")
        assert rows(older, shape) != rows(queue_url, shape)
        prepare(older)
        assert rows(older, NOTE) == rows(queue_url, NOTE) == [(steps[-1].name,)]
        assert rows(older, shape) == rows(queue_url, shape)
        # Nothing is left to do the second time.
        prepare(older)


def test_a_newer_release_s_tables_are_left_as_they_are(queue_url: str) -> None:
    put(queue_url, "COMMENT ON TABLE procrastinate_jobs IS '99.00.00_01_pre_x.sql'")
    prepare(queue_url)
    assert rows(queue_url, NOTE) == [("99.00.00_01_pre_x.sql",)]


def test_somebody_else_s_tables_are_not_touched(queue_url: str) -> None:
    put(queue_url, "COMMENT ON TABLE procrastinate_jobs IS NULL")
    with pytest.raises(Misconfigured, match="not the bot's"):
        prepare(queue_url)


@pytest.mark.parametrize("act", [shared_by, lambda one: upgrade(one, WallClock())])
def test_many_on_an_embedded_database_is_refused(act: Callable[[Settings], object], sqlite_url: str) -> None:
    with pytest.raises(Misconfigured, match="needs PostgreSQL"):
        act(Settings(database_url=sqlite_url, replicas="many"))


def test_the_upgrade_makes_both_kinds_of_tables() -> None:
    with cluster().lent() as url:
        upgrade(Settings(database_url=url, replicas="many"), WallClock())
        assert rows(
            lasting(url), "SELECT to_regclass('letter') IS NULL, to_regclass('procrastinate_jobs') IS NULL"
        ) == [(False, False)]
