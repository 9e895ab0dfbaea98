"""What whoever supervises the bot asks: alive, ready, figures; without the database, while stopping, and never a name."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from bot import run as running
from bot import vitals
from bot.app import App, build
from bot.clock import WallClock
from bot.metrics import METRICS
from bot.run import _front
from bot.settings import Settings
from bot.vitals import Vitals
from bot.watch import Watch
from domain.people import Language
from domain.ports import Address, Letter, Outcome, Urgency, Work
from tests.edges.test_watch import Both
from tests.support.house import PLATFORM, FreeClock, House, house, seat
from tests.support.telegram_server import TOKEN

NAMES = ("Ann", "Canary Holdings", "ann", "canary")


@asynccontextmanager
async def supervised(url: str) -> AsyncIterator[tuple[House, Both, Watch, httpx.AsyncClient]]:
    """An app with somebody in it, a watch over one door, and a client that asks about them."""
    async with house([seat("ann")], url=url) as at:
        both = Both()
        both.wall = at.clock
        watch = both.watch(both.pulse())
        app = Starlette(routes=list(Vitals(at.app, watch).routes()))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            yield at, both, watch, client


def in_loop(scenario: Any) -> None:
    asyncio.run(asyncio.wait_for(scenario, 60))


def figures(text: str) -> Mapping[str, float]:
    """Each sample of an exposition: `name` or `name{value of its label}`."""
    return {
        each.name + "".join(f"{{{value}}}" for value in each.labels.values()): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_alive_is_who_lately_proved_that_we_receive(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with supervised(sqlite_url) as (_, both, watch, client):
            watch.pulses[0].prove()
            both.pass_by(89)
            young = await client.get("/healthz")
            assert (young.status_code, young.json()) == (
                200,
                {"ok": True, "seconds_since_proof": {"ear": 89.0}},
            )
            both.pass_by(2)
            old = await client.get("/healthz")
            assert (old.status_code, old.json()["ok"]) == (503, False)

    in_loop(scenario())


def test_ready_is_who_may_be_given_work(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "REVISION_SECONDS", 0.0)

    async def scenario() -> None:
        async with supervised(database_url) as (at, _, watch, client):
            shut = await client.get("/readyz")
            assert (shut.status_code, shut.json()["doors"]) == (503, {"ear": False})
            watch.pulses[0].prove()
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()) == (
                200,
                {"ok": True, "database": True, "schema": True, "doors": {"ear": True}, "stopping": False},
            )
            watch.stopping = True
            assert (await client.get("/readyz")).status_code == 503
            watch.stopping = False
            await at.app.writer.run(_another_revision)
            older = await client.get("/readyz")
            assert (older.status_code, older.json()["schema"]) == (503, False)

    in_loop(scenario())


def _another_revision(work: Work) -> None:
    work.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")  # type: ignore[attr-defined]


class Silent:
    """A database that does not answer, or says that it is gone."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.asked = 0

    async def run(self, _job: object) -> object:
        self.asked += 1
        if self.error:
            raise self.error
        return await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("error", [None, OSError("gone")], ids=["silent", "gone"])
def test_without_the_database_it_lives_and_is_not_ready(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    monkeypatch.setattr(vitals, "PATIENCE_SECONDS", 0.05)

    async def scenario() -> None:
        async with supervised(sqlite_url) as (at, _, watch, client):
            watch.pulses[0].prove()
            sound, silent = at.app.writer, Silent(error)
            at.app.writer = silent  # type: ignore[assignment]
            assert (await client.get("/healthz")).status_code == 200
            for _ in range(5):
                assert (await client.get("/readyz")).json()["database"] is False
                told = figures((await client.get("/metrics")).text)
                assert told["dealpace_database_up"] == 0
                assert "dealpace_inbox_new" not in told and "dealpace_reception_age_seconds{ear}" in told
            # One question each, however often somebody asks.
            assert silent.asked == 2
            at.app.writer = sound

    in_loop(scenario())


async def troubled(at: House) -> None:
    """A letter that is late, one that may have arrived, one that did not, a chat that is dead, a delivery set aside."""
    now = at.clock.now()

    def job(work: Work) -> None:
        for key, minutes in (("late", 20), ("unsure", 10), ("dead", 5)):
            work.outbox.write(
                Letter(
                    key=key,
                    to=Address(platform=PLATFORM, chat="ann"),
                    card="{}",
                    language=Language.EN,
                    due_at=now - timedelta(minutes=minutes),
                    urgency=Urgency.PUSH,
                )
            )
        work.outbox.next_due()
        work.outbox.retry("unsure", now + timedelta(hours=1), Outcome.UNKNOWN)
        work.outbox.give_up("dead", Outcome.DEAD, now)
        work.outbox.bury(Address(platform=PLATFORM, chat="ann"), now)
        work.inbox.keep("telegram", "1", "telegram:1", "Canary Holdings", now - timedelta(seconds=30))
        number = work.inbox.keep("telegram", "2", "telegram:1", "Canary Holdings", now)
        assert number
        work.inbox.failed(number, "ref", quarantine=True, fault="ValueError")

    await at.app.writer.run(job)


def test_the_figures_are_those_of_the_installation(database_url: str) -> None:
    async def scenario() -> None:
        async with supervised(database_url) as (at, both, watch, client):
            await at.says("ann", "/visit Canary Holdings; met: Li Wei")
            await troubled(at)
            pulse = watch.pulses[0]
            pulse.prove()
            pulse.throttled = 1
            pulse.skew = -2.5
            watch.ticking(15)
            both.ran += 4
            at.app.courier.throttled["ear"] = 2
            answer = await client.get("/metrics")
            told = figures(answer.text)
            assert answer.headers["content-type"].startswith("text/plain")
            assert told == {
                "dealpace_reception_age_seconds{ear}": 4,
                "dealpace_doors_restarted_total{ear}": 0,
                "dealpace_throttled_total{ear}": 3,
                "dealpace_clock_skew_seconds{ear}": -2.5,
                "dealpace_clock_jumps_total": 0,
                "dealpace_turns_total": 1,
                "dealpace_tick_late_seconds": 0,
                "dealpace_database_up": 1,
                "dealpace_inbox_new": 1,
                "dealpace_inbox_oldest_new_seconds": 30,
                "dealpace_outbox_due": 2,
                "dealpace_outbox_oldest_due_seconds": 1200,
                "dealpace_outbox_unknown": 1,
                "dealpace_outbox_ended{dead}": 1,
                "dealpace_outbox_ended{expired}": 0,
                "dealpace_outbox_ended{unknown}": 0,
                "dealpace_outbox_repeated": 0,
                "dealpace_destinations_dead": 1,
                "dealpace_quarantine": 1,
            }
            assert {name.partition("{")[0] for name in told} == {each.full_name for each in METRICS}
            assert not any(name in answer.text for name in NAMES)
            # Nothing of ours stands in the library's own registry.
            assert not [each for each in REGISTRY.collect() if each.name.startswith("dealpace")]

    in_loop(scenario())


def test_a_scraper_does_not_load_the_database(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with supervised(sqlite_url) as (at, _, _, client):
            before = at.app.writer.commits  # type: ignore[attr-defined]
            for _ in range(3):
                await asyncio.gather(
                    *(client.get(path) for path in ("/metrics", "/readyz") for _ in range(20))
                )
            assert at.app.writer.commits - before <= 2  # type: ignore[attr-defined]

    in_loop(scenario())


def test_nobody_may_do_anything_there(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with supervised(sqlite_url) as (_, _, _, client):
            for path in ("/healthz", "/readyz", "/metrics"):
                assert (await client.post(path)).status_code == 405

    in_loop(scenario())


def test_the_port_is_taken_only_where_somebody_is_to_come_in(sqlite_url: str) -> None:
    """Whoever polls on a machine of theirs gets no word about ports."""

    def serves(app: App, **values: Any) -> bool:
        settings = Settings(_env_file=None, telegram_token=TOKEN, **values)
        doors = running.doors(settings, app, {})
        front = _front(settings, app, doors, Watch(doors, FreeClock(WallClock().now())))
        if front:
            front._listening.close()
        return front is not None

    async def scenario() -> None:
        app = build(sqlite_url, WallClock(), {})
        try:
            assert not serves(app)
            assert serves(app, listen="127.0.0.1:0")
            hook = {"telegram_mode": "webhook", "public_url": "https://bot.example"}
            assert serves(app, listen="127.0.0.1:0", **hook)
        finally:
            app.close()

    in_loop(scenario())


def test_the_page_for_operators_has_every_metric_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    rows = [
        f"| `{each.full_name}`{f'`{{{each.label}}}`' if each.label else ''} | {each.help} | "
        f"{'counter' if each.counts else 'gauge'} |"
        for each in METRICS
    ]
    assert "\n".join(rows) in page
    named = set(re.findall(r"dealpace_\w+", page))
    assert named == {each.full_name for each in METRICS}
