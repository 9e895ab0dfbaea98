"""The tool kit and tasks where no transcript comes yet: people who decide, a manager's own deal, a signed one."""

import asyncio
from dataclasses import replace
from datetime import date

from sqlalchemy import insert, select, update

from bot.transcript import Shown
from domain.people import Role
from handlers.view import Button
from storage import tables
from tests.support.house import PLATFORM, House, house, seat
from tests.support.shown import Keeping, keys_of


def _labels(shown: Shown) -> list[str]:
    return [str(button.label) for row in shown.card.rows for button in row if isinstance(button.label, str)]


def _commands(shown: Shown) -> list[str]:
    return [button.command for row in shown.card.rows for button in row if isinstance(button, Button)]


async def _decides(at: House, contact: int, influence: int) -> None:
    """Somebody of the customer is on the deal; the command for it comes with another part of the product."""
    values = {
        "org_id": 1,
        "id": contact,
        "deal_id": 1,
        "contact_id": contact,
        "roles": "user",
        "influence": influence,
        "stance": None,
        "stance_on": None,
        "withdrawn": False,
    }
    await at.app.writer.run(
        lambda work: work.connection.execute(insert(tables.buyer).values(values))  # type: ignore[attr-defined]
    )


def test_who_decides_comes_first_and_the_key_people_before_all() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            at.recorder = kept = Keeping()
            at.app.courier.join(PLATFORM, kept)
            await at.says("ann", "/deal new Acme; next: send quote by Fri")
            await at.says("ann", "/visit Acme; met: Li Wei, Sun Mei, Chen Fang; result: ok; deal: D1")
            numbers = {
                name: number
                for number, name in await at.rows(select(tables.contact.c.id, tables.contact.c.name))
            }
            await _decides(at, numbers["Sun Mei"], 2)
            await _decides(at, numbers["Chen Fang"], 5)
            await at.says("ann", "/tool D1 fab")
            assert _labels(kept.everything[-1]) == ["Chen Fang", "Sun Mei", "Li Wei"]
            assert f"/tool D1 fab\ncontact: C{numbers['Chen Fang']}" in _commands(kept.everything[-1])

    asyncio.run(scenario())


def test_who_spends_is_told_on_the_card_and_not_by_a_letter() -> None:
    """A manager's own deal, with nobody above it."""

    async def scenario() -> None:
        boss = replace(seat("boss"), roles=frozenset({Role.MANAGER, Role.REP}))
        async with house([boss, seat("ann")]) as at:
            at.recorder = kept = Keeping()
            at.app.courier.join(PLATFORM, kept)
            await at.says("boss", "/deal new Acme; next: send quote by Fri; amount: 800k")
            await at.says("boss", "/expense D1; budget: 1000")
            await at.says("boss", "/expense D1 900 test run")
            assert [each.to.chat for each in kept.everything] == ["boss"] * 3
            assert "expense.level_warn" in keys_of(kept.everything[-1].card)

    asyncio.run(scenario())


def test_once_it_is_signed_a_deal_has_the_tasks_of_its_delivery() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            at.recorder = kept = Keeping()
            at.app.courier.join(PLATFORM, kept)
            await at.says("ann", "/deal new Acme; next: send quote by Fri")
            won = {"milestone": 7, "state": "won", "closed_on": date(2026, 3, 2)}
            await at.app.writer.run(
                lambda work: work.connection.execute(  # type: ignore[attr-defined]
                    update(tables.deal).where(tables.deal.c.org_id == 1).values(won)
                )
            )
            await at.says("ann", "/task D1")
            assert _commands(kept.everything[-1])[:3] == [
                "/task D1 hand_over done",
                "/task D1 first_call_back done",
                "/task D1 satisfaction_survey done",
            ]
            await at.says("ann", "/task D1 hand_over done")
            await at.says("ann", "/task D1 write to the plant by Fri")
            done = await at.rows(select(tables.deal_task.c.code, tables.deal_task.c.milestone))
            assert [tuple(row) for row in done] == [("hand_over", 7), ("own", 7)]
            # The kit of a signed deal is closed; its tasks and what it still costs are not.
            await at.says("ann", "/risk D1 rain")
            assert "deals.ended_won" in keys_of(kept.everything[-1].card)
            await at.says("ann", "/expense D1 500 crane")
            assert "expense.title" in keys_of(kept.everything[-1].card)

    asyncio.run(scenario())


def test_a_long_piece_of_proof_is_shown_whole() -> None:
    words = "we recommend this offer to the board, " * 25

    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await at.says("ann", "/deal new Acme; next: send quote by Fri")
            await at.says("ann", f"/evidence D1 other; text: {words}")
            await at.says("ann", "/evidence E1")
            assert words.strip() in at.said("ann")

    asyncio.run(scenario())
