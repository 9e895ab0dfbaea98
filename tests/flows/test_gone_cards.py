"""A card that somebody deleted: today's is posted anew, a past day's is left alone."""

import asyncio
from datetime import timedelta

from bot.outcomes import SendFailed
from bot.transcript import Recorder
from domain.ports import Delivery, Letter, Outcome
from handlers.view import Card
from tests.support.house import PLATFORM, house, seat


class Deleted(Recorder):
    """A platform on which every message is gone when it is to be edited."""

    async def send(self, letter: Letter, shown: Card) -> str:
        if letter.delivery is Delivery.EDIT:
            raise SendFailed(Outcome.REFUSED, "message to edit not found", gone=True)
        return await Recorder.send(self, letter, shown)


def test_todays_card_comes_again_and_yesterdays_does_not() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            at.app.courier.join(PLATFORM, deleted := Deleted())
            at.recorder = deleted
            at.clock.at += timedelta(hours=1)
            await at.app.settle()
            assert at.sent() == ["ann"]
            # The visit's answer, then the day card that could not be edited.
            assert await at.says("ann", "/visit Acme; met: Li Wei; result: ok") == ["ann", "ann"]
            at.clock.at = at.clock.at.replace(hour=23)
            deleted.sent.clear()
            # Through the end of grace, which edits yesterday's card silently.
            for _ in range(4):
                at.clock.at += timedelta(hours=1)
                await at.app.settle()
            assert [each.card.key for each in deleted.sent] == ["day:1:2026-03-03"]

    asyncio.run(scenario())
