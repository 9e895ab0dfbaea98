"""The HTTP server before anybody is known: who is slow, many or loud costs little, and the end is quiet and in time."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier
from structlog.testing import capture_logs

from bot import run as running
from bot.app import build
from bot.clock import WallClock
from bot.front import HEADER_MOST, Front, socket_at
from bot.jobs.local import LocalJobs
from bot.logs import Complaints
from bot.run import run
from bot.settings import Misconfigured, Settings
from bot.slack import http
from bot.slack.manifest import EVENTS_PATH
from bot.watch import Pulse, Watch
from bot.writer import PoolWriter
from storage.database import SqlDatabase
from tests.support.slack_house import in_loop
from tests.support.slack_server import BOT_TOKEN, SIGNING_SECRET

Json = dict[str, Any]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HALF_A_HEADER = b"POST " + EVENTS_PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nX-A: "
GARBAGE = b"\x00nothing like HTTP\r\n\r\n"
COMMAND = b"command=%2Fpace&user_id=U1"
SOON = 3.0


def call(*, at: float, length: int, keep: bool = True) -> bytes:
    """The header of a call of Slack, signed for `COMMAND`."""
    stamp = str(int(at))
    signed = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=stamp, body=COMMAND)
    return (
        f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signed}\r\n"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    ).encode()


async def answer(stream: Streams) -> bytes:
    """All that is said until the other side closes, within bounds."""
    return await asyncio.wait_for(stream[0].read(), SOON)


async def header(stream: Streams) -> bytes:
    """The header of the next answer."""
    return await asyncio.wait_for(stream[0].readuntil(b"\r\n\r\n"), SOON)


class Called:
    """A front with Slack's address, and connections to it."""

    def __init__(self, port: int, task: "asyncio.Task[None]") -> None:
        self._port = port
        self.task = task
        self.taken: list[Json] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def take(self, payload: Json) -> Json:
        self.taken.append(payload)
        await self.may_answer.wait()
        return {}

    async def says(self, words: bytes = b"") -> Streams:
        stream = await asyncio.open_connection("127.0.0.1", self._port)
        stream[1].write(words)
        return stream


@asynccontextmanager
async def front() -> AsyncIterator[Called]:
    listening = socket_at("127.0.0.1", 0)
    async with asyncio.TaskGroup() as group:
        called: Called
        route = http.route(SIGNING_SECRET, lambda payload: called.take(payload))
        task = group.create_task(Front(listening, [route]).run())
        called = Called(listening.getsockname()[1], task)
        yield called
        task.cancel()


# ---------------------------------------------------------------------- where it listens


def test_a_taken_port_ends_the_process_with_one_line_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(socket_at("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        settings = Settings(
            _env_file=None,
            database_url=f"sqlite:///{tmp_path / 'dealpace.db'}",
            slack_bot_token=SecretStr(BOT_TOKEN),
            slack_signing_secret=SecretStr(SIGNING_SECRET),
            slack_api_root="http://127.0.0.1:9/api/",
            listen=address,
        )
        with pytest.raises(Misconfigured) as refused:
            asyncio.run(run(settings))
    assert str(refused.value).startswith(f"DEALPACE_LISTEN={address} is taken")
    said = capsys.readouterr()
    assert said.out == "" and "Traceback" not in said.err


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_socket_listens_where_it_should_or_not_at_all(host: str) -> None:
    try:
        socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with closing(socket_at(host, 0)) as first:
        assert first.getsockname()[0] == host
        with pytest.raises(OSError):
            socket_at(host, first.getsockname()[1])


# ---------------------------------------------------------------------- who is slow


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.front.HEADER_SECONDS", 0.3)
    monkeypatch.setattr("bot.front.BODY_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("words", [b"", HALF_A_HEADER, b"\r\n\r\n"])
def test_a_connection_without_a_whole_header_is_closed(words: bytes) -> None:
    async def scenario() -> None:
        async with front() as at:
            assert await answer(await at.says(words)) == b""

    in_loop(scenario())


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("words", [b"\r\n", HALF_A_HEADER])
def test_a_connection_that_is_kept_has_no_longer_for_its_next_header(words: bytes) -> None:
    async def scenario() -> None:
        async with front() as at:
            stream = await at.says(call(at=time.time(), length=len(COMMAND)) + COMMAND)
            assert b" 200 " in await header(stream)
            stream[1].write(words)
            assert await answer(stream) == b""

    in_loop(scenario())


def test_a_header_without_an_end_is_not_collected() -> None:
    async def scenario() -> None:
        async with front() as at:
            stream = await at.says(HALF_A_HEADER + b"x" * 4 * HEADER_MOST)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                assert await answer(stream) == b""
                raise ConnectionError

    in_loop(scenario())


@pytest.mark.usefixtures("impatient")
def test_a_body_that_does_not_come_is_given_up() -> None:
    async def scenario() -> None:
        async with front() as at:
            stream = await at.says(call(at=time.time(), length=999_999) + COMMAND)
            told = await answer(stream)
            assert b" 408 " in told and b"connection: close" in told.lower()
            assert at.taken == []

    in_loop(scenario())


@pytest.mark.parametrize("off", [-310, 310, -(10**8)])
def test_a_call_of_another_time_is_refused_before_its_body_is_read(off: int) -> None:
    async def scenario() -> None:
        async with front() as at:
            # Sooner than any body is given up: none was waited for.
            assert b" 401 " in await answer(await at.says(call(at=time.time() + off, length=999_999)))

    in_loop(scenario())


@pytest.mark.usefixtures("impatient")
def test_a_call_in_work_is_not_cut_short() -> None:
    async def scenario() -> None:
        async with front() as at:
            at.may_answer.clear()
            stream = await at.says(call(at=time.time(), length=len(COMMAND), keep=False) + COMMAND)
            # Twice as long as anybody has for a header.
            asyncio.get_running_loop().call_later(0.6, at.may_answer.set)
            assert b" 200 " in await answer(stream)
            assert at.taken == [{"command": "/pace", "user_id": "U1"}]

    in_loop(scenario())


# ---------------------------------------------------------------------- who is many, who is loud


def test_beyond_so_many_connections_the_next_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.front.CONNECTIONS", 3)

    async def scenario() -> None:
        async with front() as at:
            held = [await at.says(HALF_A_HEADER) for _ in range(3)]
            body = call(at=time.time(), length=len(COMMAND)) + COMMAND
            assert b" 503 " in await answer(await at.says(body))
            for _, writer in held:
                writer.close()
                await writer.wait_closed()
            assert b" 200 " in await header(await at.says(body))

    in_loop(scenario())


@pytest.fixture
def complaints() -> Iterator[list[Any]]:
    """What the log says of the HTTP server, as it is set up in a running bot."""
    server = logging.getLogger("uvicorn")
    before = server.handlers, server.propagate
    server.handlers, server.propagate = [Complaints()], False
    try:
        with capture_logs() as said:
            yield said
    finally:
        server.handlers, server.propagate = before


def test_whoever_talks_nonsense_often_is_logged_once(complaints: list[Any]) -> None:
    async def scenario() -> None:
        async with front() as at:
            for _ in range(20):
                assert b" 400 " in await answer(await at.says(GARBAGE))

    in_loop(scenario())
    assert [(each["event"], each["log_level"]) for each in complaints] == [("http_server", "warning")]
    assert "nothing like HTTP" not in str(complaints)


def test_calls_that_are_cut_short_by_the_end_are_to_come_again_and_no_bug(complaints: list[Any]) -> None:
    async def scenario() -> None:
        async with front() as at:
            at.may_answer.clear()
            waiting = [
                await at.says(call(at=time.time(), length=len(COMMAND)) + COMMAND),
                await at.says(call(at=time.time(), length=999_999) + COMMAND),
            ]
            gone = await at.says(call(at=time.time(), length=999_999))
            gone[1].close()
            async with asyncio.timeout(SOON):
                while not at.taken:
                    await asyncio.sleep(0)
            at.task.cancel()
            for stream in waiting:
                assert b" 503 " in await answer(stream)

    in_loop(scenario())
    assert [each["event"] for each in complaints] == ["http_server"]
    assert "exc_info" not in complaints[0] or complaints[0]["exc_info"] is None


def test_a_complaint_of_the_server_is_one_line_without_secrets() -> None:
    program = f"""
import logging
from bot.logs import configure
configure("json", "info")
logger = logging.getLogger("uvicorn.error")
for _ in range(3):
    try:
        raise ValueError("{BOT_TOKEN}")
    except ValueError as error:
        logger.error("Exception in ASGI application\\n", exc_info=error)
logger.info("Started server process")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    [line] = (done.stdout + done.stderr).splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"]) == ("http_server", "error")
    assert "ValueError" in said["exception"] and BOT_TOKEN not in line


# ---------------------------------------------------------------------- the end


class Stuck:
    """A door that neither ends nor closes when it is told to."""

    def __init__(self) -> None:
        self.pulse = Pulse("stuck")
        self.released = asyncio.Event()
        self.closed = False

    def routes(self) -> tuple[()]:
        return ()

    async def run(self) -> None:
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue

    async def renew(self) -> None: ...

    async def answers(self) -> bool:
        return True

    async def close(self) -> None:
        await self.released.wait()
        self.closed = True


def test_a_door_that_hangs_does_not_hold_up_the_end(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TURNS_SECONDS", "LETTERS_SECONDS", "STOP_SECONDS"):
        monkeypatch.setattr(running, name, 0.3)

    async def scenario() -> None:
        app = build(sqlite_url, WallClock(), {})
        door, stopped = Stuck(), asyncio.Event()
        stopped.set()
        began_at = time.monotonic()
        watch = Watch([door], WallClock())
        await running._serve(app, [door], None, watch, LocalJobs(), stopped, asyncio.Event())
        assert not door.closed and time.monotonic() - began_at < SOON
        door.released.set()
        app.close()

    in_loop(scenario())


def test_a_job_that_hangs_does_not_hold_up_the_end(sqlite_url: str) -> None:
    """A program of its own, since its exit is what must not be held up."""
    program = f"""
import asyncio, threading
import bot.writer
from storage.database import SqlDatabase
bot.writer.CLOSE_SECONDS = 0.2
async def main():
    writer, begun = bot.writer.PoolWriter(SqlDatabase({sqlite_url!r})), threading.Event()
    def hang(work):
        begun.set()
        threading.Event().wait()
    task = asyncio.create_task(writer.run(hang))
    await asyncio.to_thread(begun.wait)
    writer.close()
    task.cancel()
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_came_before_the_end_is_still_done(sqlite_url: str) -> None:
    async def scenario() -> None:
        database = SqlDatabase(sqlite_url)
        writer = PoolWriter(database)
        asked = [asyncio.create_task(writer.run(lambda work, n=n: n)) for n in range(40)]  # type: ignore[misc]
        await asyncio.sleep(0)
        writer.close()
        assert await asyncio.gather(*asked) == list(range(40))
        database.close()

    in_loop(scenario())
