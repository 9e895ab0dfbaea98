"""Results for the tests of the storage: one of everything that KPIs are made of, and all that can be seen of them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from domain.collection import Instalment, Payment
from domain.customers import CustomerId
from domain.deals import DealId
from domain.kpis import SHIPPED, Kpi
from domain.people import MemberId, Role
from domain.ports import Store
from domain.results import Origin, Result
from domain.satisfaction import Answer, Rating
from domain.workdays import month_end
from tests.support.opened import MONDAY, NINE

ME, ACME, DEAL = MemberId(1), CustomerId(1), DealId(1)
SOLD = Result(
    member_id=ME,
    team_id=None,
    kpi=Kpi.SALES,
    on=MONDAY,
    value=Decimal("33.34"),
    origin=Origin.DERIVED,
    made_by=ME,
    deal_id=DEAL,
    customer_id=ACME,
)
PART = Instalment(deal_id=DEAL, amount=Decimal(5), due_on=MONDAY)
PAYMENT = Payment(deal_id=DEAL, amount=Decimal(5), on=MONDAY)
RATING = Rating(customer_id=ACME, member_id=ME, answer=Answer.SATISFIED, on=MONDAY, made_by=ME, deal_id=DEAL)
OWN_SET = replace(SHIPPED[Role.REP], version=1, since=MONDAY, targets={Kpi.CERTIFICATES: Decimal(2)})


def keep_one_of_each(store: Store) -> None:
    """A result, an instalment, a payment, a rating and a set of KPIs."""
    store.add_result(SOLD)
    store.add_instalment(PART)
    store.add_payment(PAYMENT, "", ME)
    store.add_rating(RATING)
    store.keep_kpi_set(OWN_SET, ME, NINE)


def counted(store: Store, members: Sequence[MemberId]) -> tuple[object, ...]:
    """All that an organisation shows of results."""
    last = month_end(MONDAY)
    return (
        store.results(members, tuple(Kpi), MONDAY, last),
        store.results_of_deal(DEAL),
        store.results_of_customer(ACME, Kpi.SALES),
        store.instalments([DEAL]),
        store.payments([DEAL]),
        store.owed(members, MONDAY, last),
        store.ratings(members, MONDAY, last),
        store.ratings_of_customer(ACME, 9),
        store.kpis_with_facts(),
        store.kpi_sets(),
    )
