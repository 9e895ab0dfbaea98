"""R16: the clock jumps, and what comes late says so; through the whole app, on both databases.

A transcript cannot tell this: its clock goes on from due instant to due instant, and nothing is ever late.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.layout import plain as plain_lines
from domain.people import Language, MemberId, OrgId, Role
from storage import tables
from tests.support.house import House, house, seat

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
EN, ZH, HANT = Language.EN, Language.ZH, Language.ZH_HANT
LATE = {
    EN: "This was due at 08:30.",
    ZH: "\u672c\u5e94 08:30 \u9001\u8fbe\uff0c\u8fdf\u5230\u4e86\u3002",
    HANT: "\u672c\u61c9 08:30 \u9001\u9054\uff0c\u9072\u5230\u4e86\u3002",
}


async def pushed(at: House, push: str = "morning") -> list[str]:
    """The periods of the letters of a push that were written, in their order."""
    key = tables.letter.c.key
    found = [text for (text,) in await at.rows(select(key).order_by(tables.letter.c.id))]
    return [text.rpartition(":")[2] for text in found if f":{push}:" in text]


async def waited(at: House, push: str) -> tuple[str, str]:
    """The period that the second member waits for, and the one before."""
    row = await at.app.writer.run(lambda work: work.store(OrgId(1)).waited(MemberId(2))[push])
    return row.due.label, row.served


async def pass_time(at: House, by: timedelta) -> list[str]:
    at.clock.at += by
    await at.app.settle()
    return at.sent()


@pytest.mark.parametrize("back", [timedelta(minutes=1), 2 * HOUR, DAY], ids=["a minute", "2 h", "a day"])
def test_a_clock_set_back_sends_nothing_again(database_url: str, back: timedelta) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], url=database_url) as at:
            assert await pass_time(at, HOUR) == ["ann"]
            at.clock.at -= back
            await at.app.settle()
            # Settings made in the meantime plan anew, and still nothing comes twice.
            await at.says("ann", "/settings morning 08:00")
            await at.says("ann", "/settings morning 08:30")
            at.sent()
            assert await pass_time(at, back) == []
            assert await pushed(at) == ["2026-03-02"]
            await pass_time(at, DAY)
            assert await pushed(at) == ["2026-03-02", "2026-03-03"]

    asyncio.run(scenario())


def test_a_clock_set_forward_two_hours_sends_one_card_that_says_so(database_url: str) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], url=database_url) as at:
            assert await pass_time(at, 2 * HOUR + 30 * MINUTE) == ["ann"]
            assert at.said("ann")[-1] != LATE[EN]
            assert LATE[EN] in at.said("ann")
            assert await pushed(at) == ["2026-03-02"]
            # That it was late is no reason to edit it; what changes edits it without the words.
            assert await pass_time(at, MINUTE) == []
            await at.says("ann", "/visit Acme; met: Li Wei; result: ok")
            shown = [each.card for each in at.recorder.chats["ann"] if each.card.key]
            assert LATE[EN] not in plain_lines(shown[0], EN)

    asyncio.run(scenario())


def test_a_clock_set_forward_a_day_sends_the_last_card_alone(database_url: str) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], url=database_url) as at:
            await pass_time(at, 3 * DAY + HOUR + 30 * MINUTE)
            assert await pushed(at) == ["2026-03-05"]
            assert LATE[EN] in at.said("ann")
            await pass_time(at, DAY - HOUR)
            assert await pushed(at) == ["2026-03-05", "2026-03-06"]

    asyncio.run(scenario())


def test_a_frozen_clock_sends_what_is_due_once() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            at.clock.at += 30 * MINUTE
            for _ in range(5):
                await at.app.settle()
            assert at.sent() == ["ann"]
            assert LATE[EN] not in at.said("ann")

    asyncio.run(scenario())


def test_late_is_said_in_the_language_of_whoever_reads_it() -> None:
    async def scenario() -> None:
        async with house(
            [seat("ann", language=EN), seat("li", language=ZH), seat("tw", language=HANT)]
        ) as at:
            await pass_time(at, HOUR)
            for handle, language in (("ann", EN), ("li", ZH)):
                assert LATE[language] in plain_lines(at.card(handle), language)
            assert LATE[HANT] in plain_lines(at.card("tw"), HANT)

    asyncio.run(scenario())


def test_nothing_late_comes_in_the_night_nor_the_evenings_question_the_morning_after() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await pass_time(at, HOUR)
            # From 09:00 to 21:30: the nudge of 17:30 is over, and so it is in the morning.
            await pass_time(at, 12 * HOUR + 30 * MINUTE)
            await pass_time(at, 10 * HOUR)
            assert await pushed(at, "nudge") == []
            assert await pushed(at) == ["2026-03-02"]

    asyncio.run(scenario())


def test_a_change_of_zone_gives_a_date_once_on_both_databases(database_url: str) -> None:
    """West: Monday is there again and nothing comes. East over the hour: Tuesday's comes at once."""

    async def scenario() -> None:
        async with house([seat("ann")], url=database_url) as at:
            await pass_time(at, HOUR)
            await at.says("ann", "/settings nudge off")
            await at.says("ann", "/settings zone America/New_York")
            at.sent()
            for _ in range(30):
                await pass_time(at, HOUR)
            assert await pushed(at) == ["2026-03-02"]
            # Tuesday, 02:00 in New York; the card comes there at 08:30.
            for _ in range(6):
                await pass_time(at, HOUR)
            assert await pushed(at) == ["2026-03-02"]
            await pass_time(at, HOUR)
            assert await pushed(at) == ["2026-03-02", "2026-03-03"]
            # Wednesday 06:00 in New York is 23:00 in Auckland and 11:00 in London.
            await pass_time(at, timedelta(hours=21))
            await at.says("ann", "/settings zone Europe/London")
            await pass_time(at, MINUTE)
            assert await pushed(at) == ["2026-03-02", "2026-03-03", "2026-03-04"]

    asyncio.run(scenario())


def test_a_weekly_push_comes_once_though_its_day_is_moved(database_url: str) -> None:
    """The week's last day was Friday; in the evening Saturday is declared a working day."""
    boss = replace(seat("boss"), roles=frozenset({Role.MANAGER}))

    async def scenario() -> None:
        async with house([boss, seat("ann")], url=database_url) as at:
            await pass_time(at, 4 * DAY + 9 * HOUR)
            assert await waited(at, "week_end") == ("2026-03-13", "2026-03-06")
            await at.says("boss", "/calendar work Sat")
            await pass_time(at, MINUTE)
            assert await waited(at, "week_end") == ("2026-03-13", "2026-03-06")
            await pass_time(at, DAY)
            assert await waited(at, "week_end") == ("2026-03-13", "2026-03-06")

    asyncio.run(scenario())
