"""The product under load: raw Telegram updates through intake, dispatch, gateway and courier to the reply's body."""

import asyncio
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.app import App, build
from bot.buckets import Limits
from bot.clock import SetClock
from bot.telegram.render import render
from bot.telegram.updates import decode, deliveries
from bot.writer import GroupWriter
from domain.ports import Letter
from handlers.view import Card
from tests.bench.floor import Statement, Tape
from tests.bench.world import NOW, PLATFORM, Command

BOT_NAME = "dealpace_bot"


def reply_body(letter: Letter, shown: Card) -> bytes:
    """The body of the request that sends a letter."""
    message = render(shown, letter.language, letter.token)
    body: dict[str, Any] = {"chat_id": int(letter.to.chat), "text": message.html, "parse_mode": "HTML"}
    if message.markup:
        body["reply_markup"] = message.markup
    return json.dumps(body).encode()


@dataclass(slots=True)
class Counted:
    """A channel that renders what it is given and tells who waits; nothing leaves the process."""

    limits: Limits = field(default_factory=Limits)
    waiting: "dict[str, asyncio.Future[bytes]]" = field(default_factory=dict)
    letters: int = 0
    octets: int = 0
    menus: bool = False

    def is_group(self, chat: str) -> bool:
        return False

    async def send(self, letter: Letter, shown: Card) -> str:
        body = reply_body(letter, shown)
        self.letters += 1
        self.octets += len(body)
        waiting = self.waiting.pop(letter.to.chat, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(body)
        return str(self.letters)


class Product:
    """One running app over its own copy of the world."""

    def __init__(self, world: Path, path: Path) -> None:
        shutil.copy(world, path)
        self.path = path
        self.app: App = build(f"sqlite:///{path}", SetClock(NOW), {PLATFORM: decode})
        self.channel = Counted()
        self.app.courier.join(PLATFORM, self.channel)
        self._sending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._sending = asyncio.create_task(self.app.courier.run())
        # The courier opens its lines on its first step.
        await asyncio.sleep(0)

    async def stop(self) -> None:
        self.app.courier.stop()
        if self._sending:
            await self._sending
        self.app.close()

    @property
    def commits(self) -> int:
        writer = self.app.writer
        return writer.commits if isinstance(writer, GroupWriter) else 0

    @property
    def quiet(self) -> bool:
        """Whether the courier has recorded all it sent."""
        return not self.app.courier.unrecorded

    async def say(self, command: Command) -> bytes:
        """One command from its raw JSON to the reply's body."""
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.channel.waiting[command.chat] = waiting
        await self.app.intake.take(PLATFORM, deliveries([json.loads(command.body)], BOT_NAME))
        return await waiting

    async def sequential(self, commands: Sequence[Command]) -> float:
        """Seconds for one command after the other."""
        start = time.perf_counter()
        for command in commands:
            await self.say(command)
        return time.perf_counter() - start

    async def at_once(self, commands: Sequence[Command], chats: int) -> float:
        """Seconds for all commands, so many chats speaking at the same time."""
        line = iter(commands)
        start = time.perf_counter()
        await asyncio.gather(*(self._chat(line) for _ in range(chats)))
        return time.perf_counter() - start

    async def _chat(self, line: Iterator[Command]) -> None:
        for command in line:
            await self.say(command)

    async def paced(self, commands: Sequence[Command], rate: float) -> list[float]:
        """Seconds each command took when they arrive at a rate, whether or not the last is answered."""
        loop, took = asyncio.get_running_loop(), list[float]()
        start, running = loop.time(), set[asyncio.Task[None]]()

        async def one(command: Command, at: float) -> None:
            await self.say(command)
            took.append(loop.time() - at)

        for number, command in enumerate(commands):
            at = start + number / rate
            if (wait := at - loop.time()) > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(one(command, at))
            running.add(task)
            task.add_done_callback(running.discard)
        while running:
            await asyncio.wait(set(running))
        return took

    def record(self, tape: Tape) -> None:
        """From now on every statement goes on the tape, whichever way it reaches the driver."""
        writer: Any = self.app.writer
        driver = writer._transactions.work.driver
        driver.raw = Recorded(driver.raw, tape)
        database: Any = self.app.database

        @event.listens_for(database.engine, "before_cursor_execute")
        def _heard(_c: Any, _u: Any, sql: str, values: Any, _x: Any, many: bool) -> None:
            tape.add(Statement(sql=sql, values=values, many=many))


class Recorded:
    """A driver's connection that notes what it is asked to run."""

    def __init__(self, raw: Any, tape: Tape) -> None:
        self._raw = raw
        self._tape = tape

    @property
    def in_transaction(self) -> bool:
        return bool(self._raw.in_transaction)

    def execute(self, sql: str, values: Any = ()) -> Any:
        self._tape.add(Statement(sql=sql, values=values, many=False))
        return self._raw.execute(sql, values)

    def cursor(self) -> "Recorded":
        return self

    def executemany(self, sql: str, values: Any) -> Any:
        self._tape.add(Statement(sql=sql, values=values, many=True))
        return self._raw.executemany(sql, values)
