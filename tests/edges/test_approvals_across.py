"""A rep on Telegram, a manager on Slack, one bot with the real libraries: asked on one platform, decided on the other."""

from dataclasses import replace
from datetime import timedelta

from domain.milestones import PROJECT, Known, revised
from domain.people import Role
from domain.ports import Work
from tests.support.across import Both, both, person
from tests.support.slack_house import BOSS, MONDAY, in_loop, label
from tests.support.slack_web_api import SlackMessage
from tests.support.telegram_stage import ANN

DORA = 21
TEAMS = [
    (
        "North",
        [
            person(BOSS, "Boss", Role.MANAGER),
            person(ANN, "Ann", Role.REP),
            person(DORA, "Dora", Role.REP, deputy=True),
        ],
    )
]


async def asked(at: Both) -> SlackMessage:
    """Ann brings a deal before its gate and hands it in; the card the manager gets."""
    org, boss = at.seated[BOSS]

    def job(work: Work) -> None:
        stage = PROJECT.stage(1)
        # The first gate asks for money and time, one visit and the manager's word, and for nothing else.
        known = tuple(each for each in stage.tasks if each.known is Known.AMOUNT_AND_CLOSE)
        work.store(org).keep_template(revised(PROJECT, replace(stage, tasks=known), 1), boss, MONDAY)

    await at.app.writer.run(job)
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
        async with both(database_url, TEAMS) as at:
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
        async with both(sqlite_url, TEAMS) as at:
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
        async with both(sqlite_url, TEAMS) as at:
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
