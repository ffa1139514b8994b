"""Requests are tickets: a state, what came of it, a note.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("requests", sa.Column("state", sa.Text(), server_default="open", nullable=False))
    op.add_column("requests", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("requests", sa.Column("note", sa.LargeBinary(), nullable=True))
    op.add_column("requests", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_requests_state_at", "requests", ["state", "at"], unique=False)
    op.create_index("ix_requests_person_id", "requests", ["person_id"], unique=False)
    op.create_index("ix_requests_case_id", "requests", ["case_id"], unique=False)


def downgrade():
    for index in ("ix_requests_case_id", "ix_requests_person_id", "ix_requests_state_at"):
        op.drop_index(index, table_name="requests")
    for column in ("changed_at", "note", "outcome", "state"):
        op.drop_column("requests", column)
