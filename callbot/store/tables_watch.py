"""What the watch reads: which processes are alive, and what is wrong right now."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, Table, Text

from callbot.store.columns import metadata, moment, word

heartbeats = Table(
    "heartbeats", metadata, Column("name", Text, primary_key=True), Column("pid", Integer, nullable=False),
    moment("started_at", nullable=False), moment("at", nullable=False), moment("stopped_at"),
    Column("figures", sa.JSON, nullable=False),
    comment="One row a process (`serve:line-1`, `watch`), written every few seconds; figures: counts and words, nothing personal.",
)  # fmt: skip
health_facts = Table(
    "health_facts", metadata, Column("name", Text, primary_key=True), moment("since", nullable=False),
    moment("seen_at", nullable=False), word("detail", nullable=True),
    comment="What is wrong now and a human must know (`nobody_on_duty:3`); the row goes when it is over.",
)  # fmt: skip
