"""Calls that came to us.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "incoming_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_incoming_calls_person_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_incoming_calls_attempt_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_incoming_calls_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_calls")),
        sa.UniqueConstraint("key", name=op.f("uq_incoming_calls_key")),
        comment="attempt_id: it became a check-in. resume_at: when the person would have been called, had they not called us.",
    )
    op.create_index("ix_incoming_calls_attempt_id", "incoming_calls", ["attempt_id"], unique=False)
    op.create_index("ix_incoming_calls_at", "incoming_calls", ["at"], unique=False)


def downgrade():
    op.drop_table("incoming_calls")
