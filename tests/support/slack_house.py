"""A bot at work in a fake workspace: people come in, say, press and fill in; at the end nothing illegal was said."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import App, build
from bot.clock import SetClock
from bot.front import Front, socket_at
from bot.seed import Founding, Seat, found
from bot.slack.adapter import SlackDoor, decode
from bot.slack.connection import Patience
from bot.slack.manifest import EVENTS_PATH
from domain.people import Language, Profile, Role
from domain.ports import Address, Work
from handlers.view import t
from handlers.words import catalogue
from tests.support.loopback import free_port
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer
from tests.support.slack_web_api import SlackMessage

Json = dict[str, Any]
BOSS, ANN = "U1", "U2"
MONDAY = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
QUICK = Patience(connect=0.5, hello=0.5, check=0.05, ping=0.2, waits=(0.01,), close=1.0)
# The ways Slack reaches the bot.
SOCKET, HTTP = "socket", "http"


def in_loop(scenario: Coroutine[Any, Any, None]) -> None:
    """Runs one scenario to its end, within bounds."""
    asyncio.run(asyncio.wait_for(scenario, 30))


@dataclass(slots=True)
class House:
    """A running bot, its clock and the workspace it serves."""

    server: SlackServer
    app: App
    clock: SetClock
    database: Path

    async def said(self, user: str, count: int = 1) -> SlackMessage:
        """The latest of at least `count` messages of the bot to a person."""
        return (await self.server.until(lambda: _enough(self.server.messages(user), count)))[-1]

    async def tells(self, user: str, text: str, **place: Any) -> SlackMessage:
        """What the bot posts next to a person who writes this in the direct message."""
        before = len(self.server.messages(user))
        delivery = await self.server.user_says(user, text, **place)
        assert delivery.acknowledged
        return await self.said(user, before + 1)

    async def commands(self, user: str, text: str) -> SlackMessage:
        """What the bot posts next to a person who runs `/pace text` in the direct message."""
        before = len(self.server.messages(user))
        delivery = await self.server.user_commands(user, "/pace", text)
        assert delivery.acknowledged and delivery.response is None
        return await self.said(user, before + 1)

    async def presses(self, user: str, message: SlackMessage, label: str) -> SlackMessage:
        """The message as it stands when the press has changed it."""
        changes = len(message.history)
        assert (await self.server.user_clicks(user, message.channel, message.ts, label)).acknowledged
        await self.server.until(lambda: len(message.history) > changes)
        return message

    async def team(self) -> None:
        """A boss and a rep who came in before; the tests of coming in do it by hand."""
        for user, name in ((BOSS, "boss"), (ANN, "ann")):
            self.server.add_user(user, name=name)
        roles = {BOSS: frozenset({Role.ADMIN, Role.MANAGER}), ANN: frozenset({Role.REP})}
        seats = [
            Seat(handle=user, name=user, roles=held, language=Language.EN, platform="slack")
            for user, held in roles.items()
        ]
        acme = Founding(
            name="Acme Sales",
            language=Language.EN,
            zone="Europe/London",
            currency="GBP",
            week=frozenset({1, 2, 3, 4, 5}),
            profile=Profile.FIELD,
            started_on=MONDAY.date(),
            joined_on=MONDAY.date(),
            teams=[("North", seats)],
        )
        addresses = {user: Address(platform="slack", chat=self.server.dm(user)) for user in roles}

        def job(work: Work) -> None:
            for user, (org, member) in found(work, acme, MONDAY).items():
                work.people.bind(addresses[user], user, org, member)

        await self.app.writer.run(job)

    async def founded(self, boss: str = BOSS) -> None:
        """The boss comes in with the owner code and names the organisation."""
        code = await self.app.owner_code()
        await self.tells(boss, code)
        assert "Acme Sales" in (await self.tells(boss, "Acme Sales")).text

    async def invite_code(self, boss: str = BOSS) -> str:
        """The code of an invitation for a rep."""
        found = re.search(r"[a-z2-7]{4}-[a-z2-7]{4}", (await self.commands(boss, "invite rep")).text)
        assert found
        return found[0]

    async def joined(self, user: str = ANN, **facts: Any) -> SlackMessage:
        """A rep comes in with an invitation; the welcome."""
        self.server.add_user(user, **{"name": "ann", **facts})
        return await self.tells(user, await self.invite_code())

    async def moved(self, to: datetime) -> None:
        """The clock stands at another time, and all that fell due meanwhile is written and sent."""
        self.clock.set(to)
        await self.app.tick()
        self.app.courier.wake()

    def rows(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.database)) as opened:
            return opened.execute(statement).fetchall()


def _enough(messages: list[SlackMessage], count: int) -> list[SlackMessage]:
    return messages if len(messages) >= count else []


@asynccontextmanager
async def house(
    tmp_path: Path,
    *,
    url: str | None = None,
    by: str = SOCKET,
    server: SlackServer | None = None,
    **server_facts: Any,
) -> AsyncIterator[House]:
    """A bot on a database file or the one named, reached by a socket or by signed calls."""
    database = tmp_path / "dealpace.db"
    clock = SetClock(MONDAY)
    async with server or SlackServer(**server_facts) as slack:
        app = build(url or f"sqlite:///{database}", clock, {"slack": decode}, folder=tmp_path / "files")
        app.prepare()
        app_token, secret = (APP_TOKEN, None) if by == SOCKET else (None, SIGNING_SECRET)
        door = SlackDoor(app, BOT_TOKEN, app_token, slack.api_root, signing_secret=secret, patience=QUICK)
        runs = [door.run(), app.courier.run()]
        if by == HTTP:
            port = free_port()
            runs.append(Front(socket_at("127.0.0.1", port), door.routes()).run())
            slack.deliver_to(f"http://127.0.0.1:{port}{EVENTS_PATH}")
        tasks = [asyncio.create_task(each) for each in runs]
        try:
            await _reached(slack, by)
            yield House(slack, app, clock, database)
            assert slack.illegal == []
            assert not any(task.done() for task in tasks), "the door or the courier ended by itself"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await app.dispatch.idle()
            await door.close()
            app.close()


async def _reached(slack: SlackServer, by: str) -> None:
    if by == SOCKET:
        await slack.until(lambda: slack.connections == 1)
        return
    await slack.until(lambda: [call for call in slack.calls_of("auth.test") if call.outcome == "ok"])
    async with asyncio.timeout(5):
        while not (await slack.verify_url()).acknowledged:
            await asyncio.sleep(0.01)


def label(key: str, language: Language = Language.EN) -> str:
    """A text of the catalogue, as it stands on a button."""
    return catalogue().say(t(key), language)
