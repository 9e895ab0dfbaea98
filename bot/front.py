"""The one HTTP server of a running bot: the doors' routes behind limits that hold before anything is parsed."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY_MOST = 1_000_000
# Far deeper than any payload of a platform, far shallower than what a parser chokes on.
DEEPEST = 64
OPENING = b"[{"
OTHERS = bytes(set(range(256)) - set(b"[]{}"))
# While the database is out a platform keeps what it has, and brings it again after so long.
AGAIN_AFTER_SECONDS = 5
STOP_SECONDS = 2


class TooLarge(Exception):
    """A body beyond the limit; the rest of it is not read."""


class Malformed(Exception):
    """A body that is not what it says it is."""


async def body_of(request: Request, most: int = BODY_MOST) -> bytes:
    """The body of a request; raises `TooLarge` as soon as it is."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge
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


class Front:
    """Serves the doors' routes until closed; bodies and headers never reach a log."""

    def __init__(self, host: str, port: int, routes: Sequence[Route]) -> None:
        config = uvicorn.Config(
            Starlette(routes=list(routes)),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            lifespan="off",
        )
        self._server = uvicorn.Server(config)
        # The process has its own signals; the server must not take them.
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]

    def routes(self) -> Sequence[Route]:
        """It has none of its own: it serves those of the others."""
        return ()

    async def run(self) -> None:
        """Serves until cancelled. Raises `OSError` when the port is taken."""
        serving = asyncio.create_task(self._server.serve())
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._server.should_exit = True
            await serving
            raise
        except SystemExit:
            raise OSError("the address to listen on is taken") from None

    async def close(self) -> None:
        """Nothing is left to close once `run` has ended."""
