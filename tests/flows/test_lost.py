"""R20 in the small: many of a team block the bot; nobody is tried twice, and the manager hears of all of them at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.layout import plain
from bot.outcomes import SendFailed
from bot.seed import Seat
from bot.transcript import Recorder
from domain.people import Language, Role
from domain.ports import Letter, Outcome
from handlers.gone import GATHERED, NAMED
from handlers.view import Card
from tests.support.house import MONDAY, PLATFORM, House, house, seat

REPS, LOST = 50, 15
MORNING = MONDAY + timedelta(hours=1)
# What is only to be known waits for the news of the day.
ELEVEN = MONDAY + timedelta(hours=3)


class Blocking(Recorder):
    """Chats that take nothing any more; every try there is counted."""

    def __init__(self, chats: frozenset[str]) -> None:
        super().__init__()
        self.blocked = chats
        self.refused: list[str] = []

    async def send(self, letter: Letter, shown: Card) -> str:
        if letter.to.chat in self.blocked:
            self.refused.append(letter.to.chat)
            raise SendFailed(Outcome.DEAD, "bot was blocked by the user")
        return await Recorder.send(self, letter, shown)


def _team(reps: int) -> list[Seat]:
    boss = replace(seat("boss"), roles=frozenset({Role.MANAGER}))
    return [boss, *(seat(f"rep{number:02}") for number in range(reps))]


def notices(at: House) -> list[list[str]]:
    """What the manager was told of who takes no messages, as lines."""
    said = [plain(each.card, Language.EN) for each in at.recorder.chats.get("boss", [])]
    return [lines for lines in said if "no longer take" in lines[0]]


def test_the_manager_hears_of_all_who_were_lost_in_one_message() -> None:
    async def scenario() -> None:
        async with house(_team(REPS)) as at:
            blocked = frozenset(f"rep{number:02}" for number in range(0, 3 * LOST, 3))
            at.app.courier.join(PLATFORM, channel := Blocking(blocked))
            at.recorder = channel
            at.clock.at = MORNING
            await at.app.settle()
            assert sorted(channel.refused) == sorted(blocked)
            assert {f"rep{n:02}" for n in range(REPS)} - blocked <= set(channel.chats)
            assert notices(at) == []
            at.clock.at = MORNING + GATHERED
            await at.app.settle()
            at.clock.at = ELEVEN
            await at.app.settle()
            [notice] = notices(at)
            assert notice[0] == f"{LOST} of your team no longer take messages on the browser:"
            assert notice[1].startswith("Rep00, Rep03") and f"and {LOST - NAMED} more" in notice[1]
            # Nobody is tried again, nothing is said of them again.
            for _ in range(3):
                at.clock.at += timedelta(days=1)
                await at.app.settle()
            assert len(channel.refused) == LOST and len(notices(at)) == 1

    asyncio.run(scenario())


def test_who_comes_back_within_minutes_is_not_spoken_of() -> None:
    async def scenario() -> None:
        async with house(_team(2)) as at:
            at.app.courier.join(PLATFORM, channel := Blocking(frozenset({"rep00"})))
            at.recorder = channel
            at.clock.at = MORNING
            await at.app.settle()
            channel.blocked = frozenset()
            await at.says("rep00", "/today")
            at.clock.at = MORNING + GATHERED
            await at.app.settle()
            at.clock.at = ELEVEN
            await at.app.settle()
            assert len(channel.refused) == 1 and notices(at) == []

    asyncio.run(scenario())


def test_one_alone_is_named_alone() -> None:
    async def scenario() -> None:
        async with house(_team(2)) as at:
            at.app.courier.join(PLATFORM, channel := Blocking(frozenset({"rep00"})))
            at.recorder = channel
            at.clock.at = MORNING
            await at.app.settle()
            at.clock.at = MORNING + GATHERED
            await at.app.settle()
            at.clock.at = ELEVEN
            await at.app.settle()
            assert notices(at)[0][0] == "Rep00 no longer takes messages on the browser."

    asyncio.run(scenario())
