"""The week's board in two rooms with the real libraries: a group on Telegram and a channel on Slack, each once."""

from datetime import UTC, datetime

from domain.people import MemberId, Role, TeamId
from domain.ports import Address, Work
from tests.support.across import SLACK, TELEGRAM, both, person
from tests.support.scored import FRIDAY, scored_week
from tests.support.slack_house import BOSS, in_loop
from tests.support.telegram_stage import ANN, BOB, GROUP

CHANNEL = "C0SALES1"
REPS = {ANN: "Ann", BOB: "Bob", 31: "Cy", 32: "Di", 33: "Eve"}
TEAMS = [
    ("North", [person(BOSS, "Boss", Role.MANAGER), *(person(each, REPS[each], Role.REP) for each in REPS)])
]


def test_the_board_arrives_in_the_group_and_in_the_channel(database_url: str) -> None:
    async def scenario() -> None:
        async with both(database_url, TEAMS) as at:
            at.slack.add_channel(CHANNEL, members=[BOSS])
            org, boss = at.seated[BOSS]
            # Telegram lets a bot write only where it was spoken to, or was taken in.
            for each in REPS:
                await at.says(each, "/help")
            at.telegram.user_sends(ANN, "lunch?", chat_id=GROUP)
            # Thursday at noon: what is due on Friday is planned from here.
            at.clock.set(datetime(FRIDAY.year, FRIDAY.month, FRIDAY.day - 1, 11, tzinfo=UTC))

            def job(work: Work) -> None:
                reps = [at.seated[str(each)][1] for each in REPS]
                scored_week(work, org, {MemberId(each): 900 - 50 * n for n, each in enumerate(reps)})
                store = work.store(org)
                store.bind_room(TeamId(1), Address(platform=TELEGRAM, chat=str(GROUP)), boss)
                store.bind_room(TeamId(1), Address(platform=SLACK, chat=CHANNEL), boss)

            await at.app.writer.run(job)
            while await at.app.tick():
                pass
            # 16:00 in London.
            at.clock.set(datetime(FRIDAY.year, FRIDAY.month, FRIDAY.day, 15, tzinfo=UTC))
            (group,) = await at.settled(lambda: at.telegram.messages(GROUP))
            (channel,) = await at.settled(lambda: at.slack.messages(CHANNEL))
            for text in (group.text, str(channel.blocks) + channel.text):
                assert "Board, as of Fri 16:00" in text and "1 Ann" in text and "Team 80 %" in text
                assert not any(each in text for each in ("Bob", "Cy", "Di", "Eve"))
            own = await at.telegram.until(
                lambda: [each for each in at.telegram.messages(BOB) if each.text.startswith("Your week")]
            )
            assert "Your place: 2 of 5" in own[0].text
            await at.app.tick()
            at.app.courier.wake()
            assert len(at.telegram.messages(GROUP)) == len(at.slack.messages(CHANNEL)) == 1

    in_loop(scenario())
