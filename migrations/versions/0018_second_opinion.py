"""Whether a model was asked for its second opinion of a call, and what came of it.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("calls", sa.Column("opinion", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("calls", "opinion")
