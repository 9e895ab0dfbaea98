"""R18: cut, half-open and refused connections, dead tickets: receiving again within 30 s, or the process ends."""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.clock import WallClock
from bot.slack.adapter import SlackDoor
from bot.slack.adapter import decode as decode_slack
from bot.slack.connection import Patience as SlackPatience
from bot.telegram.adapter import TelegramDoor, decode
from bot.watch import NotReceiving, Patience, Watch
from tests.faults.process import Bot, Fake, until
from tests.faults.storm import TELEGRAM
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.wire import Wire

pytestmark = pytest.mark.faults
MOST_SECONDS = 30.0
PERSON, MEMBER = 41, "U41"
CUTS, OUTAGE_SECONDS = 10, 2.0
MANY_CUTS = 500
# The same proportions in less time, for the runs that CI makes.
BRIEF_POLL = 1
BRIEF = SlackPatience(
    call=2.0, connect=1.0, hello=1.0, check=0.2, ping=0.5, dead=1.5, waits=(0.2, 0.5, 1.0), close=1.0
)
QUICK = Patience(proof=1.0, check=0.1, healing=1.0, ending=2.0)
REAL = pytest.param(True, marks=pytest.mark.long, id="real")
SIZES = [pytest.param(False, id="brief"), REAL]


def in_loop(scenario: Coroutine[Any, Any, None], seconds: float = 1200) -> None:
    asyncio.run(asyncio.wait_for(scenario, seconds))


class Line:
    """A bot that receives over a wire, and how soon after a moment somebody who speaks is heard."""

    def __init__(self, wire: Wire, file: Path, says: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self.wire = wire
        self._file = file
        self._says = says
        self.keeping: asyncio.Task[None] | None = None

    def heard(self) -> int:
        with closing(sqlite3.connect(self._file, timeout=30)) as opened:
            return int(opened.execute("SELECT count(*) FROM inbox").fetchone()[0])

    async def hears_again(self) -> float:
        """Somebody speaks until they are heard; the seconds from now on."""
        before, since = self.heard(), time.monotonic()
        await self._says()
        while self.heard() == before:
            assert self.keeping and not self.keeping.done()
            assert time.monotonic() - since < 2 * MOST_SECONDS
            await asyncio.sleep(0.02)
        return time.monotonic() - since


@asynccontextmanager
async def kept(line: Line, door: Any, patience: Patience | None = None) -> AsyncIterator[Line]:
    watch = Watch([door], WallClock(), patience)
    line.keeping = asyncio.create_task(watch.keep(door))
    try:
        yield line
    finally:
        line.keeping.cancel()
        await asyncio.wait([line.keeping])
        await door.close()


@asynccontextmanager
async def telegram(
    url: str, *, real: bool, patience: Patience | None = None
) -> AsyncIterator[tuple[Line, TelegramServer]]:
    """A bot that polls through a wire."""
    app = build(url, WallClock(), {"telegram": decode})
    app.prepare()
    async with TelegramServer() as server, Wire(int(server.root.rpartition(":")[2])) as wire:
        length = {} if real else {"poll_seconds": BRIEF_POLL}
        door = TelegramDoor(app, TOKEN, wire.root, **length)  # type: ignore[arg-type]

        async def says() -> None:
            server.user_sends(PERSON, "/start")

        async with kept(Line(wire, _file(url), says), door, patience) as line:
            await server.until(lambda: server.calls_of("getUpdates"), 30)
            yield line, server
        await app.dispatch.idle()
    app.close()


class Behind(SlackServer):
    """A workspace whose connections too lead through the wire."""

    seen_at = ""

    @property
    def root(self) -> str:
        return self.seen_at or super().root


@asynccontextmanager
async def slack(
    url: str, *, real: bool, patience: Patience | None = None
) -> AsyncIterator[tuple[Line, Behind]]:
    """A bot with a Socket Mode connection through a wire."""
    app = build(url, WallClock(), {"slack": decode_slack})
    app.prepare()
    async with Behind() as server, Wire(int(server.root.rpartition(":")[2])) as wire:
        server.seen_at = wire.root
        server.add_user(MEMBER, name="ann")
        chosen = None if real else BRIEF
        door = SlackDoor(app, BOT_TOKEN, APP_TOKEN, f"{wire.root}/api/", patience=chosen)

        async def says() -> None:
            opened = list(server.socket.connections)
            # What Slack cannot deliver it brings again a minute later; here as soon as there is a way.
            while not (fresh := [each for each in server.socket.connections if each not in dead]):
                await asyncio.sleep(0.02)
            for each in opened:
                if each not in fresh:
                    server.socket._forget(each)
            await server.user_says(MEMBER, "hello")

        dead: list[Any] = []
        line = Line(wire, _file(url), says)
        async with kept(line, door, patience):
            await server.until(lambda: server.connections == 1, 30)
            server.dead = dead  # type: ignore[attr-defined]
            yield line, server
        await app.dispatch.idle()
    app.close()


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def lost(server: Behind) -> None:
    """From here on what was open counts for nothing."""
    server.dead.extend(server.socket.connections)  # type: ignore[attr-defined]


def told(what: str, seconds: float) -> None:
    print(f"{what}: receiving again after {seconds:.1f} s at most")
    assert seconds <= MOST_SECONDS


# ---------------------------------------------------------------------- receiving again


@pytest.mark.parametrize("real", SIZES)
def test_telegram_polls_that_are_cut_mid_flight(sqlite_url: str, real: bool) -> None:
    async def scenario() -> None:
        async with telegram(sqlite_url, real=real) as (line, server):
            worst = 0.0
            for _ in range(MANY_CUTS if real else CUTS):
                line.wire.cut()
                worst = max(worst, await line.hears_again())
            told(f"{MANY_CUTS if real else CUTS} cut polls", worst)
            assert server.pending_updates() <= 1

    in_loop(scenario())


@pytest.mark.parametrize("real", SIZES)
def test_a_telegram_poll_that_goes_dead_without_a_word(sqlite_url: str, real: bool) -> None:
    async def scenario() -> None:
        async with telegram(sqlite_url, real=real) as (line, _):
            await line.hears_again()
            line.wire.freeze()
            told("half-open poll", await line.hears_again())

    in_loop(scenario())


@pytest.mark.parametrize("real", SIZES)
def test_telegram_after_the_network_was_down(sqlite_url: str, real: bool) -> None:
    async def scenario() -> None:
        async with telegram(sqlite_url, real=real) as (line, _):
            await line.wire.down()
            # Long enough that the longest wait between two tries is reached.
            await asyncio.sleep(60.0 if real else OUTAGE_SECONDS)
            await line.wire.up()
            told("Telegram after an outage", await line.hears_again())

    in_loop(scenario())


@pytest.mark.parametrize("real", SIZES)
def test_slack_connections_that_are_cut(sqlite_url: str, real: bool) -> None:
    async def scenario() -> None:
        async with slack(sqlite_url, real=real) as (line, server):
            worst, cuts = 0.0, 50 if real else CUTS
            for _ in range(cuts):
                lost(server)
                line.wire.cut()
                worst = max(worst, await line.hears_again())
            told(f"{cuts} cut connections", worst)

    in_loop(scenario())


@pytest.mark.parametrize("real", SIZES)
def test_a_slack_connection_that_goes_dead_without_a_word(sqlite_url: str, real: bool) -> None:
    async def scenario() -> None:
        async with slack(sqlite_url, real=real) as (line, server):
            await line.hears_again()
            lost(server)
            line.wire.freeze()
            told("half-open connection", await line.hears_again())

    in_loop(scenario())


@pytest.mark.parametrize("real", SIZES)
def test_slack_after_no_connection_could_be_opened_and_tickets_were_dead(sqlite_url: str, real: bool) -> None:
    async def scenario() -> None:
        async with slack(sqlite_url, real=real) as (line, server):
            server.fault("apps.connections.open", 10_000, code=500)
            lost(server)
            line.wire.cut()
            await asyncio.sleep(60.0 if real else OUTAGE_SECONDS)
            server.forget_faults()
            # The next answer with a URL comes when its ticket is no longer good.
            server.fault("apps.connections.open", 1, delay_seconds=0.3)
            asked = len(server.calls_of("apps.connections.open"))
            back_at = time.monotonic()
            await server.until(lambda: len(server.calls_of("apps.connections.open")) > asked, 30)
            late = server.calls_of("apps.connections.open")[-1]
            await server.until(lambda: late.outcome == "ok")
            server.socket.expire_tickets()
            await line.hears_again()
            told("Slack after dead tickets", time.monotonic() - back_at)

    in_loop(scenario())


def test_slack_when_it_says_that_there_are_too_many(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with slack(sqlite_url, real=False) as (line, server):
            for reason in ("too_many_websockets", "refresh_requested", "warning"):
                lost(server)
                await server.disconnect(reason)
                told(reason, await line.hears_again())

    in_loop(scenario())


# ---------------------------------------------------------------------- or the end


def test_a_poll_that_never_comes_back_ends_the_process_although_telegram_answers(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with telegram(sqlite_url, real=False, patience=QUICK) as (line, server):
            server.fault("getUpdates", 10_000, code=500)
            assert line.keeping
            with pytest.raises(NotReceiving):
                await asyncio.wait_for(line.keeping, MOST_SECONDS)

    in_loop(scenario())


def test_a_connection_that_is_never_given_ends_the_process_although_slack_answers(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with slack(sqlite_url, real=False, patience=QUICK) as (line, server):
            server.fault("apps.connections.open", 10_000, code=500)
            line.wire.cut()
            assert line.keeping
            with pytest.raises(NotReceiving):
                await asyncio.wait_for(line.keeping, MOST_SECONDS)

    in_loop(scenario())


def test_an_outage_of_the_network_ends_nothing(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with telegram(sqlite_url, real=False, patience=QUICK) as (line, _):
            await line.wire.down()
            await asyncio.sleep(2 * (QUICK.proof + QUICK.healing))
            assert line.keeping and not line.keeping.done()
            await line.wire.up()
            told("Telegram after an outage, watched", await line.hears_again())

    in_loop(scenario())


@pytest.mark.long
def test_the_process_an_operator_starts_ends_with_a_failure(sqlite_url: str, tmp_path: Path) -> None:
    """Polls fail for ever and all else goes well: out within 90 s of proof, 60 s of healing and a look or two."""
    with Fake(TELEGRAM) as fake, Bot(tmp_path, sqlite_url, telegram=fake) as bot:
        bot.start()
        until(lambda: bot.alive() and bot.events("running"), "running")
        fake.fault("getUpdates", 10**6, code=500)
        since = time.monotonic()
        process = bot.process
        assert process is not None
        until(lambda: process.poll() is not None, "the end", 200)
        print(f"ended with {process.returncode} after {time.monotonic() - since:.0f} s")
        assert process.returncode == 1
        assert bot.events("door_restarted") and bot.events("not_receiving")
        assert os.path.getsize(bot.log)
