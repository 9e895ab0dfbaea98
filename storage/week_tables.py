"""The tables of the week: numbers in cells, results, targets, scorecards, samples, boards, funnels."""

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
    UniqueConstraint,
    text,
)

from storage.columns import WHERE, metadata, number, org_table, to, withdrawn, word
from storage.types import Instant, Money

# A person's numbers of one day and of one week, replaced from recomputed credit (architecture 5a); sales in hundredths.
rollup_day = Table(
    "rollup_day",
    metadata,
    number("org_id"),
    number("member_id"),
    Column("on_date", Date, nullable=False),
    Column("cell", String(16), nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "member_id", "on_date", "cell"),
    to("member", "member_id"),
    info={"tenant": True},
)
rollup_week = Table(
    "rollup_week",
    metadata,
    number("org_id"),
    number("member_id"),
    Column("week_on", Date, nullable=False),
    Column("cell", String(16), nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "member_id", "week_on", "cell"),
    to("member", "member_id"),
    info={"tenant": True},
)
# What the last nightly recomputation found: how many cells it looked at, and how many were wrong.
rollup_check = Table(
    "rollup_check",
    metadata,
    number("org_id"),
    Column("checked_at", Instant, nullable=False),
    Column("cells", BigInteger, nullable=False),
    Column("wrong", BigInteger, nullable=False),
    Column("examples", Text, nullable=False),
    PrimaryKeyConstraint("org_id"),
    ForeignKeyConstraint(["org_id"], ["org.id"]),
    info={"tenant": True},
)
# Since when somebody is in a team: facts stay with the team of their date (method section 1).
team_stay = org_table(
    "team_stay",
    number("member_id"),
    number("team_id", nullable=True),
    Column("since", Date, nullable=False),
    to("member", "member_id"),
    Index("ix_team_stay_member", "org_id", "member_id", "since"),
)
# What a KPI is made of: won amounts by share, new customers, and whatever is typed or imported.
result = org_table(
    "result",
    number("member_id"),
    number("team_id", nullable=True),
    Column("kpi", String(24), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("value", Money, nullable=False),
    Column("origin", String(8), nullable=False),
    number("deal_id", nullable=True),
    number("customer_id", nullable=True),
    word("note"),
    number("made_by"),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_result_member", "org_id", "member_id", "kpi", "on_date"),
    Index("ix_result_deal", "org_id", "deal_id"),
    Index("ix_result_kpi", "org_id", "kpi"),
)
# What a customer owes of a won deal and when, and what came in.
instalment = org_table(
    "instalment",
    number("deal_id"),
    Column("amount", Money, nullable=False),
    Column("due_on", Date, nullable=False),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_instalment_deal", "org_id", "deal_id", "due_on"),
)
payment = org_table(
    "payment",
    number("deal_id"),
    Column("amount", Money, nullable=False),
    Column("on_date", Date, nullable=False),
    word("note"),
    number("made_by"),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_payment_deal", "org_id", "deal_id", "on_date"),
)
# How satisfied a customer said they are, 1 very dissatisfied .. 5 very satisfied; credited to `member_id`.
rating = org_table(
    "rating",
    number("customer_id"),
    number("deal_id", nullable=True),
    number("contact_id", nullable=True),
    number("member_id"),
    Column("value", Integer, nullable=False),
    Column("on_date", Date, nullable=False),
    word("note"),
    number("made_by"),
    withdrawn(),
    to("customer", "customer_id"),
    to("member", "member_id"),
    Index("ix_rating_member", "org_id", "member_id", "on_date"),
    Index("ix_rating_customer", "org_id", "customer_id"),
)
# The KPIs of a role and their weights, a version each; the one that ships has no row.
kpi_set = org_table(
    "kpi_set",
    Column("role", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("since", Date, nullable=False),
    number("made_by"),
    Column("made_at", Instant, nullable=False),
    withdrawn(),
    to("member", "made_by"),
    Index("ix_kpi_set_role", "org_id", "role", "version"),
)
# What a person or a team is to reach, and how it is agreed on (method section 5).
target = org_table(
    "target",
    number("member_id", nullable=True),
    number("team_id", nullable=True),
    Column("kpi", String(24), nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("amount", Money, nullable=False),
    word("quality"),
    Column("cost", Money),
    number("parent_id", nullable=True),
    Column("rounds", Integer, nullable=False),
    Column("step", String(8), nullable=False),
    Column("answer_by", Instant),
    number("answer_of", nullable=True),
    Column("silent", Boolean, nullable=False),
    number("made_by"),
    Column("made_at", Instant, nullable=False),
    Column("locked_at", Instant),
    withdrawn(),
    Index("ix_target_member", "org_id", "member_id", "kpi", "first_on"),
    Index("ix_target_team", "org_id", "team_id", "kpi", "first_on"),
    Index("ix_target_answer", "answer_by", info={WHERE: text("answer_by IS NOT NULL")}),
)
# One step of the round-trip: who said which amount, and why; `silent` where nobody answered in time.
target_step = org_table(
    "target_step",
    number("target_id"),
    Column("step", String(8), nullable=False),
    Column("amount", Money, nullable=False),
    number("by_id"),
    Column("at", Instant, nullable=False),
    word("reason"),
    Column("silent", Boolean, nullable=False),
    withdrawn(),
    to("target", "target_id"),
    Index("ix_target_step_target", "org_id", "target_id"),
)
# A frozen card, a version each: version 1 at 10:00, later ones with the reason of their correction.
scorecard = org_table(
    "scorecard",
    number("member_id"),
    number("team_id", nullable=True),
    Column("label", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("frozen_at", Instant, nullable=False),
    Column("total", Money),
    Column("body", Text, nullable=False),
    word("reason"),
    to("member", "member_id"),
    UniqueConstraint("org_id", "member_id", "label", "version"),
    Index("ix_scorecard_label", "org_id", "label"),
)
# A number of a card that its owner says is wrong.
dispute = org_table(
    "dispute",
    number("member_id"),
    Column("label", String(16), nullable=False),
    Column("kpi", String(24), nullable=False),
    Column("claimed", Money),
    word("reason"),
    Column("asked_at", Instant, nullable=False),
    Column("answer_by", Instant, nullable=False),
    Column("decision", String(12), nullable=False),
    number("decided_by", nullable=True),
    Column("decided_at", Instant),
    Column("granted", Money),
    word("answer"),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_dispute_member", "org_id", "member_id", "label"),
    Index("ix_dispute_open", "org_id", "decision"),
)
# One record of a week's quality sample and what was judged of it (method section 2).
sample = org_table(
    "sample",
    number("member_id"),
    Column("week_on", Date, nullable=False),
    number("activity_id"),
    Column("drawn_at", Instant, nullable=False),
    number("judge_id", nullable=True),
    Column("verdict", String(8), nullable=False),
    number("judged_by", nullable=True),
    Column("judged_at", Instant),
    word("reason"),
    word("appeal"),
    Column("appealed_at", Instant),
    Column("upheld", String(8), nullable=False),
    number("upheld_by", nullable=True),
    withdrawn(),
    to("member", "member_id"),
    to("activity", "activity_id"),
    Index("ix_sample_week", "org_id", "week_on", "member_id"),
)
# Something that does not fit together: the rep is asked first, privately.
doubt = org_table(
    "doubt",
    number("member_id"),
    Column("week_on", Date, nullable=False),
    Column("kind", String(12), nullable=False),
    number("activity_id", nullable=True),
    number("other_id", nullable=True),
    Column("asked_at", Instant),
    word("answer"),
    Column("answered_at", Instant),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_doubt_week", "org_id", "week_on", "member_id"),
)
# A team's board as it was posted; a correction is a new version with its reason.
board = org_table(
    "board",
    number("team_id"),
    Column("label", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    word("reason"),
    to("team", "team_id"),
    UniqueConstraint("org_id", "team_id", "label", "version"),
)
# A contest: its rules are frozen once it runs.
contest = org_table(
    "contest",
    number("team_id", nullable=True),
    Column("name", Text, nullable=False),
    Column("metric", String(24), nullable=False),
    Column("between", String(8), nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("minimum", Money, nullable=False),
    Column("prize", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("body", Text, nullable=False),
    number("made_by"),
    Column("made_at", Instant, nullable=False),
    withdrawn(),
    to("member", "made_by"),
    Index("ix_contest_state", "org_id", "state"),
)
award = org_table(
    "award",
    number("member_id"),
    number("team_id", nullable=True),
    Column("kind", String(12), nullable=False),
    Column("label", String(16), nullable=False),
    word("reason"),
    Column("on_date", Date, nullable=False),
    number("made_by", nullable=True),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_award_member", "org_id", "member_id"),
)
# One line of a rep about the week, and what the leader said to it.
week_report = org_table(
    "week_report",
    number("member_id"),
    Column("label", String(16), nullable=False),
    word("line"),
    Column("sent_at", Instant, nullable=False),
    word("comment"),
    number("commented_by", nullable=True),
    Column("commented_at", Instant),
    withdrawn(),
    to("member", "member_id"),
    Index("ix_week_report_member", "org_id", "member_id", "label"),
)
# A team's funnel at the start of a week: what changed is the difference of two.
funnel_snapshot = org_table(
    "funnel_snapshot",
    number("team_id"),
    Column("label", String(16), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    to("team", "team_id"),
    UniqueConstraint("org_id", "team_id", "label"),
)
# How a team that is below pace means to catch up: who does what by when.
correction_plan = org_table(
    "correction_plan",
    number("team_id"),
    word("text"),
    number("owner_id"),
    Column("due_on", Date, nullable=False),
    Column("state", String(8), nullable=False),
    number("made_by"),
    Column("made_at", Instant, nullable=False),
    withdrawn(),
    to("team", "team_id"),
    to("member", "owner_id"),
    Index("ix_correction_plan_team", "org_id", "team_id", "state"),
)
# What a leader decided about an exception of one week.
ruling = org_table(
    "ruling",
    number("deal_id"),
    Column("label", String(16), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("close_on", Date),
    number("made_by"),
    Column("made_at", Instant, nullable=False),
    withdrawn(),
    to("deal", "deal_id"),
    Index("ix_ruling_deal", "org_id", "deal_id"),
)
