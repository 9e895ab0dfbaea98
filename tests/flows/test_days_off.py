"""What follows a day declared off: the rooms of the teams hear of it later, pushes go on without anybody's doing."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from bot.seed import Seat
from domain.people import MemberId, OrgId, Role, TeamId
from domain.ports import Address, Work
from storage import tables
from tests.support.house import PLATFORM, House, house, seat

ROOM = Address(platform=PLATFORM, chat="room")
MINUTE = timedelta(minutes=1)


def manager(handle: str) -> Seat:
    of = seat(handle)
    return Seat(
        handle=of.handle,
        name=of.name,
        roles=frozenset({Role.MANAGER}),
        language=of.language,
        platform=of.platform,
    )


async def bind(at: House) -> None:
    def job(work: Work) -> None:
        work.store(OrgId(1)).bind_room(TeamId(1), ROOM, MemberId(1))

    await at.app.writer.run(job)


async def pass_minutes(at: House, minutes: int) -> list[str]:
    at.clock.at += minutes * MINUTE
    await at.app.settle()
    return at.sent()


def test_a_room_hears_of_a_day_off_when_it_can_no_longer_be_undone() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await bind(at)
            assert await at.says("boss", "/calendar off today") == ["boss"]
            assert await pass_minutes(at, 9) == []
            assert await pass_minutes(at, 1) == ["room"]

    asyncio.run(scenario())


def test_an_undone_day_off_never_reaches_the_room() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await bind(at)
            await at.says("boss", "/calendar off tomorrow")
            await at.says("boss", "/undo")
            assert await pass_minutes(at, 20) == []

    asyncio.run(scenario())


def test_a_past_day_off_is_nothing_for_the_room() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await bind(at)
            at.clock.at += timedelta(days=1)
            await at.says("boss", "/calendar off yesterday")
            assert "room" not in await pass_minutes(at, 20)

    asyncio.run(scenario())


def test_a_waiting_morning_card_is_taken_back_and_comes_again_with_undo() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("boss", "/calendar off today")
            assert await pass_minutes(at, 60) == []
            # Undone after the hour of the card: the next one is tomorrow's.
            at.clock.at -= 55 * MINUTE
            await at.says("boss", "/undo")
            assert await pass_minutes(at, 60) == ["ann"]

    asyncio.run(scenario())


def test_evenings_ignored_are_not_forgotten_when_pushes_are_planned_anew() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            at.clock.at += timedelta(hours=10)
            await at.app.settle()
            of_nudge = select(tables.due.c.unanswered).where(tables.due.c.push == "nudge")
            assert [tuple(row) for row in await at.rows(of_nudge)] == [(1,)]
            await at.says("ann", "/settings morning 08:00")
            assert [tuple(row) for row in await at.rows(of_nudge)] == [(1,)]
            await at.says("boss", "/calendar work Sat")
            assert [tuple(row) for row in await at.rows(of_nudge)] == [(1,)]
            await at.says("ann", "/report close")
            assert [tuple(row) for row in await at.rows(of_nudge)] == [(0,)]

    asyncio.run(scenario())


def test_who_closes_a_day_is_nudged_again() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            for day in range(5):
                at.clock.at += timedelta(hours=9, minutes=30)
                await at.app.settle()
                if day == 3:
                    await at.says("ann", "/report close")
                at.clock.at += timedelta(hours=14, minutes=30)
            keys = [key for (key,) in await at.rows(select(tables.letter.c.key))]
            nudged = sorted(key.rpartition(":")[2] for key in keys if ":nudge:" in key)
            assert nudged == ["2026-03-02", "2026-03-03", "2026-03-06"]

    asyncio.run(scenario())
