"""The tables: rows of an organisation have keys `(org_id, id)`, personal words stand apart from the facts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    column,
    false,
    text,
)

from storage import news_tables, week_tables
from storage.columns import PERSONAL, WHERE, Counter, number, org_table, to, withdrawn, word
from storage.columns import metadata as metadata
from storage.types import Ids, Instant, Money

org = Table(
    "org",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("week", String(7), nullable=False),
    Column("profile", String(16), nullable=False),
    Column("started_on", Date, nullable=False),
    # The daily plan where a role's differs from its profile's: {"rep": {"calls": 8}}.
    Column("quantities", Text, nullable=False, default="{}"),
    # The team choices of the method that differ from what ships (domain.choices): {"target_rounds": 2}.
    Column("choices", Text, nullable=False, default="{}"),
    # Whose public holidays are its days off: CN, US-NY; none when empty.
    Column("region", String(8), nullable=False, default=""),
    sqlite_autoincrement=True,
)
team = org_table(
    "team",
    Column("name", Text, nullable=False),
    number("manager_id", nullable=True),
    number("deputy_id", nullable=True),
)
member = org_table(
    "member",
    Column("name", Text, nullable=False, info=PERSONAL),
    Column("roles", String(64), nullable=False),
    Column("wanted_role", String(16)),
    number("team_id", nullable=True),
    Column("language", String(8), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("profile", String(16), nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("day_starts", Time, nullable=False),
    Column("nudged", Boolean, nullable=False),
    # The daily plan where a person's differs from the role's: {"calls": 8}.
    Column("quantities", Text, nullable=False),
    Column("digest_at", Time, nullable=False),
    Column("pushes_to", String(16)),
    Column("heard_on", Date),
    Column("paused_until", Date),
    Column("left_on", Date),
    # Hundredths of a whole share, when a team's target is decomposed to its reps (method section 5).
    Column("capability", Integer, nullable=False, default=100),
    # Whether the board may name them (method section 7).
    Column("named", Boolean, nullable=False, default=True),
    # Where it differs from the organisation's.
    Column("region", String(8)),
    to("team", "team_id"),
)
# One chat identity belongs to one organisation; found before the organisation is known.
identity = Table(
    "identity",
    metadata,
    Column("platform", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    number("org_id"),
    number("member_id"),
    Column("chat", String(64), nullable=False),
    Column("alive", Boolean, nullable=False, default=True),
    # Since when it takes nothing any more, until the manager was told.
    Column("lost_at", Instant),
    PrimaryKeyConstraint("platform", "account"),
    to("member", "member_id"),
    Index("ix_identity_member", "org_id", "member_id"),
    Index("ix_identity_dead", "org_id", info={WHERE: column("alive") == false()}),
    Index("ix_identity_lost", "lost_at", info={WHERE: text("lost_at IS NOT NULL")}),
)
# A group or channel that belongs to a team; bound to one organisation only, by an owner's word there.
room = org_table(
    "room",
    number("team_id"),
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    number("bound_by"),
    to("team", "team_id"),
    UniqueConstraint("platform", "chat"),
)
customer = org_table(
    "customer",
    word("name"),
    word("key"),
    number("owner_id"),
    Column("is_key", Boolean, nullable=False, default=False),
    word("segment"),
    Column("buyer_type", String(16), nullable=False),
    Column("value", Integer),
    Column("fit", Integer),
    Column("decision_on", Date),
    number("merged_into", nullable=True),
    withdrawn(),
    to("member", "owner_id"),
    Index(
        "uq_customer_key",
        "org_id",
        "key",
        unique=True,
        info={WHERE: column("withdrawn") == false()},
    ),
    # An old name leads to the customer that its own became part of.
    Index("ix_customer_merged", "org_id", "key", info={WHERE: text("merged_into IS NOT NULL")}),
)
contact = org_table(
    "contact",
    number("customer_id"),
    word("name"),
    word("key"),
    word("title"),
    Column("erased", Boolean, nullable=False, default=False),
    withdrawn(),
    to("customer", "customer_id"),
    Index("ix_contact_customer", "org_id", "customer_id"),
)
activity = org_table(
    "activity",
    Column("kind", String(16), nullable=False),
    number("member_id"),
    number("team_id", nullable=True),
    number("customer_id"),
    number("deal_id", nullable=True),
    Column("at", Instant, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("contact_ids", Ids, nullable=False),
    Column("has_result", Boolean, nullable=False),
    Column("has_next", Boolean, nullable=False),
    Column("replied", Boolean, nullable=False),
    Column("key_customer", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("complete_at", Instant),
    Column("credit", String(16), nullable=False),
    word("result"),
    word("next"),
    word("purpose"),
    withdrawn(),
    to("member", "member_id"),
    to("customer", "customer_id"),
    Index("ix_activity_member_day", "org_id", "member_id", "on_date"),
    Index("ix_activity_customer", "org_id", "customer_id", "at"),
    Index("ix_activity_deal", "org_id", "deal_id", "on_date"),
)
step = org_table(
    "step",
    number("member_id"),
    number("customer_id"),
    Column("kind", String(16)),
    word("text"),
    word("who"),
    Column("due_on", Date),
    Column("due_time", Time),
    Column("state", String(8), nullable=False),
    number("source_id", nullable=True),
    number("deal_id", nullable=True),
    withdrawn(),
    to("member", "member_id"),
    to("customer", "customer_id"),
    Index("ix_step_deal", "org_id", "deal_id", "state"),
    Index("ix_step_open", "org_id", "member_id", "state", "due_on"),
)
report = org_table(
    "report",
    number("member_id"),
    Column("on_date", Date, nullable=False),
    Column("sent_at", Instant, nullable=False),
    word("reflection"),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_report_day", "org_id", "member_id", "on_date"),
)
tick = org_table(
    "tick",
    number("member_id"),
    Column("metric", String(24), nullable=False),
    Column("on_date", Date, nullable=False),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_tick_day", "org_id", "member_id", "on_date"),
)
# A number of records claimed at once (`/log calls 8`): counted apart, never verified.
claim = org_table(
    "claim",
    number("member_id"),
    Column("metric", String(24), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("effective", Integer, nullable=False),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_claim_day", "org_id", "member_id", "on_date"),
)
# A colleague who works with somebody else's customer.
collaborator = org_table(
    "collaborator",
    number("customer_id"),
    number("member_id"),
    withdrawn(),
    to("customer", "customer_id"),
    to("member", "member_id"),
    Index("ix_collaborator_customer", "org_id", "customer_id"),
)
# A version of the milestone ladder as an organisation made it; the one that ships has no row.
template = org_table(
    "template",
    Column("name", String(24), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    number("made_by"),
    to("member", "made_by"),
    UniqueConstraint("org_id", "name", "version"),
)
deal = org_table(
    "deal",
    number("customer_id"),
    number("owner_id"),
    number("team_id", nullable=True),
    word("title"),
    Column("state", String(12), nullable=False),
    Column("milestone", Integer, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("amount", Money),
    Column("close_on", Date),
    Column("moves", Integer, nullable=False),
    Column("backs", Integer, nullable=False),
    Column("phase", String(16), nullable=False),
    number("template_id"),
    Column("imported", Boolean, nullable=False),
    Column("unproven", Ids, nullable=False),
    Column("overridden", Ids, nullable=False),
    Column("approved", Integer, nullable=False),
    Column("held_days", Integer, nullable=False),
    Column("held_on", Date),
    Column("held_until", Date),
    Column("resumed_on", Date),
    Column("reason", String(24), nullable=False),
    word("note"),
    word("lesson"),
    word("kept"),
    word("contract"),
    Column("budget", Money),
    Column("closed_on", Date),
    # How the checklist stood when it closed ("7C1F0W"): what the table is calibrated with.
    Column("standing", String(8), nullable=False),
    Column("shift", Integer, nullable=False),
    Column("shift_until", Date),
    word("shift_reason"),
    Column("snoozed_until", Date),
    word("snooze_reason"),
    # From here on derived (domain.deals.Clocks): no facts, set anew whenever something they come from changes.
    Column("customer_on", Date),
    Column("next_on", Date),
    Column("warn_at", Instant),
    Column("critical_at", Instant),
    Column("level", Integer, nullable=False),
    Column("since", Date),
    Column("check_at", Instant),
    Column("quiet_until", Date),
    Column("quiets", Integer, nullable=False),
    # Whose total it stands in: whoever had it when its clocks were set last.
    number("counted_owner", nullable=True),
    number("counted_team", nullable=True),
    withdrawn(),
    to("customer", "customer_id"),
    to("member", "owner_id"),
    Index("ix_deal_owner", "org_id", "owner_id", "state"),
    Index("ix_deal_customer", "org_id", "customer_id"),
    Index("ix_deal_template", "org_id", "template_id", "milestone"),
    Index("ix_deal_check", "check_at", info={WHERE: text("check_at IS NOT NULL")}),
    # The stalled list: the worst first, by index (architecture 5a).
    Index("ix_deal_stalled", "org_id", "level", "since", "id", info={WHERE: text("since IS NOT NULL")}),
    Index(
        "ix_deal_stalled_team",
        "org_id",
        "team_id",
        "level",
        "since",
        "id",
        info={WHERE: text("since IS NOT NULL")},
    ),
    Index(
        "ix_deal_stalled_owner",
        "org_id",
        "owner_id",
        "level",
        "since",
        "id",
        info={WHERE: text("since IS NOT NULL")},
    ),
)
# How many deals of a level an owner of a team has, and under owner 0 the whole team: totals without counting, and
# without a sum over all owners (architecture 5b).
stalled_count = Table(
    "stalled_count",
    metadata,
    number("org_id"),
    number("owner_id"),
    number("team_id"),
    Column("level", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    PrimaryKeyConstraint("org_id", "owner_id", "team_id", "level"),
    ForeignKeyConstraint(["org_id"], ["org.id"]),
    info={"tenant": True},
)
# One alert per deal, level and episode, repeated after seven days; what the owner answered stands beside it.
alert = Table(
    "alert",
    metadata,
    number("org_id"),
    number("deal_id"),
    Column("level", Integer, nullable=False),
    Column("since", Date, nullable=False),
    Column("slot", Integer, nullable=False),
    # None while only whoever leads the team heard of it.
    Column("told_at", Instant),
    Column("led_at", Instant),
    Column("answer", String(16)),
    Column("answered_at", Instant),
    PrimaryKeyConstraint("org_id", "deal_id", "level", "since", "slot"),
    to("deal", "deal_id"),
    Index("ix_alert_answered", "org_id", "answered_at"),
    info={"tenant": True},
)
# One stay in a milestone.
passage = org_table(
    "passage",
    number("deal_id"),
    Column("milestone", Integer, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("left_on", Date),
    Column("days", Integer),
    Column("passed", String(12)),
    word("reason"),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_passage_deal", "org_id", "deal_id"),
    Index("ix_passage_milestone", "org_id", "milestone", "left_on"),
)
seller = org_table(
    "seller",
    number("deal_id"),
    number("member_id"),
    Column("part", String(16), nullable=False),
    Column("share", Integer, nullable=False),
    withdrawn(),
    to("deal", "deal_id"),
    to("member", "member_id"),
    Index("ix_seller_deal", "org_id", "deal_id"),
    Index("ix_seller_member", "org_id", "member_id"),
)
# What one of the customer's people is on a deal: seen by the deal team and the manager only (method 1).
buyer = org_table(
    "buyer",
    number("deal_id"),
    number("contact_id"),
    Column("roles", String(40), nullable=False),
    Column("influence", Integer),
    Column("stance", Integer),
    Column("stance_on", Date),
    withdrawn(),
    to("deal", "deal_id"),
    to("contact", "contact_id"),
    Index(
        "uq_buyer_contact",
        "org_id",
        "deal_id",
        "contact_id",
        unique=True,
        info={WHERE: column("withdrawn") == false()},
    ),
)
checked = org_table(
    "checked",
    number("deal_id"),
    Column("item", String(4), nullable=False),
    word("note"),
    word("source"),
    Column("checked_on", Date, nullable=False),
    number("activity_id", nullable=True),
    number("confirmed_by", nullable=True),
    number("coach_id", nullable=True),
    Column("confirmed_on", Date),
    number("contact_id", nullable=True),
    withdrawn(),
    to("deal", "deal_id"),
    Index(
        "uq_checked_item",
        "org_id",
        "deal_id",
        "item",
        unique=True,
        info={WHERE: column("withdrawn") == false()},
    ),
)
deal_task = org_table(
    "deal_task",
    number("deal_id"),
    Column("milestone", Integer, nullable=False),
    Column("code", String(32), nullable=False),
    word("text"),
    Column("done_on", Date),
    Column("due_on", Date),
    # The step that settles a task of the delivery.
    number("step_id", nullable=True),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_deal_task_deal", "org_id", "deal_id"),
)
evidence = org_table(
    "evidence",
    number("deal_id"),
    Column("milestone", Integer, nullable=False),
    Column("code", String(32), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("given_on", Date, nullable=False),
    number("given_by"),
    word("text"),
    number("contact_id", nullable=True),
    word("source"),
    number("file_id", nullable=True),
    Column("superseded", Boolean, nullable=False),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_evidence_deal", "org_id", "deal_id"),
)
# A filled card of the tool kit; `body` holds its fields as JSON.
sheet = org_table(
    "sheet",
    number("deal_id"),
    Column("tool", String(12), nullable=False),
    word("body"),
    number("contact_id", nullable=True),
    word("about"),
    Column("filled_on", Date, nullable=False),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_sheet_deal", "org_id", "deal_id"),
)
rival = org_table(
    "rival",
    number("deal_id"),
    word("name"),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_rival_deal", "org_id", "deal_id"),
)
expense = org_table(
    "expense",
    number("deal_id"),
    Column("amount", Money, nullable=False),
    Column("on_date", Date, nullable=False),
    word("text"),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_expense_deal", "org_id", "deal_id"),
)
# A decision asked of somebody else: a gate to pass, a customer claimed.
approval = org_table(
    "approval",
    Column("kind", String(8), nullable=False),
    number("deal_id", nullable=True),
    number("customer_id", nullable=True),
    Column("milestone", Integer),
    number("asked_by"),
    Column("asked_at", Instant, nullable=False),
    Column("rank", String(8), nullable=False),
    Column("told_at", Instant),
    Column("escalate_at", Instant),
    Column("asked", Ids, nullable=False),
    Column("covers", Ids, nullable=False),
    Column("decision", String(12), nullable=False),
    number("decided_by", nullable=True),
    Column("decided_at", Instant),
    word("reason"),
    withdrawn(),
    to("member", "asked_by"),
    to("deal", "deal_id"),
    to("customer", "customer_id"),
    Index("ix_approval_deal", "org_id", "deal_id"),
    Index("ix_approval_open", "org_id", "decision"),
    Index("ix_approval_escalate", "escalate_at", info={WHERE: text("escalate_at IS NOT NULL")}),
)
# Days on which everybody, or one team, does not work, or works against the week (China's moved working days).
calendar_day = org_table(
    "calendar_day",
    number("team_id", nullable=True),
    Column("on_date", Date, nullable=False),
    Column("works", Boolean, nullable=False),
    word("note"),
    withdrawn(),
    to("team", "team_id"),
    Index("ix_calendar_day_on", "org_id", "on_date"),
)
leave = org_table(
    "leave",
    number("member_id"),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    word("reason"),
    number("cover_id", nullable=True),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_leave_member", "org_id", "member_id", "last_on"),
)
# What changed, by whom, by which message: append-only. The id is the event's that caused it.
change = org_table(
    "change",
    number("actor_id"),
    Column("said_at", Instant, nullable=False),
    Column("command", String(32), nullable=False),
    number("undoes", nullable=True),
    Column("undone_at", Instant),
    # The message it was said in, "platform:chat:message": who edits that message edits what it did.
    Column("source", String(160)),
    Index("ix_change_actor", "org_id", "actor_id", "id"),
    Index("ix_change_source", "org_id", "source"),
)
fact = Table(
    "fact",
    metadata,
    number("org_id"),
    number("change_id"),
    Column("n", Integer, nullable=False),
    Column("subject", String(16), nullable=False),
    number("subject_id"),
    Column("field", String(24), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "change_id", "n"),
    to("change", "change_id"),
    Index("ix_fact_subject", "org_id", "subject", "subject_id"),
    info={"tenant": True},
)
# The erasable words of a fact; the fact itself keeps a salted digest of them.
fact_words = Table(
    "fact_words",
    metadata,
    number("org_id"),
    number("change_id"),
    Column("n", Integer, nullable=False),
    Column("before", Text, nullable=False, info=PERSONAL),
    Column("after", Text, nullable=False, info=PERSONAL),
    PrimaryKeyConstraint("org_id", "change_id", "n"),
    ForeignKeyConstraint(["org_id", "change_id", "n"], ["fact.org_id", "fact.change_id", "fact.n"]),
    info={"tenant": True},
)
invite = org_table(
    "invite",
    Column("role", String(16), nullable=False),
    number("team_id", nullable=True),
    number("invited_by"),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    number("member_id", nullable=True),
    to("member", "invited_by"),
)
# Found by hash before the organisation is known; an invitation has a typed code and a link.
invite_code = Table(
    "invite_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    number("org_id"),
    number("invite_id"),
    to("invite", "invite_id"),
)
# A code that binds a second platform's account to a member already here.
link_code = Table(
    "link_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    number("org_id"),
    number("member_id"),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    to("member", "member_id"),
)
draft = Table(
    "draft",
    metadata,
    number("org_id"),
    number("member_id"),
    Column("chat", String(64), nullable=False),
    Column("line", Text, nullable=False, info=PERSONAL),
    Column("part", String(24), nullable=False),
    Column("suspended", Boolean, nullable=False),
    PrimaryKeyConstraint("org_id", "member_id", "chat"),
    to("member", "member_id"),
    info={"tenant": True},
)
# The regions somebody chose, and the last year whose holidays were loaded.
region = Table(
    "region",
    metadata,
    Column("code", String(8), primary_key=True),
    Column("through", Integer, nullable=False),
)
# Public holidays and moved working days, as the edge loaded them: the same for every organisation.
holiday = Table(
    "holiday",
    metadata,
    Column("region", String(8), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("works", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("region", "on_date"),
)
due = Table(
    "due",
    metadata,
    number("org_id"),
    number("member_id"),
    Column("push", String(24), nullable=False),
    Column("label", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    # How many of this push in a row were sent and not acted on.
    Column("unanswered", Integer, nullable=False, default=0),
    # The label of the last period that was served; empty before the first.
    Column("served", String(16), nullable=False, default=""),
    PrimaryKeyConstraint("org_id", "member_id", "push"),
    to("member", "member_id"),
    # In the order in which they are served: who is due at the same minute is not gone through for every slice.
    Index("ix_due_order", "due_at", "org_id", "member_id"),
    info={"tenant": True},
)
# A card that lives on: which message shows it, and whether it still shows what is so.
card = Table(
    "card",
    metadata,
    number("org_id"),
    Column("key", String(48), nullable=False),
    number("member_id"),
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("message", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("org_id", "key", "platform", "chat"),
    to("member", "member_id"),
    Index(
        "ix_card_stale",
        "org_id",
        "key",
        info={WHERE: text("shown < version")},
    ),
    info={"tenant": True},
)
# The rows below belong to the installation: they are read before an organisation is known, or across all.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("platform", String(16), nullable=False),
    Column("delivery", String(96), nullable=False),
    Column("lane", String(96), nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reference", String(16)),
    # Of a delivery that was set aside: whose it was, as far as that is known, and the kind of error it met.
    Column("org_id", BigInteger),
    Column("fault", String(48)),
    UniqueConstraint("platform", "delivery"),
    Index("ix_inbox_new", "id", info={WHERE: text("state = 'new'")}),
    Index(
        "ix_inbox_set_aside",
        "state",
        "received_at",
        info={WHERE: text("state = 'poison' OR state = 'again'")},
    ),
    sqlite_autoincrement=True,
)
poll_offset = Table(
    "poll_offset",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("next", BigInteger, nullable=False),
)
# The states of letters that did not arrive, or that nobody knows of, and that are not tried again.
ENDED = ("dead", "expired", "unknown")
letter = Table(
    "letter",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("key", String(96), nullable=False),
    Column("org_id", BigInteger),
    Column("member_id", BigInteger),
    Column("change_id", BigInteger),
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("card", Text, nullable=False, info=PERSONAL),
    Column("card_key", String(48)),
    Column("token", String(24)),
    Column("urgency", Integer, nullable=False),
    Column("delivery", String(8), nullable=False),
    Column("edits", String(64)),
    Column("reply_to", String(64)),
    # What a platform gives for a moment to open a form with.
    Column("form_trigger", String(160)),
    Column("due_at", Instant, nullable=False),
    Column("try_at", Instant, nullable=False),
    Column("not_after", Instant),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    # How many tries had an answer that says nothing, and how many starts found it under way: with either it may have
    # been sent twice.
    Column("unsure", Integer, nullable=False, default=0),
    Column("recovered", Integer, nullable=False, default=0),
    Column("outcome", String(10)),
    # What the platform said against it last, or why it is wanted no more.
    Column("reason", String(80)),
    Column("message", String(64)),
    Column("sent_at", Instant),
    # What was said unasked is of a kind (domain.kinds); an answer is of none.
    Column("kind", String(16)),
    UniqueConstraint("key"),
    Index("ix_letter_said", "org_id", "member_id", "due_at", info={WHERE: text("kind IS NOT NULL")}),
    # In the order in which they leave: of ten thousand that are due only those that are claimed are read.
    Index("ix_letter_due", "urgency", "try_at", "id", info={WHERE: text("state = 'due'")}),
    Index("ix_letter_expires", "not_after", info={WHERE: text("state = 'due'")}),
    Index("ix_letter_change", "org_id", "change_id", info={WHERE: text("change_id IS NOT NULL")}),
    Index("ix_letter_ended", "state", info={WHERE: text("state IN ('dead', 'expired', 'unknown')")}),
    Index("ix_letter_unsure", "due_at", info={WHERE: text("unsure + recovered > 0")}),
    sqlite_autoincrement=True,
)
card_action = Table(
    "card_action",
    metadata,
    Column("token", String(24), primary_key=True),
    Column("org_id", BigInteger),
    Column("member_id", BigInteger),
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("commands", Text, nullable=False, info=PERSONAL),
    Column("card_key", String(48)),
    Column("expires_at", Instant, nullable=False),
    Column("used", Text, nullable=False),
    Column("kind", String(16)),
    Index("ix_card_action_expires_at", "expires_at"),
)
owner_code = Table(
    "owner_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
wrong_code = Table(
    "wrong_code",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("platform", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_wrong_code_account", "platform", "account", "at"),
    sqlite_autoincrement=True,
)
# Somebody not yet known: the language chosen and what was asked.
doorstep = Table(
    "doorstep",
    metadata,
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("line", Text),
    Column("part", String(24)),
    PrimaryKeyConstraint("platform", "chat"),
)
# One row about the whole: a copy that was restored is paused until somebody says that the original is gone.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("paused", String(8)),
    Column("paused_at", Instant),
    Column("restored_from", Instant),
    Column("backed_up_at", Instant),
)
# What people sent to be kept; the bytes lie in the store of files under a random name.
file = org_table(
    "file",
    number("member_id"),
    Column("kind", String(8), nullable=False),
    word("name"),
    Column("mime", String(128), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("kept_as", String(32), nullable=False),
    Column("platform", String(16), nullable=False),
    word("ref"),
    word("forwarded_from"),
    Column("at", Instant, nullable=False),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_file_kept_as", "kept_as"),
)

# The tables of the week, under the one name all rows are found by.
rollup_day = week_tables.rollup_day
rollup_week = week_tables.rollup_week
rollup_check = week_tables.rollup_check
team_stay = week_tables.team_stay
result = week_tables.result
instalment = week_tables.instalment
payment = week_tables.payment
rating = week_tables.rating
kpi_set = week_tables.kpi_set
target = week_tables.target
target_step = week_tables.target_step
scorecard = week_tables.scorecard
dispute = week_tables.dispute
sample = week_tables.sample
doubt = week_tables.doubt
board = week_tables.board
contest = week_tables.contest
award = week_tables.award
week_report = week_tables.week_report
funnel_snapshot = week_tables.funnel_snapshot
correction_plan = week_tables.correction_plan
ruling = week_tables.ruling

# How people are spoken to.
news = news_tables.news
mute = news_tables.mute
snooze = news_tables.snooze
heeded = news_tables.heeded

TENANT_TABLES: tuple[Table, ...] = tuple(each for each in metadata.sorted_tables if each.info.get("tenant"))


def made_for(dialect: str) -> None:
    """Tells one dialect which indexes are partial: told to both where they are declared, all drivers would be loaded."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        if WHERE in index.info:
            index.dialect_options[dialect]["where"] = index.info[WHERE]
