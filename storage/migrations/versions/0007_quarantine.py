"""Whose delivery was set aside and what kind of error it met; and indexes for the figures of a running bot."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES: tuple[tuple[str, str, list[str], sa.ColumnElement[bool] | sa.TextClause], ...] = (
    ("ix_inbox_set_aside", "inbox", ["state", "received_at"], sa.text("state = 'poison' OR state = 'again'")),
    ("ix_letter_ended", "letter", ["state"], sa.text("state IN ('dead', 'expired', 'unknown')")),
    ("ix_identity_dead", "identity", ["org_id"], sa.column("alive") == sa.false()),
)


def upgrade() -> None:
    op.add_column("inbox", sa.Column("org_id", sa.BigInteger(), nullable=True))
    op.add_column("inbox", sa.Column("fault", sa.String(length=48), nullable=True))
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
    for name in ("fault", "org_id"):
        op.drop_column("inbox", name)
