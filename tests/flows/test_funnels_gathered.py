"""A team's funnel with its changes and exceptions reads the same few statements for few deals and for many."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from domain.c139 import Item
from domain.people import MemberId, OrgId
from domain.ports import Change, ChangeId, Store, Work
from domain.snapshots import Snapshot
from handlers.comparing import compared, keep_snapshots
from handlers.excepting import exceptions_of
from handlers.funnels import Whose, funnel_of
from tests.flows.test_days_off import manager
from tests.storage.dealt import checked, deal_of, snapshot_of
from tests.support.house import house, seat
from tests.support.opened import MONDAY, NINE


def opened(store: Store, reps: int) -> None:
    """Three deals of each rep, one with a checklist; the week before one of them stood elsewhere."""
    team = store.teams()[0]
    acme = store.add_customer("Acme", "acme", MemberId(2))
    for rep in range(2, reps + 2):
        for n in range(3):
            number = store.open_deal(
                deal_of(acme.id, MemberId(rep), team_id=team.id, amount=Decimal(100 + n), close_on=MONDAY)
            )
            if n == 0:
                store.keep_checked(checked(number, Item.C1))
                was = snapshot_of(team.id, number, MemberId(rep)).deals[0]
    before = Snapshot(team_id=team.id, label="2026-W09", made_at=NINE, deals=(replace(was, milestone=2),))
    store.keep_snapshot(before)


async def statements(reps: int) -> tuple[int, int]:
    """How many statements were run, and how many exceptions there were to see."""
    async with house([manager("boss"), *(seat(f"rep{n}") for n in range(reps))]) as at:

        def job(work: Work) -> tuple[int, int]:
            change = Change(id=ChangeId(900), actor_id=MemberId(2), said_at=NINE, command="deal")
            store = work.store(OrgId(1), change)
            opened(store, reps)
            org, boss, ran = store.organisation(), store.member(MemberId(1)), list[str]()
            whose = Whose(name="North", today=MONDAY.replace(day=4), teams=store.teams()[:1])
            raw = work.connection.connection.driver_connection  # type: ignore[attr-defined]
            raw.set_trace_callback(ran.append)
            facts = funnel_of(store, org, whose)
            found = exceptions_of(store, org, facts, compared(store, [facts])[0], boss, NINE)
            keep_snapshots(store, [facts], NINE)
            raw.set_trace_callback(None)
            return len(ran), len(found)

        return await at.app.writer.run(job)


def test_many_deals_cost_no_more_statements_than_few() -> None:
    few, many = asyncio.run(statements(2)), asyncio.run(statements(30))
    assert 0 < few[0] == many[0]
    # All of them are past their close date: there was something to see.
    assert (few[1], many[1]) == (6, 90)
