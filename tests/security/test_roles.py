"""Roles belong to the numeric account: a name opens no door, and who left has none."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.inbound import Person, Pressed, plain
from bot.intake import Delivery
from domain.people import ADMINS, Language, Role
from domain.ports import Address
from handlers.registry import registry
from handlers.view import t
from handlers.words import catalogue
from storage import tables
from tests.support.house import PLATFORM, House, house, seat
from tests.support.shown import Keeping, keys_of

BOSS = replace(seat("boss"), roles=frozenset({Role.ADMIN, Role.MANAGER}))
# What only somebody with a role may say; examples of the commands are their own words.
GUARDED = tuple(each for each in registry().commands.values() if Role.REP not in each.roles)
BOOKS = (
    tables.org,
    tables.team,
    tables.member,
    tables.identity,
    tables.room,
    tables.invite,
    tables.calendar_day,
)


async def books(at: House) -> list[Sequence[Any]]:
    """What an organisation is made of, but for when somebody was last heard."""
    columns = [[each for each in table.c if each.name != "heard_on"] for table in BOOKS]
    return [await at.rows(select(*each)) for each in columns]


@pytest.mark.parametrize("name", ["Boss", "boss", "BOSS\u200b", "admin"])
def test_a_name_is_no_role(name: str) -> None:
    """Ann calls herself as the manager is called: nothing she may not say is done, and nobody else's name changes."""

    async def scenario() -> None:
        async with house([BOSS, seat("ann")]) as at:
            at.recorder = kept = Keeping()
            at.app.courier.join(PLATFORM, kept)
            before = await books(at)
            for each in GUARDED:
                example = catalogue().say(t(f"{each.name}.command.example"), Language.EN)
                for line in (f"/{each.name}", example):
                    await at.says("ann", line, called=name)
                    assert "answer.not_allowed" in keys_of(kept.everything[-1].card), line
            assert await books(at) == before

    asyncio.run(scenario())


def test_there_are_commands_to_guard() -> None:
    assert {"members", "teams", "room", "invite", "setup"} <= {each.name for each in GUARDED}


def test_who_left_is_a_stranger_with_old_buttons_and_old_codes() -> None:
    async def scenario() -> None:
        async with house([BOSS, replace(seat("ada"), roles=ADMINS)]) as at:
            at.recorder = kept = Keeping()
            at.app.courier.join(PLATFORM, kept)
            await at.says("ada", "/members Boss")
            old = kept.everything[-1]
            await at.says("ada", "/invite rep")
            code = next(
                str(block.words.params["code"])  # type: ignore[union-attr]
                for block in kept.everything[-1].card.blocks
                if getattr(block.words, "key", "") == "invite.code"  # type: ignore[union-attr]
            )
            await at.says("boss", "/members Ada; leaves: yes")
            await at.says("boss", "/members M2 leaves yes")
            assert {"members.farewell"} <= {key for each in kept.everything for key in keys_of(each.card)}
            before = await books(at)
            for line in ("/members", f"/start {code}", code, "/me"):
                await at.says("ada", line)
                assert {"doorstep.hello", "doorstep.wrong_code"} & keys_of(kept.everything[-1].card), line
            pressed = Pressed(
                person=Person(account="ada", name="ada"),
                at=Address(platform=PLATFORM, chat="ada"),
                private=True,
                token=f"{old.token}.0",
                message=old.message,
                said_at=at.clock.now(),
            )
            await at.app.intake.take(PLATFORM, [Delivery(id="p1", lane="ada", body=plain(pressed))])
            await at.app.settle()
            assert "doorstep.hello" in keys_of(kept.everything[-1].card)
            assert await books(at) == before

    asyncio.run(scenario())


def test_the_last_admin_stays_whatever_is_tried() -> None:
    async def scenario() -> None:
        async with house([BOSS, seat("ann")]) as at:
            lines = (
                "/members Boss; role: -admin",
                "/members M1; role: rep, -admin, -manager",
                "/members M1 leaves",
                "/members M1 leaves yes",
                "/members Boss; leaves: yes; role: rep",
            )
            for line in lines:
                await at.says("boss", line)
            roles = await at.rows(select(tables.member.c.roles, tables.member.c.left_on).order_by("id"))
            assert [tuple(row) for row in roles] == [("manager,admin", None), ("rep", None)]

    asyncio.run(scenario())
