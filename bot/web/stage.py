"""The demo team as the page sees it: what is said, pressed and jumped, and the events that tell every open page."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.beside import PICTURE_NAME, drawn
from bot.demo import MOST_STEPS, PANES, Demo
from bot.web.adapter import BOT, Handed, Message, Speaker
from bot.web.guide import Guide, Sign
from bot.web.panes import panes_of
from bot.web.render import render
from bot.web.requests import Attached, Jumped, Pressed, Said, Spoken, Submitted, Wanted
from domain.activity import Kind
from domain.people import Language
from domain.ports import Work
from domain.schedule import local_date
from handlers.answer import command_of
from handlers.registry import offered
from handlers.view import Chart, Words, t
from handlers.words import catalogue

HOUR = timedelta(hours=1)
# A page that does not read for so many events is cut off; it comes back by itself and gets the whole state.
EVENTS_BEHIND = 500
PING_SECONDS = 15.0

Event = tuple[str, Any]


class Playground:
    """The demo team as the page sees it: one action at a time, every open page told of what happens."""

    def __init__(self, demo: Demo, language: Language, *, guided: bool = True) -> None:
        self.demo = demo
        self.language = language
        self.panes = panes_of(demo.story)
        self._guide = Guide(tasks={pane.chat: pane.tasks for pane in self.panes}) if guided else None
        self._news = 0
        self._lock = asyncio.Lock()
        self._pages: set[asyncio.Queue[Event | None]] = set()
        # Whose words are being answered: what others are told meanwhile comes unasked.
        self._speaking = ""
        self._opened_on = local_date(demo.clock.now(), demo.story.zone)
        demo.chats.listen(self._show)

    def speaker(self, chat: str) -> Speaker:
        name = next(each.name for each in self.demo.story.people if each.handle == chat)
        return Speaker(handle=chat, name=name, language=self.language)

    async def say(self, said: Said) -> None:
        async with self._lock, self._answering(said.chat, said.text):
            await self.demo.door.say(self.speaker(said.chat), said.text, said.id)
            await self.demo.app.settle()

    async def attach(self, attached: Attached, content: bytes) -> None:
        async with self._lock, self._answering(attached.chat, ""):
            await self.demo.door.attach(
                self.speaker(attached.chat),
                attached.name,
                content,
                size=attached.size,
                caption=attached.caption,
                delivery=attached.id,
            )
            await self.demo.app.settle()

    async def file(self, wanted: Wanted) -> tuple[str, bytes] | None:
        """The name and the bytes of a file that a message of this stage shows."""
        message, app = self.demo.chats.message(wanted.chat, wanted.message), self.demo.app
        if message and message.file and wanted.n == 0:
            try:
                return message.file.name, await asyncio.to_thread(app.files.open, message.file.kept_as)
            except OSError:
                return None
        if message is None or message.card is None:
            return None
        for each in message.card.attachments[wanted.n :][:1]:
            if isinstance(each, Chart):
                picture = await drawn(each, message.language, wanted.theme)
                return (PICTURE_NAME, picture) if picture is not None else None
            content = await app.file_bytes(self.demo.org, each.file_id)
            return (each.name, content) if content is not None else None
        return None

    async def press(self, pressed: Pressed) -> None:
        line = self._line(pressed.chat, pressed.message, pressed.token)
        async with self._lock, self._answering(pressed.chat, line):
            who = self.speaker(pressed.chat)
            await self.demo.door.press(who, pressed.message, pressed.token, pressed.id)
            await self.demo.app.settle()

    async def submit(self, submitted: Submitted) -> Mapping[str, str]:
        """What is wrong with the form, by part; nothing when it is done."""
        line = self._line(submitted.chat, submitted.message, submitted.token)
        async with self._lock, self._answering(submitted.chat, line):
            who = self.speaker(submitted.chat)
            errors = await self.demo.door.submit(
                who, submitted.message, submitted.token, submitted.values, submitted.id
            )
            await self.demo.app.settle()
            return errors

    def _line(self, chat: str, number: str, token: str) -> str:
        """The line that a button or a form stands for; empty for one that is no longer there."""
        message = self.demo.chats.message(chat, number)
        commands = message.card.commands if message and message.card else ()
        index = token.rpartition(".")[2]
        return commands[int(index)] if index in map(str, range(len(commands))) else ""

    @contextlib.asynccontextmanager
    async def _answering(self, chat: str, line: str) -> AsyncIterator[None]:
        """What the bot does about a line ticks the tasks of the first minute."""
        self._speaking = chat
        try:
            yield
        finally:
            self._speaking = ""
        if self._guide is None:
            return
        self._saw(Sign.ANSWERED, chat, command_of(line) or "")
        if self._guide.awaits(Sign.RECORDED, chat) and await self._has_visited(chat):
            self._saw(Sign.RECORDED, chat)

    async def _has_visited(self, chat: str) -> bool:
        """Whether a visit of the person's is on record since the page was opened."""
        member, until = self.demo.members[chat].id, local_date(self.demo.clock.now(), self.demo.story.zone)

        def job(work: Work) -> bool:
            made = work.store(self.demo.org).activities(member, self._opened_on, until)
            return any(each.kind is Kind.VISIT for each in made)

        return await self.demo.app.writer.run(job)

    def _saw(self, sign: Sign, chat: str, of: str = "") -> None:
        # Whatever reaches the manager unasked is what both guides lead to.
        chats = frozenset(PANES) if sign in (Sign.TOLD, Sign.MOVED) else frozenset({chat})
        if self._guide and self._guide.saw(sign, chats, of):
            self._tell("guide", self._guide.done())

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
            self._saw(Sign.MOVED, "")

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
                line = f"/language {spoken.language}"
                async with self._answering(chat, line):
                    await self.demo.door.say(self.speaker(chat), line)
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
        return {
            "language": self.language,
            "clock": self.clock(),
            "chats": chats,
            "commands": {chat: [each.name for each in offered(self.demo.members[chat])] for chat in PANES},
            "guide": self._guide.done() if self._guide else None,
        }

    def restart(self) -> None:
        """Sends every open page to a new beginning and ends their streams."""
        self._tell("restart", None)
        self.hang_up()

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

    async def close(self) -> None:
        """Ends the demo team once nobody is being answered."""
        async with self._lock:
            self.demo.close()

    def _show(self, message: Message) -> None:
        if all(pane.chat != message.chat for pane in self.panes):
            return
        # A card of an earlier day that is put right is no news; nobody would see it change.
        if not message.edits or self._wall(message).date() == self.demo.wall().date():
            self._news += 1
        unasked = message.author == BOT and not message.edits and self._speaking != message.chat
        if unasked and self._leads(message.chat):
            self._saw(Sign.TOLD, message.chat)
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

    def _leads(self, chat: str) -> bool:
        return any(pane.chat == chat and pane.role == "manager" for pane in self.panes)

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
            "file": _file(message.file) if message.file else None,
            "card": render(message.card, message.language, message.token) if message.card else None,
        }


def _file(handed: Handed) -> dict[str, Any]:
    """A file of a person's; one that was not kept is only named."""
    return {"kind": handed.kind, "name": handed.name, "there": bool(handed.kept_as)}


def sse(kind: str, body: Any) -> str:
    """One server-sent event; JSON has no line breaks, so one data line is enough."""
    return f"event: {kind}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"


def say(words: Words, language: Language) -> str:
    return catalogue().say(words, language)
