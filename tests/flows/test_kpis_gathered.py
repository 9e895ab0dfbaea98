"""What the lines of a card come to: in as many statements for many as for few, from the facts of one and of a team."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.collection import Instalment, Payment
from domain.deals import DealId, State
from domain.kpis import CATALOGUE, SHIPPED, Comes, Kpi, Measure, Measured
from domain.people import MemberId, OrgId, Role, TeamId
from domain.ports import Store, Work
from domain.results import Origin, Result
from domain.satisfaction import Answer, Rating
from domain.snapshots import Snapshot, Standpoint
from domain.workdays import monday
from handlers.kpis import gathered_kpis
from handlers.rollups import roll_week
from handlers.weekly import gathered_weeklies
from tests.flows.test_closing import ORG, earlier
from tests.flows.test_days_off import manager
from tests.storage.dealt import deal_of
from tests.support.house import house, seat
from tests.support.opened import NINE

# A Wednesday with 8 of the 22 working days of March behind it, itself included.
TODAY = date(2026, 3, 11)
BOSS, ANN, BOB = MemberId(1), MemberId(2), MemberId(3)
Kpis = dict[MemberId, dict[Kpi, Measured]]


def gathered(store: Store, who: list[MemberId] | None = None) -> Kpis:
    org = store.organisation()
    people = store.gather_members(org, who or [each.id for each in store.members()])
    week = monday(TODAY)
    weeklies = gathered_weeklies(store, org, people, week, TODAY)
    return gathered_kpis(store, org, people, weeklies, week, TODAY)


def kpis_after(done: Callable[[Store], None]) -> Kpis:
    """Everybody's KPIs after a turn of long ago."""

    async def scenario() -> Kpis:
        async with house([manager("boss"), seat("ann"), seat("bob")]) as at:
            await earlier(at, -3, done)
            return await at.app.writer.run(lambda work: gathered(work.store(ORG)))

    return asyncio.run(scenario())


def nothing(store: Store) -> None:
    store.add_customer("Acme", "acme", ANN)


def won_deal(store: Store, owner: MemberId, amount: int, won_on: date) -> DealId:
    found = store.customer_by_key("acme") or store.add_customer("Acme", "acme", owner)
    deal = store.open_deal(deal_of(found.id, owner, amount=Decimal(amount)))
    store.revise_deal(deal, state=State.WON, closed_on=won_on)
    return deal


def said(store: Store, member: MemberId, answer: Answer, on: date = TODAY) -> None:
    found = store.customer_by_key("acme") or store.add_customer("Acme", "acme", member)
    store.add_rating(Rating(customer_id=found.id, member_id=member, answer=answer, on=on, made_by=member))


def fact(store: Store, member: MemberId, kpi: Kpi, value: str, on: date = TODAY) -> None:
    store.add_result(
        Result(
            member_id=member,
            team_id=None,
            kpi=kpi,
            on=on,
            value=Decimal(value),
            origin=Origin.TYPED,
            made_by=BOSS,
        )
    )


async def statements(reps: int) -> int:
    async with house([manager("boss"), *(seat(f"rep{n}") for n in range(reps))]) as at:

        def job(work: Work) -> int:
            store, ran = work.store(OrgId(1)), list[str]()
            raw = work.connection.connection.driver_connection  # type: ignore[attr-defined]
            raw.set_trace_callback(ran.append)
            gathered(store)
            raw.set_trace_callback(None)
            return len(ran)

        return await at.app.writer.run(job)


def test_many_people_cost_no_more_statements_than_few() -> None:
    few, many = asyncio.run(statements(3)), asyncio.run(statements(40))
    assert 0 < few == many


def test_every_kpi_says_something_and_what_nobody_feeds_is_not_set_up() -> None:
    found = kpis_after(nothing)
    for member in (BOSS, ANN, BOB):
        assert set(found[member]) == set(Kpi)
        for kpi in (Kpi.COLLECTION, Kpi.SATISFACTION, Kpi.TALKS, Kpi.TRAINING, Kpi.SALES):
            assert found[member][kpi].state is Measure.NOT_SET_UP
        typed = [kpi for kpi, row in CATALOGUE.items() if row.comes is Comes.TYPED]
        assert {found[member][kpi].state for kpi in typed} == {Measure.NOT_SET_UP}
    assert found[ANN][Kpi.PLAN_COMPLETION].state is Measure.MEASURED


def test_new_customers_go_against_the_pace_of_the_month() -> None:
    def done(store: Store) -> None:
        store.add_customer("Acme", "acme", ANN)
        fact(store, ANN, Kpi.NEW_CUSTOMERS, "1")

    async def scenario() -> Kpis:
        async with house([manager("boss"), seat("ann"), seat("bob")]) as at:
            await earlier(at, -3, done)

            def job(work: Work) -> Kpis:
                store = work.store(ORG)
                member = store.member(ANN)
                roll_week(store, member, store.calendar(store.organisation(), member), monday(TODAY))
                return gathered(store)

            return await at.app.writer.run(job)

    found = asyncio.run(scenario())[ANN][Kpi.NEW_CUSTOMERS]
    assert (found.actual, found.target) == (Fraction(1), Fraction(2 * 8, 22))


def test_collection_is_what_came_in_of_what_was_due_in_ninety_days() -> None:
    def done(store: Store) -> None:
        # 500 due 30 days after it was won, of which 100 came; 300 planned for later and not due.
        long_ago = won_deal(store, ANN, 500, TODAY - timedelta(days=40))
        store.add_payment(Payment(deal_id=long_ago, amount=Decimal(100), on=TODAY), "", ANN)
        planned = won_deal(store, ANN, 300, TODAY - timedelta(days=40))
        store.add_instalment(
            Instalment(deal_id=planned, amount=Decimal(300), due_on=TODAY + timedelta(days=1))
        )
        won_deal(store, BOB, 900, TODAY - timedelta(days=5))

    found = kpis_after(done)
    assert found[ANN][Kpi.COLLECTION].actual == 20
    assert found[ANN][Kpi.COLLECTION].target == 95
    # Nothing of Bob's is due yet; the boss answers for both.
    assert found[BOB][Kpi.COLLECTION].state is Measure.EXCUSED
    assert found[BOSS][Kpi.COLLECTION].actual == 20


def test_what_a_plan_leaves_out_is_due_as_without_a_plan() -> None:
    def done(store: Store) -> None:
        deal = won_deal(store, ANN, 500, TODAY - timedelta(days=40))
        store.add_instalment(Instalment(deal_id=deal, amount=Decimal(1), due_on=TODAY))
        store.add_payment(Payment(deal_id=deal, amount=Decimal(1), on=TODAY), "", ANN)

    assert kpis_after(done)[ANN][Kpi.COLLECTION].actual == Fraction(100, 500)


def test_satisfaction_is_each_ones_own_and_the_managers_is_the_teams() -> None:
    def done(store: Store) -> None:
        said(store, ANN, Answer.VERY_SATISFIED)
        said(store, ANN, Answer.NEUTRAL)
        said(store, ANN, Answer.VERY_DISSATISFIED, TODAY - timedelta(days=90))
        said(store, BOB, Answer.SATISFIED, TODAY - timedelta(days=89))

    found = kpis_after(done)
    assert found[ANN][Kpi.SATISFACTION].actual == 50
    assert found[BOB][Kpi.SATISFACTION].actual == 100
    assert found[BOSS][Kpi.SATISFACTION].actual == Fraction(200, 3)


def test_counts_add_up_over_the_month_and_shares_hold_until_the_next() -> None:
    def done(store: Store) -> None:
        targets = {Kpi.CERTIFICATES: Decimal(2), Kpi.CONVERSION: Decimal(40)}
        store.keep_kpi_set(replace(SHIPPED[Role.REP], version=1, targets=targets), BOSS, NINE)
        fact(store, ANN, Kpi.CERTIFICATES, "1", TODAY - timedelta(days=1))
        fact(store, ANN, Kpi.CERTIFICATES, "1")
        fact(store, ANN, Kpi.CERTIFICATES, "5", date(2026, 2, 27))
        fact(store, ANN, Kpi.CONVERSION, "35", TODAY - timedelta(days=1))
        fact(store, ANN, Kpi.CONVERSION, "30", TODAY - timedelta(days=2))
        fact(store, ANN, Kpi.PROPOSAL_QUALITY, "80")

    found = kpis_after(done)
    assert (found[ANN][Kpi.CERTIFICATES].actual, found[ANN][Kpi.CERTIFICATES].target) == (
        Fraction(2),
        Fraction(16, 22),
    )
    assert (found[ANN][Kpi.CONVERSION].actual, found[ANN][Kpi.CONVERSION].target) == (
        Fraction(35),
        Fraction(40),
    )
    # Others have one: Bob's is missing, and what has no target cannot be compared.
    assert found[BOB][Kpi.CERTIFICATES].actual == 0
    assert found[BOB][Kpi.CONVERSION].state is Measure.MISSING
    assert found[ANN][Kpi.PROPOSAL_QUALITY].state is Measure.NOT_SET_UP


def test_a_forecast_is_as_good_as_it_was_near_to_what_was_sold() -> None:
    def done(store: Store) -> None:
        deal = won_deal(store, ANN, 800, date(2026, 2, 20))
        store.keep_snapshot(
            Snapshot(
                team_id=TeamId(1),
                # The week of 1 February, a Sunday.
                label="2026-W05",
                made_at=NINE,
                deals=(
                    Standpoint(
                        deal_id=deal,
                        owner_id=ANN,
                        state=State.ACTIVE,
                        milestone=6,
                        amount=Decimal(1000),
                        closes_on=date(2026, 2, 28),
                        percent=7000,
                    ),
                ),
            )
        )
        store.add_result(
            Result(
                member_id=ANN,
                team_id=TeamId(1),
                kpi=Kpi.SALES,
                on=date(2026, 2, 20),
                value=Decimal(800),
                origin=Origin.DERIVED,
                made_by=ANN,
            )
        )
        roll_week(
            store,
            store.member(ANN),
            store.calendar(store.organisation(), store.member(ANN)),
            monday(date(2026, 2, 20)),
        )

    found = kpis_after(done)
    # 700 was forecast and 800 sold.
    assert found[BOSS][Kpi.FORECAST_ACCURACY].actual == Fraction(700, 8)
    assert found[ANN][Kpi.FORECAST_ACCURACY].state is Measure.NOT_SET_UP
    assert kpis_after(nothing)[BOSS][Kpi.FORECAST_ACCURACY].state is Measure.NOT_SET_UP
