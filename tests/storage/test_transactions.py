"""Units of work: kept whole or not at all; a savepoint takes back one job and nothing of the others."""

import contextlib

import pytest

from domain.people import MemberId, OrgId
from domain.ports import EventId, Urgency, Work
from domain.quota import Metric
from tests.support.opened import MONDAY, NINE, Opened, letter


class Stumble(Exception):
    """What a job raises when it fails."""


def keys(books: Opened) -> list[str]:
    with books.work() as work:
        return [each.key for each in work.outbox.claim(NINE, 99)]


def push(work: Work, key: str) -> None:
    work.outbox.write(letter(key, urgency=Urgency.PUSH))


def test_a_unit_of_work_that_fails_leaves_nothing(books: Opened) -> None:
    org, _, member = books.found()
    with pytest.raises(Stumble), books.turn(org, member) as store:
        store.add_tick(member, Metric.TRAINING, MONDAY)
        store.add_customer("Acme", "acme", member)
        store.write(letter("k", urgency=Urgency.PUSH))
        store.touch_card("day")
        raise Stumble
    with books.work() as work:
        store = work.store(org)
        assert store.customer_names() == ()
        assert store.ticks(member, MONDAY, MONDAY) == ()
        assert store.latest_change(member) is None
        assert work.outbox.claim(NINE, 9) == ()


def test_what_is_not_committed_is_not_seen_by_others(books: Opened) -> None:
    work = books.transactions.begin()
    work.inbox.keep("telegram", "7", "lane", "{}", NINE)
    books.transactions.rollback()
    books.transactions.begin()
    books.transactions.close()
    books.transactions = books.database.connect()
    with books.work() as again:
        assert again.inbox.waiting(EventId(0), 9) == ()


def test_a_savepoint_takes_back_one_job_and_what_it_put_aside(books: Opened) -> None:
    org, _, member = books.found()
    transactions = books.transactions
    work = transactions.begin()
    for name in ("a", "b", "c"):
        transactions.mark()
        work.store(org).add_team(name)
        push(work, name)
        if name == "b":
            transactions.back()
        else:
            transactions.keep()
    transactions.commit()
    assert keys(books) == ["a", "c"]
    with books.store(org) as store:
        assert [team.name for team in store.teams()] == ["South", "a", "c"]
        assert store.member(member).id == member


def test_a_job_that_reads_back_and_fails_leaves_what_others_put_aside(books: Opened) -> None:
    """Reading writes what waits, inside the savepoint of whoever reads: that must not be lost with it."""
    first, second = (keep(books, each) for each in ("7", "8"))
    transactions = books.transactions
    work = transactions.begin()
    transactions.mark()
    push(work, "before")
    work.inbox.done(first)
    transactions.keep()
    transactions.mark()
    push(work, "mine")
    assert [each.id for each in work.inbox.waiting(EventId(0), 9)] == [second]
    work.inbox.done(second)
    transactions.back()
    transactions.mark()
    push(work, "after")
    transactions.keep()
    transactions.commit()
    assert keys(books) == ["before", "after"]
    with books.work() as again:
        assert [each.id for each in again.inbox.waiting(EventId(0), 9)] == [second]


def test_a_second_failure_does_not_lose_them_either(books: Opened) -> None:
    transactions = books.transactions
    work = transactions.begin()
    transactions.mark()
    push(work, "before")
    transactions.keep()
    for name in ("x", "y"):
        transactions.mark()
        push(work, name)
        work.outbox.next_due()
        push(work, name + " again")
        transactions.back()
    transactions.mark()
    assert work.outbox.next_due() == NINE
    transactions.keep()
    transactions.commit()
    assert keys(books) == ["before"]


def keep(books: Opened, delivery: str) -> EventId:
    with books.work() as work:
        found = work.inbox.keep("telegram", delivery, "lane", "{}", NINE)
    assert found is not None
    return found


def test_a_failed_statement_takes_back_its_job_only(books: Opened) -> None:
    org, _, _ = books.found()
    transactions = books.transactions
    work = transactions.begin()
    transactions.mark()
    work.store(org).add_team("kept")
    transactions.keep()
    transactions.mark()
    work.store(org).add_team("lost")
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        work.people.bind(letter("k").to, "9", OrgId(99), MemberId(1))
    assert transactions.standing()
    transactions.back()
    transactions.mark()
    assert [team.name for team in work.store(org).teams()] == ["South", "kept"]
    transactions.keep()
    transactions.commit()


def test_a_connection_serves_on_after_a_failed_commit(books: Opened) -> None:
    org, _, member = books.found()
    with contextlib.suppress(Exception), books.work() as work:
        # Put aside, so it fails only when the unit of work is committed.
        sent = letter("k", org_id=OrgId(99), member_id=member, card_key="day", urgency=Urgency.PUSH)
        push(work, "lost")
        work.outbox.sent(sent, "m", "digest", NINE)
    assert keys(books) == []
    with books.store(org) as store:
        assert store.member(member).id == member
