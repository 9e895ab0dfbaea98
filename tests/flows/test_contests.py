"""Contests to their end: a tie, who is not named, who has no target, teams by their mean and one that is too small."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from bot.layout import plain
from domain.contests import Between, Contest, ContestId, Count, team_winners
from domain.people import Language, MemberId, OrgId, TeamId
from domain.ports import Change, ChangeId, Work
from domain.ranking import teams
from handlers.pieces.contest import team_places
from handlers.view import card
from tests.flows.test_boarding import goes_to, noon
from tests.flows.test_days_off import bind, manager
from tests.support.house import House, house, seat
from tests.support.scored import FRIDAY, MONDAY, NEXT_MONDAY, scored_week

ORG, BOSS = OrgId(1), MemberId(1)
REPS = ("ann", "bob", "cy", "di")


async def prepared(
    at: House, sold: Mapping[MemberId, int], *, between: Between = Between.REPS, minimum: int = 0
) -> None:
    """A contest of attainment over the week, which has run."""
    await bind(at)
    at.clock.at = noon(FRIDAY)

    def job(work: Work) -> None:
        scored_week(work, ORG, sold)
        change = Change(id=ChangeId(7001), actor_id=BOSS, said_at=at.clock.at, command="contest")
        work.store(ORG, change).add_contest(
            Contest(
                id=ContestId(0),
                team_id=TeamId(1) if between is Between.REPS else None,
                name="June",
                count=Count.ATTAINMENT,
                between=between,
                first=MONDAY,
                last=FRIDAY,
                minimum=Decimal(minimum),
                prize="lunch",
                made_by=BOSS,
                made_at=at.clock.at,
            )
        )

    await at.app.writer.run(job)
    await at.app.settle()
    at.sent()


def over(at: House, chat: str) -> list[list[str]]:
    """What a chat read of the end."""
    found = [plain(each.card, Language.EN) for each in at.recorder.chats[chat]]
    return [each for each in found if each[0] == "June is over"]


async def ends(at: House) -> list[str]:
    await goes_to(at, noon(NEXT_MONDAY, 2))
    await goes_to(at, noon(NEXT_MONDAY, 2).replace(minute=5))
    (only,) = over(at, "room")
    return only


def test_a_tie_shares_the_prize_and_who_has_no_target_is_in_no_place() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), *(seat(each) for each in REPS)]) as at:
            await prepared(at, {MemberId(2): 800, MemberId(3): 800, MemberId(4): 700})
            await at.says("cy", "/contest X1")
            assert "You: 70 %, place 3 of 3" in at.said("cy")
            await at.says("di", "/contest X1")
            assert not any("place" in each for each in at.said("di"))
            assert await ends(at) == ["June is over", "A tie: Ann, Bob share it", "Prize: lunch"]

    asyncio.run(scenario())


def test_who_is_not_named_and_wins_reads_it_alone() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), *(seat(each) for each in REPS)]) as at:
            await prepared(at, {MemberId(2): 800, MemberId(3): 700})
            await at.says("ann", "/board hide")
            assert await ends(at) == ["June is over", "Prize: lunch"]
            # News wait for 11:00.
            at.clock.at += timedelta(hours=1)
            await at.app.settle()
            assert over(at, "ann") == [["June is over", "Won by Ann", "Prize: lunch", "[⋯]"]]
            await at.says("bob", "/contest X1")
            assert not any("Ann" in each for each in at.said("bob"))

    asyncio.run(scenario())


def test_nobody_wins_below_the_minimum() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), *(seat(each) for each in REPS)]) as at:
            await prepared(at, {MemberId(2): 800, MemberId(3): 700}, minimum=90)
            assert await ends(at) == ["June is over", "Nobody reached the minimum."]

    asyncio.run(scenario())


def test_teams_are_compared_by_their_mean_and_a_small_one_is_shown_without_a_place() -> None:
    places = teams(
        [
            ("North", [Decimal(90), Decimal(70), Decimal(80)]),
            ("Small", [Decimal(200), Decimal(200)]),
            ("South", [Decimal(100), Decimal(50), Decimal(90), Decimal(80)]),
        ]
    )
    held = Contest(
        id=ContestId(1),
        team_id=None,
        name="June",
        count=Count.ATTAINMENT,
        between=Between.TEAMS,
        first=MONDAY,
        last=FRIDAY,
        minimum=Decimal(0),
        prize="",
        made_by=BOSS,
        made_at=noon(FRIDAY),
    )
    assert plain(card(*team_places(held, places)), Language.EN) == [
        "1 North: 80 % a head",
        "1 South: 80 % a head",
        "Small: 200 % a head, unranked",
    ]
    assert [each.name for each in team_winners(places, Decimal(80))] == ["North", "South"]
    assert team_winners(places, Decimal(81)) == ()
