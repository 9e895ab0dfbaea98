"""The browser playground: one page over the demo team, served on the loopback until Ctrl-C."""

import asyncio
import contextlib
import socket
import sys
import threading
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

import uvicorn
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo import story_of
from bot.front import socket_at
from bot.web.panes import panes_of
from bot.web.requests import Attached, Jumped, Pressed, Restarted, Said, Spoken, Submitted, Wanted
from bot.web.stage import Playground, say
from bot.web.stages import Place, Stages
from domain.files import FILE_MOST, PICTURES, sniffed
from domain.people import Language
from handlers.registry import registry
from handlers.view import Words, t
from handlers.words import catalogue

HERE = Path(__file__).parent
ASSETS = {
    "playground.css": "text/css; charset=utf-8",
    "playground.js": "text/javascript; charset=utf-8",
    "playground.svg": "image/svg+xml",
}
THEMES = ("light", "dark")
BODY_MOST = 64 * 1024
BYTES = "application/octet-stream"
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

# What is wrong with a form, by part.
Errors = Mapping[str, str] | None


def dictionary() -> dict[str, Any]:
    """The page's words in every language, so that the switch needs no reload."""
    made: dict[str, Any] = {}
    for language in Language:
        texts: dict[str, dict[str, str]] = {"page": {}, "chip": {}, "guide": {}}
        for key in catalogue():
            file, _, rest = key.partition(".")
            group, _, name = rest.partition(".")
            if file == "playground" and group in texts:
                texts[group][name] = say(t(key), language)
        made[language] = {**texts, "commands": commands(language)}
    return made


def commands(language: Language) -> dict[str, dict[str, Any]]:
    """How each command is typed and what it does, from its declaration."""
    return {
        each.name: {
            "names": [each.name, *each.aliases],
            "word": say(t(f"{each.name}.command.word"), language),
            "summary": say(t(f"{each.name}.command.summary"), language),
            "example": say(t(f"{each.name}.command.example"), language),
        }
        for each in registry().commands.values()
    }


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


def application(stages: Stages, host: str) -> Starlette:
    """The routes of the page; its address names the stage, and every request of the page repeats it."""
    templates = Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape(["html"]))
    page = templates.get_template("page.html")
    words = dictionary()

    async def index(request: Request) -> Response:
        asked = request.query_params
        place = stages.place(asked)
        language = stages.spoken(place)
        story = story_of(place.language)
        html = page.render(
            language=language,
            languages=[(each, say(t(f"language.own_{each}"), each)) for each in Language],
            theme=asked["theme"] if asked.get("theme") in THEMES else "",
            words=words[language]["page"],
            chips=words[language]["chip"],
            guide=words[language]["guide"],
            dictionary=words,
            panes=panes_of(story),
            lent=story.lent(),
            preparing=say(t("playground.preparing"), language),
            scenes=tuple(story.scenes) if "scene" in asked and not place.scene else (),
            spoken=place.language,
            file_most=FILE_MOST,
        )
        return HTMLResponse(html, headers=HEADERS)

    async def asset(request: Request) -> Response:
        name = request.url.path.lstrip("/")
        return Response((HERE / name).read_bytes(), media_type=ASSETS[name], headers=HEADERS)

    async def events(request: Request) -> Response:
        playground = await stages.at(stages.place(request.query_params))
        return StreamingResponse(playground.events(), media_type="text/event-stream", headers=HEADERS)

    async def attach(request: Request) -> Response:
        if _type_of(request) != BYTES:
            return JSONResponse({"error": "bytes only"}, 415)
        try:
            asked = Attached.model_validate(dict(request.query_params))
        except ValidationError:
            return JSONResponse({"error": "not understood"}, 400)
        content = await _body(request, FILE_MOST)
        # Of a file that is too large the page sends the size alone, for the bot to say so.
        if content is None or (len(content) != asked.size and (content or asked.size <= FILE_MOST)):
            return JSONResponse({"error": "too long" if content is None else "not whole"}, 413)
        playground = await stages.at(stages.place(request.query_params))
        await playground.attach(asked, content)
        return JSONResponse({"ok": True})

    async def file(request: Request) -> Response:
        try:
            wanted = Wanted.model_validate(dict(request.query_params))
        except ValidationError:
            return JSONResponse({"error": "not understood"}, 400)
        playground = await stages.at(stages.place(request.query_params))
        found = await playground.file(wanted)
        if found is None:
            return JSONResponse({"error": "not there"}, 404)
        name, content = found
        mime = sniffed(content, name)
        if mime in PICTURES:
            return Response(content, media_type=mime, headers=HEADERS)
        # Whatever it is, the page never runs it.
        saved = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type=BYTES, headers={**HEADERS, **saved})

    def acting(model: type[Any], act: Callable[[Playground, Any], Awaitable[Errors]], path: str) -> Route:
        async def on_stage(place: Place, asked: Any) -> Errors:
            return await act(await stages.at(place), asked)

        return Route(path, taking(model, stages.place, on_stage), methods=["POST"])

    routes = [
        Route("/", index),
        *(Route(f"/{name}", asset) for name in ASSETS),
        Route("/events", events),
        Route("/attach", attach, methods=["POST"]),
        Route("/file", file),
        acting(Said, Playground.say, "/say"),
        acting(Pressed, Playground.press, "/press"),
        acting(Submitted, Playground.submit, "/submit"),
        acting(Jumped, Playground.jump, "/clock"),
        acting(Spoken, Playground.speak, "/language"),
        Route(
            "/restart",
            taking(Restarted, stages.place, lambda place, _asked: stages.restart(place)),
            methods=["POST"],
        ),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(LocalOnly, hosts=LOOPBACK | {host})
    return app


def taking(
    model: type[Any],
    place: Callable[[Mapping[str, str]], Place],
    act: Callable[[Place, Any], Awaitable[Errors]],
) -> Callable[[Request], Awaitable[Response]]:
    """A route that reads a small JSON body into `model` and acts on it at its stage."""

    async def route(request: Request) -> Response:
        if _type_of(request) != "application/json":
            return JSONResponse({"error": "JSON only"}, 415)
        body = await _body(request, BODY_MOST)
        if body is None:
            return JSONResponse({"error": "too long"}, 413)
        try:
            asked = model.model_validate_json(body)
        except ValidationError:
            return JSONResponse({"error": "not understood"}, 400)
        errors = await act(place(request.query_params), asked)
        # A field to be put right is no failed request: the browser's console stays clean.
        return JSONResponse({"ok": False, "errors": errors} if errors else {"ok": True})

    return route


def _type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip()


async def _body(request: Request, most: int) -> bytes | None:
    """The body, counted while it is read; None for one that is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


class Server(uvicorn.Server):
    """Uvicorn that ends the open streams first, so that Ctrl-C is obeyed at once."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._hang_up = hang_up

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._hang_up()
        super().handle_exit(sig, frame)


def server_of(stages: Stages, host: str) -> Server:
    """The server of a playground's stages; `host` is the name it may be called by besides the loopback's."""
    config = uvicorn.Config(
        application(stages, host), log_level="warning", timeout_graceful_shutdown=5, lifespan="off"
    )
    return Server(config, stages.hang_up)


def listen_at(host: str, port: int) -> socket.socket:
    """A listening socket at the port, or at the next free one above it. Raises `OSError` when there is none."""
    last: OSError | None = None
    for each in range(port, min(port + PORTS_TRIED, 65_536)) if port else (0,):
        try:
            return socket_at(host, each)
        except OSError as error:
            last = error
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
    stages = Stages(language, today)
    try:
        await stages.at(stages.place({}))
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{'localhost' if host in ('0.0.0.0', '::') else shown}:{free}/"
        server = server_of(stages, host)
        _print(t("playground.serving", url=url), language)
        if open_browser:
            # A thread that nobody waits for: some browsers return only when they are closed.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        await server.serve(sockets=[listening])
    finally:
        await stages.close()
        listening.close()


def _print(words: Words, language: Language) -> None:
    print(say(words, language), file=sys.stdout, flush=True)  # noqa: T201
