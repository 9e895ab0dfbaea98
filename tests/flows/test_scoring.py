"""Scores of many at once, cards that close by themselves, and what makes a further version of them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from bot.layout import plain
from domain.kpis import Kpi
from domain.people import Language, MemberId, OrgId
from domain.periods import Span
from domain.ports import Change, ChangeId, Store, Work
from domain.results import Origin, Result
from domain.scorecard import Scorecard, Why
from domain.targets import Step as Round
from domain.targets import Target, TargetId
from domain.workdays import ONE_DAY, Leave
from handlers.correcting import follow_facts
from handlers.pieces.day import day_card, day_facts
from handlers.pieces.riders import gathered_riders
from handlers.pieces.scorecard import gathered_cards
from handlers.pushes.digest import digest
from handlers.pushes.freeze import freeze, freeze_month
from handlers.pushes.morning import morning
from handlers.pushes.week_reports import week_reports
from handlers.registry import Recipient, Slice
from handlers.rollups import roll
from handlers.scoring import gathered_month_scores, gathered_scores
from handlers.turn import Turn
from tests.flows.test_days_off import manager
from tests.support.house import House, house, seat

FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)
WEEK = Span.week(FRIDAY)
REP = MemberId(2)


def slice_of(at: House, work: Work, today: date) -> Slice:
    store = work.store(OrgId(1), Change(id=ChangeId(9000), actor_id=REP, said_at=at.clock.at, command="x"))
    org = store.organisation()
    people = store.gather_members(org, [each.id for each in store.members()])
    recipients = tuple(
        Recipient(member=member, calendar=calendar, label=today.isoformat())
        for member, calendar in people.values()
    )
    return Slice(org=org, now=at.clock.at, recipients=recipients, store=store)


def noon(day: date) -> datetime:
    """Noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def people_of(slice_: Slice) -> dict[MemberId, object]:
    return {each.member.id: (each.member, each.calendar) for each in slice_.recipients}


def week(slice_: Slice) -> object:
    return gathered_scores(slice_.store, slice_.org, people_of(slice_), WEEK.first, WEEK.last)  # type: ignore[arg-type]


def month(slice_: Slice) -> object:
    return gathered_month_scores(slice_.store, slice_.org, people_of(slice_), date(2026, 3, 1), MONDAY)  # type: ignore[arg-type]


def cards(slice_: Slice) -> object:
    return gathered_cards(slice_.store, slice_.org, people_of(slice_), WEEK, slice_.now)  # type: ignore[arg-type]


def riders(slice_: Slice) -> object:
    days = {
        each.member.id: (each.member, each.calendar, date.fromisoformat(each.label))
        for each in slice_.recipients
    }
    return gathered_riders(slice_.store, slice_.org, days, slice_.now)


async def statements(reps: int, gather: Callable[[Slice], object], today: date) -> int:
    async with house([manager("boss"), *(seat(f"rep{n}") for n in range(reps))]) as at:
        at.clock.at = noon(FRIDAY)
        for n in range(reps):
            await at.says(f"rep{n}", f"/visit Customer {n}; met: Li; result: ok")
            await at.says(f"rep{n}", "/week report; line: all well")
        at.clock.at = noon(today)

        def job(work: Work) -> int:
            slice_, ran = slice_of(at, work, today), list[str]()
            raw = work.connection.connection.driver_connection  # type: ignore[attr-defined]
            raw.set_trace_callback(ran.append)
            gather(slice_)
            raw.set_trace_callback(None)
            # What is kept for each is written row by row by the driver, prepared once.
            return len([each for each in ran if each.startswith(("SELECT", "WITH"))])

        return await at.app.writer.run(job)


@pytest.mark.parametrize(
    ("gather", "today"),
    [
        (week, MONDAY),
        (month, MONDAY),
        (cards, MONDAY),
        (riders, MONDAY),
        (riders, date(2026, 4, 1)),
        (riders, date(2026, 3, 16)),
        (riders, date(2026, 3, 31)),
        (morning, MONDAY),
        (digest, MONDAY),
        (week_reports, FRIDAY),
        (freeze, MONDAY),
        (freeze_month, date(2026, 4, 1)),
    ],
)
def test_many_people_cost_no_more_reading_than_few(gather: Callable[[Slice], object], today: date) -> None:
    few, many = asyncio.run(statements(2, gather, today)), asyncio.run(statements(12, gather, today))
    assert 0 < few == many


def test_a_day_like_any_other_reads_nothing_for_riders() -> None:
    assert asyncio.run(statements(2, riders, date(2026, 3, 11))) == 0


def versions(store: Store, *labels: str) -> tuple[Scorecard, ...]:
    return store.scorecards([REP], labels).get(REP, ())


def test_a_week_closes_once_and_stays_as_it_closed() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            at.clock.at = noon(FRIDAY)
            await at.says("ann", "/visit Acme; met: Li; result: ok")
            at.clock.at = noon(MONDAY)

            def job(work: Work) -> None:
                slice_ = slice_of(at, work, MONDAY)
                assert freeze(slice_) == {}
                (first,) = versions(slice_.store, WEEK.label)
                assert (first.version, first.why, first.frozen_at) == (1, Why.CLOSED, at.clock.at)
                later = replace(slice_, now=slice_.now + timedelta(hours=1))
                assert freeze(later) == {}
                assert versions(slice_.store, WEEK.label) == (first,)

            await at.app.writer.run(job)

    asyncio.run(scenario())


def test_who_comes_back_has_the_weeks_away_closed_too() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            back = MONDAY + 14 * ONE_DAY

            def job(work: Work) -> None:
                at.clock.at = noon(MONDAY)
                freeze(slice_of(at, work, MONDAY))
                slice_ = slice_of(at, work, back)
                slice_.store.add_leave(REP, Leave(first=MONDAY, last=back - ONE_DAY), "")
                freeze(slice_of(at, work, back))
                labels = ["2026-W09", WEEK.label, "2026-W11", "2026-W12", "2026-W13"]
                found = {each.label: each.score.total for each in versions(slice_.store, *labels)}
                assert set(found) == {WEEK.label, "2026-W11", "2026-W12"}
                assert found["2026-W11"] is None
                assert found[WEEK.label] == Decimal("0.00")

            await at.app.writer.run(job)

    asyncio.run(scenario())


def locked(span: Span, at: datetime) -> Target:
    """A locked target of 110,000 over a month."""
    return Target(
        id=TargetId(0),
        member_id=REP,
        team_id=None,
        first=span.first,
        last=span.last,
        amount=Decimal(110000),
        step=Round.LOCKED,
        rounds=1,
        made_by=REP,
        made_at=at,
        locked_at=at,
    )


def turn_of(at: House, store: Store) -> Turn:
    ann = store.member(REP)
    return Turn(
        me=ann,
        org=store.organisation(),
        team=None,
        at=store.address_of(REP)[0],
        private=True,
        now=at.clock.at,
        said_at=at.clock.at,
        event=9001,  # type: ignore[arg-type]
        store=store,
        codes=lambda bits: f"code{bits}",
    )


def test_a_late_result_makes_a_version_of_every_card_it_counts_in() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            at.clock.at = noon(date(2026, 3, 2))
            await at.says("boss", "/target Ann; amount: 110k; period: Mar 2026")
            await at.says("ann", "/target accept")
            await at.says("boss", "/target Ann lock")

            def close(work: Work) -> None:
                for day in (MONDAY, MONDAY + 7 * ONE_DAY):
                    at.clock.at = noon(day)
                    freeze(slice_of(at, work, day))

            def late(work: Work) -> None:
                store = slice_of(at, work, MONDAY).store
                sold = Result(
                    member_id=REP,
                    team_id=None,
                    kpi=Kpi.SALES,
                    on=FRIDAY,
                    value=Decimal(10000),
                    origin=Origin.TYPED,
                    made_by=REP,
                )
                store.add_result(sold)
                turn = turn_of(at, store)
                roll(turn)
                follow_facts(turn)
                for label in (WEEK.label, "2026-W11"):
                    first, second = versions(store, label)
                    was, now = first.score.line(Kpi.SALES), second.score.line(Kpi.SALES)
                    assert was is not None and now is not None
                    assert (was.actual, now.actual) == (Fraction(0), Fraction(10000))
                    assert second.why is Why.FACTS
                    assert first.score.line(Kpi.PLAN_COMPLETION) == second.score.line(Kpi.PLAN_COMPLETION)
                follow_facts(turn)
                assert len(versions(store, WEEK.label)) == 2

            await at.app.writer.run(close)
            await at.app.writer.run(late)
            await at.app.settle()
            told = [
                shown
                for shown in at.recorder.chats["ann"]
                if "From 9 Mar" in "".join(plain(shown.card, Language.EN))
            ]
            assert len(told) == 1

    asyncio.run(scenario())


def test_a_monday_with_everything_on_it_fits_the_card() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            at.clock.at = noon(FRIDAY)
            await at.says("ann", "/visit Acme; met: Li; result: ok")
            await at.says("boss", "/week comment Ann; line: talk")
            for n in range(6):
                await at.says("ann", f"/visit Customer {n} Mon 1{n}:00")

            def job(work: Work) -> None:
                slice_ = slice_of(at, work, MONDAY)
                ann = slice_.store.member(REP)
                now = noon(MONDAY) - timedelta(hours=4)
                shown = day_card(day_facts(slice_.store, slice_.org, ann, MONDAY, now))
                lines = plain(shown, Language.EN)
                assert lines[1:4] == ["Boss: Let's talk", "Last week: 2.78, +2.78", "Provisional until 10:00"]
                assert len([each for each in lines if not each.startswith("[")]) <= 8
                assert sum(map(len, shown.rows)) <= 6
                assert len(shown.rows) <= 3
                assert [each.command for each in shown.rows[1]] == [
                    f"/score {WEEK.label}",
                    f"/score dispute {WEEK.label}",
                ]

            await at.app.writer.run(job)

    asyncio.run(scenario())


def test_the_month_rides_on_the_card_at_its_middle_its_end_and_the_next_ones_beginning() -> None:
    async def scenario() -> None:
        async with house([manager("boss"), seat("ann")]) as at:
            at.clock.at = noon(date(2026, 3, 2))

            def job(work: Work) -> None:
                store = slice_of(at, work, MONDAY).store
                for span in (Span.month(date(2026, 3, 1)), Span.month(date(2026, 4, 1))):
                    store.add_target(locked(span, at.clock.at))
                for on, value in ((FRIDAY, 20000), (date(2026, 3, 20), 85000)):
                    store.add_result(
                        Result(
                            member_id=REP,
                            team_id=None,
                            kpi=Kpi.SALES,
                            on=on,
                            value=Decimal(value),
                            origin=Origin.TYPED,
                            made_by=REP,
                        )
                    )
                roll(turn_of(at, store))

                def said(day: date) -> list[str]:
                    ann = store.member(REP)
                    shown = day_card(
                        day_facts(store, store.organisation(), ann, day, noon(day) - timedelta(hours=4))
                    )
                    return plain(shown, Language.EN)[1:5]

                assert said(date(2026, 3, 16))[2:] == [
                    "20k of 82.5k, pace 48 %",
                    "To catch up: 5.21k/day, 12 days",
                ]
                assert "Mar 2026: 105k of 82.5k, 127 %" in said(date(2026, 3, 31))
                assert "Target Apr 2026: 110k" in said(date(2026, 4, 1))
                assert not any("pace" in line for line in said(date(2026, 3, 17)))

            await at.app.writer.run(job)

    asyncio.run(scenario())
