"""What became of each try to send a letter, and who is lost and not yet told of."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Older letters had their tries before anybody counted.
COUNTED = ("unsure", "recovered")
INDEXES: tuple[tuple[str, str, str, str], ...] = (
    ("ix_letter_unsure", "letter", "due_at", "unsure + recovered > 0"),
    ("ix_identity_lost", "identity", "lost_at", "lost_at IS NOT NULL"),
)


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for name in COUNTED:
        op.add_column("letter", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        if on_postgres:
            # SQLite keeps the default: to take it away the whole table would be made anew.
            op.alter_column("letter", name, server_default=None)
    added: tuple[tuple[str, sa.Column[Any]], ...] = (
        ("letter", sa.Column("reason", sa.String(length=80), nullable=True)),
        ("identity", sa.Column("lost_at", sa.BigInteger(), nullable=True)),
    )
    for table, column in added:
        op.add_column(table, column)
    for name, table, column_name, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, [column_name], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
    for table, names in (("letter", (*COUNTED, "reason")), ("identity", ("lost_at",))):
        for name in names:
            op.drop_column(table, name)
