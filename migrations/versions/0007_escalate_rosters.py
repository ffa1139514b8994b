"""Replies to pages, rosters, digests and storms, edited SMS texts, a programme's paging.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "public_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="calendar", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_public_days")),
        comment="Public holidays as the calendar gives them, and days that the municipality has added.",
    )
    op.create_table(
        "storms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cases", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_storms_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storms")),
        comment="Many missed at once: one page about the cause and one list, instead of a page a person.",
    )
    op.create_index(op.f("ix_storms_programme_id_ended_at"), "storms", ["programme_id", "ended_at"], unique=False)
    op.create_table(
        "roster_patterns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_roster_patterns_programme_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_roster_patterns_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_patterns")),
        comment="Standing duty: this worker stands for the role at these hours (weekday, night, ...).",
    )
    op.create_index(op.f("ix_roster_patterns_programme_id"), "roster_patterns", ["programme_id"], unique=False)
    op.create_table(
        "programme_paging",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("digest_times", sa.JSON(), nullable=False),
        sa.Column("storm_count", sa.Integer(), nullable=False),
        sa.Column("storm_minutes", sa.Integer(), nullable=False),
        sa.Column("page_budget", sa.Integer(), nullable=False),
        sa.Column("long_pages", sa.Boolean(), nullable=False),
        sa.Column("notify_day_before", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("notify_missed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["accounts.id"], name=op.f("fk_programme_paging_changed_by")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_programme_paging_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_programme_paging")),
    )
    op.create_table(
        "roster_shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("covers_worker_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), server_default="console", nullable=False),
        sa.Column("uid", sa.Text(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["covers_worker_id"], ["workers.id"], name=op.f("fk_roster_shifts_covers_worker_id")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_roster_shifts_created_by")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_roster_shifts_programme_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_roster_shifts_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_shifts")),
        sa.UniqueConstraint("uid", name=op.f("uq_roster_shifts_uid")),
        comment="duty, leave, stand_in (대직), each from a moment up to another; cancelled, never deleted.",
    )
    op.create_index(op.f("ix_roster_shifts_ends_at"), "roster_shifts", ["ends_at"], unique=False)
    op.create_table(
        "sms_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_sms_texts_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_texts")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_sms_texts_name_version")),
        comment="Edited SMS templates, over the files of prompts/sms; an empty text goes back to the file.",
    )
    op.create_table(
        "case_workers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_case_workers_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_workers_case_id")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_case_workers_page_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_case_workers_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_workers")),
        comment="Append-only: who took, declined, was given or closed a case, and by what (console, sms, link, voice).",
    )
    op.create_index(op.f("ix_case_workers_case_id"), "case_workers", ["case_id"], unique=False)
    op.create_index("ix_case_workers_worker_id_at", "case_workers", ["worker_id", "at"], unique=False)
    op.create_table(
        "digest_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("what", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_digest_items_case_id")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_digest_items_page_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_digest_items_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_items")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_digest_items_dedup_key")),
        comment="What a routine page would have said: waits for the worker's next digest.",
    )
    op.create_index(op.f("ix_digest_items_case_id"), "digest_items", ["case_id"], unique=False)
    op.create_index("ix_digest_items_page_id_due_at", "digest_items", ["page_id", "due_at"], unique=False)
    op.create_table(
        "page_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_page_cases_case_id")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_page_cases_page_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_cases")),
        sa.UniqueConstraint("page_id", "case_id", name=op.f("uq_page_cases_page_id_case_id")),
        comment="Every case that a digest or a storm's page is about; pages.case_id is the first of them.",
    )
    op.create_index(op.f("ix_page_cases_case_id"), "page_cases", ["case_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_page_cases_case_id"), table_name="page_cases")
    op.drop_table("page_cases")
    op.drop_index("ix_digest_items_page_id_due_at", table_name="digest_items")
    op.drop_index(op.f("ix_digest_items_case_id"), table_name="digest_items")
    op.drop_table("digest_items")
    op.drop_index("ix_case_workers_worker_id_at", table_name="case_workers")
    op.drop_index(op.f("ix_case_workers_case_id"), table_name="case_workers")
    op.drop_table("case_workers")
    op.drop_table("sms_texts")
    op.drop_index(op.f("ix_roster_shifts_ends_at"), table_name="roster_shifts")
    op.drop_table("roster_shifts")
    op.drop_table("programme_paging")
    op.drop_index(op.f("ix_roster_patterns_programme_id"), table_name="roster_patterns")
    op.drop_table("roster_patterns")
    op.drop_index(op.f("ix_storms_programme_id_ended_at"), table_name="storms")
    op.drop_table("storms")
    op.drop_table("public_days")
