"""Customers, activities, steps, reports, ticks and leave: written and read the same on both databases."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from domain.activity import Activity, ActivityId, Credit, Kind
from domain.customers import ContactId, CustomerId
from domain.people import MemberId, TeamId
from domain.ports import Address, Recent, Report, Wording
from domain.quota import Metric
from domain.steps import Step, StepId, StepState
from domain.workdays import Leave
from tests.support.opened import MONDAY, NINE, Opened

TUESDAY = MONDAY + timedelta(days=1)
WORDING = Wording(result="budget confirmed", next="send quote; 100 %", purpose='O\'Neill said "yes" ✓')


def visit(member: MemberId, customer: CustomerId, **values: object) -> Activity:
    plain = Activity(
        id=ActivityId(0),
        kind=Kind.VISIT,
        member_id=member,
        customer_id=customer,
        at=NINE,
        on=MONDAY,
        recorded_at=NINE + timedelta(minutes=5),
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def step(member: MemberId, customer: CustomerId, **values: object) -> Step:
    plain = Step(
        id=StepId(0),
        member_id=member,
        customer_id=customer,
        customer_name="Acme",
        kind=None,
        text="send quote",
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def test_a_customer_is_found_with_its_people(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme GmbH", "acme", member)
        li = store.add_contact(acme.id, "Li Wei", "liwei", "CFO")
        zoe = store.add_contact(acme.id, "Zoë", "zoe", "")
        bolt = store.add_customer("Bolt", "bolt", member)
    with books.store(org) as store:
        assert store.customer(acme.id) == replace(acme, contacts=(li, zoe))
        assert store.customer_by_key("acme") == replace(acme, contacts=(li, zoe))
        assert store.customer_by_key("Acme") is None
        assert store.customer(CustomerId(99)) is None
        assert store.customer_names() == ((acme.id, "Acme GmbH", "acme"), (bolt.id, "Bolt", "bolt"))


def test_a_key_is_taken_once_while_its_customer_stands(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        store.add_customer("Acme", "acme", member)
    with pytest.raises(Exception, match=r"(?i)unique"), books.turn(org, member) as store:
        store.add_customer("ACME", "acme", member)
    with books.turn(org, member, "undo") as store:
        first = store.change(store.latest_change(member).id)  # type: ignore[union-attr]
        assert first is not None
        store.take_back(first.id, store.facts(first.id), NINE)
        assert store.customer_by_key("acme") is None
    with books.turn(org, member) as store:
        assert store.add_customer("ACME", "acme", member).id == 2


def test_every_field_of_an_activity_comes_back(books: Opened) -> None:
    org, team, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        full = visit(
            member,
            acme.id,
            team_id=team,
            contact_ids=(ContactId(3), ContactId(14)),
            has_result=True,
            has_next=True,
            replied=True,
            key_customer=True,
            late=True,
            complete_at=NINE + timedelta(microseconds=1),
            credit=Credit.COUNTED,
        )
        bare = visit(member, acme.id, kind=Kind.EMAIL, at=NINE + timedelta(minutes=1))
        first, second = store.add_activity(full, WORDING), store.add_activity(bare, Wording())
    with books.store(org) as store:
        assert store.activity(first) == (replace(full, id=first), WORDING)
        assert store.activity(second) == (replace(bare, id=second), Wording())
        assert store.activity(ActivityId(99)) is None
        both = (replace(full, id=first), replace(bare, id=second))
        assert store.activities(member, MONDAY, MONDAY) == both
        assert store.activities(member, TUESDAY, TUESDAY) == ()
        assert store.gather_activities([member], MONDAY, TUESDAY) == {member: both}


def test_an_activity_is_revised_and_credited(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        number = store.add_activity(visit(member, acme.id), Wording())
    with books.turn(org, member, "done") as store:
        store.revise_activity(
            number, result="a lot", has_result=True, complete_at=NINE, contact_ids=(ContactId(5),)
        )
        before = books.changes
        store.recredit([visit(member, acme.id, id=number, credit=Credit.DUPLICATE)])
    with books.store(org) as store:
        expected = visit(
            member, acme.id, id=number, has_result=True, complete_at=NINE, contact_ids=(ContactId(5),)
        )
        assert store.activity(number) == (replace(expected, credit=Credit.DUPLICATE), Wording(result="a lot"))
        fields = {fact.field for fact in store.facts(store.latest_change(member).id)}  # type: ignore[union-attr]
        assert fields == {"result", "has_result", "complete_at", "contact_ids"}
        assert before == books.changes


def test_history_is_newest_first_and_names_who_was_there(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        ids = [
            store.add_activity(
                visit(member, acme.id, at=NINE + timedelta(hours=hour)), Wording(result=f"r{hour}")
            )
            for hour in range(3)
        ]
        assert store.history(acme.id, 2) == tuple(
            Recent(id=ids[hour], kind=Kind.VISIT, on=MONDAY, by_id=member, by_name="Maja", result=f"r{hour}")
            for hour in (2, 1)
        )


def test_recent_customers_are_those_of_the_last_activities(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        made = [store.add_customer(name, name, member) for name in ("a", "b", "c")]
        for hour, customer in enumerate((made[2], made[0], made[2], made[1])):
            store.add_activity(visit(member, customer.id, at=NINE + timedelta(hours=hour)), Wording())
        assert store.recent_customers(member, 2) == (made[1], made[2])
        assert store.recent_customers(MemberId(99), 2) == ()


def test_every_field_of_a_step_comes_back(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        full = step(
            member,
            acme.id,
            kind=Kind.MEETING,
            who="Li Wei",
            due_on=TUESDAY,
            due_time=time(14, 30),
            source_id=ActivityId(7),
        )
        bare = step(member, acme.id, text="call back")
        first, second = store.add_step(full), store.add_step(bare)
        assert store.step(first) == replace(full, id=first)
        assert store.step(second) == replace(bare, id=second)
        assert store.step(StepId(99)) is None


def test_open_steps_leave_when_they_are_done_or_dropped(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        ids = [
            store.add_step(step(member, acme.id, due_on=MONDAY + timedelta(days=3 - day))) for day in range(3)
        ]
        assert [each.id for each in store.open_steps(member)] == ids[::-1]
        store.revise_step(ids[0], state=StepState.DONE)
        store.revise_step(ids[1], due_on=date(2027, 1, 1), due_time=None)
        assert [(each.id, each.due_on) for each in store.open_steps(member)] == [
            (ids[2], TUESDAY),
            (ids[1], date(2027, 1, 1)),
        ]
        assert store.gather_steps([member]) == {member: store.open_steps(member)}


def test_what_a_record_promised_last_is_due_as_it_was_first_said(books: Opened) -> None:
    org, _, member = books.found()
    record = ActivityId(7)
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        assert store.promised(member, record) is None
        store.add_step(step(member, acme.id, text="call", due_on=MONDAY, source_id=record))
        made = step(member, acme.id, text="quote", due_on=MONDAY, due_time=time(9), source_id=record)
        last = store.add_step(made)
        store.add_step(step(member, acme.id, text="of another", source_id=ActivityId(8)))
    for due_on, due_time in ((TUESDAY, None), (date(2027, 1, 1), time(8))):
        with books.turn(org, member) as store:
            store.revise_step(last, due_on=due_on, due_time=due_time)
    with books.turn(org, member) as store:
        store.revise_step(last, state=StepState.DONE)
        assert store.promised(member, record) == replace(made, id=last, state=StepState.DONE)


def test_open_steps_without_a_day_stand_in_the_same_place_on_both_databases(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        someday = store.add_step(step(member, acme.id))
        untimed = store.add_step(step(member, acme.id, due_on=MONDAY))
        timed = store.add_step(step(member, acme.id, due_on=MONDAY, due_time=time(9)))
        assert [each.id for each in store.open_steps(member)] == [someday, untimed, timed]


def test_a_report_is_read_by_day_and_revised(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member, "close") as store:
        number = store.add_report(member, MONDAY, NINE, "Learned: listen.")
        report = Report(id=number, on=MONDAY, sent_at=NINE, reflection="Learned: listen.")
        assert store.report(member, MONDAY) == report
        assert store.report(member, TUESDAY) is None
        assert store.reports(member, MONDAY, TUESDAY) == (report,)
        later = NINE + timedelta(hours=1)
        store.revise_report(number, reflection="Listen more.", sent_at=later)
        assert store.report(member, MONDAY) == replace(report, reflection="Listen more.", sent_at=later)
        assert store.gather_reports([member, MemberId(99)], MONDAY, MONDAY) == {
            member: store.reports(member, MONDAY, MONDAY)
        }


def test_a_tick_that_was_said_is_a_fact_and_one_that_was_seen_is_not(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        store.note_seen(member, Metric.DATA_REVIEW, MONDAY)
        store.note_seen(member, Metric.DATA_REVIEW, MONDAY)
        assert not store.changed
        store.add_tick(member, Metric.ARTICLES, TUESDAY)
        assert store.changed
        assert store.ticks(member, MONDAY, MONDAY) == ((Metric.DATA_REVIEW, MONDAY),)
        assert store.ticks(member, MONDAY, TUESDAY) == (
            (Metric.DATA_REVIEW, MONDAY),
            (Metric.ARTICLES, TUESDAY),
        )


def test_leave_is_read_in_order(books: Opened) -> None:
    org, _, member = books.found()
    later = Leave(first=date(2026, 5, 1), last=date(2026, 5, 3))
    sooner = Leave(first=MONDAY, last=MONDAY)
    with books.turn(org, member, "away") as store:
        second, first = store.add_leave(member, later, "holiday"), store.add_leave(member, sooner, "")
        assert store.leaves(member) == ((first, sooner), (second, later))
        org_row, whole = store.organisation(), store.member(member)
        calendar = store.calendar(org_row, whole)
        assert calendar.leaves == (sooner, later)
        assert store.gather_members(org_row, [member]) == {member: (whole, calendar)}


def test_facts_are_gathered_for_the_members_asked_for_only(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        other = store.add_member(store.member(member))
        assert set(store.gather_members(store.organisation(), [other])) == {other}
        assert store.gather_members(store.organisation(), []) == {}
        assert store.gather_addresses([member, other]) == {
            member: Address(platform="telegram", chat=f"chat-{org}")
        }


def test_a_row_of_a_member_who_does_not_exist_is_refused(books: Opened) -> None:
    org, _, member = books.found()
    with pytest.raises(Exception, match=r"(?i)foreign key"), books.turn(org, member) as store:
        store.add_customer("Acme", "acme", MemberId(99))
    with books.store(org) as store:
        assert store.customer_names() == ()


def test_an_instant_without_a_zone_is_refused(books: Opened) -> None:
    org, _, member = books.found()
    with pytest.raises(Exception, match="time zone"), books.turn(org, member) as store:
        store.add_report(member, MONDAY, NINE.replace(tzinfo=None), "")


def test_a_team_of_the_record_is_the_one_at_that_time(books: Opened) -> None:
    org, team, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        number = store.add_activity(visit(member, acme.id, team_id=team), Wording())
        store.revise_member(member, team_id=store.add_team("North"))
        found = store.activity(number)
        assert found is not None
        assert found[0].team_id == TeamId(team)
