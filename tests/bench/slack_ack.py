"""P5: how soon a signed Slack command is acknowledged once it is stored, against Bolt's default that stores nothing."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.front import Front, socket_at
from bot.slack.manifest import EVENTS_PATH
from tests.bench.figure import Figure, Found, median, over
from tests.support.loopback import free_port
from tests.support.slack_delivery import SignedHttp
from tests.support.slack_house import ANN, HTTP, House, house
from tests.support.slack_server import BOT_TOKEN, SIGNING_SECRET, SlackServer
from tests.support.slack_web_api import APP_ID, TEAM_ID

BARS = ("P5",)
COMMAND, WORDS = "/pace", "help visit"
# How long Slack takes to accept each answer of the slow one.
SLOW_SECONDS = 2.0
ABOUT = f"""\
P5. `{COMMAND} {WORDS}`, signed and posted over a kept connection on loopback to uvicorn, one after the other, until the
acknowledgement is there: ours after the commit (synchronous=FULL), the next command once the answer has been posted.
The reference is slack-bolt's `AsyncApp` as it comes, behind its Starlette adapter, with a handler that only calls
`ack()`. The slow handler is ours while Slack takes {SLOW_SECONDS:g} s to accept each answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acking:
    """How long P5 runs: rounds, and commands of each contender in a round."""

    rounds: int
    commands: int


FULL = Acking(rounds=15, commands=40)
QUICK = Acking(rounds=7, commands=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Milliseconds until half of a round's commands were acknowledged."""

    ours: float
    slow: float
    bolt: float


class Caller:
    """Slack, at its leanest: signed commands over one connection, so that the time is the server's."""

    def __init__(
        self, server: SlackServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server, self._reader, self._writer = server, reader, writer

    async def acknowledged(self) -> float:
        """Milliseconds until one command was acknowledged. Raises `RuntimeError` when it was refused."""
        request = self._request()
        start = time.perf_counter()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        took = (time.perf_counter() - start) * 1e3
        if not head.startswith(b"HTTP/1.1 200 ") or b"content-length: 0\r\n" not in head.lower():
            raise RuntimeError(head.decode())
        return took

    def _request(self) -> bytes:
        fields = {
            "team_id": TEAM_ID,
            "channel_id": self._server.dm(ANN),
            "channel_name": "directmessage",
            "user_id": ANN,
            "user_name": "ann",
            "command": COMMAND,
            "text": WORDS,
            "api_app_id": APP_ID,
            "trigger_id": self._server.api.new_trigger(ANN),
        }
        body = urlencode(fields)
        headers = {
            "host": "127.0.0.1",
            "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(body)),
            **SignedHttp("", SIGNING_SECRET).signature_headers(body),
        }
        lines = [f"POST {EVENTS_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join((*lines, "", body)).encode()


@asynccontextmanager
async def calling(server: SlackServer) -> AsyncIterator[Caller]:
    """A caller of the workspace's app, as soon as that listens."""
    address = urlsplit(server.delivers_to)
    async with asyncio.timeout(5):
        while True:
            try:
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
                break
            except OSError:
                await asyncio.sleep(0.01)
    try:
        yield Caller(server, reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def bolt() -> AsyncIterator[SlackServer]:
    """A workspace whose app acknowledges the command and does nothing else."""
    async with SlackServer() as server:
        app = AsyncApp(
            signing_secret=SIGNING_SECRET, client=AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root)
        )
        app.command(COMMAND)(_ack)
        handler = AsyncSlackRequestHandler(app)

        async def called(request: Request) -> Response:
            return await handler.handle(request)

        port = free_port()
        server.deliver_to(f"http://127.0.0.1:{port}{EVENTS_PATH}")
        route = Route(EVENTS_PATH, called, methods=["POST"])
        front = asyncio.create_task(Front(socket_at("127.0.0.1", port), [route]).run())
        try:
            yield server
        finally:
            front.cancel()
            await asyncio.gather(front, return_exceptions=True)


async def _ack(ack: Any) -> None:
    await ack()


@asynccontextmanager
async def ours(folder: Path) -> AsyncIterator[House]:
    """The product in a workspace with a rep."""
    folder.mkdir()
    async with house(folder, by=HTTP) as at:
        await at.team()
        yield at


async def acknowledged(server: SlackServer, count: int) -> float:
    """Milliseconds until half of so many commands were acknowledged, on a connection of their own."""
    async with calling(server) as caller:
        return median([await caller.acknowledged() for _ in range(count)])


async def answered(at: House, count: int) -> float:
    """The same, each command only once the one before has been answered."""
    took = []
    async with calling(at.server) as caller:
        for _ in range(count):
            before = len(at.server.messages(ANN))
            took.append(await caller.acknowledged())
            await at.said(ANN, before + 1)
    return median(took)


async def acking(folder: Path, scale: Acking) -> list[Round]:
    """Rounds in turn, after one that warms every contender."""
    async with bolt() as reference, ours(folder / "quick") as quick, ours(folder / "slow") as slow:
        slow.server.fault("chat.postMessage", times=-1, delay_seconds=SLOW_SECONDS)
        rounds = []
        for _ in range(1 + scale.rounds):
            rounds.append(
                Round(
                    ours=await answered(quick, scale.commands),
                    slow=await acknowledged(slow.server, scale.commands),
                    bolt=await acknowledged(reference, scale.commands),
                )
            )
        return rounds[1:]


async def run(quick: bool, _only: Sequence[str]) -> Found:
    """Runs P5."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as name:
        rounds = await acking(Path(name), scale)
    share, share_spread = over(rounds, lambda each: each.ours / each.bolt)
    slow, slow_spread = over(rounds, lambda each: each.slow / each.bolt)
    mine, mine_slow, its = (
        over(rounds, value)[0] for value in (lambda r: r.ours, lambda r: r.slow, lambda r: r.bolt)
    )
    figures = [
        Figure(
            bar="P5",
            what=f"acknowledged after a durable write, p50 ({mine:.2f} ms)",
            value=share,
            spread=share_spread,
            most=0.15,
            reference=f"Bolt's default acknowledgement, p50 {its:.2f} ms",
        ),
        Figure(
            bar="P5",
            what=f"the same beside a slow handler ({mine_slow:.2f} ms)",
            value=slow,
            spread=slow_spread,
            most=0.15,
            reference=f"Bolt's default acknowledgement, p50 {its:.2f} ms",
        ),
    ]
    return Found(
        figures=figures, ran=f"P5: {scale.rounds} rounds of {scale.commands} commands each", about=ABOUT
    )
