"""A second account of the same person: by link or typed code, once, and never somebody else's."""

import asyncio
import re

from sqlalchemy import select

from bot.inbound import Person, Said, plain
from bot.intake import Delivery
from bot.layout import plain as plain_lines
from domain.ports import Address
from storage import tables
from tests.support.house import PLATFORM, House, house, seat

TYPED = re.compile(r"^[a-z2-7]{4}-[a-z2-7]{4}$", re.MULTILINE)
DEEP = re.compile(r"https://t\.me/pace\?start=([a-z2-7]{32})")


async def words(at: House, account: str, text: str, *, platform: str = "telegram") -> str:
    """Says it from an account of another platform; all that was sent because of it."""
    at.app.courier.join(platform, at.recorder)
    count = len(await at.rows(select(tables.inbox.c.id)))
    said = Said(
        person=Person(account=account, name=account),
        at=Address(platform=platform, chat=account),
        private=True,
        text=text,
        said_at=at.clock.now(),
    )
    at.recorder.sent.clear()
    delivery = Delivery(id=f"w{count}", lane=account, body=plain(said))
    await at.app.intake.take(PLATFORM, [delivery])
    await at.app.settle()
    shown, at.recorder.sent = at.recorder.sent, []
    return "\n".join(f"{each.to.chat}: " + "\n".join(plain_lines(each.card, each.language)) for each in shown)


async def codes(at: House, handle: str) -> tuple[str, str]:
    """The typed code and the one of the deep link."""
    at.app.links["telegram"] = lambda code: f"https://t.me/pace?start={code}"
    shown = await words(at, handle, "/link", platform=PLATFORM)
    typed, deep = TYPED.search(shown), DEEP.search(shown)
    assert typed and deep, shown
    return typed[0], deep[1]


async def accounts(at: House) -> dict[str, int]:
    i = tables.identity.c
    return dict(tuple(row) for row in await at.rows(select(i.account, i.member_id)))


def test_a_deep_link_leads_to_the_platforms_where_one_is_not_yet() -> None:
    async def scenario() -> None:
        async with house([seat("ann"), seat("bob")]) as at:
            typed, deep = await codes(at, "ann")
            shown = await words(at, "4711", f"/start {deep}")
            assert "4711: ✓ This is Ann" in shown and "ann: ✓ Linked" in shown
            assert await accounts(at) == {"ann": 1, "4711": 1, "bob": 2}
            # The typed code that was made with it is spent with it.
            assert "does not open anything" in await words(at, "U9", typed, platform="slack")
            assert "U9" not in await accounts(at)
            assert "t.me" not in await words(at, "ann", "/link", platform=PLATFORM)

    asyncio.run(scenario())


def test_five_wrong_codes_close_the_door_to_a_right_one() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            typed, _ = await codes(at, "ann")
            for _ in range(5):
                assert "does not open anything" in await words(at, "4711", "aaaa-aaaa")
            assert "Too many" in await words(at, "4711", typed)
            assert await accounts(at) == {"ann": 1}
            # Somebody else's tries are their own.
            assert "This is Ann" in await words(at, "4712", typed)

    asyncio.run(scenario())


def test_an_account_that_is_somebody_is_not_bound_anew() -> None:
    async def scenario() -> None:
        async with house([seat("ann"), seat("bob")]) as at:
            typed, deep = await codes(at, "ann")
            for said in (f"/start {deep}", f"/start {typed}", typed):
                await words(at, "bob", said, platform=PLATFORM)
            assert await accounts(at) == {"ann": 1, "bob": 2}

    asyncio.run(scenario())


def test_pushes_stay_where_they_were_until_they_are_turned() -> None:
    """Without a wish the platforms stand in a fixed order, in which the new one would come first."""

    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            typed, _ = await codes(at, "ann")
            await words(at, "4711", typed)
            at.clock.at = at.clock.at.replace(hour=0, minute=30)
            await at.app.settle()
            assert at.sent() == ["ann"]
            await words(at, "4711", "/link here")
            at.clock.at = at.clock.at.replace(day=3)
            await at.app.settle()
            # The silent edits of Monday's card stay where it stands.
            assert [each.to.chat for each in at.recorder.sent if not each.edits] == ["4711"]

    asyncio.run(scenario())
