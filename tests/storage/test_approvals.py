"""Rows of approvals: held while somebody decides, moved without a fact, still there once taken back."""

import threading
from dataclasses import replace
from datetime import date, timedelta

from domain.customers import CustomerId
from domain.deals import Approval, ApprovalId, ApprovalKind, Deal, DealId, Decision, Rank, State
from domain.people import MemberId, OrgId
from domain.ports import Change, ChangeId
from tests.support.opened import NINE, Opened, letter

LATER = NINE + timedelta(days=1)
REQUEST = Approval(
    id=ApprovalId(0),
    kind=ApprovalKind.GATE,
    milestone=1,
    asked_by=MemberId(1),
    asked_at=NINE,
    told_at=NINE,
    rank=Rank.MANAGER,
)


def asked(books: Opened) -> tuple[OrgId, MemberId, DealId, ApprovalId]:
    """A deal, and a request about it."""
    org, team, member = books.found()
    with books.turn(org, member, "advance") as store:
        customer = store.add_customer("Acme", "acme", member)
        deal = store.open_deal(
            Deal(
                id=DealId(0),
                customer_id=CustomerId(customer.id),
                customer_name="Acme",
                owner_id=member,
                team_id=team,
                title="",
                state=State.ACTIVE,
                milestone=1,
                opened_on=date(2026, 3, 2),
                entered_on=date(2026, 3, 2),
            )
        )
        number = store.ask_approval(replace(REQUEST, deal_id=deal, asked_by=member, asked=(member,)), LATER)
    return org, member, deal, number


def test_a_request_is_read_as_it_was_asked(books: Opened) -> None:
    org, member, deal, number = asked(books)
    with books.store(org) as store:
        made = replace(REQUEST, id=number, deal_id=deal, asked_by=member, asked=(member,), escalate_at=LATER)
        assert store.approval(number) == store.approval(number, held=True) == made
        assert store.open_approvals() == store.approvals_of(deal) == (made,)
        assert store.approvals_since(NINE - timedelta(minutes=1)) == (made,)
        assert store.approvals_since(NINE) == ()
        assert store.approvals_of(DealId(deal + 1)) == ()
    with books.work() as work:
        assert work.outbox.due_approvals(LATER - timedelta(microseconds=1), 9) == ()
        assert work.outbox.due_approvals(LATER, 9) == ((org, number),)


def test_a_move_in_rank_is_no_fact_and_survives_the_undo_of_a_decision(books: Opened) -> None:
    org, member, _, number = asked(books)
    with books.store(org) as store:
        # No turn, so no change: a fact would be an error.
        store.move_approval(
            number, rank=Rank.DEPUTY, escalate_at=None, asked=(member, MemberId(9)), covers=()
        )
    with books.turn(org, member, "approve") as store:
        store.revise_approval(number, decision=Decision.RETURNED, decided_by=member, decided_at=NINE)
        assert store.touched_approvals() == {number}
    decided = ChangeId(books.changes)
    with books.turn(org, member, "undo") as store:
        store.undoing(decided)
        store.take_back(decided, store.facts(decided), NINE)
        now = store.approval(number)
        assert now is not None and now.decision is Decision.OPEN and now.decided_by is None
        assert now.rank is Rank.DEPUTY and now.asked == (member, MemberId(9))
        assert store.touched_approvals() == {number}


def test_a_request_that_was_taken_back_is_read_as_withdrawn_and_open_no_more(books: Opened) -> None:
    org, member, deal, number = asked(books)
    made = ChangeId(books.changes)
    with books.turn(org, member, "undo") as store:
        facts = [each for each in store.facts(made) if each.subject == "approval"]
        store.undoing(made)
        store.take_back(made, facts, NINE)
        now = store.approval(number)
        assert now is not None and now.decision is Decision.WITHDRAWN
        assert store.open_approvals() == store.approvals_of(deal) == ()
        # It still counts for what comes in one message: the first one was told.
        assert len(store.approvals_since(NINE - timedelta(minutes=1))) == 1
    with books.work() as work:
        assert work.outbox.due_approvals(LATER, 9) == ()


def test_cards_that_show_a_request_are_touched_and_no_others(books: Opened) -> None:
    org, member, _, _ = asked(books)
    with books.work() as work:
        for key in ("approval:1:-1-", "approval:1:-2-1-3-", "approval:1:-11-", "approval:1:-12-21-"):
            shown = letter(key, card_key=key, org_id=org, member_id=member)
            work.outbox.write(shown)
            work.outbox.sent(shown, key, "digest", NINE)
    with books.work() as work:
        for each in work.outbox.stale_cards(9):
            work.outbox.refreshed(each, None)
    with books.store(org) as store:
        store.touch_approval(ApprovalId(1))
    with books.work() as work:
        assert {each.key for each in work.outbox.stale_cards(9)} == {"approval:1:-1-", "approval:1:-2-1-3-"}


def test_the_second_of_two_taps_waits_and_reads_what_the_first_decided(books: Opened) -> None:
    """PostgreSQL runs turns side by side; SQLite has one writer, who waits for the other's end anyway."""
    org, member, _, number = asked(books)
    seen: list[Decision] = []
    change = Change(id=ChangeId(77), actor_id=member, said_at=NINE, command="approve")
    first, second = books.transactions, books.database.connect()
    store = first.begin().store(org, change)
    assert store.approval(number, held=True)
    store.revise_approval(number, decision=Decision.ACCEPTED, decided_by=member, decided_at=NINE)

    def taps() -> None:
        found = second.begin().store(org).approval(number, held=True)
        seen.extend([found.decision] if found else [])
        second.rollback()

    other = threading.Thread(target=taps)
    other.start()
    other.join(0.3)
    assert other.is_alive() and seen == []
    first.commit()
    other.join(20)
    second.close()
    assert seen == [Decision.ACCEPTED]
