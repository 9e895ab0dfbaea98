"""What the rooms ask of each other: one open transaction, the store of one organisation, inbox and outbox."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import NewType, Protocol, TypeVar

from domain.activity import Activity, ActivityId, Kind
from domain.board_ports import BoardStore
from domain.customers import Contact, ContactId, Customer, CustomerId, WhichCustomers
from domain.deal_ports import DealStore
from domain.deals import DealId
from domain.files import FileId, KeptFile, StoredFile
from domain.funnel_ports import FunnelStore
from domain.installation import Installation
from domain.kinds import Notice
from domain.news_ports import NewsStore, Snooze
from domain.people import Language, Member, MemberId, Organisation, OrgId, Role, Stay, Team, TeamId
from domain.quota import Claim, Metric
from domain.schedule import Due
from domain.score_ports import ScoreStore
from domain.steps import Step, StepId
from domain.upkeep import OwnFigures, Upkeep
from domain.week_ports import WeekStore
from domain.workdays import Calendar, CalendarDay, Holiday, Leave

EventId = NewType("EventId", int)
ChangeId = NewType("ChangeId", int)
Value = str | int | bool | Decimal | date | time | datetime | tuple[int, ...] | None
T = TypeVar("T")


class Subject(StrEnum):
    """What a fact is about; each is a table with rows `(org, id)`."""

    CUSTOMER = "customer"
    CONTACT = "contact"
    ACTIVITY = "activity"
    STEP = "step"
    REPORT = "report"
    TICK = "tick"
    LEAVE = "leave"
    CLAIM = "claim"
    CALENDAR_DAY = "calendar_day"
    COLLABORATOR = "collaborator"
    DEAL = "deal"
    PASSAGE = "passage"
    SELLER = "seller"
    BUYER = "buyer"
    CHECKED = "checked"
    TASK = "deal_task"
    EVIDENCE = "evidence"
    SHEET = "sheet"
    RIVAL = "rival"
    EXPENSE = "expense"
    APPROVAL = "approval"
    FILE = "file"
    RESULT = "result"
    INSTALMENT = "instalment"
    PAYMENT = "payment"
    RATING = "rating"
    KPI_SET = "kpi_set"
    TARGET = "target"
    TARGET_STEP = "target_step"
    DISPUTE = "dispute"
    SAMPLE = "sample"
    DOUBT = "doubt"
    CONTEST = "contest"
    AWARD = "award"
    WEEK_REPORT = "week_report"
    CORRECTION_PLAN = "correction_plan"
    RULING = "ruling"


# The field of a fact about a whole row: it went from absent to present, or back.
PRESENT = "present"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One field of one row went from `before` to `after`; a new row went from withdrawn to present."""

    subject: Subject
    subject_id: int
    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The facts of one turn; `undone_at` is set once, `undoes` names the change a compensation takes back."""

    id: ChangeId
    actor_id: MemberId
    said_at: datetime
    command: str
    undoes: ChangeId | None = None
    undone_at: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a letter goes: a platform and a chat there; a topic of a group is "chat/topic"."""

    platform: str
    chat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A group or channel bound to a team."""

    id: int
    team_id: TeamId
    at: Address
    bound_by: MemberId


class Urgency(IntEnum):
    """Smaller leaves first: answers overtake pushes, edits wait for both."""

    ANSWER = 0
    PUSH = 5
    EDIT = 8


class Delivery(StrEnum):
    """What to do with a letter's card: FORM opens its form where a trigger still allows it, and posts it where not.

    MENU sets the menu of a chat to the card's buttons, on platforms that have menus.
    """

    POST = "post"
    EDIT = "edit"
    PRIVATE = "private"
    FORM = "form"
    MENU = "menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something to be said later: written in the turn's transaction, sent by the courier.

    `key` is unique: (push, recipient, period) for a push, event and position for an answer. `card` is JSON of
    `handlers.view`. `token` names the row of the card's buttons; `edits` the message to replace. What nobody asked for is
    of a `kind`.
    """

    key: str
    to: Address
    card: str
    language: Language
    due_at: datetime
    not_after: datetime | None = None
    urgency: Urgency = Urgency.ANSWER
    delivery: Delivery = Delivery.POST
    edits: str | None = None
    reply_to: str | None = None
    form_trigger: str | None = None
    token: str | None = None
    commands: tuple[str, ...] = ()
    member_id: MemberId | None = None
    org_id: OrgId | None = None
    card_key: str | None = None
    change_id: ChangeId | None = None
    kind: Notice | None = None
    # How many tries before this one had an answer that says nothing.
    unsure: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What has become of a letter's person and place since it was written.

    `room_of` is whose room the chat is; `leaves` and the `declared` days are the person's own and their team's.
    """

    is_member: bool
    is_alive: bool
    paused_until: date | None
    room_of: OrgId | None
    leaves: tuple[Leave, ...] = ()
    declared: Mapping[date, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A letter that was sent for a change: what an undo edits to "withdrawn"."""

    to: Address
    message: str
    language: Language
    member_id: MemberId | None


class Outcome(StrEnum):
    """What became of an attempt to send (platforms 5.2)."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    DEAD = "dead"
    REFUSED = "refused"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What a platform delivered, stored before it is acknowledged; `body` is its JSON as it came."""

    id: EventId
    platform: str
    lane: str
    body: str
    received_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A command not yet finished; a suspended one waits until it is continued."""

    line: str
    part: str
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person found by chat identity, with all a turn needs to begin; `home` is their own chat there.

    It is not `alive` once a letter came back as undeliverable; whatever they say revives it.
    """

    org: Organisation
    member: Member
    team: Team | None
    home: Address
    alive: bool
    draft: Draft | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An open invitation of an organisation."""

    id: int
    org_id: OrgId
    role: Role
    team_id: TeamId | None
    invited_by: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class PressedButton:
    """What a token stands for: the command, whose card it is, and until when."""

    org_id: OrgId | None
    member_id: MemberId | None
    to: Address
    command: str
    expires_at: datetime
    used_at: datetime | None
    card_key: str | None
    kind: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The close of a day by its rep."""

    id: int
    on: date
    sent_at: datetime
    reflection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """One line of a customer's history."""

    id: ActivityId
    kind: Kind
    on: date
    by_id: MemberId
    by_name: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The erasable words of a record."""

    result: str = ""
    next: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """How much is stored about one person: counts of rows, records by kind; withdrawn ones do not count."""

    records: Mapping[Kind, int]
    claims: int
    customers: int
    open_steps: int
    reports: int
    ticks: int
    leaves: int
    drafts: int
    letters: int
    changes: int
    deals: int
    evidence: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One recipient's next period of one push, and the label of the last one that was served."""

    org_id: OrgId
    member_id: MemberId
    push: str
    due: Due
    unanswered: int = 0
    served: str = ""


class Store(DealStore, WeekStore, BoardStore, ScoreStore, FunnelStore, NewsStore, Protocol):
    """The rows of one organisation within one transaction; every write to a subject becomes a fact."""

    # people
    def organisation(self) -> Organisation: ...
    def revise_organisation(self, **values: str) -> None: ...
    def member(self, member: MemberId) -> Member: ...
    def members(self) -> tuple[Member, ...]:
        """Everybody who has not left."""
        ...

    def add_member(self, member: Member) -> MemberId: ...
    def revise_member(self, member: MemberId, **values: str | bool | int | date | time | None) -> None: ...
    def join_team(self, member: MemberId, team: TeamId | None, since: date) -> None:
        """Somebody is in another team from a date on; what was before stays with the team they were in."""
        ...

    def stays(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[Stay, ...]]:
        """The teams each was in, in the order of their dates."""
        ...

    def choose(self, choices: Mapping[str, int | str]) -> None:
        """The team choices of the method that differ from what ships, all of them."""
        ...

    def set_quantities(self, quantities: Mapping[str, int], member: MemberId) -> None: ...
    def set_role_quantities(self, quantities: Mapping[Role, Mapping[str, int]]) -> None: ...
    def dismiss(self, member: MemberId, on: date) -> None:
        """Who leaves: accounts unbound, pushes, drafts, unsent letters and open invitations gone.

        What they did stays.
        """
        ...

    def teams(self) -> tuple[Team, ...]: ...
    def add_team(self, name: str) -> TeamId: ...
    def rename_team(self, team: TeamId, name: str) -> None: ...
    def lead_team(self, team: TeamId, manager: MemberId | None, deputy: MemberId | None = None) -> None: ...
    def unlead_team(self, team: TeamId, member: MemberId) -> None: ...
    def rooms(self) -> tuple[Room, ...]: ...
    def bind_room(self, team: TeamId, at: Address, by: MemberId) -> None: ...
    def unbind_room(self, at: Address) -> None: ...
    def address_of(self, member: MemberId) -> tuple[Address, ...]:
        """A person's own chats, the one pushes go to first."""
        ...

    def unlink(self, member: MemberId, platform: str, to: Address) -> None:
        """Unbinds a person's account on one platform; what is still to be sent there goes to `to`."""
        ...

    def footprint(self, member: MemberId) -> Footprint: ...
    def keep_link_code(self, member: MemberId, code_hash: str, expires_at: datetime) -> None: ...
    def invite(
        self, role: Role, team: TeamId | None, by: MemberId, code_hashes: Sequence[str], until: datetime
    ) -> int: ...
    def wanted_role(self, member: MemberId) -> Role | None: ...
    # customers
    def customer_by_key(self, key: str) -> Customer | None: ...
    def customer(self, customer: CustomerId) -> Customer | None: ...
    def customer_names(self) -> tuple[tuple[int, str, str], ...]: ...
    def recent_customers(self, member: MemberId, limit: int) -> tuple[Customer, ...]: ...
    def add_customer(self, name: str, key: str, owner: MemberId) -> Customer: ...
    def add_contact(self, customer: CustomerId, name: str, key: str, title: str) -> Contact: ...
    def revise_customer(self, customer: CustomerId, **values: Value) -> None: ...
    def contact(self, contact: ContactId) -> Contact | None: ...
    def revise_contact(self, contact: ContactId, **values: Value) -> None: ...
    def erase_contact(self, contact: ContactId) -> None:
        """Every word about a person goes, also from what the facts keep of it; the history stays."""
        ...

    def collaborators(self, customer: CustomerId) -> tuple[tuple[int, MemberId], ...]: ...
    def add_collaborator(self, customer: CustomerId, member: MemberId) -> int: ...
    def last_seen(self, customer: CustomerId) -> date | None:
        """The last date anything counted happened with a customer."""
        ...

    def of_customer(self, subject: Subject, customer: CustomerId) -> tuple[int, ...]:
        """The numbers of all rows of a kind that are a customer's and were not withdrawn."""
        ...

    def customers(
        self, which: WhichCustomers, limit: int, offset: int = 0
    ) -> tuple[tuple[Customer, date | None], ...]:
        """A list of customers with the last date each was seen; who was seen last first, those never seen last."""
        ...

    def count_customers(self, which: WhichCustomers) -> int: ...
    def owner_seen_on(self, customer: Customer) -> date | None:
        """The last date anything counted happened between a customer and its owner."""
        ...

    def owned_since(self, customer: CustomerId) -> datetime | None:
        """When a customer was made, or last got another owner."""
        ...

    def contacts_called(self, key: str) -> tuple[Contact, ...]:
        """Everybody with this folded name, at any customer."""
        ...

    def contact_names(self, seen_by: MemberId | None) -> tuple[tuple[int, str, str], ...]:
        """(id, name, fold) of the people at the customers that somebody owns, works with or has a deal with, or of all."""
        ...

    def move_rows(self, subject: Subject, customer: CustomerId, to: CustomerId) -> int:
        """What is of one kind and a customer's becomes another's; how many rows."""
        ...

    def move_contact(self, contact: ContactId, to: ContactId) -> None:
        """Whatever names a person names another from now on."""
        ...

    def last_met(self, contact: Contact) -> date | None: ...
    def key_of_merged(self, key: str) -> CustomerId | None:
        """The customer with this folded name that became part of another and whose name still leads there."""
        ...

    def former_members(self) -> tuple[Member, ...]:
        """Everybody who has left."""
        ...

    def handed_to(self, member: MemberId) -> Change | None:
        """The last handover that gave somebody anything and stands."""
        ...

    # the day
    def add_activity(self, activity: Activity, wording: Wording) -> ActivityId: ...
    def activity(self, activity: ActivityId) -> tuple[Activity, Wording] | None: ...
    def revise_activity(self, activity: ActivityId, **values: Value) -> None: ...
    def recredit(self, records: Iterable[Activity]) -> None: ...
    def activities(self, member: MemberId, first: date, last: date) -> tuple[Activity, ...]: ...
    def history(self, customer: CustomerId, limit: int) -> tuple[Recent, ...]: ...
    def add_step(self, step: Step) -> StepId: ...
    def step(self, step: StepId) -> Step | None: ...
    def revise_step(self, step: StepId, **values: Value) -> None: ...
    def open_steps(self, member: MemberId) -> tuple[Step, ...]: ...
    def promised(self, member: MemberId, record: ActivityId) -> Step | None:
        """The last next step a record made, due as it was first said."""
        ...

    def report(self, member: MemberId, on: date) -> Report | None: ...
    def reports(self, member: MemberId, first: date, last: date) -> tuple[Report, ...]: ...
    def add_report(self, member: MemberId, on: date, sent_at: datetime, reflection: str) -> int: ...
    def revise_report(self, report: int, **values: Value) -> None: ...
    def ticks(self, member: MemberId, first: date, last: date) -> tuple[tuple[Metric, date], ...]: ...
    def add_tick(self, member: MemberId, metric: Metric, on: date) -> None: ...
    def note_seen(self, member: MemberId, metric: Metric, on: date) -> None: ...
    def leaves(self, member: MemberId) -> tuple[tuple[int, Leave], ...]: ...
    def add_leave(
        self, member: MemberId, leave: Leave, reason: str, cover: MemberId | None = None
    ) -> int: ...
    def covers(self, day: date) -> Mapping[MemberId, MemberId]:
        """Who is away on a day, and who does their due steps and approvals meanwhile."""
        ...

    def claims(self, member: MemberId, first: date, last: date) -> tuple[Claim, ...]: ...
    def add_claim(self, member: MemberId, claim: Claim) -> int: ...
    def calendar_days(self, first: date, last: date) -> tuple[CalendarDay, ...]:
        """Public holidays of the organisation's region first, then the days declared otherwise, each by date.

        Of one date the organisation's word comes first, then as they were declared.
        """
        ...

    def holidays(self, regions: Collection[str]) -> dict[str, dict[date, bool]]:
        """The public holidays of each region, and whether the day is worked."""
        ...

    def observe(self, region: str) -> None:
        """Somebody's days off are those of a region now: the edge loads its holidays within a minute."""
        ...

    def add_calendar_day(self, day: CalendarDay) -> int: ...
    def calendar(self, org: Organisation, member: Member) -> Calendar:
        """A person's working days: the organisation's week, the days declared otherwise, the own leave."""
        ...

    def withdraw(self, subject: Subject, number: int) -> None:
        """A row that is there no more; the fact that it went can be undone."""
        ...

    # changes
    @property
    def changed(self) -> bool: ...
    @property
    def command(self) -> str:
        """The name of this turn's command."""
        ...

    def name_change(self, command: str) -> None: ...
    def undoing(self, change: ChangeId) -> None: ...
    def change(self, change: ChangeId) -> Change | None: ...
    def latest_change(self, actor: MemberId) -> Change | None: ...
    def change_from(self, source: str) -> Change | None:
        """The first change a message made that stands; its edits are later ones."""
        ...

    def facts(self, change: ChangeId) -> tuple[Fact, ...]: ...
    def dependant(self, change: ChangeId) -> Change | None: ...
    def take_back(self, change: ChangeId, facts: Sequence[Fact], at: datetime) -> None: ...
    def came_with(self, customer: CustomerId, source: str) -> bool:
        """Whether a message made a customer."""
        ...

    def withdraw_unused(self, customer: CustomerId, source: str) -> None:
        """A customer that a message made goes again when nothing is about it any more."""
        ...

    def withdraw_letters(self, change: ChangeId) -> tuple[Posted, ...]: ...
    # what is said later
    def write(self, letter: Letter) -> None: ...
    def touch_card(self, key: str) -> None: ...
    def shown_cards(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of these cards that live on were sent to somebody."""
        ...

    def keep_draft(self, member: MemberId, chat: str, draft: Draft | None) -> None: ...
    def plan_pushes(self, member: MemberId, dues: Sequence[tuple[str, Due]]) -> None:
        """Replaces a person's next periods: after joining, and when zone, calendar or settings change."""
        ...

    def waited(self, member: MemberId) -> dict[str, DueRow]:
        """What a person waits for, by push."""
        ...

    def add_pushes(self, member: MemberId, dues: Sequence[tuple[str, Due]]) -> None:
        """A person's first periods of pushes nobody had before; the others stay."""
        ...

    def planned_pushes(self) -> frozenset[str]:
        """The pushes that anybody of the organisation has a next period of."""
        ...

    def plan_anew(self, members: Sequence[MemberId], now: datetime) -> None:
        """The next periods of these people are worked out again by the tick, a slice at a time."""
        ...

    def answered(self, member: MemberId, push: str) -> None:
        """The person acted on a push: what was ignored before it no longer counts."""
        ...

    def cancel_pushes(self, members: Sequence[MemberId], label: str) -> None:
        """Takes back what was due on a date and has not been sent."""
        ...

    # gathered for a slice of recipients
    def gather_members(
        self, org: Organisation, members: Sequence[MemberId]
    ) -> dict[MemberId, tuple[Member, Calendar]]: ...
    def gather_claims(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Claim, ...]]: ...
    def gather_activities(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Activity, ...]]: ...
    def gather_steps(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[Step, ...]]: ...
    def gather_reports(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Report, ...]]: ...
    def gather_closed(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, set[date]]:
        """Which of these days each has closed."""
        ...

    def gather_platforms(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[str, ...]]:
        """Where each has an account, the platform pushes go to first."""
        ...

    def gather_addresses(self, members: Sequence[MemberId]) -> dict[MemberId, Address]: ...

    # upkeep
    def own_figures(self, now: datetime) -> OwnFigures: ...

    # files
    def add_file(self, member: MemberId, kept: KeptFile, forwarded_from: str, at: datetime) -> FileId: ...
    def file(self, file: FileId) -> StoredFile | None: ...
    def files_of(self, files: Sequence[FileId]) -> tuple[StoredFile, ...]:
        """Those of them that are there, in the order asked for."""
        ...


class Directory(Protocol):
    """Who is who across organisations, before one is known; codes are kept as hashes only."""

    def who(self, at: Address, account: str) -> Known | None: ...
    def bind(self, at: Address, account: str, org: OrgId, member: MemberId) -> None: ...
    def found(self, organisation: Organisation) -> OrgId: ...
    def organisations(self) -> tuple[Organisation, ...]: ...
    def keep_owner_code(self, code_hash: str, expires_at: datetime) -> None: ...
    def owner_code(self, code_hash: str, now: datetime) -> bool: ...
    def use_owner_code(self, code_hash: str, now: datetime) -> None: ...
    def invitation(self, code_hash: str, now: datetime) -> Invitation | None: ...
    def use_invitation(self, org: OrgId, invitation: int, member: MemberId, now: datetime) -> None: ...
    def link_code(self, code_hash: str, now: datetime) -> tuple[OrgId, MemberId] | None: ...
    def use_link_code(self, code_hash: str, now: datetime) -> None:
        """Spends a code, and the others of the same person with it."""
        ...

    def owner_of_room(self, at: Address) -> OrgId | None:
        """Whose a group or channel is; a group with all its topics is one organisation's."""
        ...

    def living_at(self, at: Address) -> tuple[OrgId, MemberId] | None:
        """Whose own chat it is."""
        ...

    def revive(self, at: Address) -> None:
        """A person's own chat takes messages again."""
        ...

    def move_chat(self, old: Address, new: Address) -> None:
        """A chat got another number: rooms, cards, buttons, drafts and what is still to be sent follow it."""
        ...

    def wrong_codes(self, at: Address, account: str, since: datetime) -> int: ...
    def note_wrong_code(self, at: Address, account: str, now: datetime) -> None: ...
    def doorstep(self, at: Address) -> tuple[Language | None, Draft | None]: ...
    def keep_doorstep(self, at: Address, language: Language, draft: Draft | None) -> None: ...


class Inbox(Protocol):
    """What was delivered and not yet answered."""

    def keep(self, platform: str, delivery: str, lane: str, body: str, at: datetime) -> EventId | None: ...
    def waiting(self, after: EventId, limit: int) -> tuple[Delivered, ...]: ...
    def line_up(self, lanes: Sequence[str]) -> None:
        """Until the end of the transaction nobody else numbers deliveries of these lanes: none is seen too late."""
        ...

    def oldest(self, lane: str, after: EventId) -> Delivered | None:
        """The first of a lane, after another, that is not answered; until the end of the transaction the lane is nobody else's."""
        ...

    def done(self, event: EventId) -> None: ...
    def again(self) -> tuple[Delivered, ...]:
        """Takes the deliveries that were set aside and are to be handled again."""
        ...

    def failed(
        self, event: EventId, reference: str, *, quarantine: bool, org: OrgId | None = None, fault: str = ""
    ) -> None: ...
    def offset(self, platform: str) -> int: ...
    def keep_offset(self, platform: str, offset: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleCard:
    """A card that lives on and no longer shows what is so."""

    org_id: OrgId
    key: str
    to: Address
    message: str
    version: int
    digest: str
    language: Language
    member_id: MemberId


class Outbox(Protocol):
    """What is to be said, across organisations."""

    def write(self, letter: Letter) -> None: ...
    def claim(self, now: datetime, limit: int, platform: str | None = None) -> tuple[Letter, ...]: ...
    def next_due(self, platforms: Sequence[str] | None = None) -> datetime | None: ...
    def share(self, letters: Sequence[Letter]) -> None:
        """Leaves answers just written to whoever sends, in this process or in another, and tells them so."""
        ...

    def ring(self) -> None:
        """Tells the senders of other processes, once this is committed, that something may be due."""
        ...

    def whereabouts(self, keys: Sequence[str], dates: Collection[date] = ()) -> Mapping[str, Whereabouts]:
        """What has become of the people and places of these letters, and of these dates: two queries however many."""
        ...

    def sent(
        self, letter: Letter, message: str, digest: str, now: datetime, refused: str | None = None
    ) -> None:
        """It arrived; `refused` is what the platform said against our markup where only the plain words did."""
        ...

    def retry(self, key: str, at: datetime, outcome: Outcome, reason: str = "") -> None: ...
    def give_up(self, key: str, outcome: Outcome, now: datetime, reason: str = "") -> None:
        """It is not tried again: "dead", or "unknown" where it may have arrived."""
        ...

    def cancel(self, key: str, why: str) -> None:
        """It is wanted no more."""
        ...

    def recover(self, now: datetime, platform: str | None = None) -> int: ...
    def bury(self, to: Address, now: datetime) -> tuple[tuple[OrgId, MemberId], ...]:
        """A chat that takes nothing any more: a person there is lost since now; a room is unbound, its binders are named."""
        ...

    def lost(self, before: datetime) -> tuple[OrgId, tuple[tuple[MemberId, str], ...]] | None:
        """One organisation where somebody is lost since `before`: all of its lost, and the platform each is lost on."""
        ...

    def told_lost(self, org: OrgId) -> None:
        """Whoever was to hear of the lost of an organisation has been told."""
        ...

    def stale_cards(self, limit: int) -> tuple[StaleCard, ...]: ...
    def refreshed(self, stale: StaleCard, letter: Letter | None) -> None: ...
    def pressed(self, token: str, index: int) -> PressedButton | None: ...
    def use(self, token: str, index: int, now: datetime) -> None: ...
    def is_quiet(self, now: datetime, year: int) -> bool:
        """Whether the tick has nothing to do: nothing is due, no card is stale, the holidays of `year` are there."""
        ...

    def due(self, now: datetime, limit: int) -> tuple[DueRow, ...]: ...
    def due_deals(self, now: datetime, limit: int) -> tuple[tuple[OrgId, DealId], ...]:
        """The deals whose clocks are to be looked at by now."""
        ...

    def due_approvals(self, now: datetime, limit: int) -> tuple[tuple[OrgId, int], ...]:
        """The approvals that nobody decided in time."""
        ...

    def due_targets(self, now: datetime, limit: int) -> tuple[tuple[OrgId, int], ...]:
        """The targets about which nobody answered in time."""
        ...

    def due_snoozes(self, now: datetime, limit: int) -> tuple[tuple[OrgId, Snooze], ...]:
        """The cards that somebody wanted to see again by now."""
        ...

    def move_due(self, rows: Sequence[tuple[DueRow, str, Due | None]]) -> None:
        """Sets what was served last and what is waited for next; a push without a next period is dropped."""
        ...

    def unanswered(self, rows: Sequence[DueRow]) -> None:
        """One more of these pushes was sent and waits to be acted on."""
        ...

    def next_push(self) -> datetime | None: ...


class Holidays(Protocol):
    """Public holidays by region, the same for every organisation."""

    def wanted(self, year: int) -> tuple[str, ...]:
        """The regions somebody chose whose holidays of this year were not loaded yet."""
        ...

    def chosen(self) -> tuple[str, ...]: ...
    def keep(self, region: str, days: Sequence[Holiday], since: date, year: int) -> bool:
        """Replaces a region's days since a date, loaded through `year`; whether that changed anything."""
        ...


class Work(Protocol):
    """One open unit of work: all of it is kept or none."""

    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def people(self) -> Directory: ...
    @property
    def holidays(self) -> Holidays: ...
    @property
    def upkeep(self) -> Upkeep: ...
    @property
    def installation(self) -> Installation: ...
    def store(self, org: OrgId, change: Change | None = None) -> Store: ...
    def tidy(self, now: datetime) -> int: ...
    def named_files(self, kept_as: Sequence[str]) -> frozenset[str]:
        """Which of these names in the store of files a row of any organisation has."""
        ...


class Transactions(Protocol):
    """Opens units of work; the writer decides how many share one commit."""

    def begin(self) -> Work: ...
    def mark(self) -> None: ...
    def keep(self) -> None: ...
    def back(self) -> None: ...
    def standing(self) -> bool: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...


class Database(Protocol):
    """The embedded or the big database behind one face."""

    single_writer: bool

    def create(self, before: Callable[[str], None] = ...) -> None:
        """Makes it ready; `before` hears the revision of an embedded one that is about to be brought up to date."""
        ...

    def connect(self) -> Transactions: ...
    def is_conflict(self, error: Exception) -> bool: ...
    def is_outage(self, error: Exception) -> bool: ...
    def close(self) -> None: ...


Job = Callable[[Work], T]
