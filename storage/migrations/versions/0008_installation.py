"""The one row about the whole installation: paused or not, restored from when, backed up when."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paused", sa.String(length=8), nullable=True),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("restored_from", sa.BigInteger(), nullable=True),
        sa.Column("backed_up_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    # Without it a database is a copy that must not speak; this one speaks already.
    op.bulk_insert(made, [{"id": 1}])


def downgrade() -> None:
    op.drop_table("installation")
