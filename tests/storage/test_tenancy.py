"""One organisation never sees or touches another's rows: by every statement's WHERE, and on PostgreSQL without it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from domain.activity import ActivityId
from domain.c139 import Item, Standing
from domain.corrections import PlanId
from domain.customers import CustomerId
from domain.deals import (
    ApprovalId,
    BuyerId,
    BuyingRole,
    Clocks,
    DealId,
    EvidenceId,
    Part,
    Passage,
    Passed,
)
from domain.files import FileId, FileKind, KeptFile
from domain.kinds import Notice
from domain.milestones import PROJECT, SHIPPED
from domain.people import MemberId, OrgId, Role, TeamId
from domain.ports import Address, ChangeId, Draft, Store, Subject
from domain.quota import Claim, Metric
from domain.schedule import Due
from domain.steps import StepId, StepState
from domain.workdays import CalendarDay, Leave
from storage import tables
from storage.database import open_engine
from tests.storage.counted import OWN_SET, PART, PAYMENT, RATING, SOLD, counted
from tests.storage.dealt import (
    EVERY,
    alert,
    asked,
    checked,
    deal_of,
    plan_of,
    proof,
    ruling_on,
    sheet,
    snapshot_of,
    spent,
    tick,
)
from tests.storage.test_boards import award, contest, posted
from tests.storage.test_changes import FAR, prepared, projections
from tests.storage.test_scorecards import WEEK, card, disputed, said
from tests.storage.told import heard, told, waiting
from tests.support.opened import CHAT, MEMBER, MONDAY, NINE, Opened, letter, opened

ME, DEAL = MemberId(1), DealId(1)
CLAIM = Claim(metric=Metric.CALLS, on=MONDAY, quantity=8, effective=3)
KEPT = KeptFile(
    kind=FileKind.PHOTO,
    name="card.jpg",
    mime="image/jpeg",
    size=3,
    sha256="0" * 64,
    kept_as="f" * 32,
    platform="telegram",
    ref="F1",
)
DUE = Due(label="d1", due_at=NINE, not_after=NINE)
# What one organisation may do with the numbers of the other's rows: nothing of it reaches them.
TOUCHES: dict[str, Callable[[Store], object]] = {
    "organisation": lambda store: store.revise_organisation(name="taken"),
    "member": lambda store: store.revise_member(ME, name="taken"),
    "team": lambda store: store.lead_team(TeamId(1), ME),
    "activity": lambda store: store.revise_activity(ActivityId(1), result="taken"),
    "step": lambda store: store.revise_step(StepId(1), state=StepState.DROPPED),
    "report": lambda store: store.revise_report(1, reflection="taken"),
    "take back": lambda store: store.take_back(ChangeId(1), store.facts(ChangeId(1)), NINE),
    "letters": lambda store: store.withdraw_letters(ChangeId(1)),
    "plan": lambda store: store.plan_pushes(ME, [("morning", DUE)]),
    "draft": lambda store: store.keep_draft(ME, "41", Draft(line="/visit", part="who")),
    "leave": lambda store: store.add_leave(ME, Leave(first=MONDAY, last=FAR), ""),
    "tick": lambda store: store.add_tick(ME, Metric.TRAINING, MONDAY),
    "customer": lambda store: store.add_customer("Bolt", "bolt", ME),
    "claim": lambda store: store.add_claim(ME, CLAIM),
    "calendar day": lambda store: store.add_calendar_day(CalendarDay(on=MONDAY, works=False)),
    "room": lambda store: store.bind_room(TeamId(1), Address(platform="telegram", chat="-7"), ME),
    "quantities": lambda store: store.set_quantities({"calls": 9}, ME),
    "role's quantities": lambda store: store.set_role_quantities({Role.REP: {"calls": 9}}),
    "team's name": lambda store: store.rename_team(TeamId(1), "taken"),
    "dismissal": lambda store: store.dismiss(ME, MONDAY),
    "second account": lambda store: store.unlink(ME, "telegram", Address(platform="slack", chat="D7")),
    "file": lambda store: store.add_file(ME, KEPT, "", NINE),
    "contact": lambda store: store.add_contact(CustomerId(1), "Zoe", "zoe", ""),
    "new deal": lambda store: store.open_deal(deal_of(CustomerId(1), ME)),
    "deal": lambda store: store.revise_deal(DEAL, title="taken"),
    "stay": lambda store: store.leave(DEAL, left_on=FAR, days=9, passed=Passed.BACK, reason="taken"),
    "next stay": lambda store: store.enter(Passage(deal_id=DEAL, milestone=2, entered_on=FAR)),
    "new seller": lambda store: store.add_seller(DEAL, ME, Part.TECHNICAL, 5),
    "seller": lambda store: store.revise_seller(1, share=99),
    "new buyer": lambda store: store.add_buyer(
        DEAL, store.add_contact(CustomerId(1), "Zoe", "zoe", "").id, frozenset({BuyingRole.USER})
    ),
    "buyer": lambda store: store.revise_buyer(BuyerId(1), stance=-2, stance_on=FAR),
    "checked": lambda store: store.keep_checked(checked(DEAL, Item.C1, id=1, note="taken")),
    "task": lambda store: store.keep_task(tick(DEAL, id=1, done_on=FAR)),
    "evidence": lambda store: store.add_evidence(proof(DEAL, ME, text="taken")),
    "sheet": lambda store: store.keep_sheet(sheet(DEAL, id=1, about="taken")),
    "rival": lambda store: store.add_rival(DEAL, "taken"),
    "expense": lambda store: store.add_expense(spent(DEAL, "999")),
    "template": lambda store: store.keep_template(replace(PROJECT, version=2, stages=()), ME, NINE),
    "new approval": lambda store: store.ask_approval(asked(DEAL, ME, asked_at=NINE), None),
    "approval": lambda store: store.revise_approval(ApprovalId(1), reason="taken"),
    "clocks": lambda store: store.set_clocks(
        deal_of(CustomerId(1), ME, id=DEAL), Clocks(level=2, since=FAR, customer_on=FAR)
    ),
    "clocks of a ladder": lambda store: store.check_deals(SHIPPED, None, NINE),
    "clocks of an owner": lambda store: store.check_deals(None, ME, NINE),
    "alert": lambda store: store.note_alerts([alert(DEAL, level=2)]),
    "answer to an alert": lambda store: store.answer_alert(DEAL, "park", NINE),
    "scorecard": lambda store: store.freeze([card(ME, 9)]),
    "new dispute": lambda store: store.add_dispute(disputed(ME)),
    "dispute": lambda store: store.revise_dispute(1, answer="taken"),
    "week's line": lambda store: store.keep_week_report(replace(said(ME), id=1, line="taken")),
    "correction plan": lambda store: store.revise_correction(PlanId(1), text="taken"),
    "new plan": lambda store: store.add_correction(plan_of(TeamId(1), ME)),
    "verdict": lambda store: store.add_ruling(ruling_on(DEAL, ME)),
    "snapshot": lambda store: store.keep_snapshot(
        replace(snapshot_of(TeamId(1), DEAL, ME), label="2026-W11")
    ),
    "result": lambda store: store.add_result(SOLD),
    "instalment": lambda store: store.add_instalment(PART),
    "payment": lambda store: store.add_payment(PAYMENT, "", ME),
    "rating": lambda store: store.add_rating(RATING),
    "set of KPIs": lambda store: store.keep_kpi_set(replace(OWN_SET, version=9), ME, NINE),
    "news": lambda store: store.tell_news([told(ME, "thanks:1", place=9)]),
    "news that wait again": lambda store: store.wait_again(ME, MONDAY, NINE),
    "news taken back": lambda store: store.keep_news([waiting(ME, "more")]),
    "mute": lambda store: store.mute(ME, Notice.CONTEST, MONDAY),
    "unmute": lambda store: store.unmute(ME, Notice.CONTEST),
    "heeding": lambda store: store.heed(ME, Notice.NUDGE, NINE + timedelta(days=1, hours=1)),
    "proposal": lambda store: store.note_proposed(ME, Notice.NUDGE, MONDAY),
    "part gone": lambda store: store.withdraw(Subject.EXPENSE, 1),
}


def everything(store: Store) -> tuple[object, ...]:
    """All that an organisation shows."""
    members = [member.id for member in store.members()]
    return (
        store.organisation(),
        store.members(),
        store.teams(),
        projections(store, ME),
        store.change(ChangeId(1)),
        store.facts(ChangeId(1)),
        store.latest_change(ME),
        store.address_of(ME),
        store.gather_members(store.organisation(), members),
        store.gather_claims(members, MONDAY, FAR),
        store.calendar_days(MONDAY, FAR),
        store.rooms(),
        store.footprint(ME),
        store.gather_platforms(members),
        store.gather_activities(members, MONDAY, FAR),
        store.gather_steps(members),
        store.gather_reports(members, MONDAY, FAR),
        store.gather_addresses(members),
        store.files_of([FileId(number) for number in range(1, 9)]),
        store.current_template(PROJECT.name),
        store.template_version(PROJECT.name, 1),
        store.stalled_totals(),
        store.stalled_totals(owner=ME),
        store.stalled_totals(teams=[TeamId(0), TeamId(1)]),
        store.alerted([DEAL]),
        store.customer_day(DEAL),
        store.next_day(DEAL),
        store.deal_amounts(ME),
        store.won_passages(SHIPPED, 1),
        store.outcomes(Standing()),
        store.collaborators(CustomerId(1)),
        store.scorecards(members, [WEEK]),
        store.disputes(members, [WEEK]),
        store.week_reports(members, [WEEK]),
        store.correction(PlanId(1)),
        store.open_corrections([TeamId(1)]),
        store.gather_corrections(members),
        store.rulings([DEAL]),
        store.snapshots([TeamId(1)], "2026-W99"),
        store.every_deal(EVERY),
        store.deals_numbered([DEAL]),
        store.gather_checked([DEAL]),
        store.all_outcomes(),
        store.gather_won_passages([SHIPPED]),
        store.passed_since(MONDAY),
        store.ended_since(MONDAY),
        store.opened_since(MONDAY),
        *counted(store, members),
        *heard(store, members),
    )


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_touch_stays_in_its_organisation(books: Opened, touch: Callable[[Store], object]) -> None:
    mine, _ = prepared(books)
    books.changes = 0
    other, _ = prepared(books)
    with books.store(mine) as store:
        before = everything(store)
    with books.store(other) as store:
        theirs = everything(store)
    with books.turn(other, ME) as store:
        touch(store)
    with books.store(mine) as store:
        assert everything(store) == before
    with books.store(other) as store:
        # The touch is real: had it no effect at all, the line above would prove nothing.
        assert touch in UNSEEN or everything(store) != theirs


UNSEEN = (TOUCHES["letters"], TOUCHES["plan"], TOUCHES["draft"])


def test_the_same_numbers_in_another_organisation_are_other_rows(books: Opened) -> None:
    mine, _ = prepared(books)
    empty, _, member = books.found("Südwind")
    with books.store(empty) as store:
        assert store.customer(CustomerId(1)) is None
        assert store.customer_by_key("acme") is None
        assert store.customer_names() == ()
        assert store.activity(ActivityId(1)) is None
        assert store.history(CustomerId(1), 9) == ()
        assert store.step(StepId(1)) is None
        assert store.change(ChangeId(1)) is None
        assert store.facts(ChangeId(1)) == ()
        assert store.dependant(ChangeId(0)) is None
        assert [each.id for each in store.members()] == [member]
        assert store.organisation().id == empty != mine
    with books.turn(mine, ME) as store:
        file = store.add_file(ME, KEPT, "Li Wei", NINE)
    with books.store(mine) as store:
        assert store.file(file) is not None
    with books.store(empty) as store:
        assert store.file(file) is None
        assert store.deal(DEAL) is None
        assert store.deals(EVERY, 9) == ()
        assert store.count_deals(EVERY) == 0
        lists = (store.passages(DEAL), store.expenses(DEAL), store.open_approvals(), store.alerted([DEAL]))
        assert not any(lists)
        single = (store.evidence(EvidenceId(1)), store.approval(ApprovalId(1)), store.average_deal())
        assert single == (None, None, None)
        assert (store.customer_day(DEAL), store.next_day(DEAL)) == (None, None)
        assert store.stalled_totals() == {}
        assert store.current_template(PROJECT.name) is PROJECT
        assert store.scorecards([ME], [WEEK]) == {}
        assert (store.dispute(1), store.open_disputes([ME])) == (None, ())


def test_a_contact_of_another_organisations_customer_is_refused(books: Opened) -> None:
    prepared(books)
    other, _, member = books.found("Südwind")
    with pytest.raises(Exception, match=r"(?i)foreign key"), books.turn(other, member) as store:
        store.add_contact(CustomerId(1), "Zoe", "zoe", "")


def test_stores_of_two_organisations_in_one_unit_of_work_keep_apart(books: Opened) -> None:
    first, member = prepared(books)
    second, _, _ = books.found("Südwind")
    with books.work() as work:
        one, other = work.store(first), work.store(second)
        assert one.customer_by_key("acme") is not None
        assert other.customer_by_key("acme") is None
        assert one.customer_by_key("acme") is not None
        assert work.people.who(CHAT, f"account-{second}") is not None
        assert other.add_member(replace(MEMBER, name="Neu")) == 2
        assert [each.id for each in one.members()] == [member]


# Row-level security: the WHERE left out on purpose, as the tables' owner (who is no superuser).


@pytest.fixture
def two(postgres_url: str) -> Iterator[tuple[str, OrgId, OrgId]]:
    """Two organisations with a row in every table of a tenant."""
    with opened(postgres_url) as books:
        for _ in range(2):
            books.changes = 0
            org, member = prepared(books)
            with books.store(org) as store:
                store.plan_pushes(member, [("morning", DUE)])
                store.keep_draft(member, "41", Draft(line="/visit", part="who"))
                store.bind_room(TeamId(1), Address(platform="telegram", chat=f"-{org}"), member)
                store.invite(next(iter(MEMBER.roles)), None, member, [f"hash-{org}"], NINE)
            with books.work() as work:
                sent = letter(f"card-{org}", org_id=org, member_id=member, card_key="day")
                work.outbox.sent(sent, "m", "digest", NINE)
            with books.turn(org, member) as store:
                store.revise_step(StepId(1), text="other words")
                store.add_file(member, KEPT, "", NINE)
                store.add_contest(contest(None, member))
                store.add_award(award(None, member))
                store.keep_board(posted(TeamId(1), member))
        first, second = books.founded
    yield postgres_url, first, second


@contextmanager
def seeing(url: str, org: object) -> Iterator[Connection]:
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        if org is not None:
            connection.execute(text("SELECT set_config('dealpace.org', :org, true)"), {"org": str(org)})
        yield connection
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


@pytest.mark.parametrize("table", tables.TENANT_TABLES, ids=str)
def test_without_a_where_only_the_own_rows_are_there(two: tuple[str, OrgId, OrgId], table: Table) -> None:
    url, first, second = two
    owner = table.c.org_id
    with seeing(url, first) as connection:
        assert set(connection.execute(select(owner)).scalars()) == {first}
        assert connection.execute(delete(table).where(owner == second)).rowcount == 0
    with seeing(url, "installation") as connection:
        assert set(connection.execute(select(owner)).scalars()) == {first, second}
    for nobody in (None, "", "0", "None"):
        with seeing(url, nobody) as connection:
            assert connection.execute(select(owner)).all() == []


def test_an_organisation_sees_itself_only(two: tuple[str, OrgId, OrgId]) -> None:
    url, first, second = two
    with seeing(url, first) as connection:
        assert connection.execute(select(tables.org.c.id)).scalars().all() == [first]
        renamed = update(tables.org).values(name="taken")
        assert connection.execute(renamed).rowcount == 1
        assert connection.execute(renamed.where(tables.org.c.id == second)).rowcount == 0
    with seeing(url, None) as connection:
        assert connection.execute(select(tables.org.c.id)).all() == []


def test_a_row_cannot_be_put_into_another_organisation(two: tuple[str, OrgId, OrgId]) -> None:
    url, first, second = two
    row = {"org_id": second, "id": 9, "name": "planted", "manager_id": None, "deputy_id": None}
    with seeing(url, first) as connection, pytest.raises(DBAPIError, match="row-level security"):
        connection.execute(insert(tables.team), row)
    with seeing(url, first) as connection, pytest.raises(DBAPIError, match="row-level security"):
        connection.execute(update(tables.due).values(org_id=second))


def test_what_a_turn_saw_is_forgotten_with_its_transaction(two: tuple[str, OrgId, OrgId]) -> None:
    url, first, _ = two
    with opened(url) as books:
        with books.store(first) as store:
            assert len(store.members()) == 1
        raw = books.transactions.connection
        assert raw.execute(text("SELECT count(*) FROM member")).scalar() == 0
        assert raw.execute(text("SELECT current_setting('dealpace.org', true)")).scalar() in (None, "")
