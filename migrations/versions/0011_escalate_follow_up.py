"""Days of follow-up are found at the same cost in a ledger of any size.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_cases_follow_up_on", "cases", ["follow_up_on"])


def downgrade():
    op.drop_index("ix_cases_follow_up_on", "cases")
