"""A district's own rules, stored analyses of calls, and what rules in the shadow would have done.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "analyses",
        sa.Column("call_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("analyser", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_analyses_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_analyses")),
        comment="What was said in a call, analysed and packed (understand/analysis.py): as personal as the transcript.",
    )
    op.create_index("ix_analyses_at", "analyses", ["at"])
    op.create_table(
        "own_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("change", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("live_from", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("calls_seen", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("state IN ('shadow', 'live', 'ended')", name=op.f("ck_own_rules_state")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_own_rules_created_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["accounts.id"], name=op.f("fk_own_rules_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_rules")),
        sa.UniqueConstraint("rule", "version", name=op.f("uq_own_rules_rule_version")),
        comment="calls_seen: calls that ended while it was in the shadow.",
    )
    standing = sa.text("state <> 'ended'")
    op.create_index(
        "uq_own_rules_one_a_state",
        "own_rules",
        ["rule", "state"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_table(
        "shadow_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("own_rule_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("would", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["own_rule_id"], ["own_rules.id"], name=op.f("fk_shadow_findings_own_rule_id")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_shadow_findings_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_findings")),
        sa.UniqueConstraint("own_rule_id", "call_id", name=op.f("uq_shadow_findings_own_rule_id_call_id")),
        comment="Calls in which a rule in the shadow differed from the live one: the call's level, and what it would have been.",
    )
    op.create_index("ix_shadow_findings_call_id", "shadow_findings", ["call_id"])


def downgrade():
    op.drop_table("shadow_findings")
    op.drop_table("own_rules")
    op.drop_table("analyses")
