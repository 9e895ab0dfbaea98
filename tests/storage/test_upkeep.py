"""The figures of a running installation and its quarantine, on both databases and by index."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.people import OrgId
from domain.ports import Address, EventId, Outcome, Urgency
from domain.upkeep import Figures, Quarantined, Reference, Unreached
from storage import schema, tables, upkeep
from storage.database import open_engine
from tests.support.opened import NINE, Opened, letter

LATER = NINE + timedelta(hours=2)
NOTHING = dict.fromkeys(tables.ENDED, 0)


def kept(books: Opened, delivery: str) -> EventId:
    with books.work() as work:
        number = work.inbox.keep("telegram", delivery, "telegram:41", "{}", NINE)
    assert number is not None
    return number


def set_aside(books: Opened, delivery: str, reference: str, org: OrgId | None = None) -> EventId:
    number = kept(books, delivery)
    with books.work() as work:
        work.inbox.failed(number, reference, quarantine=True, org=org, fault="ValueError from KeyError")
    return number


def figures(books: Opened) -> Figures:
    with books.work() as work:
        return work.upkeep.figures(LATER)


def test_a_quiet_installation_has_no_figures_to_tell(books: Opened) -> None:
    assert figures(books) == Figures(ended=NOTHING)
    with books.work() as work:
        assert work.upkeep.is_at_head()


def test_what_waits_in_the_inbox_and_what_was_set_aside(books: Opened) -> None:
    kept(books, "1")
    done = kept(books, "2")
    set_aside(books, "3", "ref3")
    with books.work() as work:
        work.inbox.done(done)
    found = figures(books)
    assert (found.new, found.oldest_new, found.quarantined) == (1, NINE, 1)


def test_what_waits_in_the_outbox_and_what_is_tried_no_more(books: Opened) -> None:
    with books.work() as work:
        for key, hours in (("a", 0), ("b", 1), ("c", 3)):
            due = NINE + timedelta(hours=hours)
            work.outbox.write(letter(key, due_at=due, urgency=Urgency.PUSH))
        for key in ("gone", "sent", "twice"):
            work.outbox.write(letter(key))
    with books.work() as work:
        work.outbox.retry("b", LATER + timedelta(hours=1), Outcome.UNKNOWN)
        work.outbox.give_up("gone", Outcome.DEAD, NINE)
        work.outbox.sent(letter("sent"), "7", "", NINE)
        work.outbox.retry("twice", NINE, Outcome.UNKNOWN)
        work.outbox.sent(letter("twice"), "8", "", NINE)
    found = figures(books)
    assert found.repeated == 1
    # What waits for its next try is late all the same; what is due later is not.
    assert (found.late, found.oldest_late, found.unsure) == (2, NINE, 1)
    assert found.ended == NOTHING | {"dead": 1}


def test_whoever_is_out_of_reach_is_counted_and_named_to_their_own(books: Opened) -> None:
    org, _, member = books.found()
    with books.work() as work:
        work.outbox.bury(Address(platform="telegram", chat=f"chat-{org}"), NINE)
    assert figures(books).unreached == 1
    with books.work() as work:
        own = work.store(org).own_figures(LATER)
        other = work.store(OrgId(org + 1)).own_figures(LATER)
    assert own.unreached == (Unreached(name="Maja", platform="telegram"),)
    assert other.unreached == ()
    assert own.revision == schema.HEAD
    with books.work() as work:
        work.store(org).dismiss(member, NINE.date())
    assert figures(books).unreached == 0


def test_an_organisation_sees_its_own_only(books: Opened) -> None:
    mine, other = (books.found(name)[0] for name in ("Nordwind", "Other"))
    set_aside(books, "1", "ours", mine)
    set_aside(books, "2", "theirs", other)
    set_aside(books, "3", "nobodys")
    with books.work() as work:
        work.outbox.write(letter("a", org_id=mine, urgency=Urgency.PUSH))
        work.outbox.write(letter("b", org_id=other, urgency=Urgency.PUSH))
    for org in (mine, other):
        with books.work() as work:
            own = work.store(org).own_figures(LATER)
        assert (own.late, own.oldest_late, own.unsure, own.quarantined) == (1, NINE, 0, 1)
    assert figures(books).quarantined == 3


def test_the_quarantine_lists_what_happened_never_what_was_said(books: Opened) -> None:
    set_aside(books, "1", "ref1", OrgId(7))
    set_aside(books, "2", "ref2")
    with books.work() as work:
        found = work.upkeep.quarantine(9)
        assert work.upkeep.quarantine(1) == found[:1]
    first = Quarantined(
        reference=Reference("ref1"),
        platform="telegram",
        received_at=NINE,
        fault="ValueError from KeyError",
        org_id=OrgId(7),
    )
    assert found == (replace(first, reference=Reference("ref2"), org_id=None), first)


def test_what_was_set_aside_is_taken_up_again_once(books: Opened) -> None:
    number = set_aside(books, "1", "ref1")
    with books.work() as work:
        assert not work.upkeep.requeue(Reference("another"))
        assert work.upkeep.requeue(Reference("ref1"))
        assert not work.upkeep.requeue(Reference("ref1"))
    with books.work() as work:
        assert [(each.id, each.attempts) for each in work.inbox.again()] == [(number, 1)]
        assert work.inbox.again() == ()
        assert [each.id for each in work.inbox.waiting(EventId(0), 9)] == [number]
        work.inbox.done(number)
    with books.work() as work:
        assert not work.upkeep.requeue(Reference("ref1"))


BY_INDEX: dict[str, tuple[Any, str]] = {
    "new": (upkeep.WAITING, "ix_inbox_new"),
    "late": (upkeep.LETTERS_LATE, "ix_letter_(due|expires)"),
    "ended": (upkeep.LETTERS_ENDED, "ix_letter_ended"),
    "repeated": (upkeep.REPEATED, "ix_letter_unsure"),
    "dead": (upkeep.UNREACHED, "ix_identity_dead"),
    "set aside": (upkeep.SET_ASIDE, "ix_inbox_set_aside"),
    "own set aside": (upkeep.OWN_SET_ASIDE, "ix_inbox_set_aside"),
    "quarantine": (upkeep.QUARANTINE, "ix_inbox_set_aside"),
    "requeue": (upkeep.REQUEUE, "ix_inbox_set_aside"),
}


@pytest.mark.parametrize("name", BY_INDEX)
def test_a_figure_reads_an_index_of_little_else(database_url: str, name: str) -> None:
    """However many letters and deliveries are kept: a scraper must not load the database."""
    statement, index = BY_INDEX[name]
    values = {"now": LATER, "most": 9, "by": "x", "org_id": 1}
    wanted = {key: each for key, each in values.items() if key in statement.compile().params}
    engine = open_engine(database_url)
    on_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not on_sqlite:
            # An empty table is read whole; with rows in it the index is what is left.
            connection.exec_driver_sql("SET enable_seqscan = off")
        compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
        explain = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
        bound = compiled.construct_params(wanted)
        processors = compiled._bind_processors
        bound = {key: processors[key](each) if key in processors else each for key, each in bound.items()}
        given = tuple(bound[key] for key in compiled.positiontup or ()) if compiled.positional else bound
        plan = str(connection.exec_driver_sql(explain + str(compiled), given).fetchall())
    engine.dispose()
    assert re.search(rf"\b{index}\b", plan), plan
