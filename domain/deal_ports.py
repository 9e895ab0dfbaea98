"""What the handlers ask of the storage about deals: the part of `domain.ports.Store` that holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from domain.c139 import Standing
from domain.customers import ContactId, CustomerId
from domain.deals import (
    Approval,
    ApprovalId,
    BuyerId,
    BuyingRole,
    Checked,
    Clocks,
    Deal,
    DealId,
    Dossier,
    Evidence,
    EvidenceId,
    Expense,
    Part,
    Passage,
    Rank,
    Sheet,
    SheetId,
    State,
    Tick,
)
from domain.milestones import Template, TemplateId
from domain.people import MemberId, TeamId
from domain.stalled import Level
from domain.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which deals a list is of: all conditions that are given hold; `seen_by` is who is on the deal as owner or seller."""

    seen_by: MemberId | None = None
    owner_id: MemberId | None = None
    team_ids: tuple[TeamId, ...] | None = None
    customer_id: CustomerId | None = None
    states: frozenset[State] = frozenset({State.LEAD, State.ACTIVE, State.ON_HOLD})
    milestone: int | None = None
    stalled: bool = False
    closes_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """What was told of a stalled deal in one episode, and what its owner answered.

    `told_at` is when its owner heard, `led_at` when whoever leads the team did; each None until then.
    """

    deal_id: DealId
    level: int
    since: date
    slot: int
    told_at: datetime | None = None
    led_at: datetime | None = None
    answer: str | None = None
    answered_at: datetime | None = None


class DealStore(Protocol):
    """The deals of one organisation within one transaction; every write to a subject becomes a fact."""

    def open_deal(self, deal: Deal) -> DealId:
        """A new deal and its first stay in a milestone."""
        ...

    def deal(self, deal: DealId) -> Deal | None: ...
    def revise_deal(self, deal: DealId, **values: object) -> None: ...
    def deals(self, which: Which, limit: int, offset: int = 0) -> tuple[Deal, ...]:
        """The next steps first, what has none before them; of stalled ones the worst and longest first."""
        ...

    def open_deals_with(self, customer: CustomerId, member: MemberId) -> tuple[Deal, ...]:
        """The open deals with a customer that somebody owns or is on the team of: asked with every record."""
        ...

    def count_deals(self, which: Which) -> int: ...
    def dossier(self, deal: Deal) -> Dossier:
        """All that is known of a deal."""
        ...

    def deal_in_use(self, deal: DealId) -> bool:
        """Whether anything that another turn made is about a deal."""
        ...

    def average_deal(self) -> Decimal | None:
        """The mean amount of the last deals of the organisation."""
        ...

    def deal_amounts(self, owner: MemberId) -> tuple[Decimal, ...]:
        """The amounts of a person's last deals."""
        ...

    def outcomes(self, standing: Standing) -> tuple[int, int]:
        """How many deals that closed with this confirmed standing were won, and how many closed."""
        ...

    # the parts of a deal
    def enter(self, passage: Passage) -> None: ...
    def leave(self, deal: DealId, **values: object) -> None:
        """The present stay in a milestone ends."""
        ...

    def passages(self, deal: DealId) -> tuple[Passage, ...]: ...
    def won_passages(self, template: TemplateId, milestone: int) -> tuple[int, ...]:
        """The days of the last stays of won deals in a milestone."""
        ...

    def add_seller(self, deal: DealId, member: MemberId, part: Part, share: int) -> int: ...
    def revise_seller(self, seller: int, **values: object) -> None: ...
    def add_buyer(self, deal: DealId, contact: ContactId, roles: frozenset[BuyingRole]) -> BuyerId: ...
    def revise_buyer(self, buyer: BuyerId, **values: object) -> None: ...
    def keep_checked(self, checked: Checked) -> None:
        """One item of the checklist as it is known now; what was known before stays in its facts."""
        ...

    def keep_task(self, task: Tick) -> int: ...
    def add_evidence(self, evidence: Evidence) -> EvidenceId:
        """A piece of proof; what was given for the same requirement before is superseded."""
        ...

    def evidence(self, evidence: EvidenceId) -> Evidence | None: ...
    def keep_sheet(self, sheet: Sheet) -> SheetId:
        """A filled card of the tool kit; one with a number is revised."""
        ...

    def add_rival(self, deal: DealId, name: str) -> int: ...
    def add_expense(self, expense: Expense) -> int: ...
    def expenses(self, deal: DealId) -> tuple[Expense, ...]: ...
    # ladders
    def template(self, template: TemplateId) -> Template: ...
    def current_template(self, name: str) -> Template: ...
    def template_version(self, name: str, version: int) -> Template | None:
        """A version of a ladder; version 0 is the one that ships."""
        ...

    def keep_template(self, template: Template, by: MemberId, at: datetime) -> TemplateId: ...
    # approvals
    def ask_approval(self, approval: Approval, escalate_at: datetime | None) -> ApprovalId: ...
    def approval(self, approval: ApprovalId, *, held: bool = False) -> Approval | None:
        """One approval, also one that was taken back; nobody else decides about a `held` one until the turn ends."""
        ...

    def revise_approval(self, approval: ApprovalId, **values: object) -> None: ...
    def move_approval(
        self,
        approval: ApprovalId,
        *,
        rank: Rank,
        escalate_at: datetime | None,
        asked: Sequence[MemberId],
        covers: Sequence[MemberId],
    ) -> None:
        """Who is asked by now, and when something is to be done next; no fact."""
        ...

    def open_approvals(self) -> tuple[Approval, ...]:
        """Whatever nobody has decided, the oldest first."""
        ...

    def approvals_of(self, deal: DealId) -> tuple[Approval, ...]:
        """What is open about a deal."""
        ...

    def approvals_since(self, moment: datetime) -> tuple[Approval, ...]:
        """Whatever was asked for later than this, also what was decided or taken back since."""
        ...

    def touched_approvals(self) -> frozenset[ApprovalId]:
        """The approvals that this turn changed."""
        ...

    def touch_approval(self, approval: ApprovalId) -> None:
        """The cards that show it, to whomever, are to show what is so now."""
        ...

    # clocks
    def touched_deals(self) -> frozenset[DealId]:
        """The deals that something in this turn was about."""
        ...

    def moved_deals(self) -> frozenset[DealId]:
        """The deals that this turn won, lost, moved along the ladder or gave to another customer."""
        ...

    def customer_day(self, deal: DealId) -> date | None:
        """The last date something counted happened on the customer's side."""
        ...

    def next_day(self, deal: DealId) -> date | None:
        """The date of a deal's open next step."""
        ...

    def lock_deal(self, deal: DealId) -> None:
        """Other turns wait with this deal until this one is kept; what is read from now on is what they left."""
        ...

    def set_clocks(self, deal: Deal, clocks: Clocks) -> None:
        """Keeps where the clocks of a deal stand, and the totals of its owner with them; no fact."""
        ...

    def stop_clocks(self, deal: DealId) -> None:
        """A deal that is there no more has no clocks and stands in no total."""
        ...

    def check_deals(self, template: TemplateId | None, owner: MemberId | None, now: datetime) -> None:
        """The clocks of these deals are set anew by the tick, a slice at a time."""
        ...

    def stalled_totals(
        self, *, owner: MemberId | None = None, teams: Sequence[TeamId] | None = None
    ) -> Mapping[Level, int]: ...
    def alerted(self, deals: Sequence[DealId]) -> dict[DealId, Alerted]:
        """What was told last of each deal."""
        ...

    # resting and ending
    def tasks(self, deal: DealId) -> tuple[Tick, ...]: ...
    def steps_of_deal(self, deal: DealId) -> tuple[Step, ...]:
        """What anybody still promises or plans for a deal."""
        ...

    def gather_ended_holds(
        self, owners: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Deal, ...]]:
        """The deals on hold of each owner whose hold ends in these days, the first to end first."""
        ...

    def note_alerts(self, alerts: Sequence[Alerted]) -> None:
        """Notes who heard of what; what was noted before stays."""
        ...

    def answer_alert(self, deal: DealId, answer: str | None, at: datetime) -> None:
        """What the owner did about the alert that was told last; None takes it back."""
        ...

    def count_cleared(self, teams: Sequence[TeamId], first: datetime, last: datetime) -> dict[TeamId, int]:
        """How many deals were answered for from `first` to before `last` and are in order now, by team."""
        ...

    def gather_stalled(self, owners: Sequence[MemberId]) -> dict[MemberId, tuple[Deal, ...]]:
        """The stalled deals of many owners, the worst and longest first."""
        ...

    def gather_stalled_in(self, teams: Sequence[TeamId], most: int) -> tuple[Deal, ...]:
        """The stalled deals of some teams, at most so many of each, the worst and longest first."""
        ...

    def gather_known(self, deals: Sequence[DealId]) -> dict[DealId, int]:
        """How many people on the customer's side are on each deal, named or met."""
        ...
