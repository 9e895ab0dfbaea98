"""The week: numbers in cells, results, targets, scorecards, samples, boards, contests, funnels."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "rollup_check",
    "target",
    "board",
    "funnel_snapshot",
    "target_step",
    "award",
    "contest",
    "correction_plan",
    "ruling",
    "dispute",
    "doubt",
    "kpi_set",
    "result",
    "rollup_day",
    "rollup_week",
    "scorecard",
    "team_stay",
    "week_report",
    "rating",
    "instalment",
    "payment",
    "sample",
)
POLICY = """
    CREATE POLICY own_org ON "{table}"
    USING (org_id::text = current_setting('dealpace.org', true)
           OR current_setting('dealpace.org', true) = 'installation')
"""
# Columns that older rows must have too: they get the default, new rows say their own value.
ADDED: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("org", sa.Column("choices", sa.Text(), nullable=False, server_default="{}")),
    ("member", sa.Column("capability", sa.Integer(), nullable=False, server_default="100")),
    ("member", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.true())),
)
# Who was in a team before stays were kept has always been in it.
STAYS = sa.text(
    "INSERT INTO team_stay (org_id, id, member_id, team_id, since)"
    " SELECT org_id, id, id, team_id, joined_on FROM member"
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


def _sell_what_was_won(connection: sa.Connection) -> None:
    """What was won before results were kept: whole cents by share, those left over to the largest remainders."""
    won = connection.execute(
        sa.text(
            "SELECT org_id, id, owner_id, team_id, customer_id, amount, closed_on FROM deal WHERE state = 'won'"
            " AND amount > 0 AND closed_on IS NOT NULL AND withdrawn = :no ORDER BY org_id, closed_on, id"
        ).columns(closed_on=sa.Date()),
        {"no": False},
    ).all()
    numbers: dict[int, int] = {}
    for org, deal, owner, team, customer, amount, closed_on in won:
        others = connection.execute(
            sa.text(
                "SELECT member_id, share FROM seller WHERE org_id = :org AND deal_id = :deal AND share > 0"
                " AND member_id <> :owner AND withdrawn = :no ORDER BY id"
            ),
            {"org": org, "deal": deal, "owner": owner, "no": False},
        ).all()
        parts = [(owner, 100 - sum(share for _, share in others)), *((one, share) for one, share in others)]
        cents = [amount * share // 100 for _, share in parts]
        order = sorted(range(len(parts)), key=lambda i: (-(amount * parts[i][1] % 100), i))
        for i in order[: amount - sum(cents)]:
            cents[i] += 1
        for (member, _), value in zip(parts, cents, strict=True):
            if value:
                numbers[org] = numbers.get(org, 0) + 1
                connection.execute(
                    sa.text(
                        "INSERT INTO result (org_id, id, member_id, team_id, kpi, on_date, value, origin, deal_id,"
                        " customer_id, note, made_by, withdrawn) VALUES (:org, :id, :member, :team, 'sales', :on,"
                        " :value, 'derived', :deal, :customer, '', :owner, :no)"
                    ).bindparams(sa.bindparam("on", type_=sa.Date())),
                    {
                        "org": org, "id": numbers[org], "member": member, "team": team, "on": closed_on,
                        "value": value, "deal": deal, "customer": customer, "owner": owner, "no": False,
                    },
                )  # fmt: skip


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for table, column in ADDED:
        op.add_column(table, column)
        if on_postgres:
            # SQLite keeps the default: to take it away the whole table would be made anew.
            op.alter_column(table, column.name, server_default=None)
    op.create_table(
        "rollup_check",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("cells", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), nullable=False),
        sa.Column("examples", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name="fk_rollup_check_org_id"),
        sa.PrimaryKeyConstraint("org_id", name="pk_rollup_check"),
    )
    _tenant_table(
        "target",
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("kpi", sa.String(length=24), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=True),
        sa.Column("answer_of", sa.BigInteger(), nullable=True),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("locked_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_target_answer", "target", ["answer_by"], **_only("answer_by IS NOT NULL"))
    op.create_index("ix_target_member", "target", ["org_id", "member_id", "kpi", "first_on"])
    op.create_index("ix_target_team", "target", ["org_id", "team_id", "kpi", "first_on"])
    _tenant_table(
        "board",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _to("board", "team_id", "team"),
        sa.UniqueConstraint(
            "org_id", "team_id", "label", "version", name="uq_board_org_id_team_id_label_version"
        ),
    )
    _tenant_table(
        "funnel_snapshot",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _to("funnel_snapshot", "team_id", "team"),
        sa.UniqueConstraint("org_id", "team_id", "label", name="uq_funnel_snapshot_org_id_team_id_label"),
    )
    _tenant_table(
        "target_step",
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("target_step", "target_id", "target"),
    )
    op.create_index("ix_target_step_target", "target_step", ["org_id", "target_id"])
    _tenant_table(
        "award",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("award", "member_id", "member"),
    )
    op.create_index("ix_award_member", "award", ["org_id", "member_id"])
    _tenant_table(
        "contest",
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("metric", sa.String(length=24), nullable=False),
        sa.Column("between", sa.String(length=8), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("prize", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("contest", "made_by", "member"),
    )
    op.create_index("ix_contest_state", "contest", ["org_id", "state"])
    _tenant_table(
        "correction_plan",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("correction_plan", "owner_id", "member"),
        _to("correction_plan", "team_id", "team"),
    )
    op.create_index("ix_correction_plan_team", "correction_plan", ["org_id", "team_id", "state"])
    _tenant_table(
        "ruling",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("close_on", sa.Date(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("ruling", "deal_id", "deal"),
    )
    op.create_index("ix_ruling_deal", "ruling", ["org_id", "deal_id"])
    _tenant_table(
        "dispute",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("kpi", sa.String(length=24), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("dispute", "member_id", "member"),
    )
    op.create_index("ix_dispute_member", "dispute", ["org_id", "member_id", "label"])
    op.create_index("ix_dispute_open", "dispute", ["org_id", "decision"])
    _tenant_table(
        "doubt",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=True),
        sa.Column("other_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("doubt", "member_id", "member"),
    )
    op.create_index("ix_doubt_week", "doubt", ["org_id", "week_on", "member_id"])
    _tenant_table(
        "kpi_set",
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("kpi_set", "made_by", "member"),
    )
    op.create_index("ix_kpi_set_role", "kpi_set", ["org_id", "role", "version"])
    _tenant_table(
        "result",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("kpi", sa.String(length=24), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("result", "member_id", "member"),
    )
    op.create_index("ix_result_deal", "result", ["org_id", "deal_id"])
    op.create_index("ix_result_kpi", "result", ["org_id", "kpi"])
    op.create_index("ix_result_member", "result", ["org_id", "member_id", "kpi", "on_date"])
    op.create_table(
        "rollup_day",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("cell", sa.String(length=16), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        _to("rollup_day", "member_id", "member"),
        sa.PrimaryKeyConstraint("org_id", "member_id", "on_date", "cell", name="pk_rollup_day"),
    )
    op.create_table(
        "rollup_week",
        sa.Column("org_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("cell", sa.String(length=16), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        _to("rollup_week", "member_id", "member"),
        sa.PrimaryKeyConstraint("org_id", "member_id", "week_on", "cell", name="pk_rollup_week"),
    )
    _tenant_table(
        "scorecard",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _to("scorecard", "member_id", "member"),
        sa.UniqueConstraint(
            "org_id", "member_id", "label", "version", name="uq_scorecard_org_id_member_id_label_version"
        ),
    )
    op.create_index("ix_scorecard_label", "scorecard", ["org_id", "label"])
    _tenant_table(
        "team_stay",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        _to("team_stay", "member_id", "member"),
    )
    op.create_index("ix_team_stay_member", "team_stay", ["org_id", "member_id", "since"])
    _tenant_table(
        "week_report",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("commented_by", sa.BigInteger(), nullable=True),
        sa.Column("commented_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("week_report", "member_id", "member"),
    )
    op.create_index("ix_week_report_member", "week_report", ["org_id", "member_id", "label"])
    _tenant_table(
        "rating",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("rating", "customer_id", "customer"),
        _to("rating", "member_id", "member"),
    )
    op.create_index("ix_rating_customer", "rating", ["org_id", "customer_id"])
    op.create_index("ix_rating_member", "rating", ["org_id", "member_id", "on_date"])
    _tenant_table(
        "instalment",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("instalment", "deal_id", "deal"),
    )
    op.create_index("ix_instalment_deal", "instalment", ["org_id", "deal_id", "due_on"])
    _tenant_table(
        "payment",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("payment", "deal_id", "deal"),
    )
    op.create_index("ix_payment_deal", "payment", ["org_id", "deal_id", "on_date"])
    _tenant_table(
        "sample",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.Column("judge_id", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("judged_by", sa.BigInteger(), nullable=True),
        sa.Column("judged_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appealed_at", sa.BigInteger(), nullable=True),
        sa.Column("upheld", sa.String(length=8), nullable=False),
        sa.Column("upheld_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _to("sample", "activity_id", "activity"),
        _to("sample", "member_id", "member"),
    )
    op.create_index("ix_sample_week", "sample", ["org_id", "week_on", "member_id"])
    if on_postgres:
        # The owner of the tables sees no rows either, until it says that it is the installation (storage.scope).
        op.execute("SELECT set_config('dealpace.org', 'installation', true)")
    op.execute(STAYS)
    _sell_what_was_won(op.get_bind())
    if on_postgres:
        for table in TENANT_TABLES:
            # FORCE, because the product connects as the owner of its tables.
            op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in reversed(TENANT_TABLES):
        op.drop_table(table)
    for table, column in reversed(ADDED):
        op.drop_column(table, column.name)
