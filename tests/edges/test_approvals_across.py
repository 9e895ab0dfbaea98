"""A rep on Telegram, a manager on Slack, one bot with the real libraries: asked on one platform, decided on the other."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.app import App, build
from bot.buckets import Limits
from bot.clock import SetClock
from bot.seed import Founding, Seat, found
from bot.slack.adapter import SlackDoor
from bot.slack.adapter import decode as slack_decode
from bot.telegram.adapter import TelegramDoor
from bot.telegram.adapter import decode as telegram_decode
from domain.milestones import PROJECT, Known, revised
from domain.people import Language, Profile, Role
from domain.ports import Address, Work
from tests.support.loopback import Seen
from tests.support.slack_house import BOSS, MONDAY, QUICK, in_loop, label
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.support.slack_web_api import SlackMessage
from tests.support.telegram_bot_api import StoredMessage
from tests.support.telegram_server import TOKEN
from tests.support.telegram_stage import ANN, Telegram

DORA = 21


@dataclass(slots=True)
class Both:
    """One bot at work on both platforms."""

    telegram: Telegram
    slack: SlackServer
    app: App
    clock: SetClock

    async def says(self, user: int, text: str) -> StoredMessage:
        """What somebody writes on Telegram, and the message that answers it."""
        before = len(self.telegram.messages(user))
        self.telegram.user_sends(user, text)
        return (await self.telegram.until(lambda: self.telegram.messages(user)[before:]))[0]

    async def writes(self, user: str, text: str) -> SlackMessage:
        """What somebody writes on Slack, and the message that answers it."""
        before = len(self.slack.messages(user))
        assert (await self.slack.user_says(user, text)).acknowledged
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


def founding() -> Founding:
    """Ann and the deputy on Telegram, the manager on Slack."""
    people = (
        (BOSS, "Boss", frozenset({Role.MANAGER}), "slack", False),
        (str(ANN), "Ann", frozenset({Role.REP}), "telegram", False),
        (str(DORA), "Dora", frozenset({Role.REP}), "telegram", True),
    )
    return Founding(
        name="Acme Sales",
        language=Language.EN,
        zone="Europe/London",
        currency="GBP",
        week=frozenset({1, 2, 3, 4, 5}),
        profile=Profile.FIELD,
        started_on=MONDAY.date() - timedelta(days=60),
        joined_on=MONDAY.date() - timedelta(days=60),
        teams=[
            (
                "North",
                [
                    Seat(
                        handle=handle,
                        name=name,
                        roles=roles,
                        language=Language.EN,
                        platform=platform,
                        deputy=deputy,
                    )
                    for handle, name, roles, platform, deputy in people
                ],
            )
        ],
    )


@asynccontextmanager
async def both(url: str) -> AsyncIterator[Both]:
    """The bot between two strict fakes; at the end nothing illegal was said on either."""
    clock = SetClock(MONDAY)
    telegram = Telegram()
    await telegram.start()
    async with SlackServer() as slack:
        decoders = {"telegram": telegram_decode, "slack": slack_decode}
        app = build(url, clock, decoders, random.Random(1))
        app.prepare()
        slack.add_user(BOSS, name="boss")
        slack_at = Address(platform="slack", chat=slack.dm(BOSS))

        def job(work: Work) -> None:
            seated = found(work, founding(), MONDAY)
            org, boss = seated[BOSS]
            work.people.bind(slack_at, BOSS, org, boss)
            stage = PROJECT.stage(1)
            # The first gate asks for money and time, one visit and the manager's word: all there are commands for.
            known = tuple(each for each in stage.tasks if each.known is Known.AMOUNT_AND_CLOSE)
            work.store(org).keep_template(revised(PROJECT, replace(stage, tasks=known), 1), boss, MONDAY)

        await app.writer.run(job)
        doors = (
            TelegramDoor(app, TOKEN, telegram.root, limits=Limits(), poll_seconds=10, first_wait=0.01),
            SlackDoor(app, BOT_TOKEN, APP_TOKEN, slack.api_root, patience=QUICK),
        )
        tasks = [asyncio.create_task(each.run()) for each in (*doors, app.courier)]
        try:
            await slack.until(lambda: slack.connections == 1)
            yield Both(telegram, slack, app, clock)
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


async def asked(at: Both) -> SlackMessage:
    """Ann brings a deal before its gate and hands it in; the card the manager gets."""
    await at.says(ANN, "/deal new Acme\namount: 60k\nclose: 30 Apr")
    await at.says(ANN, "/visit Acme\nmet: Li Wei\nresult: budget confirmed\ndeal: D1")
    before = len(at.slack.messages(BOSS))
    assert "Boss decides" in (await at.says(ANN, "/advance D1")).text
    card = (await at.slack.until(lambda: at.slack.messages(BOSS)[before:]))[0]
    assert "D1: on to deep contact?" in card.text
    assert card.labels == [label(f"approve.{each}_button") for each in ("accept", "return", "ask")]
    return card


def test_asked_on_telegram_accepted_on_slack_heard_on_telegram(database_url: str) -> None:
    async def scenario() -> None:
        async with both(database_url) as at:
            card = await asked(at)
            before = len(at.telegram.messages(ANN))
            await at.presses(BOSS, card, label("approve.accept_button"))
            told = (await at.telegram.until(lambda: at.telegram.messages(ANN)[before:]))[0]
            assert told.text.startswith("✓ D1: now at deep contact") and "Boss accepted" in told.text
            await at.settled(lambda: card.history)
            assert "Boss accepted" in str(card.blocks) and card.labels == []
            # Decided already, on either platform.
            assert "Boss accepted D1 at" in (await at.writes(BOSS, "approve P1 accept")).text
            assert "Boss decided on it at" in (await at.says(ANN, "/undo")).text

    in_loop(scenario())


def test_a_question_goes_from_slack_to_telegram_and_the_answer_back(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with both(sqlite_url) as at:
            card = await asked(at)
            heard, shown = len(at.telegram.messages(ANN)), len(at.slack.messages(BOSS))
            await at.presses(BOSS, card, label("approve.ask_button"))
            await at.slack.until(lambda: at.slack.messages(BOSS)[shown:])
            await at.writes(BOSS, "Who signs there?")
            question = (await at.telegram.until(lambda: at.telegram.messages(ANN)[heard:]))[0]
            assert "Who signs there?" in question.text
            before, shown = len(at.telegram.messages(ANN)), len(at.slack.messages(BOSS))
            at.telegram.user_clicks(ANN, question.message_id, label("approve.answer_button"))
            await at.telegram.until(lambda: at.telegram.messages(ANN)[before:])
            await at.says(ANN, "Li Wei, up to 100k")
            answer = (await at.slack.until(lambda: at.slack.messages(BOSS)[shown:]))[0]
            assert "Li Wei, up to 100k" in answer.text
            # A reason is asked for before it goes back, and the rep hears it.
            before = len(at.telegram.messages(ANN))
            await at.writes(BOSS, "approve P1 return; reason: a second contact first")
            back = (await at.telegram.until(lambda: at.telegram.messages(ANN)[before:]))[0]
            assert "a second contact first" in back.text and label("approve.again_button") in back.labels
            await at.settled(lambda: card.history)
            assert "Boss returned it" in str(card.blocks)

    in_loop(scenario())


def test_after_a_day_the_deputy_on_telegram_is_first_and_slack_says_so(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with both(sqlite_url) as at:
            card = await asked(at)
            # A deputy who never wrote to the bot on Telegram cannot be written to.
            await at.says(DORA, "/help")
            at.clock.set(MONDAY + timedelta(days=1))
            seen = await at.settled(
                lambda: [each for each in at.telegram.messages(DORA) if "on to deep contact" in each.text]
            )
            at.telegram.user_clicks(DORA, seen[0].message_id, label("approve.accept_button"))
            await at.telegram.until(
                lambda: [each for each in at.telegram.messages(ANN) if "Dora accepted" in each.text]
            )
            await at.settled(lambda: [one for one in [str(card.blocks)] if "Dora accepted" in one])
            assert card.labels == []

    in_loop(scenario())
