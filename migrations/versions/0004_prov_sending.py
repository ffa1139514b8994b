"""Notices to care recipients, hand-overs to providers, receipts, inbound messages; when a page is tried next.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=True),
        sa.Column("sender_index", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_messages")),
        sa.UniqueConstraint("provider", "event_key", name=op.f("uq_inbound_messages_provider_event_key")),
        comment="SMS and keys that came back, each handled once.",
    )
    with op.batch_alter_table("inbound_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbound_messages_handled_at"), ["handled_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("person_number_id", sa.Integer(), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_bytes", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("provider_result", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'sent', 'unsent', 'delivered', 'failed', 'unknown')",
            name=op.f("ck_notices_state"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notices_person_id")),
        sa.ForeignKeyConstraint(["person_number_id"], ["person_numbers.id"], name=op.f("fk_notices_person_number_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_notices_dedup_key")),
        comment="Outbox of SMS to care recipients: one of our pages to a worker is in `pages`. Never sent from 21:00 to 08:00.",
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_person_id_created_at"), ["person_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_state_next_try_at"), ["state", "next_try_at"], unique=False)

    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'sent', 'unsent', 'delivered', 'failed', 'unknown')",
            name=op.f("ck_hand_overs_state"),
        ),
        sa.CheckConstraint("(page_id IS NULL) <> (notice_id IS NULL)", name=op.f("ck_hand_overs_one_message")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_hand_overs_notice_id")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_hand_overs_page_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
        sa.UniqueConstraint("reference", name=op.f("uq_hand_overs_reference")),
        comment="Every time a provider was handed a message: written before it is sent, `pending`: certainly not taken.",
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_overs_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hand_overs_page_id"), ["page_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_hand_overs_provider_provider_reference"), ["provider", "provider_reference"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hand_overs_state_asked_at"), ["state", "asked_at"], unique=False)

    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hand_over_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["hand_over_id"], ["hand_overs.id"], name=op.f("fk_receipts_hand_over_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("provider", "event_key", name=op.f("uq_receipts_provider_event_key")),
        comment="Delivery reports as they came; one that came before the provider's answer waits here for it.",
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receipts_provider_provider_reference"), ["provider", "provider_reference"], unique=False
        )

    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_pages_state_next_try_at"), ["state", "next_try_at"], unique=False)


def downgrade():
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pages_state_next_try_at"))
        batch_op.drop_column("next_try_at")

    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipts_provider_provider_reference"))

    op.drop_table("receipts")
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hand_overs_state_asked_at"))
        batch_op.drop_index(batch_op.f("ix_hand_overs_provider_provider_reference"))
        batch_op.drop_index(batch_op.f("ix_hand_overs_page_id"))
        batch_op.drop_index(batch_op.f("ix_hand_overs_notice_id"))

    op.drop_table("hand_overs")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_state_next_try_at"))
        batch_op.drop_index(batch_op.f("ix_notices_person_id_created_at"))

    op.drop_table("notices")
    with op.batch_alter_table("inbound_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbound_messages_handled_at"))

    op.drop_table("inbound_messages")
