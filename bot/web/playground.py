"""The browser playground: one page over the demo team, served on the loopback until Ctrl-C."""

import asyncio
import contextlib
import socket
import sys
import threading
import webbrowser
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo import open_demo
from bot.web.stage import Jumped, Playground, Pressed, Said, Spoken, say
from domain.people import Language
from handlers.view import Words, t
from handlers.words import catalogue

HERE = Path(__file__).parent
ASSETS = {
    "playground.css": "text/css; charset=utf-8",
    "playground.js": "text/javascript; charset=utf-8",
    "playground.svg": "image/svg+xml",
}
BODY_MOST = 64 * 1024
PORTS_TRIED = 50
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def dictionary() -> dict[str, Any]:
    """The page's words in every language, so that the switch needs no reload."""
    made: dict[str, Any] = {}
    for language in Language:
        texts: dict[str, dict[str, str]] = {"page": {}, "chip": {}}
        for key in catalogue():
            file, _, rest = key.partition(".")
            group, _, name = rest.partition(".")
            if file == "playground" and group in texts:
                texts[group][name] = say(t(key), language)
        made[language] = {**texts, "example": say(t("visit.command.example"), language)}
    return made


class LocalOnly:
    """Turns away every request that was not meant for this machine or comes from another site's page."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._refusal(Request(scope))
            if refusal:
                await JSONResponse({"error": refusal}, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> str:
        host = request.headers.get("host", "")
        if hostname(host) not in self._hosts:
            return "this page is only for this machine"
        origin = request.headers.get("origin")
        if origin is not None and origin != f"{request.url.scheme}://{host}":
            return "not from another site"
        return ""


def hostname(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    return host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]


def application(playground: Playground, host: str) -> Starlette:
    """The routes of the page."""
    templates = Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape(["html"]))
    page = templates.get_template("page.html")
    words = dictionary()

    async def index(_request: Request) -> Response:
        language = playground.language
        html = page.render(
            language=language,
            languages=[(each, say(t(f"language.own_{each}"), each)) for each in Language],
            words=words[language]["page"],
            chips=words[language]["chip"],
            dictionary=words,
            panes=playground.panes,
        )
        return HTMLResponse(html, headers=HEADERS)

    async def asset(request: Request) -> Response:
        name = request.url.path.lstrip("/")
        return Response((HERE / name).read_bytes(), media_type=ASSETS[name], headers=HEADERS)

    async def events(_request: Request) -> Response:
        return StreamingResponse(playground.events(), media_type="text/event-stream", headers=HEADERS)

    routes = [
        Route("/", index),
        *(Route(f"/{name}", asset) for name in ASSETS),
        Route("/events", events),
        Route("/say", taking(Said, playground.say), methods=["POST"]),
        Route("/press", taking(Pressed, playground.press), methods=["POST"]),
        Route("/clock", taking(Jumped, playground.jump), methods=["POST"]),
        Route("/language", taking(Spoken, playground.speak), methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(LocalOnly, hosts=LOOPBACK | {host})
    return app


def taking(
    model: type[Any], act: Callable[[Any], Awaitable[None]]
) -> Callable[[Request], Awaitable[Response]]:
    """A route that reads a small JSON body into `model` and acts on it."""

    async def route(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return JSONResponse({"error": "JSON only"}, 415)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_MOST:
                return JSONResponse({"error": "too long"}, 413)
        try:
            asked = model.model_validate_json(bytes(body))
        except ValidationError:
            return JSONResponse({"error": "not understood"}, 400)
        await act(asked)
        return JSONResponse({"ok": True})

    return route


class Server(uvicorn.Server):
    """Uvicorn that ends the open streams first, so that Ctrl-C is obeyed at once."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._hang_up = hang_up

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._hang_up()
        super().handle_exit(sig, frame)


def server_of(playground: Playground, host: str) -> Server:
    """The server of a playground; `host` is the name it may be called by besides the loopback's."""
    config = uvicorn.Config(
        application(playground, host), log_level="warning", timeout_graceful_shutdown=2, lifespan="off"
    )
    return Server(config, playground.hang_up)


def listen_at(host: str, port: int) -> socket.socket:
    """A listening socket at the port, or at the next free one above it. Raises `OSError` when there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last: OSError | None = None
    for each in range(port, min(port + PORTS_TRIED, 65_536)) if port else (0,):
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host, each))
            made.listen()
        except OSError as error:
            made.close()
            last = error
        else:
            return made
    raise last or OSError("no port")


def serve_demo(host: str, port: int, *, language: Language, open_browser: bool, today: date) -> None:
    """Serves the playground until Ctrl-C; the data lives and dies with the process."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(host, port, language, open_browser, today))


async def _serve(host: str, port: int, language: Language, open_browser: bool, today: date) -> None:
    listening = listen_at(host, port)
    free = listening.getsockname()[1]
    if port and free != port:
        _print(t("playground.taken", port=str(port), free=str(free)), language)
    _print(t("playground.preparing"), language)
    demo = await open_demo(language, today)
    try:
        playground = Playground(demo, language)
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{'localhost' if host in ('0.0.0.0', '::') else shown}:{free}/"
        server = server_of(playground, host)
        _print(t("playground.serving", url=url), language)
        if open_browser:
            # A thread that nobody waits for: some browsers return only when they are closed.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        await server.serve(sockets=[listening])
    finally:
        demo.close()
        listening.close()


def _print(words: Words, language: Language) -> None:
    print(say(words, language), file=sys.stdout, flush=True)  # noqa: T201
