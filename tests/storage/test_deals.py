"""Deals and what belongs to one: written, read, listed and counted the same on both databases."""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from domain.activity import Activity, ActivityId, Credit, Kind
from domain.c139 import Item, Standing
from domain.customers import ContactId, CustomerId
from domain.deal_ports import Which
from domain.deals import (
    FROM_CUSTOMER,
    STILL,
    Approval,
    ApprovalId,
    ApprovalKind,
    Buyer,
    BuyingRole,
    Clocks,
    Deal,
    DealId,
    Decision,
    EvidenceId,
    EvidenceKind,
    Met,
    Part,
    Passage,
    Passed,
    Rank,
    Seller,
    State,
)
from domain.milestones import PROJECT, SHIPPED, Phase, TemplateId, Tool
from domain.people import MemberId, OrgId, TeamId
from domain.ports import ChangeId, Store, Subject, Wording
from domain.stalled import Level
from domain.steps import Step, StepId, StepState
from tests.storage.dealt import EVERY, LATER, asked, checked, deal_of, dealt, proof, sheet, spent, tick
from tests.support.opened import MEMBER, MONDAY, NINE, Opened

TUESDAY, FRIDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)
FAR = date(2026, 12, 31)
ACME = CustomerId(1)


@pytest.fixture
def sold(books: Opened) -> tuple[OrgId, MemberId, MemberId]:
    """An organisation with two reps, two customers and three contacts of the first; no deal yet."""
    org, _, member = books.found()
    with books.turn(org, member, "before") as store:
        acme = store.add_customer("Acme", "acme", member)
        store.add_customer("Bolt", "bolt", member)
        for name in ("Li Wei", "Zoe", "Max"):
            store.add_contact(acme.id, name, name.casefold(), "CFO")
        other = store.add_member(replace(MEMBER, name="Ben"))
    return org, member, other


def made(books: Opened, org: OrgId, owner: MemberId, **values: object) -> Deal:
    with books.turn(org, owner, "deal") as store:
        number = store.open_deal(deal_of(ACME, owner, **values))
        found = store.deal(number)
    assert found is not None
    return found


FULL: dict[str, object] = {
    "title": "Line 2 ✓",
    "state": State.ON_HOLD,
    "milestone": 4,
    "opened_on": date(2026, 1, 5),
    "entered_on": TUESDAY,
    "amount": Decimal("800000.55"),
    "close_on": FAR,
    "moves": 2,
    "backs": 1,
    "phase": Phase.COMPARISON,
    "template_id": TemplateId(1),
    "imported": True,
    "unproven": (1, 2),
    "overridden": (3,),
    "approved": 1,
    "held_days": 12,
    "held_on": TUESDAY,
    "held_until": FRIDAY,
    "resumed_on": MONDAY,
    "reason": "budget",
    "note": 'O\'Neill said "wait"; 100 %',
    "lesson": "listen",
    "kept": "the demo",
    "contract": "C-7",
    "budget": Decimal("0.01"),
    "closed_on": FRIDAY,
    "standing": "7C1F0W",
    "shift": -5,
    "shift_until": FRIDAY,
    "shift_reason": "a new boss",
    "snoozed_until": FRIDAY,
    "snooze_reason": "fair",
    "team_id": TeamId(1),
}


def test_a_deal_is_opened_with_its_first_stay(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, _ = sold
    found = made(books, org, ann)
    assert found == deal_of(ACME, ann, id=DealId(1))
    with books.store(org) as store:
        assert store.passages(found.id) == (Passage(deal_id=found.id, milestone=1, entered_on=MONDAY),)
        assert store.deal(DealId(99)) is None


def test_every_field_of_a_deal_comes_back(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, ben = sold
    said = {each.name for each in fields(Deal)} - {"id", "customer_id", "customer_name", "owner_id", "clocks"}
    assert set(FULL) == said
    whole = made(books, org, ann, **FULL)
    assert whole == deal_of(ACME, ann, id=whole.id, **FULL)
    plain = made(books, org, ann)
    with books.turn(org, ann) as store:
        store.revise_deal(plain.id, **FULL, owner_id=ben, customer_id=CustomerId(2))
        assert {each.field for each in store.facts(ChangeId(books.changes))} == {
            *FULL,
            "owner_id",
            "customer_id",
        }
        expected = deal_of(CustomerId(2), ben, id=plain.id, customer_name="Bolt", **FULL)
        assert store.deal(plain.id) == expected


def test_a_deal_that_was_taken_back_is_nowhere(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, _ = sold
    gone = made(books, org, ann, amount=Decimal(5), standing="0C0F0W", state=State.WON)
    with books.turn(org, ann) as store:
        store.withdraw(Subject.DEAL, gone.id)
        assert store.deal(gone.id) is None
        assert store.deals(EVERY, 9) == ()
        assert store.count_deals(EVERY) == 0
        assert store.average_deal() is None
        assert store.deal_amounts(ann) == ()
        assert store.outcomes(Standing()) == (0, 0)


# What belongs to a deal.


def test_a_dossier_holds_every_part(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, ben = sold
    found = made(books, org, ann, amount=Decimal(100))
    with books.turn(org, ann) as store:
        store.revise_customer(ACME, segment="machines", is_key=True)
        seller = store.add_seller(found.id, ben, Part.TECHNICAL, 30)
        roles = frozenset({BuyingRole.ECONOMIC, BuyingRole.COACH})
        buyer = store.add_buyer(found.id, ContactId(1), roles)
        store.add_rival(found.id, "Südwind")
        store.add_expense(spent(found.id))
        store.add_expense(spent(found.id, "0.50", FRIDAY))
        store.keep_checked(checked(found.id, Item.W, activity_id=ActivityId(3)))
        first = store.keep_task(tick(found.id, text="reference visit", code="own_1", due_on=FRIDAY))
        card = store.keep_sheet(sheet(found.id, Tool.FAB, contact_id=ContactId(1), about="price"))
        dossier = store.dossier(found)
    assert (dossier.deal, dossier.template) == (found, PROJECT)
    assert (dossier.segment, dossier.key_customer) == ("machines", True)
    assert dossier.sellers == (
        Seller(id=seller, deal_id=found.id, member_id=ben, name="Ben", part=Part.TECHNICAL, share=30),
    )
    assert dossier.buyers == (
        Buyer(id=buyer, deal_id=found.id, contact_id=ContactId(1), name="Li Wei", title="CFO", roles=roles),
    )
    assert [each.name for each in dossier.rivals] == ["Südwind"]
    assert dossier.checked == (checked(found.id, Item.W, id=1, activity_id=ActivityId(3)),)
    assert dossier.ticks == (tick(found.id, id=first, text="reference visit", code="own_1", due_on=FRIDAY),)
    assert dossier.sheets == (sheet(found.id, Tool.FAB, id=card, contact_id=ContactId(1), about="price"),)
    assert dossier.spent == Decimal("121.00")
    assert dossier.average == Decimal(100)
    with books.store(org) as store:
        assert store.expenses(found.id) == (
            replace(spent(found.id), id=1),
            replace(spent(found.id, "0.50", FRIDAY), id=2),
        )


def test_parts_are_revised_in_their_place(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, ben = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        seller = store.add_seller(found.id, ben, Part.REP, 0)
        buyer = store.add_buyer(found.id, ContactId(2), frozenset())
        store.keep_checked(checked(found.id, Item.C1))
        task = store.keep_task(tick(found.id))
        card = store.keep_sheet(sheet(found.id))
    with books.turn(org, ben) as store:
        store.revise_seller(seller, part=Part.PROJECT_MANAGER, share=100)
        store.revise_buyer(
            buyer, roles=frozenset({BuyingRole.USER}), influence=5, stance=-2, stance_on=FRIDAY
        )
        confirmed = checked(
            found.id,
            Item.C1,
            id=1,
            note="heard it twice",
            source="",
            checked_on=TUESDAY,
            confirmed_by=ben,
            coach_id=ContactId(2),
            confirmed_on=FRIDAY,
        )
        store.keep_checked(confirmed)
        done = tick(found.id, id=task, done_on=FRIDAY)
        assert store.keep_task(done) == task
        filled = sheet(found.id, id=card, values={"need": "", "reason": "growth"}, filled_on=FRIDAY)
        assert store.keep_sheet(filled) == card
        dossier = store.dossier(found)
    assert [(each.part, each.share) for each in dossier.sellers] == [(Part.PROJECT_MANAGER, 100)]
    (person,) = dossier.buyers
    assert (person.roles, person.influence, person.stance, person.stance_on) == (
        frozenset({BuyingRole.USER}),
        5,
        -2,
        FRIDAY,
    )
    assert (dossier.checked, dossier.ticks, dossier.sheets) == ((confirmed,), (done,), (filled,))


def test_a_contact_is_on_a_deal_once_and_an_item_rated_once(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, _ = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        store.add_buyer(found.id, ContactId(1), frozenset())
        store.keep_checked(checked(found.id, Item.C1))
    with pytest.raises(Exception, match=r"(?i)unique"), books.turn(org, ann) as store:
        store.add_buyer(found.id, ContactId(1), frozenset())
    with pytest.raises(Exception, match=r"(?i)unique"), books.turn(org, ann) as store:
        store.keep_checked(checked(found.id, Item.C1))


def test_parts_of_another_deal_and_parts_taken_back_are_left_out(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, _ = sold
    with books.turn(org, ann) as store:
        full = dealt(store, ACME, ann)
        bare = store.deal(store.open_deal(deal_of(ACME, ann)))
        assert bare is not None
        empty = store.dossier(bare)
        assert not any((empty.buyers, empty.sellers, empty.checked, empty.ticks, empty.evidence))
        assert not any((empty.sheets, empty.rivals, empty.met, empty.spent))
        for subject in (
            Subject.SELLER,
            Subject.BUYER,
            Subject.CHECKED,
            Subject.TASK,
            Subject.EVIDENCE,
            Subject.SHEET,
            Subject.RIVAL,
            Subject.EXPENSE,
            Subject.PASSAGE,
            Subject.APPROVAL,
        ):
            store.withdraw(subject, 1)
        left = store.deal(full)
        assert left is not None
        stripped = store.dossier(left)
        assert replace(stripped, deal=bare) == empty
        assert store.passages(full) == ()
        assert store.open_approvals() == ()
        withdrawn = store.approval(ApprovalId(1))
        assert withdrawn is not None and withdrawn.decision is Decision.WITHDRAWN
        assert store.evidence(EvidenceId(1)) is None


def test_evidence_is_superseded_and_never_gone(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, ben = sold
    found = made(books, org, ann, milestone=3)
    every = proof(
        found.id,
        ben,
        kind=EvidenceKind.FORWARDED,
        contact_id=ContactId(1),
        source="a mail",
        given_on=FRIDAY,
    )
    with books.turn(org, ann) as store:
        first = store.add_evidence(proof(found.id, ann))
        view = store.add_evidence(proof(found.id, ann, "customer_view"))
        earlier = store.add_evidence(proof(found.id, ann, milestone=2))
        second = store.add_evidence(every)
        third = store.add_evidence(proof(found.id, ann, text="again"))
        assert store.evidence(second) == replace(every, id=second, superseded=True)
        assert store.evidence(EvidenceId(99)) is None
        found_again = store.dossier(found).evidence
    assert [(each.id, each.superseded) for each in found_again] == [
        (first, True),
        (view, False),
        (earlier, False),
        (second, True),
        (third, False),
    ]


def test_stays_follow_one_another(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, _ = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        store.leave(found.id, left_on=TUESDAY, days=1, passed=Passed.PROVEN, reason="")
        # Nothing to leave, nothing happens.
        store.leave(found.id, left_on=FAR, days=99, passed=Passed.BACK, reason="")
        store.enter(Passage(deal_id=found.id, milestone=2, entered_on=TUESDAY))
        store.leave(found.id, left_on=FRIDAY, days=3, passed=Passed.BACK, reason="wrong people")
        store.enter(Passage(deal_id=found.id, milestone=1, entered_on=FRIDAY))
        assert store.passages(found.id) == (
            Passage(
                deal_id=found.id,
                milestone=1,
                entered_on=MONDAY,
                left_on=TUESDAY,
                days=1,
                passed=Passed.PROVEN,
            ),
            Passage(
                deal_id=found.id,
                milestone=2,
                entered_on=TUESDAY,
                left_on=FRIDAY,
                days=3,
                passed=Passed.BACK,
                reason="wrong people",
            ),
            Passage(deal_id=found.id, milestone=1, entered_on=FRIDAY),
        )


def test_the_last_stays_of_won_deals_make_the_benchmark(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, _ = sold
    cases: list[tuple[State, TemplateId, int | None, int]] = [
        (State.WON, SHIPPED, 10, 1),
        (State.WON, SHIPPED, 20, 2),
        (State.LOST, SHIPPED, 30, 1),
        (State.WON, TemplateId(1), 40, 1),
        (State.ACTIVE, SHIPPED, 50, 1),
        (State.WON, SHIPPED, None, 1),
    ]
    for place, (state, template, days, milestone) in enumerate(cases):
        found = made(books, org, ann, state=state, template_id=template, milestone=milestone)
        if days is not None:
            with books.turn(org, ann) as store:
                left = MONDAY + timedelta(days=place)
                store.leave(found.id, left_on=left, days=days, passed=Passed.PROVEN)
    with books.store(org) as store:
        assert store.won_passages(SHIPPED, 1) == (10,)
        assert store.won_passages(SHIPPED, 2) == (20,)
        assert store.won_passages(SHIPPED, 3) == ()
        assert store.won_passages(TemplateId(1), 1) == (40,)
    gone = made(books, org, ann, state=State.WON)
    with books.turn(org, ann) as store:
        store.leave(gone.id, left_on=FAR, days=60, passed=Passed.PROVEN)
        # The latest first: the benchmark looks at so many of them.
        assert store.won_passages(SHIPPED, 1) == (60, 10)
        for number in range(50):
            store.enter(
                Passage(
                    deal_id=gone.id,
                    milestone=1,
                    entered_on=FAR,
                    left_on=FAR,
                    days=100 + number,
                    passed=Passed.PROVEN,
                )
            )
        assert store.won_passages(SHIPPED, 1) == tuple(range(149, 99, -1))
        store.withdraw(Subject.DEAL, gone.id)
        assert store.won_passages(SHIPPED, 1) == (10,)


# Lists.


def listed(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> list[tuple[Deal, tuple[MemberId, ...]]]:
    """Twelve deals that differ in all that lists go by, with who is on each besides its owner."""
    org, ann, ben = sold
    states = [State.ACTIVE, State.LEAD, State.ON_HOLD, State.WON, State.LOST, State.CANCELLED]
    found: list[tuple[Deal, tuple[MemberId, ...]]] = []
    for number in range(12):
        owner = (ann, ben)[number % 2]
        with books.turn(org, owner, "deal") as store:
            clocks = Clocks(
                next_on=None if number % 3 == 0 else FAR - timedelta(days=number),
                level=number % 3 if number < 9 else 0,
                since=MONDAY - timedelta(days=number % 4) if number < 9 and number % 3 else None,
            )
            opened = deal_of(
                CustomerId(1 + number % 2),
                owner,
                state=states[number // 3] if number < 9 else states[number % 6],
                milestone=1 + number % 6,
                team_id=TeamId(1) if number % 4 else None,
                close_on=None if number == 5 else MONDAY + timedelta(days=number),
                clocks=clocks,
            )
            deal = store.deal(store.open_deal(opened))
            assert deal is not None
            team = (ann,) if number in (1, 3) else ()
            for each in team:
                store.add_seller(deal.id, each, Part.REP, 10)
        found.append((deal, team))
    with books.turn(org, ann, "deal") as store:
        # Somebody who left the deal team is on it no more.
        store.withdraw(Subject.SELLER, store.add_seller(found[5][0].id, ann, Part.REP, 10))
        store.withdraw(Subject.DEAL, store.open_deal(deal_of(ACME, ann)))
    return found


def fits(which: Which, deal: Deal, team: tuple[MemberId, ...]) -> bool:
    return all(
        (
            deal.state in which.states,
            which.owner_id in (None, deal.owner_id),
            which.seen_by is None or which.seen_by in (deal.owner_id, *team),
            which.team_ids is None or deal.team_id in which.team_ids,
            which.customer_id in (None, deal.customer_id),
            which.milestone in (None, deal.milestone),
            not which.stalled or deal.clocks.level > 0,
            which.closes_by is None or (deal.close_on is not None and deal.close_on <= which.closes_by),
        )
    )


def in_order(which: Which, deals: Iterable[Deal]) -> list[Deal]:
    """The next steps first, what has none before them; of stalled ones the worst and longest first."""
    if which.stalled:
        return sorted(deals, key=lambda each: (-each.clocks.level, each.clocks.since or FAR, each.id))
    return sorted(
        deals,
        key=lambda each: (each.clocks.next_on is not None, each.clocks.next_on or FAR, each.id),
    )


CHOICES: dict[str, tuple[object, ...]] = {
    "states": (
        frozenset({State.LEAD, State.ACTIVE, State.ON_HOLD}),
        frozenset(State),
        frozenset({State.WON}),
    ),
    "owner_id": (None, MemberId(1)),
    "seen_by": (None, MemberId(1), MemberId(2)),
    "team_ids": (None, (), (TeamId(1),), (TeamId(1), TeamId(9))),
    "customer_id": (None, CustomerId(2)),
    "milestone": (None, 2),
    "stalled": (False, True),
    "closes_by": (None, MONDAY + timedelta(days=6)),
}


def test_every_list_is_what_its_conditions_say_in_its_order(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    every = listed(books, sold)
    assert set(CHOICES) == {each.name for each in fields(Which)}
    found_some = 0
    with books.store(sold[0]) as store:
        for values in product(*CHOICES.values()):
            which = Which(**dict(zip(CHOICES, values, strict=True)))  # type: ignore[arg-type]
            expected = in_order(which, (deal for deal, team in every if fits(which, deal, team)))
            assert list(store.deals(which, 99)) == expected, which
            assert store.count_deals(which) == len(expected), which
            found_some += bool(expected)
    # Lists that are empty for each condition would prove nothing.
    assert found_some > 60


def test_a_list_is_read_page_by_page(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    listed(books, sold)
    for which in (EVERY, replace(EVERY, stalled=True)):
        with books.store(sold[0]) as store:
            whole = store.deals(which, 99)
            pages = [store.deals(which, 5, offset) for offset in range(0, 15, 5)]
            assert tuple(each for page in pages for each in page) == whole
            assert store.count_deals(which) == len(whole) > 5


# Sums over deals.


def test_the_average_and_a_persons_amounts(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, ben = sold
    with books.store(org) as store:
        assert store.average_deal() is None
    for amount, owner in ((100, ann), (None, ann), (201, ben), (50, ann)):
        made(books, org, owner, amount=None if amount is None else Decimal(amount))
    with books.store(org) as store:
        assert store.average_deal() == Decimal(351) / 3
        assert store.deal_amounts(ann) == (Decimal(50), Decimal(100))
        assert store.deal_amounts(MemberId(99)) == ()
    with books.turn(org, ann) as store:
        for number in range(25):
            store.open_deal(deal_of(ACME, ann, amount=Decimal(number)))
        assert store.deal_amounts(ann) == tuple(Decimal(n) for n in range(24, 4, -1))


def test_outcomes_are_of_closed_deals_of_the_same_standing(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, _ = sold
    for state, standing in (
        (State.WON, "7C1F0W"),
        (State.WON, "7C1F0W"),
        (State.LOST, "7C1F0W"),
        (State.CANCELLED, "7C1F0W"),
        (State.ACTIVE, "7C1F0W"),
        (State.WON, "7C1F1W"),
        (State.LOST, ""),
    ):
        made(books, org, ann, state=state, standing=standing)
    with books.store(org) as store:
        assert store.outcomes(Standing(clear=7, first=1)) == (2, 3)
        assert store.outcomes(Standing(clear=7, first=1, win=1)) == (1, 1)
        assert store.outcomes(Standing()) == (0, 0)


# Approvals.


def test_an_approval_is_asked_decided_and_listed(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, ben = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        late = store.ask_approval(asked(found.id, ann, asked_at=LATER), None)
        early = store.ask_approval(asked(found.id, ann), LATER)
        claim = store.ask_approval(
            Approval(
                id=ApprovalId(0),
                kind=ApprovalKind.CLAIM,
                asked_by=ben,
                asked_at=LATER,
                rank=Rank.DIRECTOR,
                customer_id=ACME,
                reason="met them first",
            ),
            None,
        )
        assert [each.id for each in store.open_approvals()] == [early, late, claim]
        assert store.approval(early) == asked(found.id, ann, id=early, escalate_at=LATER)
        assert store.approval(ApprovalId(99)) is None
    with books.turn(org, ben) as store:
        store.revise_approval(
            early, decision=Decision.RETURNED, decided_by=ben, decided_at=LATER, reason="too early"
        )
        store.revise_approval(claim, rank=Rank.DEPUTY, escalate_at=NINE)
        assert [each.id for each in store.open_approvals()] == [late, claim]
        assert store.approval(early) == asked(
            found.id,
            ann,
            id=early,
            decision=Decision.RETURNED,
            decided_by=ben,
            decided_at=LATER,
            reason="too early",
            escalate_at=LATER,
        )
    with books.work() as work:
        assert work.outbox.due_approvals(LATER, 9) == ((org, claim),)


# Clocks.


WORN = Clocks(
    customer_on=MONDAY,
    next_on=FRIDAY,
    warn_at=NINE,
    critical_at=LATER,
    level=1,
    since=TUESDAY,
    check_at=LATER,
    quiet_until=FRIDAY,
    quiets=2,
)


def test_clocks_are_kept_and_are_no_facts(books: Opened, sold: tuple[OrgId, MemberId, MemberId]) -> None:
    org, ann, _ = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        store.set_clocks(found, WORN)
        assert not store.changed
        assert store.deal(found.id) == replace(found, clocks=WORN)
        store.set_clocks(found, STILL)
        assert store.deal(found.id) == found


def test_totals_follow_the_levels_and_the_owner(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, ben = sold
    south = TeamId(1)
    mine = [made(books, org, ann, team_id=south) for _ in range(3)]
    his = made(books, org, ben)
    with books.store(org) as store:
        for deal, level in zip((*mine, his), (1, 1, 2, 2), strict=True):
            store.set_clocks(deal, replace(STILL, level=level, since=MONDAY))
        assert store.stalled_totals() == {Level.WARN: 2, Level.CRITICAL: 2}
        assert store.stalled_totals(owner=ann) == {Level.WARN: 2, Level.CRITICAL: 1}
        assert store.stalled_totals(teams=[south]) == {Level.WARN: 2, Level.CRITICAL: 1}
        assert store.stalled_totals(teams=[]) == {}
        # Set to the same again, nothing is counted twice.
        store.set_clocks(mine[0], replace(STILL, level=1, since=MONDAY))
        assert store.stalled_totals(owner=ann) == {Level.WARN: 2, Level.CRITICAL: 1}
        store.set_clocks(mine[0], replace(STILL, level=2, since=MONDAY))
        store.set_clocks(mine[1], STILL)
        assert store.stalled_totals(owner=ann) == {Level.CRITICAL: 2}
    for deal in mine:
        with books.turn(org, ann) as store:
            found = store.deal(deal.id)
            assert found is not None
            store.set_clocks(replace(found, clocks=STILL), STILL)
    with books.store(org) as store:
        assert store.stalled_totals(owner=ann) == {}
        assert store.stalled_totals() == {Level.CRITICAL: 1}


def test_touched_deals_are_those_something_was_about(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, ben = sold
    first, second, third = (made(books, org, ann) for _ in range(3))
    touches: list[Callable[[Store], object]] = [
        lambda store: store.revise_deal(first.id, title="other"),
        lambda store: store.add_rival(first.id, "Bolt"),
        lambda store: store.add_evidence(proof(first.id, ann)),
        lambda store: store.keep_task(tick(first.id)),
        lambda store: store.leave(first.id, left_on=FRIDAY),
        lambda store: store.withdraw(Subject.RIVAL, 1),
        lambda store: store.ask_approval(asked(first.id, ben), None),
        lambda store: store.add_activity(visit(ann, first.id), Wording()),
        lambda store: store.add_step(step(ann, first.id)),
    ]
    for touch in touches:
        with books.turn(org, ann) as store:
            assert store.touched_deals() == frozenset()
            touch(store)
            assert store.touched_deals() == {first.id}
    with books.turn(org, ann) as store:
        # A step that moves from one deal to another is about both.
        store.revise_step(StepId(1), deal_id=second.id)
        assert store.touched_deals() == {first.id, second.id}
    with books.turn(org, ann) as store:
        assert store.dossier(third).deal == third
        assert store.touched_deals() == frozenset()


def visit(member: MemberId, deal: DealId | None, **values: object) -> Activity:
    plain = Activity(
        id=ActivityId(0),
        kind=Kind.VISIT,
        member_id=member,
        customer_id=ACME,
        deal_id=deal,
        at=NINE,
        on=MONDAY,
        recorded_at=NINE,
        contact_ids=(ContactId(1), ContactId(2)),
        credit=Credit.COUNTED,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def step(member: MemberId, deal: DealId | None, **values: object) -> Step:
    plain = Step(
        id=StepId(0),
        member_id=member,
        customer_id=ACME,
        customer_name="Acme",
        kind=None,
        text="send quote",
        deal_id=deal,
        due_on=FRIDAY,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def test_who_was_met_and_when_the_customer_was_last_heard(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, _ = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        assert store.customer_day(found.id) is None
        second = store.add_activity(
            visit(ann, found.id, kind=Kind.MEETING, on=TUESDAY, at=LATER, contact_ids=()), Wording()
        )
        first = store.add_activity(visit(ann, found.id), Wording())
        store.add_activity(visit(ann, found.id, credit=Credit.THIN, on=FAR), Wording())
        store.add_activity(visit(ann, None, on=FAR), Wording())
        gone = store.add_activity(visit(ann, found.id, on=FAR), Wording())
        store.withdraw(Subject.ACTIVITY, gone)
        assert store.customer_day(found.id) == TUESDAY
        call = store.add_activity(visit(ann, found.id, kind=Kind.CALL, on=FRIDAY), Wording())
        assert call
        assert store.customer_day(found.id) == FRIDAY
        assert store.dossier(found).met == (
            Met(activity_id=first, kind=Kind.VISIT, on=MONDAY, contact_ids=(ContactId(1), ContactId(2))),
            Met(activity_id=second, kind=Kind.MEETING, on=TUESDAY, contact_ids=()),
        )


@pytest.mark.parametrize("kind", EvidenceKind)
def test_proof_from_the_customers_side_is_a_day_of_theirs(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId], kind: EvidenceKind
) -> None:
    org, ann, _ = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        store.add_evidence(proof(found.id, ann, kind=kind, given_on=FRIDAY))
        assert store.customer_day(found.id) == (FRIDAY if kind in FROM_CUSTOMER else None)
        store.withdraw(Subject.EVIDENCE, 1)
        assert store.customer_day(found.id) is None


def test_the_next_day_is_that_of_the_first_open_step(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, ben = sold
    found = made(books, org, ann)
    with books.turn(org, ann) as store:
        assert store.next_day(found.id) is None
        store.add_step(step(ann, found.id, due_on=None))
        assert store.next_day(found.id) is None
        store.add_step(step(ann, found.id))
        soon = store.add_step(step(ben, found.id, due_on=TUESDAY))
        store.add_step(step(ann, None, due_on=MONDAY))
        assert store.next_day(found.id) == TUESDAY
        store.revise_step(soon, state=StepState.DONE)
        assert store.next_day(found.id) == FRIDAY


def test_deals_are_looked_at_again_by_their_ladder_or_their_owner(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, ben = sold
    plain = made(books, org, ann)
    own = made(books, org, ann, template_id=TemplateId(1))
    his = made(books, org, ben)
    resting = made(books, org, ann, state=State.ON_HOLD)
    gone = made(books, org, ann)
    with books.turn(org, ann) as store:
        store.withdraw(Subject.DEAL, gone.id)

    def due() -> set[int]:
        with books.work() as work:
            found = work.outbox.due_deals(LATER, 9)
        assert all(of == org for of, _ in found)
        return {number for _, number in found}

    def still() -> None:
        with books.store(org) as store:
            for each in (plain, own, his, resting):
                store.set_clocks(each, STILL)

    assert due() == set()
    with books.store(org) as store:
        store.check_deals(TemplateId(1), None, NINE)
        assert not store.changed
    assert due() == {own.id}
    still()
    with books.store(org) as store:
        store.check_deals(None, ann, NINE)
    assert due() == {plain.id, own.id}
    still()
    with books.store(org) as store:
        store.check_deals(SHIPPED, ben, NINE)
        store.check_deals(None, None, NINE)
    assert due() == {plain.id, his.id}
    with books.store(org) as store:
        store.check_deals(SHIPPED, None, LATER + timedelta(seconds=1))
    assert due() == set()


USES: dict[str, Callable[[Store, DealId], object]] = {
    "seller": lambda store, deal: store.add_seller(deal, MemberId(2), Part.REP, 0),
    "buyer": lambda store, deal: store.add_buyer(deal, ContactId(1), frozenset()),
    "checked": lambda store, deal: store.keep_checked(checked(deal, Item.C1)),
    "task": lambda store, deal: store.keep_task(tick(deal)),
    "evidence": lambda store, deal: store.add_evidence(proof(deal, MemberId(1))),
    "sheet": lambda store, deal: store.keep_sheet(sheet(deal)),
    "rival": lambda store, deal: store.add_rival(deal, "Bolt"),
    "expense": lambda store, deal: store.add_expense(spent(deal)),
    "approval": lambda store, deal: store.ask_approval(asked(deal, MemberId(1)), None),
    "activity": lambda store, deal: store.add_activity(visit(MemberId(1), deal), Wording()),
    "step": lambda store, deal: store.add_step(step(MemberId(1), deal)),
    "stay": lambda store, deal: store.enter(Passage(deal_id=deal, milestone=2, entered_on=FRIDAY)),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_deal_is_in_use_once_a_later_change_made_something_for_it(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId], use: Callable[[Store, DealId], object]
) -> None:
    org, ann, _ = sold
    with books.turn(org, ann) as store:
        mine = store.open_deal(deal_of(ACME, ann))
        use(store, mine)
        assert not store.deal_in_use(mine)
        other = store.open_deal(deal_of(ACME, ann))
    with books.turn(org, ann) as store:
        assert not store.deal_in_use(other)
        use(store, other)
        assert store.deal_in_use(other)
        assert not store.deal_in_use(mine)
    later = ChangeId(books.changes)
    with books.turn(org, ann, "undo") as store:
        store.take_back(later, store.facts(later), NINE)
        assert not store.deal_in_use(other)


def test_a_row_of_another_organisation_is_no_part_of_mine(
    books: Opened, sold: tuple[OrgId, MemberId, MemberId]
) -> None:
    org, ann, _ = sold
    with books.turn(org, ann) as store:
        dealt(store, ACME, ann)
    other, _, stranger = books.found("Südwind")
    with books.turn(other, stranger) as store:
        customer = store.add_customer("Acme", "acme", stranger)
        found = store.deal(store.open_deal(deal_of(customer.id, stranger)))
        assert found is not None and found.id == 1
        dossier = store.dossier(found)
        assert not any((dossier.evidence, dossier.checked, dossier.buyers, dossier.sellers, dossier.ticks))
        assert dossier.template is PROJECT
        assert store.open_approvals() == ()
