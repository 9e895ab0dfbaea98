"""What is due, and what is to leave, has an index in its order; only letters of a change stand in the index of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OF_A_CHANGE = sa.text("change_id IS NOT NULL")
DUE = sa.text("state = 'due'")


def _index(name: str, columns: list[str], where: "sa.TextClause | None" = None) -> None:
    op.create_index(name, "letter", columns, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.drop_index("ix_due_due_at", table_name="due")
    op.create_index("ix_due_order", "due", ["due_at", "org_id", "member_id"])
    for name in ("ix_letter_change", "ix_letter_due"):
        op.drop_index(name, table_name="letter")
    _index("ix_letter_change", ["org_id", "change_id"], OF_A_CHANGE)
    _index("ix_letter_due", ["urgency", "try_at", "id"], DUE)
    _index("ix_letter_expires", ["not_after"], DUE)


def downgrade() -> None:
    for name in ("ix_letter_expires", "ix_letter_due", "ix_letter_change"):
        op.drop_index(name, table_name="letter")
    _index("ix_letter_due", ["try_at"], DUE)
    _index("ix_letter_change", ["org_id", "change_id"])
    op.drop_index("ix_due_order", table_name="due")
    op.create_index("ix_due_due_at", "due", ["due_at"])
