"""Customers on both databases: lists, twins that became one, people who were erased, accounts that changed hands."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Text, select

from domain.activity import Activity, ActivityId, Credit, Kind
from domain.c139 import Item
from domain.customers import ContactId, Customer, CustomerId, WhichCustomers
from domain.deals import (
    Approval,
    ApprovalId,
    ApprovalKind,
    BuyingRole,
    Checked,
    Clocks,
    Deal,
    DealId,
    Evidence,
    EvidenceId,
    EvidenceKind,
    Part,
    Rank,
    Sheet,
    SheetId,
    State,
)
from domain.milestones import Tool
from domain.people import MemberId, OrgId, TeamId
from domain.ports import Change, ChangeId, Store, Subject, Wording
from domain.stalled import Level
from domain.steps import Step, StepId
from storage import tables
from tests.support.opened import MONDAY, NINE, Opened

DAY = timedelta(days=1)
NAME = "Li Wei"
# What may hold a word about somebody: the columns of text of the tables that point to people or keep their history.
SPEAKING = (tables.contact, tables.fact, tables.fact_words, tables.evidence, tables.checked, tables.sheet)


def visit(
    store: Store,
    member: MemberId,
    customer: CustomerId,
    on: date = MONDAY,
    met: tuple[ContactId, ...] = (),
    credit: Credit = Credit.COUNTED,
) -> ActivityId:
    return store.add_activity(
        Activity(
            id=ActivityId(0),
            kind=Kind.VISIT,
            member_id=member,
            customer_id=customer,
            at=NINE + (on - MONDAY),
            on=on,
            recorded_at=NINE,
            contact_ids=met,
            credit=credit,
        ),
        Wording(result="demo"),
    )


def deal(store: Store, member: MemberId, customer: Customer, team: TeamId | None = None) -> DealId:
    return store.open_deal(
        Deal(
            id=DealId(0),
            customer_id=customer.id,
            customer_name=customer.name,
            owner_id=member,
            team_id=team,
            title="",
            state=State.ACTIVE,
            milestone=1,
            opened_on=MONDAY,
            entered_on=MONDAY,
            amount=Decimal(5),
        )
    )


def evidence(
    store: Store, number: DealId, member: MemberId, source: str, contact: ContactId | None
) -> EvidenceId:
    return store.add_evidence(
        Evidence(
            id=EvidenceId(0),
            deal_id=number,
            milestone=1,
            code="record",
            kind=EvidenceKind.TEXT,
            given_on=MONDAY,
            given_by=member,
            text="minutes",
            contact_id=contact,
            source=source,
        )
    )


def undo(books: Opened, org: OrgId, member: MemberId, change: int) -> None:
    with books.turn(org, member, "undo") as store:
        store.undoing(ChangeId(change))
        store.take_back(ChangeId(change), store.facts(ChangeId(change)), NINE)


def named(
    store: Store, which: WhichCustomers, limit: int = 9, offset: int = 0
) -> list[tuple[str, date | None]]:
    return [(each.name, seen) for each, seen in store.customers(which, limit, offset)]


def test_who_was_seen_last_comes_first_and_the_never_seen_last(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        bolt = store.add_customer("Bolt", "bolt", member)
        store.add_customer("Cedar", "cedar", member)
        visit(store, member, acme.id)
        visit(store, member, bolt.id, MONDAY + DAY, credit=Credit.THIN)
        gone = visit(store, member, acme.id, MONDAY + 2 * DAY)
        store.withdraw(Subject.ACTIVITY, gone)
        every = WhichCustomers()
        assert named(store, every) == [("Bolt", MONDAY + DAY), ("Acme", MONDAY), ("Cedar", None)]
        assert named(store, every, 1, 1) == [("Acme", MONDAY)]
        assert store.count_customers(every) == 3


def test_a_list_is_of_what_somebody_owns_or_works_with(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        other = store.add_member(store.member(member))
        acme = store.add_customer("Acme", "acme", member)
        bolt = store.add_customer("Bolt", "bolt", other)
        store.add_customer("Cedar", "cedar", other)
        store.add_collaborator(bolt.id, member)
        left = store.add_collaborator(acme.id, other)
        store.withdraw(Subject.COLLABORATOR, left)
        store.revise_customer(bolt.id, is_key=True)
        assert named(store, WhichCustomers(of=member)) == [("Acme", None), ("Bolt", None)]
        assert named(store, WhichCustomers(of=other)) == [("Bolt", None), ("Cedar", None)]
        assert named(store, WhichCustomers(owner_ids=(member,))) == [("Acme", None)]
        assert named(store, WhichCustomers(owner_ids=())) == []
        assert named(store, WhichCustomers(of=member, is_key=True)) == [("Bolt", None)]
        assert named(store, WhichCustomers(ids=(acme.id, CustomerId(99)))) == [("Acme", None)]
        assert store.count_customers(WhichCustomers(of=other, is_key=True)) == 1


@pytest.mark.parametrize(
    ("value", "fit", "days", "hot"),
    [
        (35, 35, 0, True),
        (35, 35, 90, True),
        (35, 34, 0, False),
        (35, 35, 91, False),
        (35, 35, -1, False),
        (None, 50, 1, False),
        (50, 50, None, False),
    ],
)
def test_hot_in_a_list_is_hot_on_the_card(
    books: Opened, value: int | None, fit: int, days: int | None, hot: bool
) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        on = None if days is None else MONDAY + days * DAY
        store.revise_customer(acme.id, value=value, fit=fit, decision_on=on)
        assert bool(named(store, WhichCustomers(hot_on=MONDAY))) is hot


def test_the_old_number_and_name_of_a_twin_lead_to_the_one_that_stayed(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        twin = store.add_customer("Acme China", "acmechina", member)
        third = store.add_customer("Acme Asia", "acmeasia", member)
    for gone, kept in ((third, twin), (twin, acme)):
        with books.turn(org, member, "customer") as store:
            store.revise_customer(gone.id, merged_into=kept.id)
            store.withdraw(Subject.CUSTOMER, gone.id)
    with books.store(org) as store:
        assert store.customer(twin.id) == store.customer(third.id) == store.customer(acme.id) == acme
        assert store.customer_by_key("acmechina") == store.customer_by_key("acmeasia") == acme
        assert store.key_of_merged("acmeasia") == third.id
        assert store.key_of_merged("acme") is store.key_of_merged("") is None
        assert [name for _, name, _ in store.customer_names()] == ["Acme"]
        assert store.customer(CustomerId(99)) is None
    undo(books, org, member, books.changes)
    with books.store(org) as store:
        assert store.customer(third.id) == store.customer(twin.id) == twin


def test_rows_of_every_kind_move_to_another_customer_and_back(books: Opened) -> None:
    org, _, member = books.found()
    kinds = (
        Subject.CONTACT,
        Subject.ACTIVITY,
        Subject.STEP,
        Subject.DEAL,
        Subject.COLLABORATOR,
        Subject.APPROVAL,
    )
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        bolt = store.add_customer("Bolt", "bolt", member)
        store.add_contact(acme.id, NAME, "liwei", "")
        visit(store, member, acme.id)
        gone = visit(store, member, acme.id)
        store.withdraw(Subject.ACTIVITY, gone)
        store.add_step(
            Step(
                id=StepId(0),
                member_id=member,
                customer_id=acme.id,
                customer_name="Acme",
                kind=None,
                text="call",
            )
        )
        deal(store, member, acme)
        store.add_collaborator(acme.id, member)
        store.ask_approval(
            Approval(
                id=ApprovalId(0),
                kind=ApprovalKind.CLAIM,
                asked_by=member,
                asked_at=NINE,
                rank=Rank.MANAGER,
                customer_id=acme.id,
            ),
            None,
        )
    with books.turn(org, member, "customer") as store:
        assert [store.move_rows(each, acme.id, bolt.id) for each in kinds] == [1] * len(kinds)
    with books.store(org) as store:
        assert [store.of_customer(each, acme.id) for each in kinds] == [()] * len(kinds)
        assert [store.of_customer(each, bolt.id) for each in kinds] == [(1,)] * len(kinds)
        moved = store.deal(DealId(1))
        assert moved is not None
        assert (moved.customer_id, moved.customer_name) == (bolt.id, "Bolt")
    undo(books, org, member, books.changes)
    with books.store(org) as store:
        assert [store.of_customer(each, acme.id) for each in kinds] == [(1,)] * len(kinds)
        assert [store.of_customer(each, bolt.id) for each in kinds] == [()] * len(kinds)


def test_whatever_names_a_person_names_another_from_now_on(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        twin, kept, other = (store.add_contact(acme.id, NAME, "liwei", "").id for _ in range(3))
        first, second = deal(store, member, acme), deal(store, member, acme)
        store.add_buyer(first, twin, frozenset({BuyingRole.USER}))
        store.add_buyer(second, twin, frozenset({BuyingRole.USER}))
        store.add_buyer(second, kept, frozenset({BuyingRole.ECONOMIC}))
        evidence(store, first, member, "mail", twin)
        store.keep_sheet(
            Sheet(id=SheetId(0), deal_id=first, tool=Tool.FAB, values={}, contact_id=twin, filled_on=MONDAY)
        )
        store.keep_checked(
            Checked(
                id=0,
                deal_id=first,
                item=Item.C1,
                note="clear",
                source="mail",
                checked_on=MONDAY,
                coach_id=twin,
            )
        )
        met = visit(store, member, acme.id, met=(other, twin, kept))
        visit(store, member, acme.id, met=(other,))
    with books.turn(org, member, "customer") as store:
        store.move_contact(twin, kept)
    with books.store(org) as store:
        one, two = (store.dossier(known) for number in (first, second) if (known := store.deal(number)))
        assert [each.contact_id for each in one.buyers] == [kept]
        # Nobody is twice on one deal.
        assert [(each.contact_id, each.roles) for each in two.buyers] == [
            (kept, frozenset({BuyingRole.ECONOMIC}))
        ]
        assert [one.evidence[0].contact_id, one.sheets[0].contact_id] == [kept, kept]
        assert [each.coach_id for each in one.checked] == [kept]
        assert met_in(store, met) == (other, kept)
    undo(books, org, member, books.changes)
    with books.store(org) as store:
        assert met_in(store, met) == (other, twin, kept)


def met_in(store: Store, number: ActivityId) -> tuple[ContactId, ...]:
    found = store.activity(number)
    assert found is not None
    return found[0].contact_ids


def words_kept(books: Opened) -> str:
    """All that stands in the columns of text of the tables that may speak of somebody."""
    engine = books.database.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT set_config('dealpace.org', 'installation', true)")
        found = [
            str(value)
            for table in SPEAKING
            for column in table.c
            if isinstance(column.type, Text)
            for (value,) in connection.execute(select(column))
        ]
        connection.exec_driver_sql("COMMIT")
    return "\n".join(found)


def test_of_an_erased_person_no_word_is_left_and_nothing_brings_it_back(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        person = store.add_contact(acme.id, NAME, "liwei", "CFO of Acme").id
    made = books.changes
    with books.turn(org, member) as store:
        store.revise_contact(person, title="CEO of Acme", name=NAME.upper())
    titled = books.changes
    with books.turn(org, member) as store:
        number = deal(store, member, acme)
        store.add_buyer(number, person, frozenset({BuyingRole.COACH}))
        evidence(store, number, member, "li wei", person)
        store.keep_checked(
            Checked(id=0, deal_id=number, item=Item.C1, note="clear", source=NAME, checked_on=MONDAY)
        )
        store.keep_sheet(
            Sheet(
                id=SheetId(0),
                deal_id=number,
                tool=Tool.FAB,
                values={},
                contact_id=person,
                about=NAME,
                filled_on=MONDAY,
            )
        )
    built = books.changes
    assert {"li wei", "liwei", "ceo of acme"} <= set(words_kept(books).lower().replace('"', "").split("\n"))
    with books.turn(org, member, "contact") as store:
        store.erase_contact(person)
        assert not store.changed
    for word in ("li wei", "liwei", "cfo of acme", "ceo of acme"):
        assert word not in words_kept(books).lower()
    with books.store(org) as store:
        erased = store.contact(person)
        assert erased is not None
        assert (erased.erased, erased.name, erased.key, erased.title) == (True, "", "", "")
        assert store.contacts_called("liwei") == ()
        assert store.contact_names(None) == ()
        # The deal is whole: its facts are read, and what is left of the person is its number.
        assert store.facts(ChangeId(built))
        found = store.deal(number)
        assert found is not None
        dossier = store.dossier(found)
        assert [(each.contact_id, each.name) for each in dossier.buyers] == [(person, "")]
        assert [(each.contact_id, each.source, each.text) for each in dossier.evidence] == [
            (person, "", "minutes")
        ]
        assert [(each.note, each.source) for each in dossier.checked] == [("clear", "")]
    for change in (built, titled, made):
        undo(books, org, member, change)
        assert "li wei" not in words_kept(books).lower()
        assert "of acme" not in words_kept(books).lower()


def test_a_namesake_at_another_customer_is_left_alone(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme, bolt = (store.add_customer(name, name.lower(), member) for name in ("Acme", "Bolt"))
        person = store.add_contact(acme.id, NAME, "liwei", "").id
        namesake = store.add_contact(bolt.id, NAME, "liwei", "").id
        number = deal(store, member, bolt)
        evidence(store, number, member, NAME, namesake)
        store.erase_contact(person)
        assert [each.id for each in store.contacts_called("liwei")] == [namesake]
        found = store.deal(number)
        assert found is not None
        assert [each.source for each in store.dossier(found).evidence] == [NAME]


def test_people_are_found_where_somebody_may_look(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        other = store.add_member(store.member(member))
        mine = store.add_customer("Mine", "mine", member)
        shared = store.add_customer("Shared", "shared", other)
        sold = store.add_customer("Sold", "sold", other)
        theirs = store.add_customer("Theirs", "theirs", other)
        store.add_collaborator(shared.id, member)
        deal(store, member, sold)
        for each in (mine, shared, sold, theirs):
            store.add_contact(each.id, f"At {each.name}", each.key, "")
        assert [name for _, name, _ in store.contact_names(member)] == ["At Mine", "At Shared", "At Sold"]
        assert len(store.contact_names(None)) == 4
        assert [each.customer_id for each in store.contacts_called("theirs")] == [theirs.id]
        seller = store.open_deal(
            replace(store.deal(deal(store, other, theirs)) or pytest.fail("no deal"), title="second")
        )
        store.add_seller(seller, member, Part.TECHNICAL, 0)
        assert [name for _, name, _ in store.contact_names(member)][-1] == "At Theirs"


def test_when_somebody_was_last_met_and_when_the_owner_was_there(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        other = store.add_member(store.member(member))
        acme = store.add_customer("Acme", "acme", member)
        person = store.add_contact(acme.id, NAME, "liwei", "")
        twelfth = [store.add_contact(acme.id, f"P{n}", f"p{n}", "") for n in range(11)][-1]
        assert (store.last_met(person), store.owner_seen_on(acme)) == (None, None)
        assert store.owned_since(acme.id) == NINE
        visit(store, member, acme.id, met=(person.id,))
        visit(store, other, acme.id, MONDAY + DAY, met=(person.id,))
        visit(store, member, acme.id, MONDAY + 2 * DAY, met=(twelfth.id,), credit=Credit.THIN)
        assert store.last_met(person) == MONDAY + DAY
        assert store.owner_seen_on(acme) == MONDAY
        assert store.owner_seen_on(replace(acme, owner_id=other)) == MONDAY + DAY
        assert store.owned_since(CustomerId(99)) is None


def test_a_stalled_deal_is_counted_for_whoever_has_it(books: Opened) -> None:
    org, team, member = books.found()
    with books.turn(org, member) as store:
        other = store.add_member(store.member(member))
        north = store.add_team("North")
        number = deal(store, member, store.add_customer("Acme", "acme", member), team)
        found = store.deal(number)
        assert found is not None
        store.set_clocks(found, Clocks(level=2, since=MONDAY))
    with books.turn(org, member, "handover") as store:
        store.revise_deal(number, owner_id=other, team_id=north)
        handed = store.deal(number)
        assert handed is not None
        store.set_clocks(handed, handed.clocks)
        assert store.stalled_totals(owner=member) == {}
        assert store.stalled_totals(owner=other) == {Level.CRITICAL: 1}
        assert store.stalled_totals(teams=[team]) == {}
        assert store.stalled_totals(teams=[north]) == {Level.CRITICAL: 1}
    undo(books, org, member, books.changes)
    with books.turn(org, member) as store:
        back = store.deal(number)
        assert back is not None
        store.set_clocks(back, back.clocks)
        assert store.stalled_totals(owner=member) == {Level.CRITICAL: 1}
        assert store.stalled_totals(owner=other) == store.stalled_totals(teams=[north]) == {}


def test_the_last_handover_to_somebody_is_found_while_it_stands(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        other = store.add_member(store.member(member))
        third = store.add_member(store.member(member))
        acme = store.add_customer("Acme", "acme", member)
        number = deal(store, member, acme)
    with books.turn(org, member, "customer") as store:
        store.revise_customer(acme.id, owner_id=other)
        assert store.handed_to(other) is None
    with books.turn(org, member, "handover") as store:
        store.revise_customer(acme.id, owner_id=third)
        store.revise_deal(number, owner_id=other)
    first = books.changes
    with books.turn(org, member, "handover") as store:
        store.revise_deal(number, owner_id=third)
    with books.store(org) as store:
        found = {each: store.handed_to(each) for each in (member, other, third)}
        assert {who: change and change.id for who, change in found.items()} == {
            member: None,
            other: first,
            third: books.changes,
        }
    undo(books, org, member, books.changes)
    with books.store(org) as store:
        again = store.handed_to(third)
        assert again is not None
        assert again.id == first


def test_who_has_left_is_still_found(books: Opened) -> None:
    org, team, member = books.found()
    with books.store(org) as store:
        other = store.add_member(replace(store.member(member), name="Ida"))
        assert store.former_members() == ()
        store.dismiss(other, MONDAY)
        assert [(each.name, each.team_id, each.left_on) for each in store.former_members()] == [
            ("Ida", team, MONDAY)
        ]


def test_what_a_deal_is_built_on_stays_when_the_visit_that_made_it_is_undone(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        person = store.add_contact(acme.id, NAME, "liwei", "")
        visit(store, member, acme.id, met=(person.id,))
    made = books.changes
    with books.turn(org, member, "deal") as store:
        number = deal(store, member, acme)
        store.add_buyer(number, person.id, frozenset({BuyingRole.USER}))
    undo(books, org, member, made)
    with books.store(org) as store:
        there = store.customer(acme.id)
        assert there is not None
        assert [each.name for each in there.contacts] == [NAME]
        assert store.history(acme.id, 9) == ()


def test_ownership_began_with_the_last_owner(books: Opened) -> None:
    org, _, member = books.found()
    later = datetime(2026, 3, 9, 9, 0, tzinfo=NINE.tzinfo)
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        other = store.add_member(store.member(member))
    with books.work() as work:
        change = Change(id=ChangeId(books.changes + 1), actor_id=member, said_at=later, command="customer")
        store = work.store(org, change)
        store.revise_customer(acme.id, owner_id=other)
        assert store.owned_since(acme.id) == later
