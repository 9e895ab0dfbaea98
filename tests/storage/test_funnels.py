"""Whole funnels as rows: checklists and stays of many deals, snapshots kept once, plans and verdicts that can be undone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.c139 import Item
from domain.corrections import CorrectionPlan, PlanId, PlanState
from domain.customers import CustomerId
from domain.deal_ports import Which
from domain.deals import DealId, Passage, Passed, State
from domain.funnel_ports import Ended
from domain.funnel_ports import Passed as PassedStays
from domain.matters import Ruling, Verdict
from domain.milestones import SHIPPED, TemplateId
from domain.people import MemberId, OrgId, TeamId
from domain.ports import ChangeId
from domain.snapshots import Snapshot, Standpoint
from tests.storage.dealt import EVERY, checked, deal_of
from tests.support.opened import MEMBER, MONDAY, NINE, Opened

DAY = timedelta(days=1)
AT = Standpoint(
    deal_id=DealId(1),
    owner_id=MemberId(1),
    state=State.ACTIVE,
    milestone=3,
    amount=Decimal("800000.50"),
    closes_on=MONDAY + 60 * DAY,
    percent=4550,
    close_on=MONDAY + 50 * DAY,
    items=7,
    backs=1,
    overridden=(2,),
)


def sold(books: Opened) -> tuple[OrgId, TeamId, MemberId, MemberId]:
    """Two colleagues of one team with two deals under way, one won and one lost."""
    org, team, ann = books.found()
    with books.turn(org, ann) as store:
        bob = store.add_member(replace(MEMBER, name="Bob", team_id=team))
        acme = store.add_customer("Acme", "acme", ann)
        for owner, milestone in ((ann, 1), (bob, 3)):
            store.open_deal(deal_of(acme.id, owner, team_id=team, milestone=milestone))
        won = store.open_deal(deal_of(acme.id, ann, team_id=team))
        store.leave(won, left_on=MONDAY + 9 * DAY, days=9, passed=Passed.PROVEN)
        store.enter(Passage(deal_id=won, milestone=2, entered_on=MONDAY + 9 * DAY))
        store.leave(won, left_on=MONDAY + 20 * DAY, days=11, passed=Passed.OVERRIDE)
        store.revise_deal(won, state=State.WON, closed_on=MONDAY + 20 * DAY, standing="8C1F0W")
        lost = store.open_deal(deal_of(acme.id, bob, team_id=team))
        store.leave(lost, left_on=MONDAY + 5 * DAY, days=5)
        store.revise_deal(lost, state=State.LOST, closed_on=MONDAY + 5 * DAY, standing="8C1F0W")
    return org, team, ann, bob


def test_all_deals_of_a_list_come_at_once(books: Opened) -> None:
    org, team, ann, _ = sold(books)
    with books.store(org) as store:
        assert [each.id for each in store.every_deal(Which(team_ids=(team,)))] == [1, 2]
        assert [each.id for each in store.every_deal(Which(owner_id=ann))] == [1]
        assert [each.id for each in store.every_deal(EVERY)] == [1, 2, 3, 4]
        assert [each.id for each in store.deals_numbered([DealId(4), DealId(1)])] == [1, 4]
        assert store.deals_numbered([]) == ()


def test_the_checklists_of_many_deals_are_those_of_each(books: Opened) -> None:
    org, _, ann, _ = sold(books)
    with books.turn(org, ann) as store:
        for number, item in ((1, Item.C1), (2, Item.C2), (1, Item.F1)):
            store.keep_checked(checked(DealId(number), item))
    with books.store(org) as store:
        found = store.gather_checked([DealId(1), DealId(2), DealId(3)])
        for deal in store.deals_numbered([DealId(1), DealId(2)]):
            assert found[deal.id] == store.dossier(deal).checked
        assert set(found) == {1, 2}


def test_outcomes_and_stays_of_all(books: Opened) -> None:
    org, team, ann, bob = sold(books)
    with books.store(org) as store:
        assert store.all_outcomes() == {"8C1F0W": (1, 2)}
        assert store.gather_won_passages([SHIPPED]) == {(SHIPPED, 1): (9,), (SHIPPED, 2): (11,)}
        assert store.gather_won_passages([SHIPPED])[SHIPPED, 1] == store.won_passages(SHIPPED, 1)
        assert store.gather_won_passages([TemplateId(9)]) == {}
        assert store.passed_since(MONDAY) == (
            PassedStays(owner_id=ann, team_id=team, milestone=1, entered=1, advanced=1),
            PassedStays(owner_id=ann, team_id=team, milestone=2, entered=1, advanced=1),
            PassedStays(owner_id=bob, team_id=team, milestone=1, entered=1, advanced=0),
        )
        later = store.passed_since(MONDAY + 10 * DAY)
        assert [(each.milestone, each.entered) for each in later] == [(2, 1)]
        assert store.ended_since(MONDAY) == (
            Ended(owner_id=bob, team_id=team, won=False, opened_on=MONDAY, closed_on=MONDAY + 5 * DAY),
            Ended(owner_id=ann, team_id=team, won=True, opened_on=MONDAY, closed_on=MONDAY + 20 * DAY),
        )
        assert store.ended_since(MONDAY + 21 * DAY) == ()
        assert store.opened_since(MONDAY) == {ann: 2, bob: 2}
        assert store.opened_since(MONDAY + DAY) == {}


def test_a_snapshot_is_kept_once_and_the_last_before_a_week_is_found(books: Opened) -> None:
    org, team, _, _ = sold(books)
    first = Snapshot(team_id=team, label="2026-W09", made_at=NINE - 7 * DAY, deals=(AT,))
    second = Snapshot(team_id=team, label="2026-W10", made_at=NINE, deals=(replace(AT, milestone=4),))
    with books.store(org) as store:
        assert store.keep_snapshot(first)
        assert store.keep_snapshot(second)
        assert not store.keep_snapshot(replace(second, deals=()))
    with books.store(org) as store:
        assert store.snapshots([team], "2026-W11") == {team: second}
        assert store.snapshots([team], "2026-W10") == {team: first}
        assert store.snapshots([team], "2026-W09") == {}
        assert store.snapshots([], "2026-W11") == {}


def test_a_correction_plan_is_open_until_it_is_done_and_can_be_taken_back(books: Opened) -> None:
    org, team, ann, bob = sold(books)
    plan = CorrectionPlan(
        id=PlanId(0),
        team_id=team,
        text="three visits to dormant accounts",
        owner_id=bob,
        due_on=date(2026, 3, 6),
        made_by=ann,
        made_at=NINE,
    )
    with books.turn(org, ann) as store:
        number = store.add_correction(plan)
        store.add_correction(replace(plan, owner_id=ann, due_on=date(2026, 3, 4)))
    made = replace(plan, id=number)
    with books.store(org) as store:
        assert store.correction(number) == made
        assert [each.due_on.day for each in store.open_corrections([team])] == [4, 6]
        assert store.gather_corrections([bob]) == {bob: (made,)}
        assert store.open_corrections([]) == ()
    with books.turn(org, bob) as store:
        store.revise_correction(number, state=PlanState.DONE)
    done = ChangeId(books.changes)
    with books.store(org) as store:
        assert store.gather_corrections([bob]) == {}
        assert [each.owner_id for each in store.open_corrections([team])] == [ann]
    with books.turn(org, bob, "undo") as store:
        store.take_back(done, store.facts(done), NINE)
    with books.store(org) as store:
        assert store.gather_corrections([bob]) == {bob: (made,)}


def test_verdicts_stand_with_their_deal_until_they_are_taken_back(books: Opened) -> None:
    org, _, ann, _ = sold(books)
    ruling = Ruling(
        deal_id=DealId(2),
        label="2026-W10",
        verdict=Verdict.ACCEPT,
        made_by=ann,
        made_at=NINE,
        close_on=date(2026, 4, 1),
    )
    with books.turn(org, ann) as store:
        store.add_ruling(replace(ruling, verdict=Verdict.ASK, close_on=None))
        number = store.add_ruling(ruling)
    last = ChangeId(books.changes)
    with books.store(org) as store:
        found = store.rulings([DealId(1), DealId(2)])
        assert list(found) == [2]
        assert found[DealId(2)][-1] == replace(ruling, id=number)
        assert store.rulings([]) == {}
    with books.turn(org, ann, "undo") as store:
        store.take_back(last, store.facts(last), NINE)
    with books.store(org) as store:
        assert store.rulings([DealId(2)]) == {}


def test_what_was_taken_back_is_in_no_funnel(books: Opened) -> None:
    org, _, ann, _ = sold(books)
    with books.turn(org, ann) as store:
        store.open_deal(deal_of(CustomerId(1), ann))
    last = ChangeId(books.changes)
    with books.turn(org, ann, "undo") as store:
        store.take_back(last, store.facts(last), NINE)
    with books.store(org) as store:
        assert [each.id for each in store.every_deal(EVERY)] == [1, 2, 3, 4]
        assert store.deals_numbered([DealId(5)]) == ()
