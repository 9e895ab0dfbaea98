"""A deal's history tells all of it: its facts folded from nothing give its rows, and the last change can be taken back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Table, select

from domain.c139 import Item
from domain.customers import ContactId, CustomerId
from domain.deals import (
    ApprovalId,
    BuyerId,
    BuyingRole,
    Decision,
    EvidenceKind,
    Part,
    Passage,
    Passed,
    Rank,
    State,
)
from domain.milestones import PROJECT, Phase, TemplateId, Tool
from domain.people import MemberId, OrgId, TeamId
from domain.ports import PRESENT, ChangeId, Store, Subject
from storage.session import DERIVED, SUBJECTS, TOLD
from tests.storage.dealt import EVERY, asked, checked, deal_of, proof, sheet, shown, spent, tick
from tests.support.opened import MONDAY, NINE, Opened

Rows = dict[tuple[Subject, int], dict[str, Any]]
ME, CONTACTS = MemberId(1), 3
# Filled by the database, and no words of anybody: which row it is, and of whom.
KEY = {"org_id", "id"}


def empty(column: Column[Any]) -> Any:
    """What a column holds before anything was said."""
    if column.nullable:
        return None
    kind = column.type.python_type
    return kind() if kind in (str, int, bool, tuple, Decimal) else None


def nothing(table: Table) -> dict[str, Any]:
    return {each.name: empty(each) for each in table.c if each.name not in KEY | DERIVED}


def folded(store: Store, changes: int) -> Rows:
    """The rows that the facts of all changes tell of, each from nothing."""
    rows: Rows = {}
    for number in range(1, changes + 1):
        for fact in store.facts(ChangeId(number)):
            if fact.subject not in TOLD:
                continue
            row = rows.setdefault((fact.subject, fact.subject_id), nothing(SUBJECTS[fact.subject]))
            if fact.field == PRESENT:
                row["withdrawn"] = not fact.after
            else:
                assert row[fact.field] == fact.before or fact.before is None, fact
                row[fact.field] = fact.after
    return rows


def stored(books: Opened, org: OrgId) -> Rows:
    """The rows of a deal's subjects as they are; read within a transaction of the organisation."""
    rows: Rows = {}
    for subject in TOLD:
        table = SUBJECTS[subject]
        columns = [each for each in table.c if each.name not in KEY | DERIVED]
        found = books.transactions.connection.execute(
            select(table.c.id, *columns).where(table.c.org_id == org)
        )
        for number, *values in found:
            names = [each.name for each in columns]
            rows[subject, number] = dict(zip(names, values, strict=True))
    return rows


# One write of somebody to the deal; `n` chooses among what there is to write.

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CENTS = st.decimals(0, 10**9, places=2)
NUMBERS = st.lists(st.integers(1, 7), max_size=3).map(tuple)
FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "title": WORDS,
    "state": st.sampled_from(State),
    "milestone": st.integers(1, 7),
    "owner_id": st.sampled_from([MemberId(1), MemberId(2)]),
    "team_id": st.none() | st.just(TeamId(1)),
    "customer_id": st.sampled_from([CustomerId(1), CustomerId(2)]),
    "entered_on": DAYS,
    "amount": st.none() | CENTS,
    "close_on": st.none() | DAYS,
    "moves": st.integers(0, 9),
    "phase": st.sampled_from(Phase),
    "template_id": st.sampled_from([TemplateId(0), TemplateId(1)]),
    "imported": st.booleans(),
    "unproven": NUMBERS,
    "overridden": NUMBERS,
    "held_days": st.integers(0, 90),
    "held_on": st.none() | DAYS,
    "reason": st.sampled_from(["", "budget", "price"]),
    "note": WORDS,
    "lesson": WORDS,
    "contract": WORDS,
    "budget": st.none() | CENTS,
    "closed_on": st.none() | DAYS,
    "standing": st.sampled_from(["", "7C1F0W"]),
    "shift": st.integers(-10, 10),
    "shift_reason": WORDS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write: which, and what it is made with."""

    name: str
    values: Mapping[str, Any]


def write(name: str, /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Write]:
    return st.fixed_dictionaries(values).map(lambda made: Write(name=name, values=made))


NTH = st.integers(0, 9)
OPENED = st.fixed_dictionaries(
    {}, optional={name: each for name, each in FIELDS.items() if name != "owner_id"}
)
WRITES = st.one_of(
    st.fixed_dictionaries({}, optional=FIELDS).map(lambda made: Write(name="revise", values=made)),
    write("move", milestone=st.integers(1, 7), on=DAYS, days=st.integers(0, 99), reason=WORDS),
    write("seller", part=st.sampled_from(Part), share=st.integers(0, 100), nth=NTH),
    write(
        "buyer",
        contact=st.integers(1, CONTACTS),
        roles=st.frozensets(st.sampled_from(BuyingRole)),
        influence=st.none() | st.integers(1, 5),
        stance=st.none() | st.integers(-2, 2),
        stance_on=st.none() | DAYS,
    ),
    write(
        "check",
        item=st.sampled_from(Item),
        note=WORDS,
        source=WORDS,
        by=st.none() | st.just(ME),
        coach=st.none() | st.just(ContactId(1)),
        on=DAYS,
    ),
    write("task", text=WORDS, done_on=st.none() | DAYS, due_on=st.none() | DAYS, nth=NTH),
    write(
        "evidence", code=st.sampled_from(["minutes", "own_1"]), kind=st.sampled_from(EvidenceKind), text=WORDS
    ),
    write(
        "sheet",
        tool=st.sampled_from(Tool),
        body=st.dictionaries(st.just("need"), WORDS),
        about=WORDS,
        nth=NTH,
    ),
    write("rival", name=WORDS),
    write("expense", amount=CENTS, on=DAYS, text=WORDS),
    write("ask", rank=st.sampled_from(Rank), milestone=st.none() | st.integers(0, 7)),
    write("decide", decision=st.sampled_from(Decision), reason=WORDS, nth=NTH),
    write("withdraw", subject=st.sampled_from(sorted(TOLD - {Subject.DEAL})), nth=NTH),
)


def numbers(store: Store, subject: Subject) -> list[int]:
    """The rows of a kind that the deal shows."""
    deal = store.deals(EVERY, 1)[0]
    dossier = store.dossier(deal)
    found: Mapping[Subject, list[int]] = {
        Subject.SELLER: [each.id for each in dossier.sellers],
        Subject.BUYER: [each.id for each in dossier.buyers],
        Subject.CHECKED: [each.id for each in dossier.checked],
        Subject.TASK: [each.id for each in dossier.ticks],
        Subject.EVIDENCE: [each.id for each in dossier.evidence],
        Subject.SHEET: [each.id for each in dossier.sheets],
        Subject.RIVAL: [each.id for each in dossier.rivals],
        Subject.EXPENSE: [each.id for each in store.expenses(deal.id)],
        Subject.APPROVAL: [each.id for each in store.open_approvals()],
    }
    return found.get(subject, [])


def nth(found: list[int], n: int) -> int:
    """One of them, or 0: a new one."""
    return [0, *found][n % (len(found) + 1)]


def buyer(store: Store, said: Mapping[str, Any]) -> None:
    deal = store.deals(EVERY, 1)[0]
    there = {each.contact_id: each.id for each in store.dossier(deal).buyers}
    number = there.get(said["contact"]) or store.add_buyer(deal.id, said["contact"], said["roles"])
    store.revise_buyer(
        BuyerId(number),
        roles=said["roles"],
        influence=said["influence"],
        stance=said["stance"],
        stance_on=said["stance_on"],
    )


def move(store: Store, said: Mapping[str, Any]) -> None:
    deal = store.deals(EVERY, 1)[0]
    store.leave(deal.id, left_on=said["on"], days=said["days"], passed=Passed.PROVEN, reason=said["reason"])
    store.enter(Passage(deal_id=deal.id, milestone=said["milestone"], entered_on=said["on"]))
    store.revise_deal(deal.id, milestone=said["milestone"], entered_on=said["on"])


def check(store: Store, said: Mapping[str, Any]) -> None:
    deal = store.deals(EVERY, 1)[0]
    there = {each.item: each.id for each in store.dossier(deal).checked}
    store.keep_checked(
        checked(
            deal.id,
            said["item"],
            id=there.get(said["item"], 0),
            note=said["note"],
            source=said["source"],
            confirmed_by=said["by"],
            coach_id=said["coach"],
            confirmed_on=said["on"],
        )
    )


def seller(store: Store, said: Mapping[str, Any]) -> None:
    deal = store.deals(EVERY, 1)[0]
    if number := nth(numbers(store, Subject.SELLER), said["nth"]):
        store.revise_seller(number, part=said["part"], share=said["share"])
    else:
        store.add_seller(deal.id, ME, said["part"], said["share"])


def task(store: Store, said: Mapping[str, Any]) -> None:
    deal, number = store.deals(EVERY, 1)[0], nth(numbers(store, Subject.TASK), said["nth"])
    made = {name: said[name] for name in ("text", "done_on", "due_on")}
    store.keep_task(tick(deal.id, id=number, **made))


def keep_sheet(store: Store, said: Mapping[str, Any]) -> None:
    deal, number = store.deals(EVERY, 1)[0], nth(numbers(store, Subject.SHEET), said["nth"])
    store.keep_sheet(sheet(deal.id, said["tool"], id=number, values=said["body"], about=said["about"]))


def decide(store: Store, said: Mapping[str, Any]) -> None:
    if number := nth(numbers(store, Subject.APPROVAL), said["nth"]):
        store.revise_approval(
            ApprovalId(number),
            decision=said["decision"],
            reason=said["reason"],
            decided_by=ME,
            decided_at=NINE,
        )


def withdraw(store: Store, said: Mapping[str, Any]) -> None:
    if number := nth(numbers(store, said["subject"]), said["nth"]):
        store.withdraw(said["subject"], number)


WRITTEN: Mapping[str, Callable[[Store, Mapping[str, Any]], object]] = {
    "revise": lambda store, said: store.revise_deal(store.deals(EVERY, 1)[0].id, **said) if said else None,
    "move": move,
    "seller": seller,
    "buyer": buyer,
    "check": check,
    "task": task,
    "evidence": lambda store, said: store.add_evidence(proof(store.deals(EVERY, 1)[0].id, ME, **said)),
    "sheet": keep_sheet,
    "rival": lambda store, said: store.add_rival(store.deals(EVERY, 1)[0].id, said["name"]),
    "expense": lambda store, said: store.add_expense(
        replace(spent(store.deals(EVERY, 1)[0].id), amount=said["amount"], on=said["on"], text=said["text"])
    ),
    "ask": lambda store, said: store.ask_approval(
        asked(store.deals(EVERY, 1)[0].id, ME, **said), NINE + timedelta(days=1)
    ),
    "decide": decide,
    "withdraw": withdraw,
}


def begun(books: Opened, opened: Mapping[str, Any]) -> OrgId:
    """A new organisation with one deal."""
    books.changes = 0
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        store.add_customer("Bolt", "bolt", member)
        for number in range(CONTACTS):
            store.add_contact(acme.id, f"C{number}", f"c{number}", "")
        store.add_member(store.member(member))
        store.keep_template(replace(PROJECT, version=1), member, NINE)
        values = {name: each for name, each in opened.items() if name != "customer_id"}
        store.open_deal(deal_of(acme.id, member, **values))
    return org


NOTHING_SPENT = {"amount": Decimal(0), "on": MONDAY, "text": ""}
bounded = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@bounded
# Nothing and a budget of nothing are two things.
@example(opened={"budget": Decimal(0)}, writes=[Write(name="expense", values=NOTHING_SPENT)])
@given(opened=OPENED, writes=st.lists(WRITES, min_size=1, max_size=8))
def test_the_facts_of_a_deal_fold_into_its_rows(
    books: Opened, opened: Mapping[str, Any], writes: list[Write]
) -> None:
    org = begun(books, opened)
    for each in writes:
        with books.turn(org, ME) as store:
            WRITTEN[each.name](store, each.values)
    with books.store(org) as store:
        assert folded(store, books.changes) == stored(books, org)


@bounded
# Nothing and a budget of nothing are two things.
@example(opened={"budget": Decimal(0)}, writes=[Write(name="expense", values=NOTHING_SPENT)])
@given(opened=OPENED, writes=st.lists(WRITES, min_size=1, max_size=6))
def test_taking_back_the_last_change_gives_what_was_before(
    books: Opened, opened: Mapping[str, Any], writes: list[Write]
) -> None:
    org = begun(books, opened)
    for each in writes:
        with books.store(org) as store:
            before = shown(store)
        with books.turn(org, ME) as store:
            WRITTEN[each.name](store, each.values)
        with books.store(org) as store:
            after, last = shown(store), ChangeId(books.changes)
    with books.turn(org, ME, "undo") as store:
        if store.change(last):
            store.take_back(last, store.facts(last), NINE)
        assert shown(store) == before
        undone = ChangeId(books.changes)
    with books.store(org) as store:
        # What was taken back is history too.
        assert folded(store, books.changes) == stored(books, org)
    with books.turn(org, ME, "undo") as store:
        if store.change(undone):
            store.take_back(undone, store.facts(undone), NINE)
        assert shown(store) == after


def test_every_kind_of_a_deals_rows_is_written() -> None:
    """A new subject with a history has to be written here too, or nothing shows that its facts tell all of it."""
    assert {
        Subject.DEAL,
        Subject.PASSAGE,
        Subject.SELLER,
        Subject.BUYER,
        Subject.CHECKED,
        Subject.TASK,
        Subject.EVIDENCE,
        Subject.SHEET,
        Subject.RIVAL,
        Subject.EXPENSE,
        Subject.APPROVAL,
    } == TOLD
    derived = {each.name for subject in (Subject.DEAL, Subject.APPROVAL) for each in SUBJECTS[subject].c}
    assert derived >= DERIVED
    kinds = {each.type.python_type for subject in TOLD for each in SUBJECTS[subject].c}
    assert kinds == {int, str, bool, date, datetime, tuple, Decimal} and time not in kinds
    assert date(2026, 12, 31) > MONDAY
