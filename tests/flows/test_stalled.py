"""Who hears of a stalled deal: once, in a few statements, never in a grace, and the owner before whoever leads."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from domain.deals import DealId, State
from domain.people import MemberId, OrgId
from domain.ports import Change, ChangeId, Store, Work
from handlers.alerting import waiting_of
from handlers.clockwork import wind
from handlers.pushes.digest import digest
from handlers.registry import Recipient, Slice
from handlers.stalling import stalled_news
from storage import tables
from tests.flows.test_days_off import manager
from tests.support.house import House, house, seat

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = DealId(1)


def slice_of(at: House, work: Work, today: date) -> Slice:
    store = work.store(OrgId(1))
    org = store.organisation()
    people = store.gather_members(org, [each.id for each in store.members()])
    recipients = tuple(
        Recipient(member=member, calendar=calendar, label=today.isoformat())
        for member, calendar in people.values()
    )
    return Slice(org=org, now=at.clock.at, recipients=recipients, store=store)


async def statements(reps: int, gather: Callable[[Slice], object]) -> int:
    """How many statements a slice takes in which every rep has deals that wait since Monday."""
    async with house([manager("boss"), *(seat(f"rep{n}") for n in range(reps))]) as at:
        for n in range(reps):
            await at.says(f"rep{n}", f"/deal new Customer {n}")
        at.clock.at += 2 * DAY + HOUR

        def job(work: Work) -> int:
            slice_, ran = slice_of(at, work, date(2026, 3, 4)), list[str]()
            raw = work.connection.connection.driver_connection  # type: ignore[attr-defined]
            raw.set_trace_callback(ran.append)
            shown = gather(slice_)
            raw.set_trace_callback(None)
            assert any(shown.values())  # type: ignore[attr-defined]
            # What is noted for each is written row by row by the driver, prepared once.
            return len([each for each in ran if "alert" not in each or each.startswith("SELECT")])

        return await at.app.writer.run(job)


@pytest.mark.parametrize("gather", [stalled_news, digest])
def test_many_stalled_deals_cost_no_more_statements_than_few(gather: Callable[[Slice], object]) -> None:
    few, many = asyncio.run(statements(2, gather)), asyncio.run(statements(12, gather))
    assert 0 < few == many


async def write(at: House, act: Callable[[Store], None]) -> None:
    """A turn of nobody's words: what other commands write, wound as the gateway does."""

    def job(work: Work) -> None:
        change = Change(id=ChangeId(9000), actor_id=MemberId(1), said_at=at.clock.at, command="deal")
        store = work.store(OrgId(1), change)
        act(store)
        for deal in sorted(store.touched_deals()):
            wind(store, store.organisation(), deal, at.clock.at)

    await at.app.writer.run(job)


async def told(at: House) -> list[tuple[int, date, int, datetime | None, datetime | None]]:
    """What was noted, in the order of the days."""
    w = tables.alert.c
    rows = await at.rows(select(w.level, w.since, w.slot, w.told_at, w.led_at).order_by(w.since, w.slot))
    return [tuple(row) for row in rows]


async def go(at: House, day: int, hour: int, minute: int = 0) -> list[str]:
    """The chats of what was sent until a time on the wall of Shanghai in March, minute by minute as it falls due."""
    target = datetime(2026, 3, day, hour, minute, tzinfo=at.clock.at.tzinfo) - 8 * HOUR
    while (due := await at.app.next_at()) is not None and due <= target:
        at.clock.at = max(due, at.clock.at)
        await at.app.settle()
    at.clock.at = target
    await at.app.settle()
    return at.sent()


def test_a_second_tick_or_a_clock_that_jumps_back_tells_nothing_twice() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("ann", "/deal new Acme")
            await go(at, 2, 10, 59)
            assert await go(at, 2, 11) == ["ann"]
            noted = await told(at)
            assert [row[:3] for row in noted] == [(1, date(2026, 3, 2), 0)]
            at.clock.at -= 3 * HOUR
            await asyncio.gather(*(at.app.tick() for _ in range(3)))
            await at.app.settle()
            assert await go(at, 2, 16) == []
            assert await told(at) == noted

    asyncio.run(scenario())


def test_whoever_takes_no_messages_has_not_heard() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("ann", "/deal new Acme")

            def gone(work: Work) -> None:
                work.connection.execute(  # type: ignore[attr-defined]
                    update(tables.identity).where(tables.identity.c.account == "ann").values(alive=False)
                )

            await at.app.writer.run(gone)
            # Monday's digest with the funnel is the manager's own.
            assert "ann" not in await go(at, 2, 16)
            assert await told(at) == []

    asyncio.run(scenario())


def test_an_imported_deal_is_not_spoken_of_for_ten_working_days() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("ann", "/deal new Acme")
            await write(at, lambda store: store.revise_deal(FIRST, imported=True))
            await go(at, 13, 20)
            assert await told(at) == []
            await go(at, 16, 16)
            ((level, _, _, told_at, led_at),) = await told(at)
            assert (level, told_at is not None, led_at) == (2, True, None)

    asyncio.run(scenario())


def test_a_deal_on_hold_waits_for_nobody_and_goes_on_fresh() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("ann", "/deal new Acme")
            held = {"state": State.ON_HOLD, "held_on": date(2026, 3, 2), "held_until": date(2026, 4, 2)}
            await write(at, lambda store: store.revise_deal(FIRST, **held))
            await go(at, 20, 16)
            assert await told(at) == []
            assert await counted(at) == {}
            await at.says("ann", "/deal D1 activate")
            assert await counted(at) == {1: 1}
            await go(at, 23, 16)
            assert [row[:3] for row in await told(at)] == [(1, date(2026, 3, 20), 0)]

    asyncio.run(scenario())


async def counted(at: House) -> dict[int, int]:
    v = tables.stalled_count.c
    return dict(map(tuple, await at.rows(select(v.level, v.n).where(v.n > 0, v.owner_id > 0))))


def test_a_level_begins_when_it_could_be_known() -> None:
    """The step of a deal of weeks ago is done: it waits since today, and the leader hears two working days later."""

    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("ann", "/deal new Acme\nnext: send quote by 9 Mar")
            await go(at, 9, 12)
            await at.says("ann", "/done S1")
            await go(at, 11, 8, 50)
            assert [row[:3] for row in await told(at)] == [(1, date(2026, 3, 9), 0)]
            assert [row[4] for row in await told(at)] == [None]
            await go(at, 11, 9)
            assert all(row[4] for row in await told(at))

    asyncio.run(scenario())


def test_nothing_of_the_learning_weeks_is_escalated() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("ann", "/deal new Acme")
            await write(at, lambda store: store.revise_member(MemberId(2), joined_on=date(2026, 3, 2)))
            await go(at, 4, 16)
            assert [row[4] for row in await told(at)] == [None]

    asyncio.run(scenario())


def test_a_new_step_quiets_a_warn_twice_running_and_no_longer() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:

            def speaks(work: Work) -> bool:
                store = work.store(OrgId(1))
                deal = store.deal(FIRST)
                assert deal is not None
                assert deal.clocks.level == 1
                (each,) = waiting_of(store, store.organisation(), [deal], at.clock.at)
                return each.speaks

            # Two moves of the close warn whatever is next.
            await at.says("ann", "/deal new Acme\nclose: 1 Apr\nnext: call by 30 Mar")
            for close in ("10 Apr", "20 Apr"):
                await at.says("ann", f"/deal D1\nclose: {close}")
            assert await at.app.writer.run(speaks)
            for on in ("5 Mar", "6 Mar", "12 Mar"):
                await at.says("ann", f"/next D1 call by {on}")
                assert not await at.app.writer.run(speaks)
            # The second step held until the working day after it; the third holds no longer.
            await go(at, 9, 8)
            assert await at.app.writer.run(speaks)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/next D1 call by Fri", "next"),
        ("/stalled D1 snooze 3\nreason: at a fair", "snooze"),
        ("/visit A1\nmet: Li Wei\nresult: wants a quote\ndeal: D1", "contact"),
        ("/visit A1 Fri 3pm\ndeal: D1", "next"),
        ("/advance D1 unproven", "advance"),
        ("/deal D1\namount: 5k", None),
    ],
    ids=["step", "snooze", "visit", "plan", "advance", "amount"],
)
def test_what_the_owner_does_is_the_answer_until_it_is_undone(line: str, answer: str | None) -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            await at.says("ann", "/deal new Acme")
            # The manager reads the digest of a Monday meanwhile.
            assert [each for each in await go(at, 2, 11) if each != "boss"] == ["ann", "ann"]
            assert await answers(at) == [None]
            await at.says("ann", line)
            assert await answers(at) == [answer]
            await at.says("ann", "/undo")
            assert await answers(at) == [None]
            # Whoever else works on it does not answer for its owner.
            await at.says("boss", "/next D1 call by Thu")
            assert await answers(at) == [None]

    async def answers(at: House) -> list[str | None]:
        return [answer for (answer,) in await at.rows(select(tables.alert.c.answer))]

    asyncio.run(scenario())
