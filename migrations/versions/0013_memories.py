"""What is remembered of a person from call to call.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "memories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("quote", sa.LargeBinary(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("turn", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("first_heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('kept', 'silenced')", name=op.f("ck_memories_state")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_memories_person_id")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_memories_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memories")),
        comment="Deleted, not marked, when it is forgotten or its time is over. `silenced`: only the topic is left.",
    )
    op.create_index("ix_memories_person_id", "memories", ["person_id"], unique=False)
    op.create_index("ix_memories_expires_at", "memories", ["expires_at"], unique=False)


def downgrade():
    op.drop_table("memories")
