"""What the end of a deal leaves behind: its stay, its proof, its approvals, the benchmark of its ladder."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from domain.c139 import Item
from domain.customers import CustomerId
from domain.deals import (
    Approval,
    ApprovalId,
    ApprovalKind,
    Checked,
    Deal,
    DealId,
    Passed,
    Rank,
    Sheet,
    SheetId,
    State,
    Tick,
)
from domain.milestones import FIELDS, SHIPPED, Tool
from domain.people import MemberId, OrgId, TeamId
from domain.ports import Change, ChangeId, Store, Work
from domain.stalled import BENCHMARK_FROM
from storage import tables
from tests.flows.test_days_off import manager
from tests.support.house import House, house, seat

ORG, BOSS, ANN = OrgId(1), MemberId(1), MemberId(2)
TODAY = date(2026, 3, 2)
d, g, q = tables.deal.c, tables.passage.c, tables.approval.c


def own(customer: CustomerId, milestone: int, on: date) -> Deal:
    return Deal(
        id=DealId(0),
        customer_id=customer,
        customer_name="Acme",
        owner_id=ANN,
        team_id=TeamId(1),
        title="",
        state=State.ACTIVE,
        milestone=milestone,
        opened_on=on,
        entered_on=on,
        amount=Decimal(500_000),
        close_on=date(2026, 6, 30),
        approved=1,
    )


async def earlier(at: House, number: int, done: Callable[[Store], None]) -> None:
    """What a turn of long ago did: its number comes before those that are said."""

    def job(work: Work) -> None:
        said_at = datetime(2026, 2, 2, tzinfo=UTC)
        change = Change(id=ChangeId(number), actor_id=ANN, said_at=said_at, command="deal")
        done(work.store(ORG, change))

    await at.app.writer.run(job)


def acme(store: Store) -> CustomerId:
    found = store.customer_by_key("acme") or store.add_customer("Acme", "acme", ANN)
    return found.id


def at_the_signature(store: Store) -> None:
    """A deal that has stood before the last gate for ten days, with all that it asks for but the contract."""
    deal = store.open_deal(own(acme(store), 6, TODAY - timedelta(days=10)))
    for tool in (Tool.BATNA, Tool.CONCESSION, Tool.PAYMENT):
        store.keep_sheet(
            Sheet(
                id=SheetId(0),
                deal_id=deal,
                tool=tool,
                values=dict.fromkeys(FIELDS[tool], "agreed with finance"),
                filled_on=TODAY,
            )
        )
    store.keep_task(Tick(id=0, deal_id=deal, milestone=6, code="contract_review", done_on=TODAY))
    note = "the route to the order is known"
    for item in Item:
        store.keep_checked(
            Checked(
                id=0,
                deal_id=deal,
                item=item,
                note=note,
                source="Li Wei",
                checked_on=TODAY,
                confirmed_by=BOSS if item in (Item.C1, Item.C2, Item.F1) else None,
                confirmed_on=TODAY,
            )
        )


def test_a_deal_with_everything_in_place_is_won_proven() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await earlier(at, -3, at_the_signature)
            await at.says("ann", "/won D1\namount: 480k\ncontract: HT-9\nlesson: -\nkeep: weekly calls")
            (won,) = await at.rows(
                select(
                    d.state, d.milestone, d.amount, d.contract, d.unproven, d.overridden, d.kept, d.standing
                )
            )
            assert tuple(won)[:2] == (State.WON, 7)
            assert tuple(won)[2:7] == (Decimal(480_000), "HT-9", (), (), "weekly calls")
            # Only what was confirmed calibrates the table.
            assert won.standing == "2C1F0W"
            stays = await at.rows(select(g.milestone, g.days, g.passed, g.left_on).order_by(g.id))
            assert [tuple(each) for each in stays] == [(6, 10, Passed.PROVEN, TODAY), (7, None, None, None)]

    asyncio.run(scenario())


def test_one_missing_thing_keeps_the_last_gate_shut_and_the_contract_is_kept() -> None:
    async def scenario() -> None:
        def unchecked(store: Store) -> None:
            at_the_signature(store)
            (task,) = store.tasks(DealId(1))
            store.keep_task(Tick(id=task.id, deal_id=DealId(1), milestone=6, code=task.code, done_on=None))

        async with house([manager("boss"), seat("ann")]) as at:
            await earlier(at, -3, unchecked)
            for how in ("", " unproven"):
                await at.says("ann", f"/won D1{how}\namount: 480k\ncontract: HT-9\nlesson: -\nkeep: -")
                (deal,) = await at.rows(select(d.state, d.milestone, d.amount, d.contract))
                assert tuple(deal) == (State.ACTIVE, 6, Decimal(480_000), "HT-9")
            await at.says(
                "boss", "/won D1 override\namount: 480k\ncontract: HT-9\nlesson: -\nkeep: -\nreason: signed"
            )
            (deal,) = await at.rows(select(d.state, d.unproven, d.overridden))
            assert tuple(deal) == (State.WON, (), (6,))

    asyncio.run(scenario())


def test_what_was_asked_for_a_lost_deal_is_asked_no_more_until_that_is_undone() -> None:
    async def scenario() -> None:
        def waiting(store: Store) -> None:
            deal = store.open_deal(own(acme(store), 1, TODAY))
            store.ask_approval(
                Approval(
                    id=ApprovalId(0),
                    kind=ApprovalKind.GATE,
                    asked_by=ANN,
                    asked_at=datetime(2026, 3, 2, tzinfo=UTC),
                    rank=Rank.MANAGER,
                    deal_id=deal,
                    milestone=1,
                ),
                None,
            )

        async with house([manager("boss"), seat("ann")]) as at:
            await earlier(at, -3, waiting)
            await at.says("ann", "/lost D1\nreason: price\nlesson: asked for the budget too late")
            assert [row[0] for row in await at.rows(select(q.decision))] == ["withdrawn"]
            (stay,) = await at.rows(select(g.left_on, g.passed))
            assert tuple(stay) == (TODAY, None)
            await at.says("ann", "/undo")
            assert [row[0] for row in await at.rows(select(q.decision))] == ["open"]
            assert [row[0] for row in await at.rows(select(d.state))] == [State.ACTIVE]
            assert [row[0] for row in await at.rows(select(g.left_on))] == [None]

    asyncio.run(scenario())


def test_the_tenth_win_changes_what_is_usual_for_all_deals_of_the_ladder() -> None:
    """A milestone that takes a day at most makes two days in it a stay of twice the usual."""

    async def scenario() -> None:
        def many_won(store: Store) -> None:
            for _ in range(BENCHMARK_FROM - 1):
                won = store.open_deal(own(acme(store), 6, TODAY))
                store.leave(won, left_on=TODAY, days=1, passed=Passed.PROVEN)
                store.revise_deal(won, state=State.WON, milestone=7, closed_on=TODAY)

        def under_way(store: Store) -> None:
            stands = own(acme(store), 6, TODAY - timedelta(days=2))
            assert store.open_deal(stands) == BENCHMARK_FROM
            assert len(store.won_passages(SHIPPED, 6)) == BENCHMARK_FROM - 1

        async with house([manager("boss"), seat("ann")]) as at:
            await earlier(at, -3, many_won)
            await earlier(at, -2, under_way)
            await earlier(at, -1, at_the_signature)
            await at.says("ann", f"/next D{BENCHMARK_FROM} call them by Fri")
            level = select(d.level).where(d.id == BENCHMARK_FROM)
            assert [row[0] for row in await at.rows(level)] == [0]
            last = BENCHMARK_FROM + 1
            await at.says("ann", f"/won D{last}\namount: 500k\ncontract: HT-9\nlesson: -\nkeep: -")
            at.clock.at += timedelta(minutes=1)
            await at.app.tick()
            assert [row[0] for row in await at.rows(level)] == [2]

    asyncio.run(scenario())
