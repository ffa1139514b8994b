"""What a call had to do without: ears, voice.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("calls", sa.Column("without", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("calls", "without")
