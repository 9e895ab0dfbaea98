"""Boards of teams large enough for places: who is named in the room, who reads what alone, what is posted once."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.seed import Seat
from domain.kpis import Kpi
from domain.people import MemberId, OrgId, TeamId
from domain.ports import Change, ChangeId, Work
from domain.results import Origin, Result
from handlers.boarding import FINAL, PROVISIONAL, repost, team_week
from handlers.correcting import follow_facts
from handlers.letters import Teller
from handlers.pushes.week_end import board_final, week_end
from handlers.registry import Recipient, Slice
from handlers.rollups import roll
from tests.flows.test_days_off import bind, manager
from tests.flows.test_scoring import turn_of
from tests.support.house import House, house, seat
from tests.support.scored import DAY, FRIDAY, MONDAY, NEXT_MONDAY, scored_week

ORG, BOSS = OrgId(1), MemberId(1)
NAMES = ("ann", "bob", "cy", "di", "eve", "fay", "gus", "hal", "ida", "joe")
# Ann is first: 950, 900, ... Nobody has a plan done.
SOLD = {MemberId(n + 2): 950 - 50 * n for n in range(10)}


def ten() -> list[Seat]:
    return [manager("boss"), *(seat(each) for each in NAMES)]


def noon(day: date, hour: int = 4) -> datetime:
    """Noon in Shanghai, or another hour of UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


async def prepared(at: House, sold: Mapping[MemberId, int] = SOLD) -> None:
    await bind(at)
    at.clock.at = noon(FRIDAY)
    await at.app.writer.run(lambda work: scored_week(work, ORG, sold))
    await at.app.settle()
    at.sent()


async def goes_to(at: House, when: datetime) -> list[str]:
    at.clock.at = when
    await at.app.settle()
    return at.sent()


def test_ten_people_three_places_in_the_room_and_to_each_their_own() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await prepared(at)
            sent = await goes_to(at, noon(FRIDAY, 8))
            assert sent.count("room") == 1
            assert at.said("room") == [
                "Board, as of Fri 16:00",
                "1 Ann  2 Bob  3 Cy",
                "Team 73 %",
                "Final on the next working day",
            ]
            own = at.said("joe")
            assert own[0] == "Your week, as of Fri 16:00"
            # 62.5 x 0.5 without verification.
            assert own[1:4] == ["31 points", "Your place: 10 of 10", "3 to the next place"]
            assert at.said("ann")[1:3] == ["59 points", "Your place: 1 of 10"]
            assert not any("to the next place" in each for each in at.said("ann"))
            assert await goes_to(at, noon(FRIDAY, 8) + timedelta(minutes=2)) == []
            final = await goes_to(at, noon(NEXT_MONDAY, 2) + timedelta(minutes=5))
            assert final.count("room") == 1
            assert at.said("room")[:2] == ["Board, final, week to 14 Jun", "1 Ann  2 Bob  3 Cy"]

    asyncio.run(scenario())


def test_a_board_is_posted_at_the_hour_of_whoever_leads() -> None:
    """The reps' Friday ends in Shanghai; the team's board waits for 16:00 in London."""

    async def scenario() -> None:
        boss, *reps = ten()
        async with house([replace(boss, zone="Europe/London"), *reps]) as at:
            await prepared(at)
            sent = await goes_to(at, noon(FRIDAY, 8))
            assert "ann" in sent and "room" not in sent
            assert (await goes_to(at, noon(FRIDAY, 14))).count("room") == 0
            # British Summer Time.
            assert (await goes_to(at, noon(FRIDAY, 15))).count("room") == 1

    asyncio.run(scenario())


def test_who_is_not_named_is_left_out_without_a_hint_and_still_reads_the_own_place() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await prepared(at)
            await at.says("bob", "/board hide")
            await goes_to(at, noon(FRIDAY, 8))
            assert at.said("room")[1] == "1 Ann  3 Cy"
            assert "Your place: 2 of 10" in at.said("bob")
            await at.says("di", "/board")
            assert not any("Bob" in each for each in at.said("di"))
            await at.says("di", "/board picture")
            drawn = "\n".join(at.said("di"))
            assert "Ann" in drawn and "Cy" in drawn and "team 73 %" in drawn
            assert not any(each.capitalize() in drawn for each in NAMES if each not in ("ann", "cy"))

    asyncio.run(scenario())


def test_shared_places_share_a_rank() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await prepared(at, {**SOLD, MemberId(3): 900, MemberId(4): 900})
            await goes_to(at, noon(FRIDAY, 8))
            assert at.said("room")[1] == "1 Ann  2 Bob  2 Cy"
            assert "Your place: 4 of 10" in at.said("di")

    asyncio.run(scenario())


def test_whoever_leads_reads_all_of_it_alone() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await prepared(at)
            await at.says("boss", "/board")
            assert at.said("boss")[1:3] == ["1 Ann · 59", "2 Bob · 56"]
            await at.says("boss", "/board 2")
            assert "10 Joe · 31" in at.said("boss")

    asyncio.run(scenario())


def late_sale(at: House, work: Work) -> None:
    """Money of the closed week comes in for Di, who is first with it."""
    store = work.store(ORG, Change(id=ChangeId(9001), actor_id=BOSS, said_at=at.clock.at, command="import"))
    sold = Result(
        member_id=MemberId(5),
        team_id=None,
        kpi=Kpi.SALES,
        on=MONDAY,
        value=Decimal(980),
        origin=Origin.TYPED,
        made_by=BOSS,
    )
    store.add_result(sold)
    turn = turn_of(at, store)
    roll(turn)
    follow_facts(turn)
    follow_facts(turn)


def test_a_correction_is_posted_again_once_with_a_note_when_the_week_is_final() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await prepared(at)
            await goes_to(at, noon(FRIDAY, 8))
            await goes_to(at, noon(NEXT_MONDAY, 2) + timedelta(minutes=5))
            assert at.said("room")[0] == "Board, final, week to 14 Jun"
            # At night the room is left alone.
            await goes_to(at, noon(NEXT_MONDAY, 14))
            await at.app.writer.run(lambda work: late_sale(at, work))
            assert "room" not in await goes_to(at, at.clock.at)
            assert (await goes_to(at, noon(NEXT_MONDAY + DAY, 1))).count("room") == 1
            assert at.said("room") == [
                "Board, corrected, week to 14 Jun",
                "1 Di  2 Ann  3 Bob",
                "Team 74 %",
                "Corrected: later numbers",
            ]
            kept = await at.app.writer.run(lambda work: work.store(ORG).boards(TeamId(1), 9))
            assert [each.version for each in kept] == [2, FINAL, PROVISIONAL]

    asyncio.run(scenario())


def test_before_the_week_is_final_a_correction_waits_for_the_final_board() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await prepared(at)
            await goes_to(at, noon(FRIDAY, 8))

            def corrected(work: Work) -> None:
                store = work.store(ORG)
                by = Teller(store=store, org=ORG, event=None, now=at.clock.at, codes=lambda _bits: "")
                repost(by, store.organisation(), store.teams()[0], MONDAY, "a late payment")

            await at.app.writer.run(lambda work: late_sale(at, work))
            await at.app.writer.run(corrected)
            assert await goes_to(at, at.clock.at) == []
            await goes_to(at, noon(NEXT_MONDAY, 2) + timedelta(minutes=5))
            assert at.said("room")[:2] == ["Board, final, week to 14 Jun", "1 Di  2 Ann  3 Bob"]

    asyncio.run(scenario())


def slice_of(at: House, work: Work, today: date, *numbers: MemberId) -> Slice:
    store = work.store(ORG, Change(id=ChangeId(9000), actor_id=BOSS, said_at=at.clock.at, command="x"))
    org = store.organisation()
    people = store.gather_members(org, numbers or [each.id for each in store.members()])
    recipients = tuple(
        Recipient(member=member, calendar=calendar, label=today.isoformat())
        for member, calendar in people.values()
    )
    return Slice(org=org, now=at.clock.at, recipients=recipients, store=store)


def test_slices_of_one_team_post_its_board_once() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await prepared(at)
            at.clock.at = noon(FRIDAY, 8)

            def job(work: Work) -> None:
                for number in (MemberId(2), MemberId(3), MemberId(4)):
                    at.clock.at += timedelta(seconds=1)
                    assert week_end(slice_of(at, work, FRIDAY, number))[number] is not None
                    board_final(slice_of(at, work, NEXT_MONDAY, number))

            await at.app.writer.run(job)
            assert (await goes_to(at, at.clock.at)).count("room") == 2

    asyncio.run(scenario())


async def statements(reps: int) -> int:
    seats = [manager("boss"), *(seat(f"rep{n}") for n in range(reps))]
    async with house(seats) as at:
        await prepared(at, {MemberId(n + 2): 100 + n for n in range(reps)})

        def job(work: Work) -> int:
            slice_, ran = slice_of(at, work, FRIDAY), list[str]()
            raw = work.connection.connection.driver_connection  # type: ignore[attr-defined]
            raw.set_trace_callback(ran.append)
            week = team_week(slice_.store, slice_.org, slice_.store.teams()[0], MONDAY, FRIDAY)
            raw.set_trace_callback(None)
            assert len(week.board.placed) == reps
            return len(ran)

        return await at.app.writer.run(job)


def test_a_board_of_many_costs_no_more_statements_than_one_of_few() -> None:
    few, many = asyncio.run(statements(3)), asyncio.run(statements(40))
    assert 0 < few == many


@pytest.mark.parametrize(
    ("sold", "named"),
    [
        ({MemberId(n + 2): 500 + n for n in range(4)}, False),
        ({MemberId(n + 2): 500 + n for n in range(5)}, True),
    ],
    ids=["four", "five"],
)
def test_under_five_ranked_the_room_reads_the_team_alone(sold: Mapping[MemberId, int], named: bool) -> None:
    async def scenario() -> None:
        async with house([manager("boss"), *(seat(each) for each in NAMES[: len(sold)])]) as at:
            await prepared(at, sold)
            await goes_to(at, noon(FRIDAY, 8))
            assert any("Eve" in each for each in at.said("room")) is named
            assert not any(each.capitalize() in "\n".join(at.said("room")) for each in NAMES[:4])

    asyncio.run(scenario())


def test_one_who_rests_friday_has_the_own_week_a_day_early_and_the_board_waits() -> None:
    async def scenario() -> None:
        async with house(ten()) as at:
            await bind(at)
            at.clock.at = noon(FRIDAY - DAY)
            await at.app.writer.run(lambda work: scored_week(work, ORG, SOLD))
            await at.says("ann", "/away 2026-06-12")
            at.sent()
            assert (await goes_to(at, noon(FRIDAY - DAY, 8))) == ["ann"]
            assert (await goes_to(at, noon(FRIDAY, 8))).count("room") == 1

    asyncio.run(scenario())
