"""Changes and their facts: what one turn did, taken back so that the same state is read again, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from domain.activity import Activity, ActivityId, Credit, Kind
from domain.customers import ContactId, CustomerId
from domain.deals import ApprovalId, DealId, Decision, Passage, Passed
from domain.milestones import Phase
from domain.people import Language, MemberId, OrgId, TeamId
from domain.ports import Change, ChangeId, Fact, Posted, Store, Subject, Urgency, Value, Wording
from domain.quota import Claim, Metric
from domain.steps import Step, StepId, StepState
from domain.workdays import CalendarDay, Leave
from tests.storage.counted import keep_one_of_each
from tests.storage.dealt import alert, deal_of, dealt, plan_of, proof, ruling_on, shown, snapshot_of
from tests.storage.test_scorecards import card, disputed, said
from tests.storage.told import keep_told
from tests.support.opened import CHAT, MONDAY, NINE, Opened, letter

FAR = date(2026, 12, 31)
Deed = Callable[[Store, MemberId], object]


def acme_of(store: Store) -> CustomerId:
    found = store.customer_by_key("acme")
    assert found is not None
    return found.id


def record(store: Store, member: MemberId) -> ActivityId:
    activity = Activity(
        id=ActivityId(0),
        kind=Kind.VISIT,
        member_id=member,
        customer_id=acme_of(store),
        at=NINE,
        on=MONDAY,
        recorded_at=NINE,
        contact_ids=(ContactId(1),),
    )
    return store.add_activity(activity, Wording(result="first words"))


def promise(store: Store, member: MemberId) -> StepId:
    return store.add_step(
        Step(
            id=StepId(0),
            member_id=member,
            customer_id=acme_of(store),
            customer_name="Acme",
            kind=None,
            text="send quote",
            due_on=MONDAY,
            due_time=time(9, 30),
        )
    )


def prepared(books: Opened) -> tuple[OrgId, MemberId]:
    """An organisation where something of everything is there already: number 1 of each subject."""
    org, _, member = books.found()
    with books.turn(org, member, "before") as store:
        acme = store.add_customer("Acme", "acme", member)
        store.add_contact(acme.id, "Li Wei", "liwei", "CFO")
        record(store, member)
        promise(store, member)
        store.add_report(member, MONDAY, NINE, "Listen.")
        store.add_tick(member, Metric.ARTICLES, MONDAY)
        store.add_leave(member, Leave(first=FAR, last=FAR), "rest")
        store.add_claim(member, Claim(metric=Metric.CALLS, on=MONDAY, quantity=4, effective=2))
        store.add_calendar_day(CalendarDay(on=FAR, works=False, note="outing"))
        store.add_collaborator(acme.id, member)
        deal = store.deal(dealt(store, acme.id, member))
        assert deal is not None
        store.note_alerts([alert(deal.id)])
        store.set_clocks(deal, replace(deal.clocks, level=1, since=MONDAY))
        store.freeze([card(member)])
        store.add_dispute(disputed(member))
        store.keep_week_report(said(member))
        store.add_correction(plan_of(TeamId(1), member))
        store.add_ruling(ruling_on(deal.id, member))
        store.keep_snapshot(snapshot_of(TeamId(1), deal.id, member))
        keep_one_of_each(store)
        keep_told(store, member)
    return org, member


def projections(store: Store, member: MemberId) -> tuple[object, ...]:
    """All that can be seen of one member's work; a withdrawn activity is read, but is none."""
    seen = [each for each in store.activities(member, MONDAY, FAR) if not each.withdrawn]
    return (
        store.customer_names(),
        store.recent_customers(member, 9),
        [store.customer(CustomerId(number)) for number, _, _ in store.customer_names()],
        [(each, store.activity(each.id)) for each in seen],
        store.open_steps(member),
        store.step(StepId(1)),
        store.reports(member, MONDAY, FAR),
        store.ticks(member, MONDAY, FAR),
        store.leaves(member),
        store.claims(member, MONDAY, FAR),
        store.calendar_days(MONDAY, FAR),
        *shown(store),
    )


def revise_twice(store: Store, member: MemberId) -> None:
    store.revise_step(StepId(1), state=StepState.DONE)
    store.revise_step(StepId(1), state=StepState.DROPPED)


def pass_gate(store: Store, member: MemberId) -> None:
    store.leave(DealId(1), left_on=FAR, days=3, passed=Passed.PROVEN)
    store.enter(Passage(deal_id=DealId(1), milestone=2, entered_on=FAR))
    store.revise_deal(DealId(1), milestone=2, entered_on=FAR)


def drop_parts(store: Store, member: MemberId) -> None:
    for subject in (Subject.SELLER, Subject.BUYER, Subject.CHECKED, Subject.TASK, Subject.RIVAL):
        store.withdraw(subject, 1)


def everything_at_once(store: Store, member: MemberId) -> None:
    store.add_customer("Bolt", "bolt", member)
    record(store, member)
    store.revise_activity(ActivityId(1), result="changed", has_next=True)
    store.revise_step(StepId(1), state=StepState.DONE, text="quote sent")
    store.add_report(member, FAR, NINE, "")


DEEDS: dict[str, Deed] = {
    "a new customer": lambda store, member: store.add_customer("Bolt", "bolt", member),
    "a new contact": lambda store, member: store.add_contact(acme_of(store), "Zoe", "zoe", ""),
    "a new activity": record,
    "a new step": promise,
    "a new report": lambda store, member: store.add_report(member, FAR, NINE, "Ask."),
    "a new tick": lambda store, member: store.add_tick(member, Metric.TRAINING, MONDAY),
    "new leave": lambda store, member: store.add_leave(member, Leave(first=MONDAY, last=FAR), "ill"),
    "a new claim": lambda store, member: store.add_claim(
        member, Claim(metric=Metric.CALLS, on=MONDAY, quantity=8, effective=3)
    ),
    "a new calendar day": lambda store, member: store.add_calendar_day(
        CalendarDay(on=FAR, works=True, note="for the holiday")
    ),
    "words of an activity": lambda store, member: store.revise_activity(
        ActivityId(1), result="other ✓ words", next="", purpose="\"quoted\" and 'quoted'"
    ),
    "fields of an activity": lambda store, member: store.revise_activity(
        ActivityId(1),
        contact_ids=(ContactId(1), ContactId(2)),
        complete_at=NINE + timedelta(microseconds=7),
        has_result=True,
        on_date=FAR,
        kind=Kind.MEETING,
    ),
    "fields of a step": lambda store, member: store.revise_step(
        StepId(1), due_on=None, due_time=None, state=StepState.DONE, kind=Kind.CALL, source_id=1, who="Li"
    ),
    "a report sent again": lambda store, member: store.revise_report(
        1, sent_at=NINE + timedelta(hours=1), reflection="More."
    ),
    "a new deal": lambda store, member: store.open_deal(deal_of(acme_of(store), member, title="Line 2")),
    "fields of a deal": lambda store, _: store.revise_deal(
        DealId(1), amount=Decimal("0.10"), close_on=FAR, unproven=(1, 2), note="✓", phase=Phase.DECISION
    ),
    "a gate passed": pass_gate,
    "evidence that supersedes": lambda store, member: store.add_evidence(
        proof(DealId(1), member, text="a newer one")
    ),
    "an approval decided": lambda store, member: store.revise_approval(
        ApprovalId(1), decision=Decision.ACCEPTED, decided_by=member, decided_at=NINE
    ),
    "parts of a deal gone": drop_parts,
    "a revision twice": revise_twice,
    "everything at once": everything_at_once,
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_taking_back_restores_what_was_seen(books: Opened, deed: Deed) -> None:
    org, member = prepared(books)
    with books.store(org) as store:
        before = projections(store, member)
    with books.turn(org, member) as store:
        deed(store, member)
    with books.store(org) as store:
        change = store.latest_change(member)
        assert change is not None
        assert projections(store, member) != before
    with books.turn(org, member, "undo") as store:
        store.undoing(change.id)
        store.take_back(change.id, store.facts(change.id), NINE)
    with books.store(org) as store:
        assert projections(store, member) == before
        assert store.change(change.id) == replace(change, undone_at=NINE)


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_taking_back_the_taking_back_does_it_again(books: Opened, deed: Deed) -> None:
    org, member = prepared(books)
    with books.turn(org, member) as store:
        deed(store, member)
        after = projections(store, member)
        done = ChangeId(books.changes)
    with books.turn(org, member, "undo") as store:
        store.take_back(done, store.facts(done), NINE)
        undone = ChangeId(books.changes)
    with books.turn(org, member, "undo") as store:
        store.take_back(undone, store.facts(undone), NINE)
        assert projections(store, member) == after


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("result", "new ✓ words"),
        ("has_result", True),
        ("contact_ids", (1, 2)),
        ("contact_ids", ()),
        ("complete_at", NINE + timedelta(microseconds=1)),
        ("on_date", FAR),
        ("team_id", 1),
        ("kind", "call"),
    ],
)
def test_a_fact_holds_a_value_of_every_type_before_and_after(books: Opened, field: str, value: Value) -> None:
    org, member = prepared(books)
    with books.turn(org, member) as store:
        store.revise_activity(ActivityId(1), **{field: value})
        (fact,) = store.facts(ChangeId(books.changes))
        assert (fact.subject, fact.subject_id, fact.field) == (Subject.ACTIVITY, 1, field)
        assert fact.after == value
        assert type(fact.after) is type(value)
        store.revise_activity(ActivityId(1), **{field: fact.before})
        assert [(each.before, each.after) for each in store.facts(ChangeId(books.changes))] == [
            (fact.before, value),
            (value, fact.before),
        ]


def test_personal_words_stand_beside_the_facts_as_a_digest_that_tells_nothing(books: Opened) -> None:
    org, member = prepared(books)
    for _ in range(2):
        with books.turn(org, member) as store:
            store.revise_activity(ActivityId(1), result="secret", next="secret")
            store.revise_activity(ActivityId(1), result="", next="")
    engine = books.database.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT set_config('dealpace.org', 'installation', true)")
        rows = connection.exec_driver_sql("SELECT before, after FROM fact WHERE field IN ('result', 'next')")
        digests = [each for row in rows for each in row]
        connection.exec_driver_sql("COMMIT")
    assert len(digests) == 16
    assert not any("secret" in each for each in digests)
    # Salted: the same words twice are two digests.
    assert len(set(digests)) == len(digests)


def test_a_turn_without_facts_is_no_change(books: Opened) -> None:
    org, member = prepared(books)
    with books.turn(org, member) as store:
        store.revise_activity(ActivityId(1), result="first words", has_result=False)
        assert not store.changed
    with books.store(org) as store:
        assert store.change(ChangeId(books.changes)) is None


def test_a_change_says_who_what_and_when(books: Opened) -> None:
    org, member = prepared(books)
    with books.turn(org, member, "") as store:
        store.name_change("call")
        store.undoing(ChangeId(1))
        store.add_tick(member, Metric.TRAINING, MONDAY)
        number = ChangeId(books.changes)
        assert store.change(number) == Change(
            id=number, actor_id=member, said_at=NINE, command="call", undoes=ChangeId(1)
        )
        assert store.facts(number) == (
            Fact(subject=Subject.TICK, subject_id=2, field="present", before=False, after=True),
        )


def test_the_latest_change_is_mine_and_stands_and_takes_nothing_back(books: Opened) -> None:
    org, member = prepared(books)
    with books.store(org) as store:
        other = store.add_member(store.member(member))
    with books.turn(org, other) as store:
        store.add_tick(other, Metric.TRAINING, MONDAY)
    with books.turn(org, member) as store:
        store.add_tick(member, Metric.TRAINING, MONDAY)
        mine = ChangeId(books.changes)
        assert store.latest_change(member) == store.change(mine)
    with books.turn(org, member, "undo") as store:
        store.undoing(mine)
        store.take_back(mine, store.facts(mine), NINE)
        assert store.latest_change(member) == store.change(ChangeId(1))
        assert store.latest_change(MemberId(99)) is None


def test_a_later_change_of_the_same_rows_depends_on_it_until_it_is_undone(books: Opened) -> None:
    org, member = prepared(books)
    with books.turn(org, member) as store:
        store.revise_step(StepId(1), state=StepState.DONE)
    first = ChangeId(books.changes)
    with books.turn(org, member) as store:
        store.add_tick(member, Metric.TRAINING, MONDAY)
        assert store.dependant(first) is None
    with books.turn(org, member) as store:
        store.revise_step(StepId(1), text="other")
    second = ChangeId(books.changes)
    with books.store(org) as store:
        assert store.dependant(first) == store.change(second)
        assert store.dependant(second) is None
    with books.turn(org, member, "undo") as store:
        store.undoing(second)
        store.take_back(second, store.facts(second), NINE)
    with books.store(org) as store:
        assert store.dependant(first) is None


def test_a_customer_made_on_the_way_stays_when_somebody_else_was_there(books: Opened) -> None:
    org, member = prepared(books)
    with books.turn(org, member) as store:
        bolt = store.add_customer("Bolt", "bolt", member)
        store.add_contact(bolt.id, "Zoe", "zoe", "")
    made = ChangeId(books.changes)
    with books.turn(org, member) as store:
        activity = Activity(
            id=ActivityId(0),
            kind=Kind.CALL,
            member_id=member,
            customer_id=bolt.id,
            at=NINE,
            on=MONDAY,
            recorded_at=NINE,
            contact_ids=(ContactId(12),),
        )
        store.add_activity(activity, Wording())
    with books.turn(org, member, "undo") as store:
        store.take_back(made, store.facts(made), NINE)
        kept = store.customer_by_key("bolt")
        assert kept is not None
        # The contact is number 2; the activity is about 12.
        assert kept.contacts == ()


def test_only_a_customer_that_the_message_made_and_nothing_is_about_goes(books: Opened) -> None:
    org, _, member = books.found()
    with books.work() as work:
        change = Change(
            id=ChangeId(1), actor_id=member, said_at=NINE, command="visit", source="telegram:41:5"
        )
        store = work.store(org, change)
        used = store.add_customer("Acme", "acme", member)
        planned = store.add_customer("Orbit", "orbit", member)
        unused = store.add_customer("Orbitt", "orbitt", member)
        record(store, member)
        store.add_step(
            Step(
                id=StepId(0),
                member_id=member,
                customer_id=planned.id,
                customer_name="Orbit",
                kind=Kind.VISIT,
                text="",
            )
        )
    books.changes = 1
    with books.turn(org, member) as store:
        store.withdraw_unused(unused.id, "telegram:41:6")
        assert store.customer(unused.id) == unused
        for each in (used, planned, unused):
            store.withdraw_unused(each.id, "telegram:41:5")
        assert [name for _, name, _ in store.customer_names()] == ["Acme", "Orbit"]
    with books.turn(org, member) as store:
        assert store.dependant(ChangeId(2)) is None
        again = store.add_customer("Orbitt", "orbitt", member)
    with books.turn(org, member, "undo") as store:
        taken = store.dependant(ChangeId(2))
        assert taken is not None and taken.id == 3
        store.take_back(ChangeId(3), store.facts(ChangeId(3)), NINE)
        assert store.customer(again.id) is None and store.dependant(ChangeId(2)) is None
        store.take_back(ChangeId(2), store.facts(ChangeId(2)), NINE)
        assert store.customer(unused.id) == unused


def test_unsent_letters_of_a_change_are_cancelled_and_the_sent_ones_named(books: Opened) -> None:
    org, member = prepared(books)
    change = ChangeId(1)
    mine = {"org_id": org, "change_id": change, "member_id": member}
    with books.work() as work:
        sent = letter("sent", **mine, language=Language.ZH)
        work.outbox.write(sent)
        work.outbox.write(letter("unsent", **mine, urgency=Urgency.PUSH))
        work.outbox.write(letter("day card", **mine, card_key="day:1:2026-03-02"))
        work.outbox.write(letter("other", org_id=org, change_id=ChangeId(2), urgency=Urgency.PUSH))
    with books.work() as work:
        work.outbox.sent(sent, "m1", "digest", NINE)
        work.outbox.sent(letter("day card", **mine, card_key="day:1:2026-03-02"), "m2", "digest", NINE)
    with books.store(org) as store:
        assert store.withdraw_letters(change) == (
            Posted(to=CHAT, message="m1", language=Language.ZH, member_id=member),
        )
    with books.work() as work:
        assert [each.key for each in work.outbox.claim(NINE, 9)] == ["other"]


def test_recredit_is_no_fact(books: Opened) -> None:
    org, member = prepared(books)
    with books.turn(org, member) as store:
        found = store.activity(ActivityId(1))
        assert found is not None
        store.recredit([replace(found[0], credit=Credit.DAY_LIMIT)])
        assert not store.changed
        again = store.activity(ActivityId(1))
        assert again is not None
        assert again[0].credit is Credit.DAY_LIMIT
