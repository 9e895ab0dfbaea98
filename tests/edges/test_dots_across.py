"""The button under which every push says why it comes, with the real libraries: a rep on Telegram, one on Slack."""

from datetime import timedelta

from domain.people import Role
from tests.support.across import both, person
from tests.support.slack_house import BOSS as BOB
from tests.support.slack_house import MONDAY, in_loop
from tests.support.telegram_stage import ANN

TEAMS = [("North", [person(ANN, "Ann", Role.REP), person(BOB, "Bob", Role.REP)])]
MORNING = MONDAY.replace(hour=8, minute=30) + timedelta(days=1)


def test_a_push_says_why_comes_again_and_comes_less_on_both_platforms(database_url: str) -> None:
    async def scenario() -> None:
        async with both(database_url, TEAMS) as at:
            # Telegram lets a bot write only to who has spoken to it.
            await at.says(ANN, "/help")
            while await at.app.tick():
                pass
            at.clock.set(MORNING)
            (mine,) = await at.settled(
                lambda: [each for each in at.telegram.messages(ANN) if each.text.startswith("Today, Tue")]
            )
            (his,) = await at.settled(
                lambda: [each for each in at.slack.messages(BOB) if "Today, Tue" in str(each.blocks)]
            )
            assert mine.labels[-1] == his.labels[-1] == "⋯"
            # On the message itself: why, and back to the card as it is.
            await at.taps(ANN, mine, "⋯")
            assert mine.text.startswith("Workdays 08:30") and "Less of this" in mine.labels
            await at.taps(ANN, mine, "Back")
            assert mine.text.startswith("Today, Tue")
            await at.presses(BOB, his, "⋯")
            await at.slack.until(lambda: "1 h" in his.labels)
            await at.presses(BOB, his, "1 h")
            await at.slack.until(lambda: "Again at 09:30" in str(his.blocks))
            # Less of it, for good, on Telegram; the same card once more on Slack.
            await at.taps(ANN, mine, "⋯")
            await at.taps(ANN, mine, "Less of this")
            await at.taps(ANN, mine, "For good")
            assert "Muted: Morning card" in mine.text and "for good" in mine.text
            at.clock.set(MORNING + timedelta(hours=1))
            again = await at.settled(
                lambda: [each for each in at.slack.messages(BOB) if "Today, Tue" in str(each.blocks)]
            )
            assert again[-1].ts != his.ts
            before = len(at.telegram.messages(ANN))
            at.clock.set(MORNING + timedelta(days=1))
            await at.settled(
                lambda: [each for each in at.slack.messages(BOB) if "Today, Wed" in str(each.blocks)]
            )
            assert not [
                each for each in at.telegram.messages(ANN)[before:] if each.text.startswith("Today, Wed")
            ]

    in_loop(scenario())
