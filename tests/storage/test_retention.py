"""What the installation keeps for a while goes when its time is over, and only that."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from storage import tables
from tests.support.house import House, house, seat
from tests.support.opened import NINE, Opened


async def count(at: House) -> dict[str, int]:
    """Rows of the tables that are tidied."""
    names = (tables.inbox, tables.letter, tables.card_action)
    return {table.name: (await at.rows(select(func.count()).select_from(table)))[0][0] for table in names}


def test_deliveries_letters_and_buttons_go_in_their_order(database_url: str) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], url=database_url) as at:
            await at.says("ann", "/visit Acme; met: Li Wei; result: ok")
            assert await count(at) == {"inbox": 1, "letter": 1, "card_action": 1}
            assert await at.app.tidy() == 0
            at.clock.at += timedelta(days=6, minutes=1)
            assert await at.app.tidy() == 1
            assert await count(at) == {"inbox": 0, "letter": 1, "card_action": 1}
            at.clock.at += timedelta(days=25)
            assert await at.app.tidy() == 1
            assert await count(at) == {"inbox": 0, "letter": 0, "card_action": 1}
            at.clock.at += timedelta(days=7)
            assert await at.app.tidy() == 1
            assert await count(at) == {"inbox": 0, "letter": 0, "card_action": 0}

    asyncio.run(scenario())


def test_a_link_code_goes_a_day_after_it_expired(books: Opened) -> None:
    org, _, member = books.found()
    day = timedelta(days=1)
    with books.work() as work:
        work.store(org).keep_link_code(member, "old", NINE)
        work.store(org).keep_link_code(member, "new", NINE + day)
        assert work.tidy(NINE + day + timedelta(minutes=1)) == 1
        assert work.people.link_code("new", NINE) == (org, member)
        assert work.people.link_code("old", NINE - day) is None


def test_what_was_not_answered_or_not_sent_stays(database_url: str) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], url=database_url) as at:
            await at.app.writer.run(lambda work: work.inbox.keep("web", "d1", "ann", "{}", at.clock.now()))
            at.clock.at += timedelta(hours=1)
            await at.app.tick()
            kept = await count(at)
            assert kept["inbox"] == 1
            assert kept["letter"] == 1
            at.clock.at += timedelta(days=365)
            await at.app.tidy()
            assert (await count(at))["inbox"] == 1
            assert (await count(at))["letter"] == 1

    asyncio.run(scenario())
