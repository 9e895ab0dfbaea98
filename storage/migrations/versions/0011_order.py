"""What is due has an index in the order in which it is served; only letters of a change stand in the index of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OF_A_CHANGE = sa.text("change_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_due_due_at", table_name="due")
    op.create_index("ix_due_order", "due", ["due_at", "org_id", "member_id"])
    op.drop_index("ix_letter_change", table_name="letter")
    op.create_index(
        "ix_letter_change",
        "letter",
        ["org_id", "change_id"],
        sqlite_where=OF_A_CHANGE,
        postgresql_where=OF_A_CHANGE,
    )


def downgrade() -> None:
    op.drop_index("ix_letter_change", table_name="letter")
    op.create_index("ix_letter_change", "letter", ["org_id", "change_id"])
    op.drop_index("ix_due_order", table_name="due")
    op.create_index("ix_due_due_at", "due", ["due_at"])
