"""Who answers for a case and when: replies to pages, rosters, bundles of pages, texts, settings of a programme's paging."""

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from callbot.store.columns import count, flag, hidden, identity, metadata, moment, to, word

case_workers = Table(
    "case_workers", metadata, identity(), to("cases"), to("workers", nullable=True), to("accounts", nullable=True),
    to("pages", nullable=True), word("what"), word("via"), moment("at", nullable=False), Index(None, "case_id"),
    Index("ix_case_workers_worker_id_at", "worker_id", "at"),
    comment="Append-only: who took, declined, was given or closed a case, and by what (console, sms, link, voice).",
)  # fmt: skip

# --- the roster ------------------------------------------------------------------------------------------------------
roster_patterns = Table(
    "roster_patterns", metadata, identity(), to("programmes", nullable=True), to("workers"), word("role"),
    Column("hours", sa.JSON, nullable=False), moment("created_at", nullable=False), moment("ended_at"),
    Index(None, "programme_id"), comment="Standing duty: this worker stands for the role at these hours (weekday, night, ...).",
)  # fmt: skip
roster_shifts = Table(
    "roster_shifts", metadata, identity(), to("programmes", nullable=True), to("workers"), word("role", nullable=True), word("kind"),
    Column("covers_worker_id", Integer, ForeignKey("workers.id")), moment("starts_at", nullable=False),
    moment("ends_at", nullable=False), word("source", default="console"), Column("uid", Text), hidden("roster_shifts", "note"),
    moment("created_at", nullable=False), Column("created_by", Integer, ForeignKey("accounts.id")), moment("cancelled_at"),
    UniqueConstraint("uid"), Index(None, "ends_at"),
    comment="duty, leave, stand_in (대직), each from a moment up to another; cancelled, never deleted.",
)  # fmt: skip
public_days = Table(
    "public_days", metadata, Column("day", Date, primary_key=True), word("name"), word("source", default="calendar"),
    comment="Public holidays as the calendar gives them, and days that the municipality has added.",
)  # fmt: skip

# --- bundles ---------------------------------------------------------------------------------------------------------
page_cases = Table(
    "page_cases", metadata, identity(), to("pages"), to("cases"), UniqueConstraint("page_id", "case_id"), Index(None, "case_id"),
    comment="Every case that a digest or a storm's page is about; pages.case_id is the first of them.",
)  # fmt: skip
digest_items = Table(
    "digest_items", metadata, identity(), to("cases"), to("workers", nullable=True),
    Column("dedup_key", Text, nullable=False, unique=True), hidden("digest_items", "what"), moment("at", nullable=False),
    moment("due_at", nullable=False), to("pages", nullable=True), Index("ix_digest_items_page_id_due_at", "page_id", "due_at"),
    Index(None, "case_id"), comment="What a routine page would have said: waits for the worker's next digest.",
)  # fmt: skip
storms = Table(
    "storms", metadata, identity(), to("programmes"), word("cause"), moment("began_at", nullable=False),
    moment("last_at", nullable=False), moment("ended_at"), count("cases"), Index(None, "programme_id", "ended_at"),
    Index("uq_storms_one_open", "programme_id", unique=True, sqlite_where=sa.text("ended_at IS NULL"),
          postgresql_where=sa.text("ended_at IS NULL")),
    comment="Many missed at once: one page about the cause and one list, instead of a page a person.",
)  # fmt: skip

# --- texts and settings ----------------------------------------------------------------------------------------------
sms_texts = Table(
    "sms_texts", metadata, identity(), word("name"), Column("version", Integer, nullable=False), word("text"),
    moment("created_at", nullable=False), Column("created_by", Integer, ForeignKey("accounts.id")),
    UniqueConstraint("name", "version"),
    comment="Edited SMS templates, over the files of prompts/sms; an empty text goes back to the file.",
)  # fmt: skip
programme_paging = Table(
    "programme_paging", metadata, Column("programme_id", Integer, ForeignKey("programmes.id"), primary_key=True),
    Column("digest_times", sa.JSON, nullable=False), Column("storm_count", Integer, nullable=False),
    Column("storm_minutes", Integer, nullable=False), Column("page_budget", Integer, nullable=False),
    Column("long_pages", Boolean, nullable=False), flag("notify_day_before", default=False),
    flag("notify_missed", default=False), moment("changed_at"), Column("changed_by", Integer, ForeignKey("accounts.id")),
)  # fmt: skip
