"""How a person speaks and hears is kept: pauses inside their sentences, and how much louder we speak.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("persons", sa.Column("louder_db", sa.Float))
    op.add_column("persons", sa.Column("pauses", sa.JSON))


def downgrade():
    op.drop_column("persons", "pauses")
    op.drop_column("persons", "louder_db")
