"""One bot at work on both platforms with the real libraries, between two strict fakes: said here, heard there."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Executable

from bot.app import App, build
from bot.buckets import Limits
from bot.clock import SetClock
from bot.seed import Founding, Seat, found
from bot.slack.adapter import SlackDoor
from bot.slack.adapter import decode as slack_decode
from bot.telegram.adapter import TelegramDoor
from bot.telegram.adapter import decode as telegram_decode
from domain.people import Language, MemberId, OrgId, Profile, Role
from domain.ports import Address, Work
from tests.support.loopback import Seen
from tests.support.slack_house import MONDAY, QUICK
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.support.slack_web_api import SlackMessage
from tests.support.telegram_bot_api import StoredMessage
from tests.support.telegram_server import TOKEN
from tests.support.telegram_stage import Telegram

TELEGRAM, SLACK = "telegram", "slack"


@dataclass(slots=True)
class Both:
    """One bot at work on both platforms."""

    telegram: Telegram
    slack: SlackServer
    app: App
    clock: SetClock
    seated: dict[str, tuple[OrgId, MemberId]]

    async def says(self, user: int, text: str) -> StoredMessage:
        """What somebody writes on Telegram, and the message that answers it."""
        return await self.answered(user, lambda: self.telegram.user_sends(user, text))

    async def answered(self, user: int, act: Callable[[], int]) -> StoredMessage:
        """The message that answers what somebody does on Telegram."""
        before = len(self.telegram.messages(user))
        act()
        return (await self.telegram.until(lambda: self.telegram.messages(user)[before:]))[0]

    async def taps(self, user: int, message: StoredMessage, words: str) -> StoredMessage:
        """A press on Telegram that edits its message."""
        before = len(message.history)
        self.telegram.user_clicks(user, message.message_id, words)
        await self.telegram.until(lambda: len(message.history) > before)
        return message

    async def writes(self, user: str, text: str) -> SlackMessage:
        """What somebody writes on Slack, and the message that answers it."""
        before = len(self.slack.messages(user))
        assert (await self.slack.user_says(user, text)).acknowledged
        return (await self.slack.until(lambda: self.slack.messages(user)[before:]))[0]

    async def shares(self, user: str, *files: tuple[str, str, bytes], text: str = "") -> SlackMessage:
        """What somebody puts into the direct message on Slack, and the message that answers it."""
        before = len(self.slack.messages(user))
        assert (await self.slack.user_shares(user, *files, text=text)).acknowledged
        return (await self.slack.until(lambda: self.slack.messages(user)[before:]))[0]

    async def presses(self, user: str, message: SlackMessage, words: str) -> None:
        assert (await self.slack.user_clicks(user, message.channel, message.ts, words)).acknowledged

    async def settled(self, seen: Callable[[], Seen]) -> Seen:
        """Ticks, as the jobs do, until something can be seen."""
        for _ in range(80):
            await self.app.tick()
            self.app.courier.wake()
            if there := seen():
                return there
            await asyncio.sleep(0.1)
        raise AssertionError("nothing of the kind was shown")

    async def rows(self, statement: Executable) -> Sequence[Any]:
        """The organisation's rows, read behind the product's back."""
        org = next(iter(self.seated.values()))[0]
        return await self.app.writer.run(
            lambda work: work.store(org).connection.execute(statement).fetchall()  # type: ignore[attr-defined]
        )


def person(handle: str | int, name: str, role: Role, *, deputy: bool = False) -> Seat:
    """Somebody with an account: a number is Telegram's, a word is Slack's."""
    return Seat(
        handle=str(handle),
        name=name,
        roles=frozenset({role}),
        language=Language.EN,
        platform=TELEGRAM if isinstance(handle, int) else SLACK,
        deputy=deputy,
    )


@asynccontextmanager
async def both(
    url: str, teams: Sequence[tuple[str, Sequence[Seat]]], folder: Path | None = None
) -> AsyncIterator[Both]:
    """The bot between two strict fakes; at the end nothing illegal was said on either."""
    clock = SetClock(MONDAY)
    telegram = Telegram()
    await telegram.start()
    async with SlackServer() as slack:
        decoders = {TELEGRAM: telegram_decode, SLACK: slack_decode}
        app = build(url, clock, decoders, random.Random(1), folder)
        app.prepare()
        seated = await app.writer.run(lambda work: _seated(work, slack, teams))
        doors = (
            TelegramDoor(app, TOKEN, telegram.root, limits=Limits(), poll_seconds=10, first_wait=0.01),
            SlackDoor(app, BOT_TOKEN, APP_TOKEN, slack.api_root, patience=QUICK),
        )
        tasks = [asyncio.create_task(each.run()) for each in (*doors, app.courier)]
        try:
            await slack.until(lambda: slack.connections == 1)
            yield Both(telegram, slack, app, clock, seated)
            assert telegram.illegal == [] and slack.illegal == []
            assert not any(task.done() for task in tasks), "a door or the courier ended by itself"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await app.dispatch.idle()
            for door in doors:
                with contextlib.suppress(Exception):
                    await door.close()
            await telegram.stop()
            app.close()


def _seated(
    work: Work, slack: SlackServer, teams: Sequence[tuple[str, Sequence[Seat]]]
) -> dict[str, tuple[OrgId, MemberId]]:
    """The organisation, past its learning weeks; on Slack a person is written to in a direct message."""
    long_ago = MONDAY.date() - timedelta(days=60)
    acme = Founding(
        name="Acme Sales",
        language=Language.EN,
        zone="Europe/London",
        currency="GBP",
        week=frozenset({1, 2, 3, 4, 5}),
        profile=Profile.FIELD,
        started_on=long_ago,
        joined_on=long_ago,
        teams=teams,
    )
    seated = found(work, acme, MONDAY)
    for seat in (each for _, seats in teams for each in seats if each.platform == SLACK):
        slack.add_user(seat.handle, name=seat.name.lower())
        at = Address(platform=SLACK, chat=slack.dm(seat.handle))
        work.people.bind(at, seat.handle, *seated[seat.handle])
    return seated
