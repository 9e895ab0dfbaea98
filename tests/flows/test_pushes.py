"""Pushes come once per person and period, in each one's zone, however often and whenever the tick runs."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from domain.people import Role
from domain.ports import Work
from storage import tables
from storage.database import SqlWork
from tests.support.house import House, house, seat

MINUTE = timedelta(minutes=1)


async def pushes(at: House) -> Counter[str]:
    """Letters of pushes by push and recipient; answers and edits have other keys."""
    rows = await at.rows(select(tables.letter.c.key, tables.letter.c.member_id))
    named = [(key.split(":"), member) for key, member in rows]
    return Counter(
        f"{key[1]}:{member}:{key[3]}" for key, member in named if key[1:2] and key[1] in ("morning", "nudge")
    )


def test_a_week_of_ticks_sends_each_push_once_per_workday() -> None:
    async def scenario() -> None:
        async with house([seat("ann"), seat("bo", zone="America/New_York")]) as at:
            for _ in range(7 * 24 * 2):
                at.clock.at += 30 * MINUTE
                await at.app.tick()
                await at.app.tick()
            sent = await pushes(at)
            assert set(sent.values()) == {1}
            mornings = Counter(key.split(":")[1] for key in sent if key.startswith("morning"))
            assert mornings == {"1": 5, "2": 5}

    asyncio.run(scenario())


def test_two_ticks_at_once_write_each_letter_once() -> None:
    async def scenario() -> None:
        async with house([seat(f"rep{n}") for n in range(250)]) as at:
            at.clock.at += timedelta(hours=1)
            await asyncio.gather(*(at.app.tick() for _ in range(4)))
            sent = await pushes(at)
            assert len(sent) == 250
            assert set(sent.values()) == {1}

    asyncio.run(scenario())


def test_a_clock_that_jumps_back_repeats_nothing() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            at.clock.at += timedelta(hours=1)
            await at.app.settle()
            assert at.sent() == ["ann"]
            at.clock.at -= timedelta(hours=2)
            await at.app.settle()
            at.clock.at += timedelta(hours=2)
            await at.app.settle()
            assert at.sent() == []

    asyncio.run(scenario())


@pytest.mark.parametrize(("late", "comes"), [(timedelta(hours=3), True), (timedelta(hours=5), False)])
def test_after_an_outage_a_morning_card_comes_only_while_it_is_useful(
    *, late: timedelta, comes: bool
) -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            at.clock.at = at.clock.at.replace(hour=0, minute=30) + late
            await at.app.settle()
            assert at.sent() == (["ann"] if comes else [])

    asyncio.run(scenario())


def test_a_day_off_taken_after_the_push_was_planned_sends_nothing() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await at.says("ann", "/away tomorrow")
            at.clock.at += timedelta(days=1, hours=1)
            await at.app.settle()
            assert at.sent() == []
            at.clock.at += timedelta(days=1)
            await at.app.settle()
            assert at.sent() == ["ann"]

    asyncio.run(scenario())


def test_what_a_new_version_brings_is_planned_for_those_who_joined_before() -> None:
    """At its start; what was planned before stays, even what is due and was not sent while the bot was down."""
    periods = select(tables.due).order_by(tables.due.c.member_id, tables.due.c.push)
    brought = tables.due.c.push.in_(["news", "week_end"])

    async def scenario() -> None:
        async with house([seat("ann"), replace(seat("boss"), roles=frozenset({Role.MANAGER}))]) as at:
            whole = await at.rows(periods)
            assert {("news", 1), ("week_end", 1)} <= {(row.push, row.member_id) for row in whole}

            def older(work: Work) -> None:
                assert isinstance(work, SqlWork)
                work.connection.execute(delete(tables.due).where(brought))

            await at.app.writer.run(older)
            at.clock.at += timedelta(hours=30)
            await at.app.recover()
            planned = await at.rows(periods)
            assert {(row.push, row.member_id) for row in planned} == {
                (row.push, row.member_id) for row in whole
            }
            stayed = periods.where(~brought)
            assert await at.rows(stayed) == [row for row in whole if row.push not in ("news", "week_end")]
            assert all(row.due_at > at.clock.at for row in planned if row.push in ("news", "week_end"))
            await at.app.recover()
            assert await at.rows(periods) == planned

    asyncio.run(scenario())
