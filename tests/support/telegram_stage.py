"""A running Telegram bot and the strict fake it talks to, for the tests of the Telegram door."""

import asyncio
import contextlib
import random
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import App, build
from bot.buckets import Limits
from bot.clock import Clock, SetClock
from bot.front import Front, socket_at
from bot.telegram.adapter import TelegramDoor, decode
from bot.telegram.webhook import PATH, hook_of
from domain.people import Language
from handlers.view import t
from handlers.words import catalogue
from tests.support.loopback import Seen, free_port
from tests.support.telegram_bot_api import StoredMessage
from tests.support.telegram_server import TOKEN, TelegramServer

BOSS, ANN, BOB, GROUP = 11, 7, 8, -100200300
# A Monday long past, so that the clock of the fake is never behind ours; 09:00 in Shanghai.
MONDAY = datetime(2020, 3, 2, 1, 0, tzinfo=UTC)
MORNING = datetime(2020, 3, 3, 0, 30, tzinfo=UTC)
VISIT = "/visit Acme\nmet: Li Wei (CFO)\nresult: budget confirmed\nnext: send quote by Fri"


class Telegram(TelegramServer):
    """The strict fake, patient enough for a busy machine."""

    async def until(self, predicate: Callable[[], Seen], timeout: float = 20.0) -> Seen:
        return await super().until(predicate, timeout)


def in_loop(scenario: Coroutine[Any, Any, None], seconds: float = 60) -> None:
    asyncio.run(asyncio.wait_for(scenario, seconds))


def say(key: str, language: Language = Language.EN) -> str:
    return catalogue().say(t(key), language)


def opening(key: str, language: Language = Language.EN) -> str:
    """What a text says before its first placeholder."""
    words = catalogue().forms(key)[language]["other"].pieces[0][0]
    assert words
    return words


@dataclass(slots=True)
class Stage:
    """A bot on a database file, and the Telegram it talks to."""

    server: TelegramServer
    app: App
    door: TelegramDoor
    running: "asyncio.Task[None]"
    file: Path
    # The loopback address Telegram's calls arrive at, when the bot is pushed to.
    called_at: str = ""

    async def says(self, user: int, text: str, **how: Any) -> StoredMessage:
        """What somebody says in private, and the message that answers it."""
        before = len(self.server.messages(user))
        self.server.user_sends(user, text, **how)
        return (await self.server.until(lambda: self.server.messages(user)[before:]))[0]

    async def clicks(self, user: int, message: StoredMessage, label: str) -> None:
        """A press that edits its message."""
        before = len(message.history)
        self.server.user_clicks(user, message.message_id, label)
        await self.server.until(lambda: len(message.history) > before)

    async def found(self) -> None:
        """The boss comes in with the owner's code and names the organisation."""
        code = await self.app.owner_code()
        await self.says(BOSS, f"/start {code}", name="Boss")
        await self.says(BOSS, "Acme Sales")
        await self.says(BOSS, "/setup\nzone: Asia/Shanghai")

    async def joins(self, user: int, name: str, language: str = "en") -> StoredMessage:
        """A rep comes in by the link of an invitation."""
        invitation = await self.says(BOSS, "/invite rep")
        link = re.search(r"https://t\.me/coach_bot\?start=([\w-]{1,64})(\s|$)", invitation.text)
        assert link is not None
        # The boss hears of it with the news of the day.
        return await self.says(user, f"/start {link[1]}", name=name, language=language)

    async def tick(self) -> None:
        await self.app.tick()
        self.app.courier.wake()

    async def refreshed(self, message: StoredMessage) -> None:
        """Refreshes, as the jobs do every second, until a card that lives on is edited."""
        for _ in range(20):
            await self.app.refresh()
            self.app.courier.wake()
            with contextlib.suppress(AssertionError):
                await self.server.until(lambda: message.history, 0.25)
                return
        raise AssertionError("the card was not edited")

    def rows(self, query: str) -> list[Any]:
        with sqlite3.connect(self.file) as connection:
            return connection.execute(query).fetchall()


@contextlib.asynccontextmanager
async def stage(
    folder: Path,
    clock: Clock | None = None,
    *,
    server: TelegramServer | None = None,
    limits: Limits | None = None,
    url: str | None = None,
    pushed: bool = False,
    watch_seconds: float = 60.0,
) -> AsyncIterator[Stage]:
    """Runs a bot, on a file of its own unless a database is named; a server given is not stopped with it.

    One that is `pushed` to stands behind an https address of its own; else it polls.
    """
    file = folder / "bot.db"
    app = build(
        url or f"sqlite:///{file}",
        clock or SetClock(MONDAY),
        {"telegram": decode},
        random.Random(1),
        folder / "files",
    )
    app.prepare()
    own = server or Telegram()
    if server is None:
        await own.start()
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    door = TelegramDoor(
        app,
        TOKEN,
        own.root,
        hook=hook_of(own.behind_tls(root), TOKEN, None) if pushed else None,
        limits=limits or Limits(),
        poll_seconds=10,
        first_wait=0.01,
        watch_seconds=watch_seconds,
    )
    await app.recover()
    running, courier = asyncio.create_task(door.run()), asyncio.create_task(app.courier.run())
    serving = []
    if pushed:
        serving.append(asyncio.create_task(Front(socket_at("127.0.0.1", port), door.routes()).run()))
    try:
        yield Stage(own, app, door, running, file, root + PATH)
        assert own.illegal == []
    finally:
        for task in (running, *serving):
            task.cancel()
        await asyncio.gather(running, *serving, return_exceptions=True)
        await app.dispatch.idle()
        app.courier.stop()
        await courier
        await door.close()
        if server is None:
            await own.stop()
        app.close()
