"""Rules of a district's own, the analyses that they are tried on, and what a rule in the shadow would have done."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from callbot.store.columns import count, hidden, hidden_json, identity, metadata, moment, state_of, to, word
from callbot.store.crypto import EncryptedBytes


class OwnRuleState(StrEnum):
    """A version is tried in the shadow or put in force, replaced by a later one or given up; it is never changed."""

    SHADOW = "shadow"
    LIVE = "live"
    ENDED = "ended"


def _of_call() -> Column[int]:
    return Column("call_id", Integer, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False)


analyses = Table(
    "analyses", metadata,
    Column("call_id", Integer, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    moment("at", nullable=False), Column("analyser", Text, nullable=False),
    Column("content", EncryptedBytes("analyses.content"), nullable=False), Index(None, "at"),
    comment="What was said in a call, analysed and packed (understand/analysis.py): as personal as the transcript.",
)  # fmt: skip
own_rules = Table(
    "own_rules", metadata, identity(), word("rule"), Column("version", Integer, nullable=False), *state_of(OwnRuleState),
    hidden_json("own_rules", "change"), hidden("own_rules", "why"), moment("created_at", nullable=False),
    Column("created_by", Integer, ForeignKey("accounts.id")), moment("live_from"), moment("ended_at"),
    Column("ended_by", Integer, ForeignKey("accounts.id")), count("calls_seen"), UniqueConstraint("rule", "version"),
    Index("uq_own_rules_one_a_state", "rule", "state", unique=True, sqlite_where=sa.text("state <> 'ended'"),
          postgresql_where=sa.text("state <> 'ended'")),
    comment="calls_seen: calls that ended while it was in the shadow.",
)  # fmt: skip
shadow_findings = Table(
    "shadow_findings", metadata, identity(), to("own_rules"), _of_call(), word("was"), word("would"),
    moment("at", nullable=False), UniqueConstraint("own_rule_id", "call_id"), Index(None, "call_id"),
    comment="Calls in which a rule in the shadow differed from the live one: the call's level, and what it would have been.",
)  # fmt: skip
