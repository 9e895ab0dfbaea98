"""Deals for the tests of the storage: one of everything that belongs to a deal, and all that can be seen of deals."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.c139 import Item
from domain.corrections import CorrectionPlan, PlanId
from domain.customers import ContactId, CustomerId
from domain.deal_ports import Alerted, Which
from domain.deals import (
    Approval,
    ApprovalId,
    ApprovalKind,
    BuyingRole,
    Checked,
    Deal,
    DealId,
    Decision,
    Evidence,
    EvidenceId,
    EvidenceKind,
    Expense,
    Part,
    Rank,
    Sheet,
    SheetId,
    State,
    Tick,
)
from domain.matters import Ruling, Verdict
from domain.milestones import PROJECT, Tool
from domain.people import MemberId, TeamId
from domain.ports import Store
from domain.snapshots import Snapshot, Standpoint
from tests.support.opened import MONDAY, NINE

LATER = NINE + timedelta(days=1)
EVERY = Which(states=frozenset(State))


def deal_of(customer: CustomerId, owner: MemberId, **values: object) -> Deal:
    """An active deal at M1 with what a deal is at least."""
    plain = Deal(
        id=DealId(0),
        customer_id=customer,
        customer_name="Acme",
        owner_id=owner,
        team_id=None,
        title="",
        state=State.ACTIVE,
        milestone=1,
        opened_on=MONDAY,
        entered_on=MONDAY,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def checked(deal: DealId, item: Item, **values: object) -> Checked:
    plain = Checked(
        id=0, deal_id=deal, item=item, note="the board meets in May", source="Li Wei", checked_on=MONDAY
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def proof(deal: DealId, by: MemberId, code: str = "minutes", **values: object) -> Evidence:
    plain = Evidence(
        id=EvidenceId(0),
        deal_id=deal,
        milestone=3,
        code=code,
        kind=EvidenceKind.TEXT,
        given_on=MONDAY,
        given_by=by,
        text="as said",
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def sheet(deal: DealId, tool: Tool = Tool.NEED, **values: object) -> Sheet:
    plain = Sheet(id=SheetId(0), deal_id=deal, tool=tool, values={"need": "speed ✓"}, filled_on=MONDAY)
    return replace(plain, **values)  # type: ignore[arg-type]


def tick(deal: DealId, **values: object) -> Tick:
    plain = Tick(id=0, deal_id=deal, milestone=4, code="proposal", done_on=None)
    return replace(plain, **values)  # type: ignore[arg-type]


def spent(deal: DealId, amount: str = "120.50", on: date = MONDAY) -> Expense:
    return Expense(id=0, deal_id=deal, amount=Decimal(amount), on=on, text="dinner")


def asked(deal: DealId, by: MemberId, **values: object) -> Approval:
    plain = Approval(
        id=ApprovalId(0),
        kind=ApprovalKind.GATE,
        asked_by=by,
        asked_at=NINE,
        rank=Rank.MANAGER,
        deal_id=deal,
        milestone=1,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def alert(deal: DealId, told_at: datetime = NINE, **values: object) -> Alerted:
    plain = Alerted(deal_id=deal, level=1, since=MONDAY, slot=0, told_at=told_at)
    return replace(plain, **values)  # type: ignore[arg-type]


def dealt(store: Store, customer: CustomerId, member: MemberId) -> DealId:
    """A deal and one of everything that belongs to one, number 1 of each in a new organisation."""
    store.keep_template(replace(PROJECT, version=1), member, NINE)
    number = store.open_deal(deal_of(customer, member, amount=Decimal(800_000)))
    store.add_seller(number, member, Part.REP, 20)
    store.add_buyer(number, ContactId(1), frozenset({BuyingRole.ECONOMIC}))
    store.keep_checked(checked(number, Item.C1))
    store.keep_task(tick(number))
    store.add_evidence(proof(number, member))
    store.keep_sheet(sheet(number))
    store.add_rival(number, "Bolt")
    store.add_expense(spent(number))
    store.ask_approval(asked(number, member), LATER)
    return number


def shown(store: Store) -> tuple[object, ...]:
    """All that can be seen of the organisation's deals, their clocks aside where they are no facts."""
    deals = store.deals(EVERY, 99)
    request = store.approval(ApprovalId(1))
    return (
        [store.dossier(each) for each in deals],
        [store.passages(each.id) for each in deals],
        [store.expenses(each.id) for each in deals],
        store.open_approvals(),
        # A request that was taken back is still known: its cards say so.
        None if request is None or request.decision is Decision.WITHDRAWN else request,
        store.evidence(EvidenceId(1)),
        store.count_deals(EVERY),
        store.average_deal(),
    )


def plan_of(team: TeamId, owner: MemberId) -> CorrectionPlan:
    """A correction plan that is due on Monday."""
    return CorrectionPlan(
        id=PlanId(0), team_id=team, text="call", owner_id=owner, due_on=MONDAY, made_by=owner, made_at=NINE
    )


def ruling_on(deal: DealId, by: MemberId) -> Ruling:
    return Ruling(deal_id=deal, label="2026-W10", verdict=Verdict.ASK, made_by=by, made_at=NINE)


def snapshot_of(team: TeamId, deal: DealId, owner: MemberId) -> Snapshot:
    """A team's funnel of one deal at the beginning of a week."""
    at = Standpoint(
        deal_id=deal,
        owner_id=owner,
        state=State.ACTIVE,
        milestone=1,
        amount=Decimal(800_000),
        closes_on=MONDAY,
        percent=1234,
    )
    return Snapshot(team_id=team, label="2026-W10", made_at=NINE, deals=(at,))
