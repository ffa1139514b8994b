"""Indexes by time, so that promises are checked over the last days at the same cost in a ledger of any size.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = (
    ("calls", ("answered_at",)),
    ("cases", ("person_id",)),
    ("cases", ("opened_at",)),
    ("cases", ("raised_at",)),
    ("signals", ("at",)),
)


def upgrade():
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def downgrade():
    for table, columns in reversed(INDEXES):
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
