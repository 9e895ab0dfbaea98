"""Deals: their ladders, what belongs to each, approvals and stalled clocks; more about customers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "alert",
    "approval",
    "buyer",
    "checked",
    "collaborator",
    "deal",
    "deal_task",
    "evidence",
    "expense",
    "passage",
    "rival",
    "seller",
    "sheet",
    "stalled_count",
    "template",
)
POLICY = """
    CREATE POLICY own_org ON "{table}"
    USING (org_id::text = current_setting('dealpace.org', true)
           OR current_setting('dealpace.org', true) = 'installation')
"""
STANDING: dict[str, Any] = {
    "sqlite_where": sa.text("withdrawn = 0"),
    "postgresql_where": sa.text("withdrawn = false"),
}
# Columns that older rows must have too: they get the default, new rows say their own value.
ADDED: tuple[tuple[str, sa.Column[Any], str | None], ...] = (
    ("customer", sa.Column("segment", sa.Text(), nullable=False, server_default=""), "segment"),
    (
        "customer",
        sa.Column("buyer_type", sa.String(length=16), nullable=False, server_default=""),
        "buyer_type",
    ),
    ("customer", sa.Column("value", sa.Integer(), nullable=True), None),
    ("customer", sa.Column("fit", sa.Integer(), nullable=True), None),
    ("customer", sa.Column("decision_on", sa.Date(), nullable=True), None),
    ("customer", sa.Column("merged_into", sa.BigInteger(), nullable=True), None),
    ("contact", sa.Column("erased", sa.Boolean(), nullable=False, server_default=sa.false()), "erased"),
    ("activity", sa.Column("deal_id", sa.BigInteger(), nullable=True), None),
    ("step", sa.Column("deal_id", sa.BigInteger(), nullable=True), None),
)


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _tenant_table(name: str, *columns: sa.Column[Any] | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=f"fk_{name}_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name=f"pk_{name}"),
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column], [f"{other}.org_id", f"{other}.id"], name=f"fk_{table}_org_id_{column}"
    )


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for table, column, required in ADDED:
        op.add_column(table, column)
        if required and on_postgres:
            # SQLite keeps the default: to take it away the whole table would be made anew.
            op.alter_column(table, required, server_default=None)
    op.create_index("ix_customer_merged", "customer", ["org_id", "key"], **_only("merged_into IS NOT NULL"))
    op.create_index("ix_activity_deal", "activity", ["org_id", "deal_id", "on_date"])
    op.create_index("ix_step_deal", "step", ["org_id", "deal_id", "state"])
    _tenant_table(
        "collaborator",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("collaborator", "customer_id", "customer"),
        _to("collaborator", "member_id", "member"),
    )
    op.create_index("ix_collaborator_customer", "collaborator", ["org_id", "customer_id"])
    _tenant_table(
        "template",
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        _to("template", "made_by", "member"),
        sa.UniqueConstraint("org_id", "name", "version", name="uq_template_org_id_name_version"),
    )
    _tenant_table(
        "deal",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("milestone", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("close_on", sa.Date(), nullable=True),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("backs", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("unproven", sa.Text(), nullable=False),
        sa.Column("overridden", sa.Text(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("held_days", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.Column("resumed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("standing", sa.String(length=8), nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("shift_until", sa.Date(), nullable=True),
        sa.Column("shift_reason", sa.Text(), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("snooze_reason", sa.Text(), nullable=False),
        sa.Column("customer_on", sa.Date(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("warn_at", sa.BigInteger(), nullable=True),
        sa.Column("critical_at", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("check_at", sa.BigInteger(), nullable=True),
        sa.Column("quiet_until", sa.Date(), nullable=True),
        sa.Column("quiets", sa.Integer(), nullable=False),
        sa.Column("counted_owner", sa.BigInteger(), nullable=True),
        sa.Column("counted_team", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("deal", "customer_id", "customer"),
        _to("deal", "owner_id", "member"),
    )
    op.create_index("ix_deal_check", "deal", ["check_at"], **_only("check_at IS NOT NULL"))
    op.create_index("ix_deal_customer", "deal", ["org_id", "customer_id"])
    op.create_index("ix_deal_owner", "deal", ["org_id", "owner_id", "state"])
    op.create_index(
        "ix_deal_stalled", "deal", ["org_id", "level", "since", "id"], **_only("since IS NOT NULL")
    )
    op.create_index(
        "ix_deal_stalled_owner",
        "deal",
        ["org_id", "owner_id", "level", "since", "id"],
        **_only("since IS NOT NULL"),
    )
    op.create_index(
        "ix_deal_stalled_team",
        "deal",
        ["org_id", "team_id", "level", "since", "id"],
        **_only("since IS NOT NULL"),
    )
    op.create_index("ix_deal_template", "deal", ["org_id", "template_id", "milestone"])
    op.create_table(
        "stalled_count",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_stalled_count_org_id"),
        sa.PrimaryKeyConstraint("org_id", "owner_id", "team_id", "level", name="pk_stalled_count"),
    )
    op.create_table(
        "alert",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("led_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        _to("alert", "deal_id", "deal"),
        sa.PrimaryKeyConstraint("org_id", "deal_id", "level", "since", "slot", name="pk_alert"),
    )
    op.create_index("ix_alert_answered", "alert", ["org_id", "answered_at"])
    _tenant_table(
        "passage",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone", sa.Integer(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("passed", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("passage", "deal_id", "deal"),
    )
    op.create_index("ix_passage_deal", "passage", ["org_id", "deal_id"])
    op.create_index("ix_passage_milestone", "passage", ["org_id", "milestone", "left_on"])
    _tenant_table(
        "seller",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("seller", "deal_id", "deal"),
        _to("seller", "member_id", "member"),
    )
    op.create_index("ix_seller_deal", "seller", ["org_id", "deal_id"])
    op.create_index("ix_seller_member", "seller", ["org_id", "member_id"])
    _tenant_table(
        "buyer",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("roles", sa.String(length=40), nullable=False),
        sa.Column("influence", sa.Integer(), nullable=True),
        sa.Column("stance", sa.Integer(), nullable=True),
        sa.Column("stance_on", sa.Date(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("buyer", "contact_id", "contact"),
        _to("buyer", "deal_id", "deal"),
    )
    op.create_index("uq_buyer_contact", "buyer", ["org_id", "deal_id", "contact_id"], unique=True, **STANDING)
    _tenant_table(
        "checked",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.String(length=4), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("coach_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("checked", "deal_id", "deal"),
    )
    op.create_index("uq_checked_item", "checked", ["org_id", "deal_id", "item"], unique=True, **STANDING)
    _tenant_table(
        "deal_task",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("step_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("deal_task", "deal_id", "deal"),
    )
    op.create_index("ix_deal_task_deal", "deal_task", ["org_id", "deal_id"])
    _tenant_table(
        "evidence",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("evidence", "deal_id", "deal"),
    )
    op.create_index("ix_evidence_deal", "evidence", ["org_id", "deal_id"])
    _tenant_table(
        "sheet",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("tool", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("filled_on", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("sheet", "deal_id", "deal"),
    )
    op.create_index("ix_sheet_deal", "sheet", ["org_id", "deal_id"])
    _tenant_table(
        "rival",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("rival", "deal_id", "deal"),
    )
    op.create_index("ix_rival_deal", "rival", ["org_id", "deal_id"])
    _tenant_table(
        "expense",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("expense", "deal_id", "deal"),
    )
    op.create_index("ix_expense_deal", "expense", ["org_id", "deal_id"])
    _tenant_table(
        "approval",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("milestone", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.String(length=8), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("escalate_at", sa.BigInteger(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("approval", "asked_by", "member"),
        _to("approval", "customer_id", "customer"),
        _to("approval", "deal_id", "deal"),
    )
    op.create_index("ix_approval_deal", "approval", ["org_id", "deal_id"])
    op.create_index("ix_approval_escalate", "approval", ["escalate_at"], **_only("escalate_at IS NOT NULL"))
    op.create_index("ix_approval_open", "approval", ["org_id", "decision"])
    if on_postgres:
        for table in TENANT_TABLES:
            # FORCE, because the product connects as the owner of its tables.
            op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in (
        "approval", "expense", "rival", "sheet", "evidence", "deal_task", "checked", "buyer", "seller", "passage",
        "alert", "stalled_count", "deal", "template", "collaborator",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_index("ix_step_deal", "step")
    op.drop_index("ix_activity_deal", "activity")
    op.drop_index("ix_customer_merged", "customer")
    for table, column, _ in reversed(ADDED):
        op.drop_column(table, column.name)
