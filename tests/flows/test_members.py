"""What follows when somebody's role or membership changes: menus, pushes, and what is left behind."""

import asyncio
from dataclasses import replace

from sqlalchemy import select

from bot.transcript import Recorder
from domain.people import ADMINS, Role
from domain.ports import Delivery, Letter
from handlers.view import Card
from storage import tables
from tests.support.house import PLATFORM, House, house, seat

ADA = replace(seat("ada"), roles=ADMINS)


class Menus(Recorder):
    """A platform with menus: what each chat's menu says now."""

    def __init__(self) -> None:
        super().__init__(menus=True)
        self.now: dict[str, tuple[str, ...]] = {}

    async def send(self, letter: Letter, shown: Card) -> str:
        if letter.delivery is Delivery.MENU:
            self.now[letter.to.chat] = shown.commands
        return await super().send(letter, shown)


def watched(at: House) -> Menus:
    menus = Menus()
    at.recorder = menus
    at.app.courier.join(PLATFORM, menus)
    return menus


async def pushes(at: House, member: int) -> set[str]:
    d = tables.due.c
    return {name for (name,) in await at.rows(select(d.push).where(d.member_id == member))}


def test_a_menu_and_the_pushes_follow_the_role() -> None:
    async def scenario() -> None:
        async with house([ADA, seat("ann")]) as at:
            menus = watched(at)
            assert "digest" not in await pushes(at, 2)
            await at.says("ada", "/members Ann; role: manager, -rep")
            assert "/members" in menus.now["ann"]
            assert await pushes(at, 2) == {
                "digest", "news", "freeze", "freeze_month", "week_reports", "board_post",
            }  # fmt: skip
            await at.says("ada", "/members Ann; role: rep, -manager")
            assert "/members" not in menus.now["ann"]
            assert "digest" not in await pushes(at, 2)
            assert (await at.rows(select(tables.team.c.manager_id)))[0][0] is None

    asyncio.run(scenario())


def test_who_leaves_gets_one_last_line_and_an_empty_menu() -> None:
    async def scenario() -> None:
        async with house([ADA, seat("ann")]) as at:
            menus = watched(at)
            await at.says("ann", "/visit Acme; met: Li Wei; result: ok")
            await at.says("ada", "/members Ann; leaves: yes")
            at.sent()
            assert await at.says("ada", "/members M2 leaves yes") == ["ada", "ann", "ann"]
            assert menus.now["ann"] == ()
            assert await pushes(at, 2) == set()
            # A week of mornings and evenings later nothing more was said, and what was done is there.
            at.clock.at = at.clock.at.replace(day=9)
            await at.app.settle()
            assert "ann" not in at.sent()
            activity = tables.activity.c
            assert await at.rows(select(activity.member_id, activity.team_id)) == [(2, 1)]

    asyncio.run(scenario())


def test_who_comes_back_is_somebody_new() -> None:
    async def scenario() -> None:
        async with house([ADA, seat("ann")]) as at:
            await at.says("ann", "/visit Acme; met: Li Wei; result: ok")
            await at.says("ada", "/members M2 leaves yes")
            await at.says("ada", "/invite rep")
            shown = at.recorder.chats["ada"][-1].card
            code = next(
                str(block.words.params["code"])  # type: ignore[union-attr]
                for block in shown.blocks
                if getattr(block.words, "key", "") == "invite.code"  # type: ignore[union-attr]
            )
            await at.says("ann", code)
            m = tables.member.c
            left = await at.rows(select(m.id, m.left_on.is_(None)).order_by(m.id))
            assert [tuple(row) for row in left] == [(1, True), (2, False), (3, True)]
            i = tables.identity.c
            assert await at.rows(select(i.member_id).where(i.account == "ann")) == [(3,)]
            assert (await at.rows(select(tables.activity.c.member_id)))[0][0] == 2

    asyncio.run(scenario())


def test_a_manager_who_moves_takes_a_free_seat_along() -> None:
    async def scenario() -> None:
        boss = replace(seat("boss"), roles=frozenset({Role.MANAGER}))
        async with house([ADA, boss, seat("ann")]) as at:
            await at.says("ada", "/teams new South")
            await at.says("ada", "/members Boss; team: South")
            team = tables.team.c
            seats = await at.rows(select(team.manager_id).order_by(team.id))
            assert [row[0] for row in seats] == [None, 2]
            # In a team that is led already the seat is the other's.
            await at.says("ada", "/teams North; manager: Ann")
            await at.says("ada", "/members Ann; team: South")
            seats = await at.rows(select(team.manager_id).order_by(team.id))
            assert [row[0] for row in seats] == [None, 2]

    asyncio.run(scenario())
