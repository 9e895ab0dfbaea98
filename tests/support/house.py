"""A small house for tests: an app over a database, a team in it, and a clock that goes where it is told."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Executable

from bot.app import App, build
from bot.inbound import Person, Personal, Said, from_plain, plain
from bot.intake import Delivery
from bot.layout import plain as plain_lines
from bot.seed import Founding, Seat, found
from bot.transcript import Recorder
from domain.people import Language, Profile, Role
from domain.ports import Address
from handlers.view import Card

PLATFORM = "web"
# 08:00 in Shanghai: before the morning card.
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


class FreeClock:
    """A clock that may jump back, as a machine's does."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


def seat(handle: str, *, zone: str | None = None, language: Language = Language.EN) -> Seat:
    """A rep of the team."""
    return Seat(
        handle=handle,
        name=handle.capitalize(),
        roles=frozenset({Role.REP}),
        language=language,
        platform=PLATFORM,
        zone=zone,
    )


class House:
    """An app with one organisation and what was sent so far."""

    def __init__(self, app: App, clock: FreeClock, recorder: Recorder) -> None:
        self.app = app
        self.clock = clock
        self.recorder = recorder
        self._said = 0

    async def says(self, handle: str, text: str, *, called: str | None = None) -> list[str]:
        """Says it, under the name of a profile, and waits until all is quiet; the chats of what was sent."""
        said = Said(
            person=Person(account=handle, name=called or handle),
            at=Address(platform=PLATFORM, chat=handle),
            private=True,
            text=text,
            said_at=self.clock.now(),
        )
        return await self.hears(said)

    async def says_only(self, handle: str, text: str) -> None:
        """Says it and waits for nothing but that it is taken in: a courier runs by itself."""
        self._said += 1
        said = Said(
            person=Person(account=handle, name=handle),
            at=Address(platform=PLATFORM, chat=handle),
            private=True,
            text=text,
            said_at=self.clock.now(),
        )
        delivery = Delivery(id=f"t{self._said}", lane=handle, body=plain(said))
        await self.app.intake.take(PLATFORM, [delivery])
        await self.app.dispatch.idle()

    async def hears(self, inbound: Personal) -> list[str]:
        """Takes in whatever came and waits until all is quiet; the chats of what was sent."""
        self._said += 1
        delivery = Delivery(id=f"t{self._said}", lane=inbound.person.account, body=plain(inbound))
        await self.app.intake.take(PLATFORM, [delivery])
        await self.app.settle()
        return self.sent()

    def card(self, handle: str) -> Card:
        """The latest card in somebody's chat."""
        return self.recorder.chats[handle][-1].card

    def said(self, handle: str) -> list[str]:
        """The latest card in somebody's chat, as lines."""
        return plain_lines(self.card(handle), Language.EN)

    def sent(self) -> list[str]:
        """The chats of what was sent since the last look."""
        shown, self.recorder.sent = self.recorder.sent, []
        return [each.to.chat for each in shown]

    async def rows(self, statement: Executable) -> Sequence[Any]:
        """Rows read behind the product's back."""
        return await self.app.writer.run(
            lambda work: work.connection.execute(statement).fetchall()  # type: ignore[attr-defined]
        )


@asynccontextmanager
async def house(
    seats: Sequence[Seat],
    *,
    url: str = "sqlite:///:memory:",
    now: datetime = MONDAY,
    zone: str = "Asia/Shanghai",
    folder: Path | None = None,
    teams: Sequence[tuple[str, Sequence[Seat]]] = (),
) -> AsyncIterator[House]:
    """A house whose clock stands at `now`; past the learning weeks. `teams` are there besides the one of `seats`."""
    clock = FreeClock(now)
    app = build(url, clock, {PLATFORM: from_plain}, random.Random(1), folder)
    app.prepare()
    recorder = Recorder()
    app.courier.join(PLATFORM, recorder)
    founding = Founding(
        name="Acme Sales",
        language=Language.EN,
        zone=zone,
        currency="CNY",
        week=frozenset({1, 2, 3, 4, 5}),
        profile=Profile.FIELD,
        started_on=date(2026, 1, 1),
        joined_on=date(2026, 1, 1),
        teams=[("North", seats), *teams],
    )
    try:
        await app.writer.run(lambda work: found(work, founding, now))
        yield House(app, clock, recorder)
    finally:
        await app.dispatch.idle()
        app.close()
