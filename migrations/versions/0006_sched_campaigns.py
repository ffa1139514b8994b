"""Campaigns, tags, own holidays, decided hours; reminders of holds; which number an attempt calls, and whose it is.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("script_name", sa.Text(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("ladder", sa.JSON(), nullable=False),
        sa.Column("window_from", sa.Text(), nullable=False),
        sa.Column("window_until", sa.Text(), nullable=False),
        sa.Column("channels", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forecast", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'running', 'stopped')", name=op.f("ck_campaigns_state")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_campaigns_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        comment="A purpose campaign; its contacts are due_contacts with its id. `forecast`: as shown when it was started.",
    )
    op.create_index(op.f("ix_campaigns_programme_id_created_at"), "campaigns", ["programme_id", "created_at"])
    op.create_table(
        "person_tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("tag_index", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_person_tags_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_tags")),
        sa.UniqueConstraint("person_id", "tag_index", name=op.f("uq_person_tags_person_id_tag_index")),
        comment="Words for filters, e.g. 폭염취약; encrypted, because some tell of an illness. Found by blind index.",
    )
    op.create_index(op.f("ix_person_tags_tag_index"), "person_tags", ["tag_index"])
    op.create_table(
        "own_holidays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_holidays")),
        sa.UniqueConstraint("day", name=op.f("uq_own_holidays_day")),
        comment="Days that the calendar does not know: free (a temporary holiday), or not free after all.",
    )
    op.create_table(
        "hour_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_hour_decisions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_decisions")),
        comment="Append-only: what a worker decided about a proposed hour.",
    )
    op.create_index(op.f("ix_hour_decisions_person_id_at"), "hour_decisions", ["person_id", "at"])
    op.add_column("programmes", sa.Column("holiday_rounds", sa.JSON(), nullable=True))
    op.add_column("holds", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempts", sa.Column("relation", sa.Text(), server_default="self", nullable=False))
    # Both databases take a reference together with its column, which saves SQLite from rewriting the largest table.
    for column, table in (("campaign_id", "campaigns"), ("call_number_id", "person_numbers")):
        reference = f"CONSTRAINT fk_due_contacts_{column} REFERENCES {table} (id)"
        op.execute(f"ALTER TABLE due_contacts ADD COLUMN {column} INTEGER {reference}")
    op.create_index(op.f("ix_due_contacts_campaign_id"), "due_contacts", ["campaign_id"])


def downgrade():
    op.drop_index(op.f("ix_due_contacts_campaign_id"), "due_contacts")
    with op.batch_alter_table("due_contacts", schema=None) as batch_op:
        batch_op.drop_column("call_number_id")
        batch_op.drop_column("campaign_id")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_column("relation")
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.drop_column("reminded_at")
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.drop_column("holiday_rounds")
    op.drop_table("hour_decisions")
    op.drop_table("own_holidays")
    op.drop_table("person_tags")
    op.drop_table("campaigns")
