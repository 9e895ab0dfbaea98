"""Pushes and digests read the same few statements for few people and for many."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest

from domain.people import MemberId, OrgId
from domain.ports import Work
from handlers.digesting import gathered_digests
from handlers.holding import hold_news
from handlers.pushes.digest import digest
from handlers.pushes.morning import morning
from handlers.pushes.nudge import nudge
from handlers.registry import Recipient, Slice
from tests.flows.test_days_off import manager
from tests.support.house import House, house, seat

TODAY = date(2026, 3, 4)


def slice_of(at: House, work: Work) -> Slice:
    store = work.store(OrgId(1))
    org = store.organisation()
    people = store.gather_members(org, [each.id for each in store.members()])
    recipients = tuple(
        Recipient(member=member, calendar=calendar, label=TODAY.isoformat())
        for member, calendar in people.values()
    )
    return Slice(org=org, now=at.clock.at, recipients=recipients, store=store)


def led(slice_: Slice) -> object:
    boss = next(each for each in slice_.recipients if each.member.id == MemberId(1))
    return gathered_digests(slice_.store, slice_.org, [(boss.member, boss.calendar, TODAY)], slice_.now)


async def statements(reps: int, gather: Callable[[Slice], object]) -> int:
    async with house([manager("boss"), *(seat(f"rep{n}") for n in range(reps))]) as at:

        def job(work: Work) -> int:
            slice_, ran = slice_of(at, work), list[str]()
            raw = work.connection.connection.driver_connection  # type: ignore[attr-defined]
            raw.set_trace_callback(ran.append)
            gather(slice_)
            raw.set_trace_callback(None)
            return len(ran)

        return await at.app.writer.run(job)


@pytest.mark.parametrize("gather", [morning, nudge, digest, led, hold_news])
def test_many_people_cost_no_more_statements_than_few(gather: Callable[[Slice], object]) -> None:
    few, many = asyncio.run(statements(3, gather)), asyncio.run(statements(40, gather))
    assert 0 < few == many
