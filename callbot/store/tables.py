"""Every table of the ledger (SQLAlchemy Core).

Core and not the ORM: every write here is a guarded `UPDATE ... WHERE state = ... AND token = ...` in a short transaction,
and what matters is exactly which statement runs when. An identity map, autoflush and lazy loading would hide that.

Names, numbers, addresses, transcripts and free text are encrypted (`EncryptedText`, `EncryptedJson`); a phone number is
found by its blind index. Times are aware UTC. Words in `state`, `kind` and so on are the StrEnum values of the stages.
"""

import sqlalchemy as sa
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from callbot.dial.attempt import AttemptState
from callbot.escalate.case import CaseState
from callbot.escalate.page_state import PageState
from callbot.schedule.due_contact import DueState
from callbot.store.columns import count as _count
from callbot.store.columns import flag as _flag
from callbot.store.columns import hidden as _hidden
from callbot.store.columns import hidden_json as _hidden_json
from callbot.store.columns import identity as _id
from callbot.store.columns import metadata
from callbot.store.columns import moment as _time
from callbot.store.columns import state_of as _state
from callbot.store.columns import to as _to
from callbot.store.columns import word as _word

# The installation: key check values, the offset of a demo's clock.
installation = Table(
    "installation", metadata, Column("key", Text, primary_key=True), Column("value", LargeBinary, nullable=False)
)

# --- policies: data, edited without code, never changed in place -----------------------------------------------------
retry_ladders = Table(
    "retry_ladders", metadata, _id(), _word("name"), Column("version", Integer, nullable=False),
    Column("rungs", sa.JSON, nullable=False), _time("created_at", nullable=False), UniqueConstraint("name", "version"),
)  # fmt: skip
escalation_policies = Table(
    "escalation_policies", metadata, _id(), _word("name"), Column("version", Integer, nullable=False),
    Column("steps", sa.JSON, nullable=False), _time("created_at", nullable=False), UniqueConstraint("name", "version"),
)  # fmt: skip
scripts = Table(
    "scripts", metadata, _id(), _word("name"), Column("version", Integer, nullable=False), _word("text"), _word("sha256"),
    _time("published_at", nullable=False), _word("published_by", nullable=True), UniqueConstraint("name", "version"),
    comment="Published scripts: immutable; a call keeps name and version.",
)  # fmt: skip

# --- people ----------------------------------------------------------------------------------------------------------
programmes = Table(
    "programmes", metadata, _id(), Column("name", Text, nullable=False, unique=True), _word("district"),
    _word("caller_number"), _word("window_from", default="09:00"), _word("window_until", default="18:00"),
    _word("holiday_rule", default="shift"), _word("script_name", default="weekly-checkin"),
    _to("retry_ladders", nullable=True), Column("escalation_policy_id", Integer, ForeignKey("escalation_policies.id")),
    Column("ring_s", Float), _flag("clinical_words_in_sms", default=False), _flag("active", default=True),
    Column("holiday_rounds", sa.JSON),
)  # fmt: skip
workers = Table(
    "workers", metadata, _id(), _to("programmes", nullable=True), _hidden("workers", "name", nullable=False),
    _hidden("workers", "phone"), Column("phone_index", LargeBinary), _hidden("workers", "email"), _word("role"),
    _flag("active", default=True),
)  # fmt: skip
persons = Table(
    "persons", metadata, _id(), _to("programmes"), _to("workers", nullable=True),
    Column("reference", Text, unique=True), _hidden("persons", "name", nullable=False), _hidden("persons", "address"),
    _hidden("persons", "memo"), Column("birth_year", Integer), _word("address_form", default="님"),
    _word("voice", nullable=True), _word("script_name", nullable=True), Column("speech_speed", Float), Column("ring_s", Float), _flag("hard_of_hearing", default=False),
    Column("louder_db", Float), Column("pauses", sa.JSON),
    _flag("active", default=True), Column("starts_on", Date), Column("ends_on", Date), _time("created_at", nullable=False),
)  # fmt: skip
person_numbers = Table(
    "person_numbers", metadata, _id(), _to("persons"), _hidden("person_numbers", "e164", nullable=False),
    Column("number_index", LargeBinary, nullable=False), _word("relation", default="self"),
    _hidden("person_numbers", "contact_name"), _count("position"), _flag("active", default=True),
    UniqueConstraint("person_id", "number_index"), Index("ix_person_numbers_number_index", "number_index"),
)  # fmt: skip
consents = Table(
    "consents", metadata, _id(), _to("persons"), _word("kind"), Column("given", Boolean, nullable=False),
    _time("at", nullable=False), _word("by", nullable=True), _hidden("consents", "note"),
    Index(None, "person_id", "kind", "at"), comment="Append-only: the latest row of a kind is in force.",
)  # fmt: skip
holds = Table(
    "holds", metadata, _id(), _to("persons"), _word("reason"), _hidden("holds", "note"), _time("starts_at", nullable=False),
    _time("until"), _time("lifted_at"), _word("by", nullable=True), _time("reminded_at"), Index(None, "person_id"),
)  # fmt: skip
schedules = Table(
    "schedules", metadata, _id(), _to("persons"), Column("weekdays", sa.JSON, nullable=False), _count("every_weeks", 1),
    Column("every_days", Integer), _word("preferred_time", default="10:00"), _word("window_from", nullable=True),
    _word("window_until", nullable=True), Column("starts_on", Date), Column("ends_on", Date), _flag("active", default=True),
    Index(None, "person_id"),
)  # fmt: skip

# --- the console's users ---------------------------------------------------------------------------------------------
accounts = Table(
    "accounts", metadata, _id(), _to("workers", nullable=True), Column("login", Text, nullable=False, unique=True),
    _word("password_hash"), _word("role"), _flag("active", default=True), _count("failed_logins"), _time("locked_until"),
    _hidden("accounts", "totp_secret"), _time("created_at", nullable=False), _time("last_login_at"),
)  # fmt: skip
sessions = Table(
    "sessions", metadata, _id(), Column("token_hash", LargeBinary, nullable=False, unique=True), _to("accounts"),
    _word("csrf_token", nullable=True), _time("created_at", nullable=False), _time("last_seen_at", nullable=False),
    _time("expires_at", nullable=False), _time("revoked_at"),
)  # fmt: skip
access_log = Table(
    "access_log", metadata, _id(), _time("at", nullable=False), _to("accounts", nullable=True), _word("action"),
    _word("subject", nullable=True), Column("subject_id", Integer), _word("reason", nullable=True),
    _word("address", nullable=True), Index(None, "at"), comment="Append-only: who looked at whom, from where, and why.",
)  # fmt: skip

# --- the contact ledger ----------------------------------------------------------------------------------------------
due_contacts = Table(
    "due_contacts", metadata, _id(), _to("persons"), _to("schedules", nullable=True), _word("slot"),
    *_state(DueState), _word("disposition", nullable=True), _word("why", nullable=True),
    _time("planned_at", nullable=False), _time("next_attempt_at"), _time("expires_at", nullable=False),
    _word("window_from"), _word("window_until"), Column("ladder", sa.JSON, nullable=False), _count("rungs_used"),
    _count("attempts_used"), _count("number_position"), _word("script_name", default="weekly-checkin"), _time("created_at", nullable=False),
    _time("ended_at"), Column("campaign_id", Integer, ForeignKey("campaigns.id")),
    Column("call_number_id", Integer, ForeignKey("person_numbers.id")), UniqueConstraint("person_id", "slot"),
    sa.CheckConstraint("(state = 'ended') = (disposition IS NOT NULL)", name="disposition"),
    Index(None, "next_attempt_at"), Index("ix_due_contacts_state_expires_at", "state", "expires_at"), Index(None, "planned_at"),
    Index(None, "campaign_id"),
)  # fmt: skip
attempts = Table(
    "attempts", metadata, _id(), _to("due_contacts"), Column("number", Integer, nullable=False),
    Column("key", Text, nullable=False, unique=True), Column("person_number_id", Integer, ForeignKey("person_numbers.id")),
    *_state(AttemptState), _word("owner", nullable=True), _time("lease_until"), _count("token"),
    _time("claimed_at"), _time("dialling_at"), _time("ringing_at"), _time("answered_at"), _time("ended_at"),
    _word("end", nullable=True), Column("cause", Integer), Column("tech_cause", Integer), _word("detail", nullable=True),
    _word("relation", default="self"), UniqueConstraint("due_contact_id", "number"),
    sa.CheckConstraint("(state = 'ended') = (\"end\" IS NOT NULL)", name="end"),
    Index("ix_attempts_in_flight", "state", "lease_until", sqlite_where=sa.text("state <> 'ended'"),
          postgresql_where=sa.text("state <> 'ended'")),
    Index("uq_attempts_one_in_flight", "due_contact_id", unique=True, sqlite_where=sa.text("state <> 'ended'"),
          postgresql_where=sa.text("state <> 'ended'")),
)  # fmt: skip
calls = Table(
    "calls", metadata, _id(), Column("attempt_id", Integer, ForeignKey("attempts.id"), nullable=False, unique=True),
    _to("persons"), _word("script_name", nullable=True), Column("script_version", Integer), _word("who", nullable=True),
    _word("result", nullable=True), _word("reported", nullable=True), _word("level", nullable=True),
    _hidden_json("calls", "assessment"), _time("answered_at", nullable=False), _time("ended_at"), Column("seconds", Float),
    _flag("hung_up", default=False), _flag("complete", default=False), _word("recording_path", nullable=True),
    Column("recording_key", LargeBinary), _word("recording_sha256", nullable=True), Column("recording_seconds", Float),
    _time("recording_erased_at"), Column("recording_complete", Boolean), _word("without", nullable=True), _word("opinion", nullable=True),
    Index(None, "person_id", "answered_at"), Index(None, "answered_at"),
)  # fmt: skip
turns = Table(
    "turns", metadata, _id(), _to("calls"), Column("position", Integer, nullable=False), _word("who"),
    _hidden("turns", "text", nullable=False), _word("topic", nullable=True), Column("audio_offset_s", Float),
    Column("seconds", Float), Column("confidence", Float), _word("rejected", nullable=True), Column("said_until_s", Float),
    _word("line_id", nullable=True), _time("at", nullable=False), _flag("has_words", default=False),
    UniqueConstraint("call_id", "position"),
)  # fmt: skip
answers = Table(
    "answers", metadata, _id(), _to("calls"), _word("topic"), _word("value"), UniqueConstraint("call_id", "topic"),
)  # fmt: skip

# --- cases and pages -------------------------------------------------------------------------------------------------
cases = Table(
    "cases", metadata, _id(), _to("persons"), _to("due_contacts", nullable=True), _to("calls", nullable=True), _word("kind"),
    _word("level"), *_state(CaseState), _hidden("cases", "summary"), _word("outcome", nullable=True),
    _hidden("cases", "note"), Column("follow_up_on", Date), _time("opened_at", nullable=False), _time("raised_at"),
    _time("acknowledged_at"), Column("acknowledged_by", Integer, ForeignKey("accounts.id")), _time("closed_at"),
    Column("closed_by", Integer, ForeignKey("accounts.id")), Column("policy", sa.JSON, nullable=False), _count("step"),
    _count("round"), _count("version"), _time("next_step_at"),
    sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="outcome"),
    Index("uq_cases_one_open", "person_id", "kind", unique=True, sqlite_where=sa.text("state <> 'closed'"),
          postgresql_where=sa.text("state <> 'closed'")),
    Index(None, "state", "next_step_at"), Index(None, "due_contact_id"), Index(None, "follow_up_on"),
    Index(None, "person_id"), Index(None, "opened_at"), Index(None, "raised_at"),
)  # fmt: skip
case_events = Table(
    "case_events", metadata, _id(), _to("cases"), _time("at", nullable=False), _word("what"), _word("level", nullable=True),
    _to("accounts", nullable=True), _to("calls", nullable=True), _to("attempts", nullable=True),
    _hidden("case_events", "detail"), Index(None, "case_id"), comment="Append-only history of a case.",
)  # fmt: skip
signals = Table(
    "signals", metadata, _id(), _to("calls"), _to("persons"), _to("cases", nullable=True), _word("category"), _word("level"),
    _word("rule"), _word("rule_version"), _hidden("signals", "quote", nullable=False), _hidden("signals", "reason"),
    _word("detector"), Column("guards", sa.JSON, nullable=False), Column("turn", Integer, nullable=False),
    Column("audio_offset_s", Float), _flag("unconfirmed", default=False), _time("confirmed_at"), _time("at", nullable=False),
    UniqueConstraint("call_id", "rule", "turn"), Index(None, "case_id"), Index(None, "at"),
)  # fmt: skip
requests = Table(
    "requests", metadata, _id(), _to("calls"), _to("persons"), _to("cases", nullable=True), _word("kind"),
    _hidden("requests", "quote", nullable=False), Column("turn", Integer, nullable=False), _time("at", nullable=False),
    _time("done_at"), _word("state", default="open"), _word("outcome", nullable=True), _hidden("requests", "note"),
    _time("changed_at"), Index("ix_requests_state_at", "state", "at"), Index(None, "person_id"), Index(None, "case_id"),
    comment="Wishes for a service: a ticket with the person's own words, no promise.",
)  # fmt: skip
pages = Table(
    "pages", metadata, _id(), _to("cases"), _to("workers", nullable=True), Column("dedup_key", Text, nullable=False, unique=True),
    _count("step"), _word("template"), _word("channel", default="sms"), _word("severity"),
    _hidden("pages", "body", nullable=False), Column("body_bytes", Integer, nullable=False), *_state(PageState),
    Column("amends_page_id", Integer, ForeignKey("pages.id")), _time("created_at", nullable=False),
    _word("lease_owner", nullable=True), _time("lease_until"), _count("token"), _count("tries"), _time("sent_at"),
    _time("delivered_at"), _word("provider", nullable=True), _word("provider_reference", nullable=True),
    _hidden("pages", "provider_result"), _time("next_try_at"), Index(None, "case_id"),
    Index(None, "state", "severity", "created_at"), Index(None, "state", "next_try_at"),
    comment="The outbox: written in the same transaction as its cause.",
)  # fmt: skip

# --- running ---------------------------------------------------------------------------------------------------------
ticks = Table(
    "ticks", metadata, Column("name", Text, primary_key=True), _time("started_at"), _time("finished_at"),
    _flag("ok", default=True), _word("detail", nullable=True),
)  # fmt: skip
audit = Table(
    "audit", metadata, _id(), _time("at", nullable=False), _word("actor"), _word("action"), _word("subject", nullable=True),
    Column("subject_id", Integer), _hidden("audit", "detail"), Index(None, "at"), comment="Append-only.",
)  # fmt: skip

# Tables of their own areas, on the same metadata.
import callbot.store.tables_dial as _dial  # noqa: E402, F401
import callbot.store.tables_escalate as _escalate  # noqa: E402, F401
import callbot.store.tables_incoming as _incoming  # noqa: E402, F401
import callbot.store.tables_memory as _memory  # noqa: E402, F401
import callbot.store.tables_rules as _rules  # noqa: E402, F401
import callbot.store.tables_schedule as _schedule  # noqa: E402, F401
import callbot.store.tables_sending as _sending  # noqa: E402, F401
import callbot.store.tables_watch as _watch  # noqa: E402, F401
