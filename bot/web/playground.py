"""The browser playground: one page over the demo team, its doors on the loopback, its clock in the visitor's hand."""

import asyncio
import contextlib
import json
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import uvicorn
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo import MOST_STEPS, PANES, Demo, open_demo
from bot.web.adapter import Message, Speaker
from bot.web.render import render
from domain.people import Language, Role
from handlers.view import Words, t
from handlers.words import catalogue

HERE = Path(__file__).parent
ASSETS = {
    "playground.css": "text/css; charset=utf-8",
    "playground.js": "text/javascript; charset=utf-8",
    "playground.svg": "image/svg+xml",
}
ROOM = "room"
CHIPS = {"rep": ("today", "visit", "report", "week", "help"), "manager": ("visit", "call", "invite", "help")}
BODY_MOST = 64 * 1024
PORTS_TRIED = 50
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HOUR = timedelta(hours=1)
# A page that does not read for so many events is cut off; it comes back by itself and gets the whole state.
EVENTS_BEHIND = 500
PING_SECONDS = 15.0
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Event = tuple[str, Any]


class Said(BaseModel):
    """What a pane's composer sends."""

    id: str | None = Field(default=None, max_length=64)
    chat: Literal["ann", "boss"]
    text: str = Field(max_length=20_000)


class Pressed(BaseModel):
    """A button of a card."""

    id: str | None = Field(default=None, max_length=64)
    chat: Literal["ann", "boss"]
    message: str = Field(max_length=32)
    token: str = Field(max_length=64)


class Jumped(BaseModel):
    """A button of the clock."""

    jump: Literal["next_push", "hour", "next_day"]


class Spoken(BaseModel):
    """The language of the page and of its two speakers."""

    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One column of the page; the room has no name of its own and nobody writes there yet."""

    chat: str
    role: str
    what: str
    name: str = ""
    initials: str = ""
    writes: bool = True
    hinted: bool = False
    chips: tuple[str, ...] = ()


class Playground:
    """The demo team as the page sees it: one action at a time, every open page told of what happens."""

    def __init__(self, demo: Demo, language: Language) -> None:
        self.demo = demo
        self.language = language
        self.fresh = True
        self._news = 0
        self._lock = asyncio.Lock()
        self._pages: set[asyncio.Queue[Event | None]] = set()
        demo.chats.listen(self._show)

    @cached_property
    def panes(self) -> tuple[Pane, ...]:
        people = {each.handle: each for each in self.demo.story.people}
        made = []
        for handle in PANES:
            person = people[handle]
            role = "manager" if Role.MANAGER in person.roles else "rep"
            made.append(
                Pane(
                    chat=handle,
                    role=role,
                    what=role,
                    name=person.name,
                    initials=initials(person.name),
                    hinted=role == "rep",
                    chips=CHIPS[role],
                )
            )
        return (*made, Pane(chat=ROOM, role="room", what="room_what", initials="#", writes=False))

    def speaker(self, chat: str) -> Speaker:
        name = next(each.name for each in self.demo.story.people if each.handle == chat)
        return Speaker(handle=chat, name=name, language=self.language)

    async def say(self, said: Said) -> None:
        async with self._lock:
            self.fresh = False
            await self.demo.door.say(self.speaker(said.chat), said.text, said.id)
            await self.demo.app.settle()

    async def press(self, pressed: Pressed) -> None:
        async with self._lock:
            who = self.speaker(pressed.chat)
            await self.demo.door.press(who, pressed.message, pressed.token, pressed.id)
            await self.demo.app.settle()

    async def jump(self, jumped: Jumped) -> None:
        """Moves the clock; what falls due on the way happens at its own time."""
        async with self._lock:
            match jumped.jump:
                case "hour":
                    await self.demo.run_until(self.demo.clock.now() + HOUR)
                case "next_day":
                    await self.demo.run_until(self.demo.next_morning())
                case "next_push":
                    await self._next_push()
            self._tell("clock", self.clock())

    async def _next_push(self) -> None:
        """To the next instant at which one of the panes is told something."""
        before = self._news
        for _ in range(MOST_STEPS):
            due = await self.demo.app.next_at()
            if due is None:
                return
            await self.demo.run_until(max(due, self.demo.clock.now()))
            if self._news != before:
                return

    async def speak(self, spoken: Spoken) -> None:
        """Everybody at the page changes language by the bot's own command; the page's words follow."""
        async with self._lock:
            self.language = spoken.language
            self._tell("language", spoken.language)
            self._tell("clock", self.clock())
            for chat in PANES:
                await self.demo.door.say(self.speaker(chat), f"/language {spoken.language}")
            await self.demo.app.settle()

    def clock(self) -> dict[str, str]:
        wall = self.demo.wall()
        on = say(t("playground.clock", on=wall.date()), self.language)
        return {"at": wall.isoformat(), "date": on, "time": f"{wall:%H:%M}"}

    def snapshot(self) -> dict[str, Any]:
        """All that a page shows, for a load or a reload."""
        chats = {
            pane.chat: [self._message(each) for each in self.demo.chats.of(pane.chat)] for pane in self.panes
        }
        return {"language": self.language, "clock": self.clock(), "fresh": self.fresh, "chats": chats}

    async def events(self) -> AsyncIterator[str]:
        """The state now, then everything that happens, as server-sent events."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue(EVENTS_BEHIND)
        self._pages.add(queue)
        try:
            yield sse("snapshot", self.snapshot())
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), PING_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if event is None:
                    return
                yield sse(*event)
        finally:
            self._pages.discard(queue)

    def hang_up(self) -> None:
        """Ends every open stream, so that the server can stop at once."""
        for queue in tuple(self._pages):
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(None)

    def _show(self, message: Message) -> None:
        if all(pane.chat != message.chat for pane in self.panes):
            return
        # A card of an earlier day that is put right is no news; nobody would see it change.
        if not message.edits or self._wall(message).date() == self.demo.wall().date():
            self._news += 1
        self._tell("message", self._message(message))

    def _tell(self, kind: str, body: Any) -> None:
        for queue in tuple(self._pages):
            if queue.full():
                # Room for the end of the stream; the page comes back and is given a snapshot.
                queue.get_nowait()
                queue.put_nowait(None)
                self._pages.discard(queue)
            else:
                queue.put_nowait((kind, body))

    def _wall(self, message: Message) -> datetime:
        return message.at.astimezone(self.demo.wall().tzinfo)

    def _message(self, message: Message) -> dict[str, Any]:
        wall = self._wall(message)
        return {
            "id": message.id,
            "chat": message.chat,
            "author": message.author,
            "day": wall.date().isoformat(),
            "time": f"{wall:%H:%M}",
            "language": message.language,
            "edits": message.edits,
            "text": message.text,
            "card": render(message.card, message.language, message.token) if message.card else None,
        }


def sse(kind: str, body: Any) -> str:
    """One server-sent event; JSON has no line breaks, so one data line is enough."""
    return f"event: {kind}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"


def say(words: Words, language: Language) -> str:
    return catalogue().say(words, language)


def initials(name: str) -> str:
    """`AL` for Ann Lee; a Chinese name's first sign."""
    words = name.split()
    return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else name[:1]


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
            asyncio.get_running_loop().run_in_executor(None, webbrowser.open, url)
        await server.serve(sockets=[listening])
    finally:
        demo.close()
        listening.close()


def _print(words: Words, language: Language) -> None:
    print(say(words, language), file=sys.stdout, flush=True)  # noqa: T201
