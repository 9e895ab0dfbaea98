"""The tables: rows of an organisation have keys `(org_id, id)`, personal words stand apart from the facts."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
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

from storage.types import Ids, Instant, Money

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# A counter that never hands out the same number twice, on both databases.
Counter = BigInteger().with_variant(Integer, "sqlite")
# The rows that a partial index holds.
WHERE = "where"
# Words a person may ask to have erased; facts keep them in their side table only.
PERSONAL = {"personal": True}


def _org_table(name: str, *columns: Column[Any] | ForeignKeyConstraint | UniqueConstraint | Index) -> Table:
    """A table of an organisation's rows; row-level security covers exactly these."""
    return Table(
        name,
        metadata,
        Column("org_id", BigInteger, nullable=False),
        Column("id", BigInteger, nullable=False),
        *columns,
        PrimaryKeyConstraint("org_id", "id"),
        ForeignKeyConstraint(["org_id"], ["org.id"]),
        info={"tenant": True},
    )


def _to(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def _id(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _word(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, info=PERSONAL)


def _withdrawn() -> Column[bool]:
    return Column("withdrawn", Boolean, nullable=False, default=False)


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
    sqlite_autoincrement=True,
)
team = _org_table(
    "team",
    Column("name", Text, nullable=False),
    _id("manager_id", nullable=True),
    _id("deputy_id", nullable=True),
)
member = _org_table(
    "member",
    Column("name", Text, nullable=False, info=PERSONAL),
    Column("roles", String(64), nullable=False),
    Column("wanted_role", String(16)),
    _id("team_id", nullable=True),
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
    _to("team", "team_id"),
)
# One chat identity belongs to one organisation; found before the organisation is known.
identity = Table(
    "identity",
    metadata,
    Column("platform", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    _id("org_id"),
    _id("member_id"),
    Column("chat", String(64), nullable=False),
    Column("alive", Boolean, nullable=False, default=True),
    PrimaryKeyConstraint("platform", "account"),
    _to("member", "member_id"),
    Index("ix_identity_member", "org_id", "member_id"),
)
# A group or channel that belongs to a team; bound to one organisation only, by an owner's word there.
room = _org_table(
    "room",
    _id("team_id"),
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    _id("bound_by"),
    _to("team", "team_id"),
    UniqueConstraint("platform", "chat"),
)
customer = _org_table(
    "customer",
    _word("name"),
    _word("key"),
    _id("owner_id"),
    Column("is_key", Boolean, nullable=False, default=False),
    _word("segment"),
    Column("buyer_type", String(16), nullable=False),
    Column("value", Integer),
    Column("fit", Integer),
    Column("decision_on", Date),
    _id("merged_into", nullable=True),
    _withdrawn(),
    _to("member", "owner_id"),
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
contact = _org_table(
    "contact",
    _id("customer_id"),
    _word("name"),
    _word("key"),
    _word("title"),
    Column("erased", Boolean, nullable=False, default=False),
    _withdrawn(),
    _to("customer", "customer_id"),
    Index("ix_contact_customer", "org_id", "customer_id"),
)
activity = _org_table(
    "activity",
    Column("kind", String(16), nullable=False),
    _id("member_id"),
    _id("team_id", nullable=True),
    _id("customer_id"),
    _id("deal_id", nullable=True),
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
    _word("result"),
    _word("next"),
    _word("purpose"),
    _withdrawn(),
    _to("member", "member_id"),
    _to("customer", "customer_id"),
    Index("ix_activity_member_day", "org_id", "member_id", "on_date"),
    Index("ix_activity_customer", "org_id", "customer_id", "at"),
    Index("ix_activity_deal", "org_id", "deal_id", "on_date"),
)
step = _org_table(
    "step",
    _id("member_id"),
    _id("customer_id"),
    Column("kind", String(16)),
    _word("text"),
    _word("who"),
    Column("due_on", Date),
    Column("due_time", Time),
    Column("state", String(8), nullable=False),
    _id("source_id", nullable=True),
    _id("deal_id", nullable=True),
    _withdrawn(),
    _to("member", "member_id"),
    _to("customer", "customer_id"),
    Index("ix_step_deal", "org_id", "deal_id", "state"),
    Index("ix_step_open", "org_id", "member_id", "state", "due_on"),
)
report = _org_table(
    "report",
    _id("member_id"),
    Column("on_date", Date, nullable=False),
    Column("sent_at", Instant, nullable=False),
    _word("reflection"),
    _withdrawn(),
    _to("member", "member_id"),
    Index("ix_report_day", "org_id", "member_id", "on_date"),
)
tick = _org_table(
    "tick",
    _id("member_id"),
    Column("metric", String(24), nullable=False),
    Column("on_date", Date, nullable=False),
    _withdrawn(),
    _to("member", "member_id"),
    Index("ix_tick_day", "org_id", "member_id", "on_date"),
)
# A number of records claimed at once (`/log calls 8`): counted apart, never verified.
claim = _org_table(
    "claim",
    _id("member_id"),
    Column("metric", String(24), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("effective", Integer, nullable=False),
    _withdrawn(),
    _to("member", "member_id"),
    Index("ix_claim_day", "org_id", "member_id", "on_date"),
)
# A colleague who works with somebody else's customer.
collaborator = _org_table(
    "collaborator",
    _id("customer_id"),
    _id("member_id"),
    _withdrawn(),
    _to("customer", "customer_id"),
    _to("member", "member_id"),
    Index("ix_collaborator_customer", "org_id", "customer_id"),
)
# A version of the milestone ladder as an organisation made it; the one that ships has no row.
template = _org_table(
    "template",
    Column("name", String(24), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    _id("made_by"),
    _to("member", "made_by"),
    UniqueConstraint("org_id", "name", "version"),
)
deal = _org_table(
    "deal",
    _id("customer_id"),
    _id("owner_id"),
    _id("team_id", nullable=True),
    _word("title"),
    Column("state", String(12), nullable=False),
    Column("milestone", Integer, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("amount", Money),
    Column("close_on", Date),
    Column("moves", Integer, nullable=False),
    Column("backs", Integer, nullable=False),
    Column("phase", String(16), nullable=False),
    _id("template_id"),
    Column("imported", Boolean, nullable=False),
    Column("unproven", Ids, nullable=False),
    Column("overridden", Ids, nullable=False),
    Column("approved", Integer, nullable=False),
    Column("held_days", Integer, nullable=False),
    Column("held_on", Date),
    Column("held_until", Date),
    Column("resumed_on", Date),
    Column("reason", String(24), nullable=False),
    _word("note"),
    _word("lesson"),
    _word("kept"),
    _word("contract"),
    Column("budget", Money),
    Column("closed_on", Date),
    # How the checklist stood when it closed ("7C1F0W"): what the table is calibrated with.
    Column("standing", String(8), nullable=False),
    Column("shift", Integer, nullable=False),
    Column("shift_until", Date),
    _word("shift_reason"),
    Column("snoozed_until", Date),
    _word("snooze_reason"),
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
    _id("counted_owner", nullable=True),
    _id("counted_team", nullable=True),
    _withdrawn(),
    _to("customer", "customer_id"),
    _to("member", "owner_id"),
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
    _id("org_id"),
    _id("owner_id"),
    _id("team_id"),
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
    _id("org_id"),
    _id("deal_id"),
    Column("level", Integer, nullable=False),
    Column("since", Date, nullable=False),
    Column("slot", Integer, nullable=False),
    # None while only whoever leads the team heard of it.
    Column("told_at", Instant),
    Column("led_at", Instant),
    Column("answer", String(16)),
    Column("answered_at", Instant),
    PrimaryKeyConstraint("org_id", "deal_id", "level", "since", "slot"),
    _to("deal", "deal_id"),
    Index("ix_alert_answered", "org_id", "answered_at"),
    info={"tenant": True},
)
# One stay in a milestone.
passage = _org_table(
    "passage",
    _id("deal_id"),
    Column("milestone", Integer, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("left_on", Date),
    Column("days", Integer),
    Column("passed", String(12)),
    _word("reason"),
    _withdrawn(),
    _to("deal", "deal_id"),
    Index("ix_passage_deal", "org_id", "deal_id"),
    Index("ix_passage_milestone", "org_id", "milestone", "left_on"),
)
seller = _org_table(
    "seller",
    _id("deal_id"),
    _id("member_id"),
    Column("part", String(16), nullable=False),
    Column("share", Integer, nullable=False),
    _withdrawn(),
    _to("deal", "deal_id"),
    _to("member", "member_id"),
    Index("ix_seller_deal", "org_id", "deal_id"),
    Index("ix_seller_member", "org_id", "member_id"),
)
# What one of the customer's people is on a deal: seen by the deal team and the manager only (method 1).
buyer = _org_table(
    "buyer",
    _id("deal_id"),
    _id("contact_id"),
    Column("roles", String(40), nullable=False),
    Column("influence", Integer),
    Column("stance", Integer),
    Column("stance_on", Date),
    _withdrawn(),
    _to("deal", "deal_id"),
    _to("contact", "contact_id"),
    Index(
        "uq_buyer_contact",
        "org_id",
        "deal_id",
        "contact_id",
        unique=True,
        info={WHERE: column("withdrawn") == false()},
    ),
)
checked = _org_table(
    "checked",
    _id("deal_id"),
    Column("item", String(4), nullable=False),
    _word("note"),
    _word("source"),
    Column("checked_on", Date, nullable=False),
    _id("activity_id", nullable=True),
    _id("confirmed_by", nullable=True),
    _id("coach_id", nullable=True),
    Column("confirmed_on", Date),
    _id("contact_id", nullable=True),
    _withdrawn(),
    _to("deal", "deal_id"),
    Index(
        "uq_checked_item",
        "org_id",
        "deal_id",
        "item",
        unique=True,
        info={WHERE: column("withdrawn") == false()},
    ),
)
deal_task = _org_table(
    "deal_task",
    _id("deal_id"),
    Column("milestone", Integer, nullable=False),
    Column("code", String(32), nullable=False),
    _word("text"),
    Column("done_on", Date),
    Column("due_on", Date),
    # The step that settles a task of the delivery.
    _id("step_id", nullable=True),
    _withdrawn(),
    _to("deal", "deal_id"),
    Index("ix_deal_task_deal", "org_id", "deal_id"),
)
evidence = _org_table(
    "evidence",
    _id("deal_id"),
    Column("milestone", Integer, nullable=False),
    Column("code", String(32), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("given_on", Date, nullable=False),
    _id("given_by"),
    _word("text"),
    _id("contact_id", nullable=True),
    _word("source"),
    _id("file_id", nullable=True),
    Column("superseded", Boolean, nullable=False),
    _withdrawn(),
    _to("deal", "deal_id"),
    Index("ix_evidence_deal", "org_id", "deal_id"),
)
# A filled card of the tool kit; `body` holds its fields as JSON.
sheet = _org_table(
    "sheet",
    _id("deal_id"),
    Column("tool", String(12), nullable=False),
    _word("body"),
    _id("contact_id", nullable=True),
    _word("about"),
    Column("filled_on", Date, nullable=False),
    _withdrawn(),
    _to("deal", "deal_id"),
    Index("ix_sheet_deal", "org_id", "deal_id"),
)
rival = _org_table(
    "rival",
    _id("deal_id"),
    _word("name"),
    _withdrawn(),
    _to("deal", "deal_id"),
    Index("ix_rival_deal", "org_id", "deal_id"),
)
expense = _org_table(
    "expense",
    _id("deal_id"),
    Column("amount", Money, nullable=False),
    Column("on_date", Date, nullable=False),
    _word("text"),
    _withdrawn(),
    _to("deal", "deal_id"),
    Index("ix_expense_deal", "org_id", "deal_id"),
)
# A decision asked of somebody else: a gate to pass, a customer claimed.
approval = _org_table(
    "approval",
    Column("kind", String(8), nullable=False),
    _id("deal_id", nullable=True),
    _id("customer_id", nullable=True),
    Column("milestone", Integer),
    _id("asked_by"),
    Column("asked_at", Instant, nullable=False),
    Column("rank", String(8), nullable=False),
    Column("told_at", Instant),
    Column("escalate_at", Instant),
    Column("asked", Ids, nullable=False),
    Column("covers", Ids, nullable=False),
    Column("decision", String(12), nullable=False),
    _id("decided_by", nullable=True),
    Column("decided_at", Instant),
    _word("reason"),
    _withdrawn(),
    _to("member", "asked_by"),
    _to("deal", "deal_id"),
    _to("customer", "customer_id"),
    Index("ix_approval_deal", "org_id", "deal_id"),
    Index("ix_approval_open", "org_id", "decision"),
    Index("ix_approval_escalate", "escalate_at", info={WHERE: text("escalate_at IS NOT NULL")}),
)
# Days on which everybody, or one team, does not work, or works against the week (China's moved working days).
calendar_day = _org_table(
    "calendar_day",
    _id("team_id", nullable=True),
    Column("on_date", Date, nullable=False),
    Column("works", Boolean, nullable=False),
    _word("note"),
    _withdrawn(),
    _to("team", "team_id"),
    Index("ix_calendar_day_on", "org_id", "on_date"),
)
leave = _org_table(
    "leave",
    _id("member_id"),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    _word("reason"),
    _id("cover_id", nullable=True),
    _withdrawn(),
    _to("member", "member_id"),
    Index("ix_leave_member", "org_id", "member_id", "last_on"),
)
# What changed, by whom, by which message: append-only. The id is the event's that caused it.
change = _org_table(
    "change",
    _id("actor_id"),
    Column("said_at", Instant, nullable=False),
    Column("command", String(32), nullable=False),
    _id("undoes", nullable=True),
    Column("undone_at", Instant),
    # The message it was said in, "platform:chat:message": who edits that message edits what it did.
    Column("source", String(160)),
    Index("ix_change_actor", "org_id", "actor_id", "id"),
    Index("ix_change_source", "org_id", "source"),
)
fact = Table(
    "fact",
    metadata,
    _id("org_id"),
    _id("change_id"),
    Column("n", Integer, nullable=False),
    Column("subject", String(16), nullable=False),
    _id("subject_id"),
    Column("field", String(24), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "change_id", "n"),
    _to("change", "change_id"),
    Index("ix_fact_subject", "org_id", "subject", "subject_id"),
    info={"tenant": True},
)
# The erasable words of a fact; the fact itself keeps a salted digest of them.
fact_words = Table(
    "fact_words",
    metadata,
    _id("org_id"),
    _id("change_id"),
    Column("n", Integer, nullable=False),
    Column("before", Text, nullable=False, info=PERSONAL),
    Column("after", Text, nullable=False, info=PERSONAL),
    PrimaryKeyConstraint("org_id", "change_id", "n"),
    ForeignKeyConstraint(["org_id", "change_id", "n"], ["fact.org_id", "fact.change_id", "fact.n"]),
    info={"tenant": True},
)
invite = _org_table(
    "invite",
    Column("role", String(16), nullable=False),
    _id("team_id", nullable=True),
    _id("invited_by"),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    _id("member_id", nullable=True),
    _to("member", "invited_by"),
)
# Found by hash before the organisation is known; an invitation has a typed code and a link.
invite_code = Table(
    "invite_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    _id("org_id"),
    _id("invite_id"),
    _to("invite", "invite_id"),
)
# A code that binds a second platform's account to a member already here.
link_code = Table(
    "link_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    _id("org_id"),
    _id("member_id"),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    _to("member", "member_id"),
)
draft = Table(
    "draft",
    metadata,
    _id("org_id"),
    _id("member_id"),
    Column("chat", String(64), nullable=False),
    Column("line", Text, nullable=False, info=PERSONAL),
    Column("part", String(24), nullable=False),
    Column("suspended", Boolean, nullable=False),
    PrimaryKeyConstraint("org_id", "member_id", "chat"),
    _to("member", "member_id"),
    info={"tenant": True},
)
due = Table(
    "due",
    metadata,
    _id("org_id"),
    _id("member_id"),
    Column("push", String(24), nullable=False),
    Column("label", String(16), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    # How many of this push in a row were sent and not acted on.
    Column("unanswered", Integer, nullable=False, default=0),
    PrimaryKeyConstraint("org_id", "member_id", "push"),
    _to("member", "member_id"),
    Index("ix_due_due_at", "due_at"),
    info={"tenant": True},
)
# A card that lives on: which message shows it, and whether it still shows what is so.
card = Table(
    "card",
    metadata,
    _id("org_id"),
    Column("key", String(48), nullable=False),
    _id("member_id"),
    Column("platform", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("message", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("org_id", "key", "platform", "chat"),
    _to("member", "member_id"),
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
    UniqueConstraint("platform", "delivery"),
    Index("ix_inbox_new", "id", info={WHERE: text("state = 'new'")}),
    sqlite_autoincrement=True,
)
poll_offset = Table(
    "poll_offset",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("next", BigInteger, nullable=False),
)
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
    Column("outcome", String(10)),
    Column("message", String(64)),
    Column("sent_at", Instant),
    UniqueConstraint("key"),
    Index("ix_letter_due", "try_at", info={WHERE: text("state = 'due'")}),
    Index("ix_letter_change", "org_id", "change_id"),
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
# What people sent to be kept; the bytes lie in the store of files under a random name.
file = _org_table(
    "file",
    _id("member_id"),
    Column("kind", String(8), nullable=False),
    _word("name"),
    Column("mime", String(128), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("kept_as", String(32), nullable=False),
    Column("platform", String(16), nullable=False),
    _word("ref"),
    _word("forwarded_from"),
    Column("at", Instant, nullable=False),
    _withdrawn(),
    _to("member", "member_id"),
    Index("ix_file_kept_as", "kept_as"),
)

TENANT_TABLES: tuple[Table, ...] = tuple(each for each in metadata.sorted_tables if each.info.get("tenant"))


def made_for(dialect: str) -> None:
    """Tells one dialect which indexes are partial: told to both where they are declared, all drivers would be loaded."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        if WHERE in index.info:
            index.dialect_options[dialect]["where"] = index.info[WHERE]
