"""Public holidays: what the library knows becomes rows, and rows become days off of whoever has the region."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from holidays import list_supported_countries
from sqlalchemy import func, select

from bot.holidays import public_holidays
from domain.people import Language, MemberId, OrgId, Role
from domain.ports import Work
from domain.refusals import NotFound
from domain.regions import COUNTRIES, PARTS
from domain.workdays import Calendar
from handlers.regions import region_name, region_named
from storage import tables
from tests.support.house import House, house, seat


def test_china_moves_its_working_days() -> None:
    days = {each.on: each for each in public_holidays("CN", 2026, 2026)}
    worked = [on.isoformat() for on, each in days.items() if each.works]
    assert worked == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    assert not days[date(2026, 2, 23)].works
    assert {on.year for on in days} == {2026}


def test_a_part_of_a_country_rests_on_more() -> None:
    whole, part = ({each.on for each in public_holidays(code, 2026, 2026)} for code in ("GB", "GB-ENG"))
    assert part - whole == {date(2026, 4, 6), date(2026, 8, 31)}


def test_the_regions_are_those_of_the_library() -> None:
    known = list_supported_countries(include_aliases=False)
    assert set(known) == COUNTRIES
    assert all(code.partition("-")[2] in known[code.partition("-")[0]] for code in PARTS)
    assert all(public_holidays(code, 2026, 2026) for code in ("HK", "TW", "SG", "US-NY", "DE-BY", "AU-NSW"))


@pytest.mark.parametrize(
    ("said", "region"),
    [
        ("China", "CN"),
        ("\u4e2d\u56fd", "CN"),
        ("\u82f1\u570b", "GB"),
        ("\u9999\u6e2f", "HK"),
        ("uk", "GB"),
        ("us-ny", "US-NY"),
        ("us ny", "US-NY"),
        ("Scotland", "GB-SCT"),
        ("None", ""),
    ],
)
def test_a_region_by_any_name(said: str, region: str) -> None:
    assert region_named(said) == region


def test_no_such_region() -> None:
    with pytest.raises(NotFound):
        region_named("Atlantis")
    assert region_name("GB-SCT", Language.EN) == "United Kingdom (SCT)"


async def calendars(at: House) -> dict[int, Calendar]:
    """Everybody's calendar, the same gathered and one by one."""

    def job(work: Work) -> dict[int, Calendar]:
        store = work.store(OrgId(1))
        org, people = store.organisation(), store.members()
        gathered = store.gather_members(org, [each.id for each in people])
        for each in people:
            assert store.calendar(org, each) == gathered[each.id][1]
        return {int(each.id): gathered[each.id][1] for each in people}

    return await at.app.writer.run(job)


def test_each_rests_when_their_region_does(database_url: str) -> None:
    """On both databases: the organisation's region, one's own, and a team's word above either."""

    async def scenario() -> None:
        now = datetime(2026, 9, 30, 1, 0, tzinfo=UTC)
        async with house([seat("ann"), seat("joe"), seat("kim")], now=now, url=database_url) as at:

            def choose(work: Work) -> None:
                store = work.store(OrgId(1))
                store.revise_organisation(region="CN")
                store.observe("CN")
                store.revise_member(MemberId(2), region="GB-ENG")
                store.observe("GB-ENG")
                store.observe("CN")
                store.revise_member(MemberId(3), region="")

            await at.app.writer.run(choose)
            await at.app.tick()
            assert await at.rows(select(func.count()).select_from(tables.region)) == [(2,)]
            found = await calendars(at)
            national, boxing = date(2026, 10, 1), date(2026, 12, 28)
            assert [found[n].is_workday(national) for n in (1, 2, 3)] == [False, True, True]
            assert [found[n].is_workday(boxing) for n in (1, 2, 3)] == [True, False, True]
            assert [found[n].is_workday(date(2026, 10, 10)) for n in (1, 2, 3)] == [True, False, False]
            before = await at.rows(select(tables.holiday))
            await at.app.recover()
            assert await at.rows(select(tables.holiday)) == before

    asyncio.run(scenario())


def test_a_new_year_is_loaded_in_its_time() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await at.says("ann", "/settings holidays UK")
            years = select(func.max(tables.holiday.c.on_date))
            assert (await at.rows(years))[0][0] == date(2027, 12, 28)
            at.clock.at = datetime(2027, 1, 2, tzinfo=UTC)
            await at.app.tick()
            assert (await at.rows(years))[0][0].year == 2028

    asyncio.run(scenario())


def test_a_teams_word_stands_above_everybodys_own_region(database_url: str) -> None:
    """The organisation observes nobody's holidays; who rests on Easter Monday comes in all the same, until undone."""
    boss = replace(seat("boss"), roles=frozenset({Role.MANAGER}))

    async def scenario() -> None:
        async with house([boss, seat("ann")], url=database_url) as at:
            await at.says("ann", "/settings holidays GB-ENG")
            easter = date(2026, 4, 6)
            assert not (await calendars(at))[2].is_workday(easter)
            await at.says("boss", "/calendar work 2026-04-06")
            assert (await calendars(at))[2].is_workday(easter)
            await at.says("boss", "/undo")
            assert not (await calendars(at))[2].is_workday(easter)

    asyncio.run(scenario())
