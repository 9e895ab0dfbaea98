"""Public holidays by region, and which period of a push was served last."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Columns that older rows must have too: they get the default, new rows say their own value.
ADDED: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("org", sa.Column("region", sa.String(length=8), nullable=False, server_default="")),
    ("due", sa.Column("served", sa.String(length=16), nullable=False, server_default="")),
)


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for table, column in ADDED:
        op.add_column(table, column)
        if on_postgres:
            # SQLite keeps the default: to take it away the whole table would be made anew.
            op.alter_column(table, column.name, server_default=None)
    op.add_column("member", sa.Column("region", sa.String(length=8), nullable=True))
    op.create_table(
        "region",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_region"),
    )
    op.create_table(
        "holiday",
        sa.Column("region", sa.String(length=8), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region", "on_date", name="pk_holiday"),
    )


def downgrade() -> None:
    op.drop_table("holiday")
    op.drop_table("region")
    op.drop_column("member", "region")
    for table, column in ADDED:
        op.drop_column(table, column.name)
