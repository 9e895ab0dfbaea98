"""What deals make of results: shares to the cent, one new customer each, and taken back with whatever made them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select

from storage import tables
from tests.flows.test_days_off import manager
from tests.support.house import House, house, seat

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
ANN, BOB = 2, 3
r = tables.result.c
WON = "amount: {}\ncontract: HT-1\nlesson: -\nkeep: -"

# An amount equals the whole number of it.
Found = list[tuple[int, date, Decimal | int]]


async def standing(at: House, kpi: str) -> Found:
    """The results of a KPI that stand, in the order they were made: whose, when, how much."""
    rows = await at.rows(
        select(r.member_id, r.on_date, r.value)
        .where(r.kpi == kpi, r.withdrawn.is_(False))
        .order_by(r.on_date, r.id)
    )
    return [(member, on, value) for member, on, value in rows]


async def cells(at: House, cell: str) -> dict[int, int]:
    c = tables.rollup_week.c
    rows = await at.rows(select(c.member_id, c.n).where(c.cell == cell, c.n != 0))
    return {member: int(n) for member, n in rows}


def played(scenario: Callable[[House], Awaitable[None]]) -> None:
    async def run() -> None:
        async with house([manager("boss"), seat("ann"), seat("bob")]) as at:
            await scenario(at)

    asyncio.run(run())


async def advanced(at: House, deal: str) -> None:
    await at.says("boss", f"/advance {deal} override\nreason: known from before")


async def won(at: House, deal: str, amount: str = "500k") -> None:
    await at.says("boss", f"/won {deal} override\nreason: signed\n{WON.format(amount)}")


async def passes(at: House, day: int) -> None:
    """It is another day of that March, at nine in Shanghai."""
    at.clock.at = datetime(2026, 3, day, 1, 0, tzinfo=UTC)


def test_two_sellers_share_an_odd_cent() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new Acme\namount: 100.01")
        await at.says("ann", "/deal D1\nteam: bob\nshare: 40")
        await won(at, "D1", "100.01")
        assert await standing(at, "sales") == [
            (ANN, MONDAY, Decimal("60.01")),
            (BOB, MONDAY, Decimal("40.00")),
        ]
        assert await cells(at, "sales") == {ANN: 6001, BOB: 4000}

    played(scenario)


def test_shares_are_those_of_the_day_it_was_won() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new Acme\namount: 1000")
        await at.says("ann", "/deal D1\nteam: bob\nshare: 40")
        await at.says("ann", "/deal D1\nteam: bob\nshare: 25")
        await won(at, "D1", "1000")
        before = await standing(at, "sales")
        assert [value for _, _, value in before] == [750, 250]
        await at.says("ann", "/deal D1\nteam: bob\nshare: 50")
        assert await standing(at, "sales") == before

    played(scenario)


def test_undoing_a_signature_takes_its_results_back_and_signing_again_makes_them_anew() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new Acme\namount: 1000")
        await won(at, "D1", "1000")
        assert await standing(at, "new_customers") == [(ANN, MONDAY, 1)]
        await at.says("boss", "/undo")
        assert await standing(at, "sales") == [] == await standing(at, "new_customers")
        assert await cells(at, "sales") == {} == await cells(at, "new_customers")
        await won(at, "D1", "900")
        assert await standing(at, "sales") == [(ANN, MONDAY, 900)]

    played(scenario)


def test_a_reopened_deal_has_sold_nothing_until_that_is_undone() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new Acme\namount: 1000")
        await won(at, "D1", "1000")
        await passes(at, 3)
        await at.says("boss", "/deal D1 reopen\nreason: not signed after all")
        assert await standing(at, "sales") == []
        await at.says("boss", "/undo")
        assert await standing(at, "sales") == [(ANN, MONDAY, 1000)]
        assert await cells(at, "sales") == {ANN: 100_000}

    played(scenario)


def test_a_customer_is_new_when_its_first_deal_is_at_milestone_two_and_only_once() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new Acme\namount: 1000")
        await advanced(at, "D1")
        assert await standing(at, "new_customers") == [(ANN, MONDAY, 1)]
        await at.says("ann", "/deal new Acme\ntitle: more\namount: 1000")
        await passes(at, 3)
        await advanced(at, "D2")
        await advanced(at, "D1")
        assert await standing(at, "new_customers") == [(ANN, MONDAY, 1)]

    played(scenario)


def test_who_goes_back_loses_the_new_customer_until_it_is_there_again() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new Acme\namount: 1000")
        await advanced(at, "D1")
        await passes(at, 3)
        await at.says("ann", "/advance D1 back\nreason: the project is not approved")
        assert await standing(at, "new_customers") == []
        await advanced(at, "D1")
        assert await standing(at, "new_customers") == [(ANN, TUESDAY, 1)]

    played(scenario)


def test_a_lost_credit_passes_to_the_deal_that_was_next() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new Acme\namount: 1000")
        await advanced(at, "D1")
        await at.says("bob", '/deal new "Acme"\ntitle: more\namount: 1000')
        await passes(at, 3)
        await advanced(at, "D2")
        await passes(at, 4)
        await at.says("ann", "/advance D1 back\nreason: the project is not approved")
        assert await standing(at, "new_customers") == [(BOB, TUESDAY, 1)]
        await at.says("ann", "/undo")
        assert await standing(at, "new_customers") == [(ANN, MONDAY, 1)]

    played(scenario)


def test_two_customers_that_become_one_are_one_new_customer() -> None:
    async def scenario(at: House) -> None:
        for number, name in ((1, "Acme"), (2, "Bolt")):
            await at.says("ann", f'/deal new "{name}"\namount: 1000')
            await advanced(at, f"D{number}")
        both = [(ANN, MONDAY, 1), (ANN, MONDAY, 1)]
        assert await standing(at, "new_customers") == both
        await at.says("ann", "/customer A2 merge A1 yes")
        assert await standing(at, "new_customers") == both[:1]
        assert await cells(at, "new_customers") == {ANN: 1}
        await at.says("ann", "/undo")
        assert await standing(at, "new_customers") == both
        assert await cells(at, "new_customers") == {ANN: 2}

    played(scenario)


def test_a_team_may_count_the_first_deal_won_instead() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", '/deal new "Acme"\namount: 1000')
        await advanced(at, "D1")
        await at.app.writer.run(lambda work: work.store(1).choose({"new_customer": "won"}))  # type: ignore[arg-type]
        await advanced(at, "D1")
        # What was credited before the choice changed stays.
        assert await standing(at, "new_customers") == [(ANN, MONDAY, 1)]
        await at.says("ann", '/deal new "Bolt"\namount: 1000')
        await advanced(at, "D2")
        assert len(await standing(at, "new_customers")) == 1
        await won(at, "D2", "1000")
        assert len(await standing(at, "new_customers")) == 2
        await at.says("boss", "/deal D2 reopen\nreason: not signed after all")
        assert len(await standing(at, "new_customers")) == 1

    played(scenario)


def test_an_imported_customer_is_nobodys_new_one() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", "/deal new\nAcme 500k M3\nBolt 200k M2")
        card = at.card("ann")
        await at.says("ann", card.rows[0][0].command)
        for number in ("D1", "D2"):
            await advanced(at, number)
        assert await standing(at, "new_customers") == []
        await at.says("ann", '/deal new "Bolt"\ntitle: more\namount: 1000')
        await advanced(at, "D3")
        assert await standing(at, "new_customers") == []

    played(scenario)


def test_who_took_the_deal_over_has_sold_it() -> None:
    async def scenario(at: House) -> None:
        await at.says("ann", '/deal new "Acme"\namount: 1000')
        await at.says("boss", "/handover ann\nto: bob")
        for row in at.card("boss").rows:
            for button in row:
                if "yes" in button.command or "sure" in button.command:
                    await at.says("boss", button.command)
        await won(at, "D1", "1000")
        assert await standing(at, "sales") == [(BOB, MONDAY, 1000)]
        await at.says("boss", "/handover bob\nto: ann")
        assert await standing(at, "sales") == [(BOB, MONDAY, 1000)]

    played(scenario)
