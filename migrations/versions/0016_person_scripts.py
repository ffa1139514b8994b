"""A script of one's own for a person.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("persons", sa.Column("script_name", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("persons", "script_name")
