"""The reach into a customer: open roles, the red flag, who decides and is out of sight, stances to be renewed."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from domain.activity import ActivityId
from domain.c139 import Item, Minimum, Rating, upcoming
from domain.coverage import UNMET_DAYS, Coverage, coverage, met_on, uncovered, unmet
from domain.customers import ContactId, CustomerId
from domain.deals import Buyer, BuyerId, BuyingRole, Deal, DealId, Dossier, Met, State
from domain.gates import Caution, warnings
from domain.milestones import PROJECT
from domain.people import MemberId

OPENED = date(2026, 3, 2)
ECONOMIC, USER, TECHNICAL, COACH = (
    BuyingRole.ECONOMIC,
    BuyingRole.USER,
    BuyingRole.TECHNICAL,
    BuyingRole.COACH,
)
EVERYBODY = (ECONOMIC, USER, TECHNICAL)


def buyer(number: int, *roles: BuyingRole, **values: object) -> Buyer:
    return Buyer(
        id=BuyerId(number),
        deal_id=DealId(1),
        contact_id=ContactId(number),
        name=f"P{number}",
        roles=frozenset(roles),
        **values,  # type: ignore[arg-type]
    )


def met(on: date, *contacts: int) -> Met:
    return Met(
        activity_id=ActivityId(1),
        kind="visit",
        on=on,
        contact_ids=tuple(ContactId(each) for each in contacts),
    )


def dossier(
    milestone: int = 1,
    buyers: Sequence[Buyer] = (),
    seen: Sequence[Met] = (),
    state: State = State.ACTIVE,
    resumed_on: date | None = None,
) -> Dossier:
    deal = Deal(
        id=DealId(1),
        customer_id=CustomerId(1),
        customer_name="Acme",
        owner_id=MemberId(1),
        team_id=None,
        title="",
        state=state,
        milestone=milestone,
        opened_on=OPENED,
        entered_on=OPENED,
        resumed_on=resumed_on,
    )
    return Dossier(deal=deal, template=PROJECT, buyers=buyers, met=seen)


@pytest.mark.parametrize(
    ("milestone", "open_roles", "no_economic"),
    [(1, (), False), (2, (), False), (3, EVERYBODY, False), (4, EVERYBODY, True), (6, EVERYBODY, True)],
)
def test_roles_are_asked_from_the_third_milestone_and_the_budget_from_the_fourth(
    milestone: int, open_roles: tuple[BuyingRole, ...], no_economic: bool
) -> None:
    assert coverage(dossier(milestone), OPENED) == Coverage(open_roles=open_roles, no_economic=no_economic)


def test_one_person_may_cover_several_roles_and_a_coach_covers_none() -> None:
    assert uncovered(dossier(4, [buyer(1, ECONOMIC, USER), buyer(2, COACH)])) == (TECHNICAL,)
    assert not coverage(dossier(4, [buyer(1, ECONOMIC, USER)]), OPENED).no_economic


@pytest.mark.parametrize("days", [UNMET_DAYS - 1, UNMET_DAYS, UNMET_DAYS + 1])
def test_who_decides_is_out_of_sight_from_the_24th_day_on(days: int) -> None:
    on = OPENED + timedelta(days=10)
    known = dossier(buyers=[buyer(1, ECONOMIC), buyer(2, USER)], seen=[met(OPENED, 1), met(on, 1)])
    found = unmet(known, on + timedelta(days=days))
    assert [(each.buyer.id, each.days, each.ever) for each in found] == (
        [(1, days, True)] if days >= 24 else []
    )


def test_a_key_contact_decides_and_a_minor_user_does_not() -> None:
    today = OPENED + timedelta(days=30)
    people = [buyer(1, USER, influence=3), buyer(2, USER, influence=4), buyer(3, TECHNICAL, influence=5)]
    found = unmet(dossier(buyers=people, seen=[met(OPENED + timedelta(days=5), 3)]), today)
    # Who was never met counts from the opening; the longest comes first.
    assert [(each.buyer.id, each.days, each.ever) for each in found] == [(2, 30, False), (3, 25, True)]


def test_a_meeting_with_somebody_else_is_none() -> None:
    known = dossier(buyers=[buyer(1, ECONOMIC)], seen=[met(OPENED, 2)])
    assert met_on(known, known.buyers[0]) is None
    assert met_on(known, buyer(2)) == OPENED


def test_days_on_hold_do_not_count_and_a_deal_that_rests_has_no_gaps() -> None:
    today = OPENED + timedelta(days=40)
    people = [buyer(1, ECONOMIC, stance=1, stance_on=OPENED - timedelta(days=100))]
    assert unmet(dossier(buyers=people, resumed_on=today - timedelta(days=5)), today) == ()
    assert coverage(dossier(4, people, state=State.ON_HOLD), today) == Coverage()
    assert coverage(dossier(4, people, state=State.WON), today) == Coverage()


@pytest.mark.parametrize(("days", "is_stale"), [(89, False), (90, False), (91, True)])
def test_a_stance_is_fresh_for_ninety_days(days: int, is_stale: bool) -> None:
    people = [buyer(1, USER, stance=0, stance_on=OPENED), buyer(2, USER)]
    found = coverage(dossier(buyers=people), OPENED + timedelta(days=days)).stale
    assert found == ((people[0],) if is_stale else ())


def test_a_stance_nobody_dated_is_to_be_renewed() -> None:
    people = [buyer(1, USER, stance=0)]
    assert coverage(dossier(buyers=people), OPENED).stale == tuple(people)


@pytest.mark.parametrize(("milestone", "warned"), [(4, False), (5, True), (6, True)])
def test_above_the_fourth_milestone_it_is_said_that_the_top_decision_maker_is_not_confirmed(
    milestone: int, warned: bool
) -> None:
    assert (Caution.TOP_UNCONFIRMED in warnings(dossier(milestone))) is warned


def rated(*items: Item) -> list[Rating]:
    return [Rating(item=each, note="known well enough", has_source=True) for each in items]


def test_first_comes_what_the_gate_asks_for_then_what_adds_most() -> None:
    clear = list(Item)[:9]
    assert upcoming([], Minimum(clear=3))[:3] == (Item.C1, Item.C2, Item.C3)
    assert upcoming([], Minimum())[0] is Item.W
    # Seven C are there, one F is asked: F before W, though W adds more.
    assert upcoming(rated(*clear[:7]), Minimum(clear=7, first=1))[:2] == (Item.F1, Item.F2)
    # Both are asked: the F adds 15 points, the C 10.
    assert upcoming(rated(*clear[:7]), Minimum(clear=8, first=1))[:2] == (Item.F1, Item.F2)
    assert upcoming(rated(*Item), Minimum(clear=9, first=3)) == ()
