"""Groups bound to exactly one organisation, and what is posted to them is for everybody's eyes."""

import ast
import asyncio
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from bot.inbound import Person, Said, plain
from bot.intake import Delivery
from bot.layout import plain as plain_lines
from bot.seed import Founding, found
from domain.people import EVERYBODY, Language, Profile
from domain.ports import Address
from handlers.registry import Room, registry
from storage import tables
from tests.rules.sources import sources
from tests.support.house import MONDAY, PLATFORM, House, house, seat

OTHER = Founding(
    name="Quicksilver Ltd",
    language=Language.EN,
    zone="Asia/Shanghai",
    currency="CNY",
    week=frozenset({1, 2, 3, 4, 5}),
    profile=Profile.FIELD,
    started_on=date(2026, 1, 1),
    joined_on=date(2026, 1, 1),
    teams=[("South", [replace(seat("eve"), roles=EVERYBODY)])],
)


async def says_in(at: House, who: str, room: str, text: str) -> dict[str, str]:
    """Says it in a group; what each chat was shown because of it."""
    count = len(await at.rows(select(tables.inbox.c.id)))
    said = Said(
        person=Person(account=who, name=who),
        at=Address(platform=PLATFORM, chat=who),
        private=False,
        text=text,
        said_at=at.clock.now(),
        room=Address(platform=PLATFORM, chat=room),
        reply_to=room,
    )
    at.recorder.sent.clear()
    await at.app.intake.take(PLATFORM, [Delivery(id=f"r{count}", lane=who, body=plain(said))])
    await at.app.settle()
    shown, at.recorder.sent = at.recorder.sent, []
    assert not any(each.card.rows for each in shown if each.to.chat == room)
    return {each.to.chat: "\n".join(plain_lines(each.card, each.language)) for each in shown}


async def rooms(at: House) -> list[tuple[int, str]]:
    r = tables.room.c
    return sorted(tuple(row) for row in await at.rows(select(r.org_id, r.chat)))


def test_a_group_of_another_organisation_is_refused_without_its_name() -> None:
    async def scenario() -> None:
        async with house([replace(seat("ann"), roles=EVERYBODY)]) as at:
            await at.app.writer.run(lambda work: found(work, OTHER, MONDAY))
            assert set(await says_in(at, "eve", "-100", "/room")) == {"eve", "-100"}
            for room in ("-100", "-100/7"):
                for line in ("/room", "/room North", "/room off", "/room R1 off"):
                    shown = await says_in(at, "ann", room, line)
                    assert set(shown) == {"ann"}, (room, line)
                    assert "Quicksilver" not in shown["ann"] and "South" not in shown["ann"]
            assert "another organisation" in (await says_in(at, "ann", "-100/7", "/room"))["ann"]
            assert await rooms(at) == [(2, "-100")]
            # Once it is let go, it is anybody's.
            await says_in(at, "eve", "-100", "/room off")
            await says_in(at, "ann", "-100/7", "/room")
            assert "another organisation" in (await says_in(at, "eve", "-100", "/room"))["eve"]
            assert await rooms(at) == [(1, "-100/7")]

    asyncio.run(scenario())


def test_only_commands_that_say_so_post_to_a_room() -> None:
    posting = {
        file.name.rsplit("/", 1)[-1].removesuffix(".py")
        for file in sources("handlers/commands")
        for node in file.nodes()
        if isinstance(node, ast.Attribute) and node.attr == "announce"
    }
    public = {name for name, each in registry().commands.items() if each.room is Room.PUBLIC}
    # The board answers whoever asks in the room; a contest and a word of thanks are read there once they cannot be undone.
    assert posting - {"contest", "award"} == public - {"board"}
