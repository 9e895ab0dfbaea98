"""Rooms, second platforms, calendars, targets of one's own, and what edits and forms need."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT_TABLES = ("calendar_day", "claim", "room")
POLICY = """
    CREATE POLICY own_org ON "{table}"
    USING (org_id::text = current_setting('dealpace.org', true)
           OR current_setting('dealpace.org', true) = 'installation')
"""


def _tenant_table(name: str, *columns: sa.Column[object] | sa.Constraint) -> None:
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


def _required(table: str, *columns: sa.Column[object], **kept: bool) -> None:
    """Columns that must be there: existing rows get the default, new ones say their own value.

    `kept` are options of the table that SQLite does not tell, so that the table made anew would lose them.
    """
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
    with op.batch_alter_table(table, table_kwargs=kept) as batch:
        for column in columns:
            batch.alter_column(
                column.name, existing_type=column.type, existing_nullable=False, server_default=None
            )


def upgrade() -> None:
    quantities: sa.Column[object] = sa.Column("quantities", sa.Text(), nullable=False, server_default="{}")
    # Numbers of organisations are never given twice.
    _required("org", quantities, sqlite_autoincrement=True)
    _required(
        "member",
        sa.Column("quantities", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("digest_at", sa.Time(), nullable=False, server_default="09:00:00.000000"),
    )
    _required("due", sa.Column("unanswered", sa.Integer(), nullable=False, server_default="0"))
    for name in ("heard_on", "paused_until", "left_on"):
        op.add_column("member", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("member", sa.Column("pushes_to", sa.String(length=16), nullable=True))
    op.add_column("leave", sa.Column("cover_id", sa.BigInteger(), nullable=True))
    op.add_column("letter", sa.Column("form_trigger", sa.String(length=160), nullable=True))
    op.add_column("change", sa.Column("source", sa.String(length=160), nullable=True))
    op.create_index("ix_change_source", "change", ["org_id", "source"])
    _tenant_table(
        "room",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("bound_by", sa.BigInteger(), nullable=False),
        _to("room", "team_id", "team"),
        sa.UniqueConstraint("platform", "chat", name="uq_room_platform_chat"),
    )
    _tenant_table(
        "claim",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(length=24), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("effective", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("claim", "member_id", "member"),
    )
    op.create_index("ix_claim_day", "claim", ["org_id", "member_id", "on_date"])
    _tenant_table(
        "calendar_day",
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("calendar_day", "team_id", "team"),
    )
    op.create_index("ix_calendar_day_on", "calendar_day", ["org_id", "on_date"])
    op.create_table(
        "link_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        _to("link_code", "member_id", "member"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_link_code"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANT_TABLES:
            # FORCE, because the product connects as the owner of its tables.
            op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in ("link_code", "calendar_day", "claim", "room"):
        op.drop_table(table)
    op.drop_index("ix_change_source", "change")
    for table, columns in (
        ("change", ("source",)),
        ("letter", ("form_trigger",)),
        ("leave", ("cover_id",)),
        ("due", ("unanswered",)),
        ("org", ("quantities",)),
        (
            "member",
            ("quantities", "digest_at", "pushes_to", "heard_on", "paused_until", "left_on"),
        ),
    ):
        for column in columns:
            op.drop_column(table, column)
