"""Manners: what kind a letter is of, news that wait for the day's message, cards to come again, mutes, what is heeded."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TENANT_TABLES = ("news", "mute", "snooze", "heeded")
POLICY = """
    CREATE POLICY own_org ON "{table}"
    USING (org_id::text = current_setting('dealpace.org', true)
           OR current_setting('dealpace.org', true) = 'installation')
"""
KINDLESS = ("letter", "card_action")
SAID = sa.text("kind IS NOT NULL")
WAITING = sa.text("told_at IS NULL")


def _of_member(name: str, *columns: "sa.Column[object] | sa.Constraint") -> None:
    op.create_table(
        name,
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name=f"fk_{name}_org_id_member_id"
        ),
    )


def _one_of_a_kind(name: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", "member_id", "kind", name=f"pk_{name}")


def upgrade() -> None:
    for table in KINDLESS:
        op.add_column(table, sa.Column("kind", sa.String(length=16), nullable=True))
    op.create_index(
        "ix_letter_said",
        "letter",
        ["org_id", "member_id", "due_at"],
        sqlite_where=SAID,
        postgresql_where=SAID,
    )
    _of_member(
        "news",
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "key", name="pk_news"),
    )
    op.create_index(
        "ix_news_waiting",
        "news",
        ["org_id", "member_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_news_told", "news", ["org_id", "member_id", "told_on"])
    op.create_index("ix_news_change", "news", ["org_id", "change_id"])
    _of_member("mute", sa.Column("until", sa.Date(), nullable=True), _one_of_a_kind("mute"))
    _of_member(
        "snooze",
        sa.Column("about", sa.Date(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        _one_of_a_kind("snooze"),
    )
    op.create_index("ix_snooze_due_at", "snooze", ["due_at"])
    _of_member(
        "heeded",
        sa.Column("acted", sa.Integer(), nullable=False),
        sa.Column("ignored", sa.Integer(), nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("open_at", sa.BigInteger(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        _one_of_a_kind("heeded"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANT_TABLES:
            # FORCE, because the product connects as the owner of its tables.
            op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in reversed(TENANT_TABLES):
        op.drop_table(table)
    op.drop_index("ix_letter_said", table_name="letter")
    for table in reversed(KINDLESS):
        op.drop_column(table, "kind")
