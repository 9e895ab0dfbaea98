"""Deals: their states, and all that is known of one (method section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from domain.activity import ActivityId
from domain.c139 import Item, Rating, Standing, claimed, confirmed, is_rated
from domain.customers import ContactId, CustomerId
from domain.files import FileId
from domain.milestones import LAST, SHIPPED, Phase, Stage, Template, TemplateId, Tool
from domain.people import MemberId, TeamId

DealId = NewType("DealId", int)
BuyerId = NewType("BuyerId", int)
EvidenceId = NewType("EvidenceId", int)
SheetId = NewType("SheetId", int)
ApprovalId = NewType("ApprovalId", int)

# Method section 3: on hold for at most 90 days.
HOLD_AT_MOST = timedelta(days=90)
# What a lost deal taught is more than a sigh: characters of a lesson at least (*ours*).
LESSON_AT_LEAST = 4
# C139 is asked on key deals and on deals of at least twice the average (product section 5).
ASKED_FROM = 2
# Key contacts are those with at least this influence of 5 (*ours*).
KEY_INFLUENCE = 4
INFLUENCE = range(1, 6)
STANCES = range(-2, 3)


class State(StrEnum):
    """The states of a deal (method section 3)."""

    LEAD = "lead"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    WON = "won"
    LOST = "lost"
    CANCELLED = "cancelled"


# lead -> active -> (on_hold <-> active) -> won | lost | cancelled; reopening leads back and needs a manager.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.LEAD: frozenset({State.ACTIVE, State.LOST, State.CANCELLED}),
    State.ACTIVE: frozenset({State.ON_HOLD, State.WON, State.LOST, State.CANCELLED}),
    State.ON_HOLD: frozenset({State.ACTIVE, State.LOST, State.CANCELLED}),
    State.WON: frozenset({State.ACTIVE}),
    State.LOST: frozenset({State.ACTIVE}),
    State.CANCELLED: frozenset({State.ACTIVE}),
}
OPEN: frozenset[State] = frozenset({State.LEAD, State.ACTIVE, State.ON_HOLD})
CLOSED: frozenset[State] = frozenset({State.WON, State.LOST, State.CANCELLED})


class LostReason(StrEnum):
    """Why a deal was lost; PROJECT_CANCELLED makes it cancelled instead (product section 3)."""

    PRICE = "price"
    RIVAL = "rival"
    PRODUCT = "product"
    RELATION = "relation"
    TIMING = "timing"
    NO_DECISION = "no_decision"
    PROJECT_CANCELLED = "project_cancelled"
    OTHER = "other"


class HoldReason(StrEnum):
    """Why a deal rests; those days do not count as stage time."""

    BUDGET = "budget"
    CUSTOMER = "customer"
    SEASON = "season"
    INTERNAL = "internal"
    OTHER = "other"


class Part(StrEnum):
    """What a colleague does on a deal besides its owner (method section 1)."""

    REP = "rep"
    PROJECT_MANAGER = "project_manager"
    TECHNICAL = "technical"
    ACCOUNT_MANAGER = "account_manager"


class BuyingRole(StrEnum):
    """Roles of the customer's people on a deal (method section 3)."""

    ECONOMIC = "economic"
    USER = "user"
    TECHNICAL = "technical"
    COACH = "coach"


class Passed(StrEnum):
    """How a deal left a milestone forward, or that it went back."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    OVERRIDE = "override"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Where a deal's clocks stand; derived from its facts whenever one of them changes, never said.

    `customer_on` is the last counted activity on the customer's side, `next_on` the date of the open next step.
    `warn_at` and `critical_at` are the instants at which the deal becomes stalled if nothing happens, `level` how far it
    is (0 in order, 1 warn, 2 critical), `since` the local date it got there. `check_at` is when to look again.
    A next step set on a stalled deal quiets it until `quiet_until`, at most twice running (`quiets`).
    """

    customer_on: date | None = None
    next_on: date | None = None
    warn_at: datetime | None = None
    critical_at: datetime | None = None
    level: int = 0
    since: date | None = None
    check_at: datetime | None = None
    quiet_until: date | None = None
    quiets: int = 0


# The clocks of a deal that was just made, or of one that is closed.
STILL = Clocks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One deal. Dates are local to its owner; amounts are in the organisation's currency, with 2 places.

    `milestone` is 1..6, and 7 once the contract is signed. `entered_on` is when the present milestone was entered,
    `held_days` the whole days spent on hold in it, `held_on` when the present hold began, `resumed_on` when the last
    ended. `unproven` and `overridden`
    name milestones left without proof or by a manager's word, `approved` the last whose gate was approved. `moves`
    counts how often the expected close moved, `backs` the moves back. `reason` and `note` say why it rests or ended,
    `standing` how the checklist stood then (`7C1F0W`).
    """

    id: DealId
    customer_id: CustomerId
    customer_name: str
    owner_id: MemberId
    team_id: TeamId | None
    title: str
    state: State
    milestone: int
    opened_on: date
    entered_on: date
    amount: Decimal | None = None
    close_on: date | None = None
    moves: int = 0
    backs: int = 0
    phase: Phase = Phase.NEED
    template_id: TemplateId = SHIPPED
    imported: bool = False
    unproven: tuple[int, ...] = ()
    overridden: tuple[int, ...] = ()
    approved: int = 0
    held_days: int = 0
    held_on: date | None = None
    held_until: date | None = None
    resumed_on: date | None = None
    reason: str = ""
    note: str = ""
    lesson: str = ""
    kept: str = ""
    contract: str = ""
    budget: Decimal | None = None
    closed_on: date | None = None
    standing: str = ""
    shift: int = 0
    shift_until: date | None = None
    shift_reason: str = ""
    snoozed_until: date | None = None
    snooze_reason: str = ""
    clocks: Clocks = STILL

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One stay in a milestone; `days` are calendar days less those on hold, known once it was left."""

    deal_id: DealId
    milestone: int
    entered_on: date
    left_on: date | None = None
    days: int | None = None
    passed: Passed | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A colleague on the deal team with a part and a share in percent; the owner has what is left of 100."""

    id: int
    deal_id: DealId
    member_id: MemberId
    name: str
    part: Part
    share: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """One of the customer's people on a deal: roles, influence 1..5, stance -2..+2 and when that was last said."""

    id: BuyerId
    deal_id: DealId
    contact_id: ContactId
    name: str
    title: str = ""
    roles: frozenset[BuyingRole] = frozenset()
    influence: int | None = None
    stance: int | None = None
    stance_on: date | None = None

    @property
    def is_key(self) -> bool:
        return self.influence is not None and self.influence >= KEY_INFLUENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One item of C139 on a deal: what is known, from whom or which record, and who confirmed it.

    It is known from a contact (`contact_id`), a record (`activity_id`), or whoever or whatever `source` names.
    A coach's confirmation is the rep's record naming the contact (`coach_id`) and the activity in which it was said.
    """

    id: int
    deal_id: DealId
    item: Item
    note: str
    source: str
    checked_on: date
    activity_id: ActivityId | None = None
    contact_id: ContactId | None = None
    confirmed_by: MemberId | None = None
    coach_id: ContactId | None = None
    confirmed_on: date | None = None

    @property
    def rating(self) -> Rating:
        return Rating(
            item=self.item,
            note=self.note,
            has_source=bool(self.source or self.activity_id or self.contact_id),
            confirmed=self.confirmed_by is not None or self.coach_id is not None,
            on=self.confirmed_on or self.checked_on,
        )


class EvidenceKind(StrEnum):
    """What evidence is made of."""

    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"
    LINK = "link"
    FORWARDED = "forwarded"
    QUOTE = "quote"


# Evidence from the customer's side: what resets the idle clock besides visits and answers (method section 4).
FROM_CUSTOMER: frozenset[EvidenceKind] = frozenset(
    {EvidenceKind.DOCUMENT, EvidenceKind.FORWARDED, EvidenceKind.QUOTE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece of proof for a requirement of a milestone; never deleted, only superseded (method section 3)."""

    id: EvidenceId
    deal_id: DealId
    milestone: int
    code: str
    kind: EvidenceKind
    given_on: date
    given_by: MemberId
    text: str = ""
    contact_id: ContactId | None = None
    source: str = ""
    file_id: FileId | None = None
    superseded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A filled card of the tool kit; `about` is a contact, a rival or what else it is about."""

    id: SheetId
    deal_id: DealId
    tool: Tool
    values: Mapping[str, str]
    contact_id: ContactId | None = None
    about: str = ""
    filled_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A task of a milestone that the rep says is done; `text` where it is one of the deal's own.

    A task of the delivery is promised as a step (`step_id`), which settles it.
    """

    id: int
    deal_id: DealId
    milestone: int
    code: str
    done_on: date | None
    text: str = ""
    due_on: date | None = None
    step_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Somebody who competes for the deal."""

    id: int
    deal_id: DealId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """Money spent on a deal."""

    id: int
    deal_id: DealId
    amount: Decimal
    on: date
    text: str = ""


class ApprovalKind(StrEnum):
    """What is asked for: a deal to pass its gate, or a customer that somebody else owns."""

    GATE = "gate"
    CLAIM = "claim"


class Decision(StrEnum):
    """What became of an approval."""

    OPEN = "open"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Rank(StrEnum):
    """Who is asked, in order: the manager, after a working day the deputy, after two the director."""

    MANAGER = "manager"
    DEPUTY = "deputy"
    DIRECTOR = "director"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A decision asked of somebody else; the first tap decides.

    `told_at` is when the first of those asked hear of it, `asked` who waits to decide so far, `covers` those of them who
    stand in for somebody away, `escalate_at` when something is to be done about it next: tell, or ask the next rank.
    """

    id: ApprovalId
    kind: ApprovalKind
    asked_by: MemberId
    asked_at: datetime
    rank: Rank
    decision: Decision = Decision.OPEN
    deal_id: DealId | None = None
    customer_id: CustomerId | None = None
    milestone: int | None = None
    decided_by: MemberId | None = None
    decided_at: datetime | None = None
    reason: str = ""
    told_at: datetime | None = None
    escalate_at: datetime | None = None
    asked: tuple[MemberId, ...] = ()
    covers: tuple[MemberId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Who was met on the customer's side in one counted visit or meeting of a deal."""

    activity_id: ActivityId
    kind: str
    on: date
    contact_ids: tuple[ContactId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is known of one deal: what its gate, its card and its review are read from."""

    deal: Deal
    template: Template
    segment: str = ""
    key_customer: bool = False
    buyers: Sequence[Buyer] = ()
    sellers: Sequence[Seller] = ()
    checked: Sequence[Checked] = ()
    ticks: Sequence[Tick] = ()
    evidence: Sequence[Evidence] = ()
    sheets: Sequence[Sheet] = ()
    rivals: Sequence[Rival] = ()
    met: Sequence[Met] = ()
    spent: Decimal = Decimal(0)
    average: Decimal | None = None

    @property
    def ratings(self) -> Mapping[Item, Rating]:
        """The items with a word on them."""
        return {each.item: each.rating for each in self.checked if each.note}

    @property
    def coached(self) -> bool:
        """Whether a coach on the customer's side confirmed anything (method section 3, the cap)."""
        return any(each.coach_id is not None for each in self.checked)

    @property
    def stage(self) -> Stage:
        """The present stage; of a signed deal the last."""
        return self.template.stage(min(self.deal.milestone, LAST))

    def with_role(self, role: BuyingRole) -> tuple[Buyer, ...]:
        return tuple(each for each in self.buyers if role in each.roles)

    def of_tool(self, tool: Tool) -> tuple[Sheet, ...]:
        return tuple(each for each in self.sheets if each.tool is tool)

    @property
    def asks_c139(self) -> bool:
        """Whether the checklist is asked: on key customers' deals and those of at least twice the average."""
        amount = self.deal.amount
        large = amount is not None and bool(self.average) and amount >= ASKED_FROM * (self.average or 0)
        return self.key_customer or large

    @property
    def weighs_c139(self) -> bool:
        """Whether the C/F/W minimum is part of the gate: where it is asked or anything is rated (method section 3)."""
        return self.asks_c139 or is_rated(self.ratings.values())

    def claimed(self) -> Standing:
        return claimed(self.ratings.values())

    def confirmed(self) -> Standing:
        return confirmed(self.ratings.values())


def rests_until(deal: Deal, today: date) -> date:
    """The last day a deal may be parked until: 90 days after its hold began, or would begin today (method section 3)."""
    return (deal.held_on or today) + HOLD_AT_MOST


def parked(deal: Deal, until: date, today: date) -> date:
    """`until` as the end of a hold; raises `ValueError` unless it is after today and within the 90 days (method 3)."""
    if not today < until <= rests_until(deal, today):
        raise ValueError(f"a hold ends after {today} and by {rests_until(deal, today)}, not on {until}")
    return until
