"""The one HTTP server of a running bot: the doors' routes behind limits that hold before anything is parsed."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

BODY_MOST = 1_000_000
# The platforms send at once what they have to say; whoever drips holds a place that others need.
HEADER_MOST, HEADER_SECONDS, BODY_SECONDS, IDLE_SECONDS = 64 * 1024, 10.0, 5.0, 5
CONNECTIONS = 200
# Far deeper than any payload of a platform, far shallower than what a parser chokes on.
DEEPEST = 64
OPENING = b"[{"
OTHERS = bytes(set(range(256)) - set(b"[]{}"))
# While the database is out a platform keeps what it has, and brings it again after so long.
AGAIN_AFTER_SECONDS = 5
STOP_SECONDS = 2


class Unfit(Exception):
    """A body that is not taken; `status` is the answer to it."""

    status = 400


class TooLarge(Unfit):
    """A body beyond the limit; the rest of it is not read."""

    status = 413


class TooSlow(Unfit):
    """A body that does not come to its end."""

    status = 408


class Malformed(Unfit):
    """A body that is not what it says it is."""


async def body_of(request: Request) -> bytes:
    """The body of a request; raises `Unfit` as soon as it is."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > BODY_MOST:
        raise TooLarge
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_MOST:
                    raise TooLarge
    except TimeoutError:
        raise TooSlow from None
    except ClientDisconnect:
        raise Malformed from None
    return bytes(body)


def json_of(body: bytes) -> Any:
    """The JSON of a body; raises `Malformed` for what is none, and for what is nested beyond any sense."""
    if _deepest(body) > DEEPEST:
        raise Malformed
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed from None


def _deepest(body: bytes) -> int:
    """How deep the brackets go, at most: those inside of strings count too, which only errs on the safe side."""
    depth = deepest = 0
    for bracket in body.translate(None, OTHERS):
        depth += 1 if bracket in OPENING else -1
        deepest = max(deepest, depth)
    return deepest


def not_now() -> Response:
    """Nothing was stored: the platform is to bring it again."""
    return Response(status_code=503, headers={"Retry-After": str(AGAIN_AFTER_SECONDS)})


def refused(status: int) -> Response:
    """The rest of what is being sent is not read: the connection ends with the answer."""
    return Response(status_code=status, headers={"Connection": "close"})


def socket_at(host: str, port: int) -> socket.socket:
    """A socket that listens there and nowhere else. Raises `OSError`."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen()
    except OSError:
        made.close()
        raise
    return made


class Prompt(HttpToolsProtocol):
    """A connection that is closed unless a whole header comes in time; the server itself would wait for ever."""

    _unread = 0
    _patience: asyncio.TimerHandle | None = None

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_header()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._patience:
            self._patience.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._unread = self._unread + len(data) if self._idle else 0
        if self._unread > HEADER_MOST:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_header()

    def _await_header(self) -> None:
        if self._patience:
            self._patience.cancel()
        self._patience = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self._idle:
            self.transport.close()


class Interruptible:
    """An application whose calls may be cut short at the end of the process: the platform brings them again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            await not_now()(scope, receive, send)


class Front:
    """Serves the doors' routes on a socket until cancelled; bodies and headers never reach a log."""

    def __init__(self, listening: socket.socket, routes: Sequence[Route]) -> None:
        self._listening = listening
        config = uvicorn.Config(
            Interruptible(Starlette(routes=list(routes))),
            http=Prompt,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            lifespan="off",
        )
        self._server = uvicorn.Server(config)
        # The process has its own signals; the server must not take them.
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]

    async def run(self) -> None:
        """Serves until cancelled."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._listening]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._server.should_exit = True
            await serving
            raise
