"""The week's first working day with the real libraries: a rep's scorecard on Telegram, the manager's funnel on Slack."""

from datetime import UTC, datetime, timedelta

from domain.people import MemberId, Role, TeamId
from domain.ports import Address, Work
from tests.support.across import TELEGRAM, Both, both, person
from tests.support.scored import FRIDAY, NEXT_MONDAY, scored_week
from tests.support.slack_house import BOSS, in_loop
from tests.support.telegram_bot_api import StoredMessage
from tests.support.telegram_stage import ANN, GROUP

REPS = {ANN: "Ann", 30: "Bob", 31: "Cy", 32: "Di", 33: "Eve"}
TEAMS = [
    ("North", [person(BOSS, "Boss", Role.MANAGER), *(person(each, REPS[each], Role.REP) for each in REPS)])
]


def at_hour(hour: int, minute: int = 0) -> datetime:
    """A time on London's wall on that Monday in June."""
    day = datetime(NEXT_MONDAY.year, NEXT_MONDAY.month, NEXT_MONDAY.day, hour, minute, tzinfo=UTC)
    return day - timedelta(hours=1)


async def shown(at: Both, user: int, words: str) -> StoredMessage:
    found = await at.settled(lambda: [each for each in at.telegram.messages(user) if words in each.text])
    return found[-1]


def test_the_first_working_day_from_the_morning_card_to_the_final_board(database_url: str) -> None:
    async def scenario() -> None:
        async with both(database_url, TEAMS) as at:
            org, boss = at.seated[BOSS]
            at.clock.set(datetime(FRIDAY.year, FRIDAY.month, FRIDAY.day - 1, 11, tzinfo=UTC))

            def job(work: Work) -> None:
                reps = [at.seated[str(each)][1] for each in REPS]
                scored_week(work, org, {MemberId(each): 900 - 50 * n for n, each in enumerate(reps)})
                work.store(org).bind_room(TeamId(1), Address(platform=TELEGRAM, chat=str(GROUP)), boss)

            await at.app.writer.run(job)
            # Who never wrote to the bot on Telegram cannot be written to.
            await at.says(ANN, "/deal new Acme\namount: 60k\nclose: 12 Jun")
            at.telegram.user_sends(ANN, "lunch?", chat_id=GROUP)
            while await at.app.tick():
                pass
            # What happened on the weekend waits; nothing is told twice on Monday.
            at.clock.set(at_hour(8, 0))
            while await at.app.tick():
                pass
            at.clock.set(at_hour(8, 30))
            morning = await shown(at, ANN, "Last week:")
            assert morning.text.startswith("Today, Mon 15 Jun") and "Provisional until 10:00" in morning.text
            (why,) = [each for each in morning.labels if each.startswith("Why")]
            before = len(at.telegram.messages(ANN))
            at.telegram.user_clicks(ANN, morning.message_id, why)
            card = (await at.telegram.until(lambda: at.telegram.messages(ANN)[before:]))[0]
            assert "Sales 900/1k: 90" in card.text and "not set up yet" in card.text
            at.clock.set(at_hour(9, 0))
            (digest,) = await at.settled(
                lambda: [each for each in at.slack.messages(BOSS) if "North, Mon 15 Jun" in each.text]
            )
            assert "Funnel: 1 deal" in str(digest.blocks)
            at.clock.set(at_hour(10, 6))
            (final,) = await at.settled(
                lambda: [each for each in at.telegram.messages(GROUP) if "final" in each.text]
            )
            assert "1 Ann" in final.text and "Bob" not in final.text
            versions = await at.app.writer.run(
                lambda work: work.store(org).scorecards([at.seated[str(ANN)][1]], ["2026-W24"])
            )
            (frozen,) = versions[at.seated[str(ANN)][1]]
            assert frozen.version == 1

    in_loop(scenario())
