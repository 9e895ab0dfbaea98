"""Results, what is owed and paid, ratings and sets of KPIs: kept and read alike by both databases."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.collection import Instalment, Owed, Payment
from domain.customers import CustomerId
from domain.deals import DealId, State
from domain.kpis import SHIPPED, Kpi
from domain.people import MemberId, OrgId, Role
from domain.ports import Store, Subject
from domain.results import Origin
from domain.satisfaction import Answer, Rating
from tests.storage.counted import SOLD as COUNTED
from tests.storage.dealt import deal_of
from tests.support.opened import MONDAY, NINE, Opened

NEXT = MONDAY + timedelta(days=1)
SOLD = replace(COUNTED, deal_id=None, customer_id=None)


def begun(books: Opened) -> tuple[OrgId, MemberId, DealId]:
    """An organisation with a customer and a deal won on Monday for 500."""
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        deal = store.open_deal(deal_of(acme.id, member))
        store.revise_deal(deal, state=State.WON, amount=Decimal(500), closed_on=MONDAY)
    return org, member, deal


def owed(store: Store, member: MemberId, first: date = MONDAY) -> list[Owed]:
    return list(store.owed([member], first, MONDAY + timedelta(days=400)).get(member, ()))


def test_a_result_is_read_as_it_was_written(books: Opened) -> None:
    org, member, deal = begun(books)
    whole = replace(SOLD, deal_id=deal, customer_id=CustomerId(1), note="by hand", origin=Origin.TYPED)
    with books.turn(org, member) as store:
        number = store.add_result(whole)
        assert store.touched_weeks() == {(member, MONDAY)}
    with books.store(org) as store:
        assert store.results_of_deal(deal) == (replace(whole, id=number),)
        assert store.results_of_customer(CustomerId(1), Kpi.SALES) == (replace(whole, id=number),)
        assert store.results_of_customer(CustomerId(1), Kpi.NEW_CUSTOMERS) == ()


def test_results_are_of_the_people_the_kpis_and_the_days_asked_for(books: Opened) -> None:
    org, member, _ = begun(books)
    with books.turn(org, member) as store:
        for on in (MONDAY, NEXT):
            store.add_result(replace(SOLD, on=on))
        gone = store.add_result(replace(SOLD, value=Decimal(1)))
        store.withdraw(Subject.RESULT, gone)
    with books.store(org) as store:
        found = store.results([member, MemberId(9)], [Kpi.SALES], MONDAY, MONDAY)
        assert [each.value for each in found[member]] == [Decimal("33.34")]
        assert len(store.results([member], [Kpi.SALES], MONDAY, NEXT)[member]) == 2
        assert store.results([member], [Kpi.GROWTH], MONDAY, NEXT) == {}
        assert store.results([], [Kpi.SALES], MONDAY, NEXT) == {}


def test_instalments_come_as_they_are_due_and_payments_as_they_came(books: Opened) -> None:
    org, member, deal = begun(books)
    with books.turn(org, member) as store:
        for due_on in (NEXT, MONDAY):
            store.add_instalment(Instalment(deal_id=deal, amount=Decimal("0.01"), due_on=due_on))
        store.add_payment(
            Payment(deal_id=deal, amount=Decimal(7), on=NEXT, note="by bank"), "by bank", member
        )
    with books.store(org) as store:
        assert [each.due_on for each in store.instalments([deal])[deal]] == [MONDAY, NEXT]
        (payment,) = store.payments([deal])[deal]
        assert (payment.amount, payment.on, payment.note) == (Decimal(7), NEXT, "by bank")
        assert store.payments([DealId(9)]) == {} == store.instalments([DealId(9)])


def test_a_won_deal_is_owed_until_it_is_paid_whole(books: Opened) -> None:
    org, member, deal = begun(books)
    with books.store(org) as store:
        assert owed(store, member) == [
            Owed(deal_id=deal, owner_id=member, amount=Decimal(500), won_on=MONDAY)
        ]
        assert store.owed([member], MONDAY, MONDAY - timedelta(days=1)) == {}
        assert store.owed([MemberId(9)], MONDAY, NEXT) == {}
    with books.turn(org, member) as store:
        store.add_payment(Payment(deal_id=deal, amount=Decimal("499.99"), on=MONDAY), "", member)
    with books.store(org) as store:
        assert owed(store, member, NEXT)
    with books.turn(org, member) as store:
        store.add_payment(Payment(deal_id=deal, amount=Decimal("0.01"), on=MONDAY), "", member)
    with books.store(org) as store:
        # What was paid on the first day is still of these days; the day after, nothing is owed any more.
        assert owed(store, member, MONDAY)
        assert owed(store, member, NEXT) == []
    with books.turn(org, member) as store:
        store.add_instalment(Instalment(deal_id=deal, amount=Decimal(501), due_on=NEXT))
    with books.store(org) as store:
        assert owed(store, member, NEXT)
    with books.turn(org, member) as store:
        store.revise_deal(deal, state=State.ACTIVE)
    with books.store(org) as store:
        assert owed(store, member) == []


def test_a_rating_is_read_as_it_was_written(books: Opened) -> None:
    org, member, deal = begun(books)
    rating = Rating(
        customer_id=CustomerId(1),
        member_id=member,
        answer=Answer.SATISFIED,
        on=MONDAY,
        made_by=member,
        deal_id=deal,
        note="quick answers",
    )
    with books.turn(org, member) as store:
        first = store.add_rating(rating)
        later = store.add_rating(replace(rating, on=NEXT, answer=Answer.NEUTRAL))
    with books.store(org) as store:
        assert store.ratings([member], MONDAY, MONDAY) == {member: (replace(rating, id=first),)}
        assert [each.id for each in store.ratings_of_customer(CustomerId(1), 9)] == [later, first]
        assert [each.id for each in store.ratings_of_customer(CustomerId(1), 1)] == [later]
        assert store.ratings_of_customer(CustomerId(9), 9) == ()


def test_versions_of_a_set_are_kept_side_by_side(books: Opened) -> None:
    org, _, member = books.found()
    lines = ((Kpi.SALES, 60), (Kpi.SATISFACTION, 25), (Kpi.CERTIFICATES, 15))
    own = replace(
        SHIPPED[Role.REP],
        version=1,
        lines=lines,
        since=MONDAY,
        targets={Kpi.CERTIFICATES: Decimal("2.50")},
    )
    with books.store(org) as store:
        assert store.kpi_sets() == ()
    with books.turn(org, member) as store:
        store.keep_kpi_set(own, member, NINE)
        gone = store.keep_kpi_set(replace(own, version=2), member, NINE)
        store.withdraw(Subject.KPI_SET, gone)
        store.keep_kpi_set(replace(own, role=Role.MANAGER), member, NINE)
    with books.store(org) as store:
        assert store.kpi_sets() == (replace(own, role=Role.MANAGER), own)
        assert own.target(Kpi.CERTIFICATES) == Decimal("2.50")
        assert own.target(Kpi.SATISFACTION) == 90
        assert own.target(Kpi.SALES) is None
