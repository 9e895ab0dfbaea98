"""The first migration: every table, and row-level security on PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Generated on PostgreSQL and right on both; no server_default, which the two spell differently.
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TENANT_TABLES = (
    "activity",
    "card",
    "change",
    "contact",
    "customer",
    "draft",
    "due",
    "fact",
    "fact_words",
    "invite",
    "leave",
    "member",
    "report",
    "step",
    "team",
    "tick",
)
# A turn sees its organisation's rows, the installation's own jobs see all; where nothing was set, nothing is seen.
POLICY = """
    CREATE POLICY own_org ON "{table}"
    USING ({key}::text = current_setting('dealpace.org', true)
           OR current_setting('dealpace.org', true) = 'installation')
"""


def upgrade() -> None:
    op.create_table(
        "card_action",
        sa.Column("token", sa.String(length=24), nullable=False),
        sa.Column("org_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("commands", sa.Text(), nullable=False),
        sa.Column("card_key", sa.String(length=48), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_card_action"),
    )
    op.create_index("ix_card_action_expires_at", "card_action", ["expires_at"])
    op.create_table(
        "doorstep",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("part", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("platform", "chat", name="pk_doorstep"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=96), nullable=False),
        sa.Column("lane", sa.String(length=96), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("platform", "delivery", name="uq_inbox_platform_delivery"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inbox_new",
        "inbox",
        ["id"],
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_table(
        "letter",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("org_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("card_key", sa.String(length=48), nullable=True),
        sa.Column("token", sa.String(length=24), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(length=8), nullable=False),
        sa.Column("edits", sa.String(length=64), nullable=True),
        sa.Column("reply_to", sa.String(length=64), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("try_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("message", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint("key", name="uq_letter_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_letter_change", "letter", ["org_id", "change_id"])
    op.create_index(
        "ix_letter_due",
        "letter",
        ["try_at"],
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_table(
        "org",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("week", sa.String(length=7), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_org"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "owner_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name="pk_owner_code"),
    )
    op.create_table(
        "poll_offset",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", name="pk_poll_offset"),
    )
    op.create_table(
        "wrong_code",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_code"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wrong_code_account", "wrong_code", ["platform", "account", "at"])
    op.create_table(
        "change",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("command", sa.String(length=32), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_change_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_change"),
    )
    op.create_index("ix_change_actor", "change", ["org_id", "actor_id", "id"])
    op.create_table(
        "team",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.Column("deputy_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_team_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_team"),
    )
    op.create_table(
        "fact",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "change_id"], ["change.org_id", "change.id"], name="fk_fact_org_id_change_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "change_id", "n", name="pk_fact"),
    )
    op.create_index("ix_fact_subject", "fact", ["org_id", "subject", "subject_id"])
    op.create_table(
        "member",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.String(length=64), nullable=False),
        sa.Column("wanted_role", sa.String(length=16), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("day_starts", sa.Time(), nullable=False),
        sa.Column("nudged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "team_id"], ["team.org_id", "team.id"], name="fk_member_org_id_team_id"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_member_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_member"),
    )
    op.create_table(
        "card",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=48), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_card_org_id_member_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "key", "platform", "chat", name="pk_card"),
    )
    op.create_index(
        "ix_card_stale",
        "card",
        ["org_id", "key"],
        sqlite_where=sa.text("shown < version"),
        postgresql_where=sa.text("shown < version"),
    )
    op.create_table(
        "customer",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("is_key", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_id"], ["member.org_id", "member.id"], name="fk_customer_org_id_owner_id"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_customer_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_customer"),
    )
    op.create_index(
        "uq_customer_key",
        "customer",
        ["org_id", "key"],
        unique=True,
        sqlite_where=sa.text("withdrawn = 0"),
        postgresql_where=sa.text("withdrawn = false"),
    )
    op.create_table(
        "draft",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_draft_org_id_member_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "member_id", "chat", name="pk_draft"),
    )
    op.create_table(
        "due",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("push", sa.String(length=24), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_due_org_id_member_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "member_id", "push", name="pk_due"),
    )
    op.create_index("ix_due_due_at", "due", ["due_at"])
    op.create_table(
        "fact_words",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "change_id", "n"],
            ["fact.org_id", "fact.change_id", "fact.n"],
            name="fk_fact_words_org_id_change_id_n",
        ),
        sa.PrimaryKeyConstraint("org_id", "change_id", "n", name="pk_fact_words"),
    )
    op.create_table(
        "identity",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("alive", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_identity_org_id_member_id"
        ),
        sa.PrimaryKeyConstraint("platform", "account", name="pk_identity"),
    )
    op.create_index("ix_identity_member", "identity", ["org_id", "member_id"])
    op.create_table(
        "invite",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "invited_by"], ["member.org_id", "member.id"], name="fk_invite_org_id_invited_by"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_invite_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_invite"),
    )
    op.create_table(
        "leave",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_leave_org_id_member_id"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_leave_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_leave"),
    )
    op.create_index("ix_leave_member", "leave", ["org_id", "member_id", "last_on"])
    op.create_table(
        "report",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("reflection", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_report_org_id_member_id"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_report_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_report"),
    )
    op.create_index("ix_report_day", "report", ["org_id", "member_id", "on_date"])
    op.create_table(
        "tick",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(length=24), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_tick_org_id_member_id"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_tick_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_tick"),
    )
    op.create_index("ix_tick_day", "tick", ["org_id", "member_id", "on_date"])
    op.create_table(
        "activity",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("contact_ids", sa.Text(), nullable=False),
        sa.Column("has_result", sa.Boolean(), nullable=False),
        sa.Column("has_next", sa.Boolean(), nullable=False),
        sa.Column("replied", sa.Boolean(), nullable=False),
        sa.Column("key_customer", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("complete_at", sa.BigInteger(), nullable=True),
        sa.Column("credit", sa.String(length=16), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customer.org_id", "customer.id"],
            name="fk_activity_org_id_customer_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_activity_org_id_member_id"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_activity_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_activity"),
    )
    op.create_index("ix_activity_customer", "activity", ["org_id", "customer_id", "at"])
    op.create_index("ix_activity_member_day", "activity", ["org_id", "member_id", "on_date"])
    op.create_table(
        "contact",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customer.org_id", "customer.id"],
            name="fk_contact_org_id_customer_id",
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_contact_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_contact"),
    )
    op.create_index("ix_contact_customer", "contact", ["org_id", "customer_id"])
    op.create_table(
        "invite_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("invite_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "invite_id"], ["invite.org_id", "invite.id"], name="fk_invite_code_org_id_invite_id"
        ),
        sa.PrimaryKeyConstraint("code_hash", name="pk_invite_code"),
    )
    op.create_table(
        "step",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_time", sa.Time(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"], ["customer.org_id", "customer.id"], name="fk_step_org_id_customer_id"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_step_org_id_member_id"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_step_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_step"),
    )
    op.create_index("ix_step_open", "step", ["org_id", "member_id", "state", "due_on"])
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANT_TABLES:
            _protect(table, "org_id")
        _protect("org", "id")


def _protect(table: str, key: str) -> None:
    """FORCE, because the product connects as the owner of its tables."""
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(POLICY.format(table=table, key=key))


def downgrade() -> None:
    op.drop_table("step")
    op.drop_table("invite_code")
    op.drop_table("contact")
    op.drop_table("activity")
    op.drop_table("tick")
    op.drop_table("report")
    op.drop_table("leave")
    op.drop_table("invite")
    op.drop_table("identity")
    op.drop_table("fact_words")
    op.drop_table("due")
    op.drop_table("draft")
    op.drop_table("customer")
    op.drop_table("card")
    op.drop_table("member")
    op.drop_table("fact")
    op.drop_table("team")
    op.drop_table("change")
    op.drop_table("wrong_code")
    op.drop_table("poll_offset")
    op.drop_table("owner_code")
    op.drop_table("org")
    op.drop_table("letter")
    op.drop_table("inbox")
    op.drop_table("doorstep")
    op.drop_table("card_action")
