"""Files people sent to be kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

POLICY = """
    CREATE POLICY own_org ON "file"
    USING (org_id::text = current_setting('dealpace.org', true)
           OR current_setting('dealpace.org', true) = 'installation')
"""


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kept_as", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("forwarded_from", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_file_org_id"),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"], ["member.org_id", "member.id"], name="fk_file_org_id_member_id"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_file"),
    )
    op.create_index("ix_file_kept_as", "file", ["kept_as"])
    if op.get_bind().dialect.name == "postgresql":
        # FORCE, because the product connects as the owner of its tables.
        op.execute('ALTER TABLE "file" ENABLE ROW LEVEL SECURITY')
        op.execute('ALTER TABLE "file" FORCE ROW LEVEL SECURITY')
        op.execute(POLICY)


def downgrade() -> None:
    op.drop_table("file")
