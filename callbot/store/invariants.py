"""The ledger's promises (design.md, section 1) as queries: each returns the rows that break one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, not_, or_, select

from callbot.dial.attempt import IN_FLIGHT, AttemptState
from callbot.dial.attempt_end import AttemptEnd
from callbot.escalate.case import CaseState
from callbot.people.numbers import Relation
from callbot.schedule.due_contact import QUIET, Disposition, DueState
from callbot.store.tables import attempts, calls, case_events, cases, due_contacts, pages, signals, turns
from callbot.store.tables_escalate import digest_items
from callbot.understand.meaning import Level

GRACE = timedelta(minutes=5)
"""A tick may be late by so much before a promise counts as broken."""


@dataclass(frozen=True)
class Violation:
    """One broken promise."""

    name: str
    subject: str
    subject_id: int


def violations(connection: Connection, now: datetime) -> list[Violation]:
    """Everything that is broken at `now`; empty is the only acceptable answer."""
    found: list[Violation] = []
    for name, (subject, query) in _queries(now).items():
        found += [Violation(name, subject, number) for number in connection.scalars(query)]
    return found


def _queries(now: datetime) -> dict[str, tuple[str, Select[Any]]]:
    return {**_due_queries(now), **_attempt_queries(now), **_contact_queries(), **_case_queries()}


def _due_queries(now: datetime) -> dict[str, tuple[str, Select[Any]]]:
    due = due_contacts.c
    running = exists().where(attempts.c.due_contact_id == due.id, attempts.c.state.in_(IN_FLIGHT))
    has_case = or_(
        exists().where(cases.c.due_contact_id == due.id),
        exists().where(
            cases.c.person_id == due.person_id, case_events.c.case_id == cases.c.id, case_events.c.at == due.ended_at
        ),
    )
    return {
        "nobody_is_forgotten: unended, no attempt under way, none named": (
            "due_contact",
            select(due.id).where(due.state != DueState.ENDED, due.next_attempt_at.is_(None), ~running),
        ),
        "ended_contacts_are_not_called_again": (
            "due_contact",
            select(due.id).where(due.state == DueState.ENDED, or_(due.next_attempt_at.is_not(None), running)),
        ),
        "every_due_contact_ends_in_time": (
            "due_contact",
            select(due.id).where(due.state != DueState.ENDED, due.expires_at < now - GRACE, ~running),
        ),
        "not_knowing_opens_a_case": (
            "due_contact",
            select(due.id).where(due.state == DueState.ENDED, due.disposition.not_in(QUIET), not_(has_case)),
        ),
    }


def _attempt_queries(now: datetime) -> dict[str, tuple[str, Select[Any]]]:
    it = attempts.c
    dialled = it.dialling_at.is_not(None)
    due_of = due_contacts.c.id == it.due_contact_id
    return {
        "attempt_numbers_count_up": (
            "due_contact",
            select(due_contacts.c.id)
            .join(attempts, due_of)
            .group_by(due_contacts.c.id, due_contacts.c.attempts_used)
            .having(
                or_(func.count() != due_contacts.c.attempts_used, func.max(it.number) != due_contacts.c.attempts_used)
            ),
        ),
        "no_attempt_hangs": (
            "attempt",
            select(it.id).where(it.state.in_(IN_FLIGHT), it.lease_until < now - GRACE),
        ),
        "dialled_once_means_never_undialled": (
            "attempt",
            select(it.id).where(dialled, it.state.in_([AttemptState.PLANNED, AttemptState.CLAIMED])),
        ),
        "dialled_only_before_the_hours_end": (
            "attempt",
            select(it.id).join(due_contacts, due_of).where(dialled, it.dialling_at >= due_contacts.c.expires_at),
        ),
        "answered_means_dialled": (
            "attempt",
            select(it.id).where(it.answered_at.is_not(None), it.dialling_at.is_(None)),
        ),
        "an_answered_attempt_is_a_call": (
            "attempt",
            select(it.id).where(it.answered_at.is_not(None), not_(exists().where(calls.c.attempt_id == it.id))),
        ),
    }


def _contact_queries() -> dict[str, tuple[str, Select[Any]]]:
    own_words = exists().where(
        attempts.c.due_contact_id == due_contacts.c.id,
        attempts.c.end == AttemptEnd.PERSON,
        attempts.c.relation == Relation.SELF,
        calls.c.attempt_id == attempts.c.id,
        turns.c.call_id == calls.c.id,
        turns.c.has_words,
    )
    return {
        "contact_needs_the_persons_own_words": (
            "due_contact",
            select(due_contacts.c.id).where(due_contacts.c.disposition == Disposition.CONTACTED, not_(own_words)),
        ),
    }


def _case_queries() -> dict[str, tuple[str, Select[Any]]]:
    alarming = signals.c.level.in_([Level.HIGH, Level.EMERGENCY])
    rank = case({"emergency": 3, "high": 2}, value=signals.c.level, else_=0)
    case_rank = case({"emergency": 3, "high": 2}, value=cases.c.level, else_=0)
    return {
        "an_alarming_signal_belongs_to_a_case": (
            "signal",
            select(signals.c.id).where(alarming, signals.c.case_id.is_(None)),
        ),
        "a_case_is_at_least_as_bad_as_its_signals": (
            "case",
            select(cases.c.id).join(signals, signals.c.case_id == cases.c.id).where(rank > case_rank).distinct(),
        ),
        "every_case_was_paged": (
            "case",
            select(cases.c.id).where(not_(_told(cases.c.opened_at))),
        ),
        "a_raised_case_was_paged_again": (
            "case",
            select(cases.c.id).where(
                cases.c.raised_at.is_not(None),
                not_(_told(cases.c.raised_at)),
            ),
        ),
        "every_case_has_its_history": (
            "case",
            select(cases.c.id).where(
                cases.c.state != CaseState.TRIGGERED, not_(exists().where(case_events.c.case_id == cases.c.id))
            ),
        ),
    }


def _told(since: Any) -> ColumnElement[bool]:
    """Somebody was paged about the case, or it stands in a digest that is to come, or on the list of a storm's page."""
    return or_(
        exists().where(and_(pages.c.case_id == cases.c.id, pages.c.created_at >= since)),
        exists().where(and_(digest_items.c.case_id == cases.c.id, digest_items.c.at >= since)),
        exists().where(
            and_(case_events.c.case_id == cases.c.id, case_events.c.what == "in_storm", case_events.c.at >= since)
        ),
    )
