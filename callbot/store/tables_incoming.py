"""Calls that came to us. A number is found by its blind index, like a person's; what was said is encrypted."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from callbot.store.columns import hidden, metadata, moment, to, word

incoming_calls = Table(
    "incoming_calls", metadata, Column("id", Integer, primary_key=True), Column("key", Text, nullable=False, unique=True),
    moment("at", nullable=False), hidden("incoming_calls", "number"), Column("number_index", LargeBinary),
    to("persons", nullable=True), to("attempts", nullable=True), to("cases", nullable=True), moment("resume_at"),
    word("outcome", nullable=True), hidden("incoming_calls", "message"), moment("ended_at"),
    Index("ix_incoming_calls_attempt_id", "attempt_id"), Index("ix_incoming_calls_at", "at"),
    comment="attempt_id: it became a check-in. resume_at: when the person would have been called, had they not called us.",
)  # fmt: skip
