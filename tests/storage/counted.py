"""Numbers for the tests of the storage: one of everything that a week is made of, and all that can be seen of them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from domain.activity import ActivityId
from domain.collection import Instalment, Payment
from domain.customers import CustomerId
from domain.deals import DealId
from domain.kpis import SHIPPED, Kpi
from domain.people import MemberId, Role
from domain.ports import Store
from domain.results import Origin, Result
from domain.rollups import Cell
from domain.samples import Doubt, Sample
from domain.satisfaction import Answer, Rating
from domain.targets import Step, Target, TargetId, TargetStep
from domain.week_ports import RollupCheck
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
AIM = Target(
    id=TargetId(0),
    member_id=ME,
    team_id=None,
    first=MONDAY,
    last=month_end(MONDAY),
    amount=Decimal(5),
    step=Step.DOWN1,
    rounds=3,
    made_by=ME,
    made_at=NINE,
)
DRAWN = Sample(
    id=0, member_id=ME, monday=MONDAY, activity_id=ActivityId(1), on=MONDAY, drawn_at=NINE, judge_id=ME
)
OWN_SET = replace(SHIPPED[Role.REP], version=1, since=MONDAY, targets={Kpi.CERTIFICATES: Decimal(2)})


def keep_one_of_each(store: Store) -> None:
    """A result, an instalment, a payment, a rating, a set of KPIs, a target, a sample, a cell."""
    store.add_result(SOLD)
    store.add_instalment(PART)
    store.add_payment(PAYMENT, "", ME)
    store.add_rating(RATING)
    store.keep_kpi_set(OWN_SET, ME, NINE)
    target = store.add_target(AIM)
    store.add_target_step(target, TargetStep(step=Step.DOWN1, amount=Decimal(5), by_id=ME, at=NINE))
    store.add_sample(DRAWN)
    store.add_doubt(
        Doubt(
            member_id=ME, monday=MONDAY, activity_id=DRAWN.activity_id, answer="was there", answered_at=NINE
        )
    )
    store.keep_cells(ME, MONDAY, {MONDAY: {Cell.CALLS: 1}})
    store.keep_check(RollupCheck(checked_at=NINE, cells=1, wrong=0))


def counted(store: Store, members: Sequence[MemberId]) -> tuple[object, ...]:
    """All that an organisation shows of its numbers."""
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
        store.gather_targets(members, MONDAY, last, locked=False),
        store.target_steps(TargetId(1)),
        store.samples(members, MONDAY, MONDAY),
        store.doubts(members, MONDAY, MONDAY),
        store.day_cells(members, MONDAY, last),
        store.week_cells(members, MONDAY, MONDAY),
        store.last_check(),
    )
