"""The ledger's promises (design.md, section 1) as queries: each returns the rows that break one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, not_, or_, select

from callbot.dial.attempt import IN_FLIGHT, AttemptState
from callbot.escalate.case import CaseState
from callbot.escalate.page_state import PageState
from callbot.schedule.due_contact import QUIET, DueState
from callbot.store.invariants_of_calls import dialling_queries, lately, word_queries
from callbot.store.tables import attempts, calls, case_events, cases, due_contacts, pages, signals
from callbot.store.tables_escalate import digest_items
from callbot.store.tables_incoming import incoming_calls
from callbot.understand.meaning import Level

GRACE = timedelta(minutes=5)
"""A tick may be late by so much before a promise counts as broken."""


@dataclass(frozen=True)
class Violation:
    """One broken promise."""

    name: str
    subject: str
    subject_id: int


def violations(connection: Connection, now: datetime, since: datetime | None = None) -> list[Violation]:
    """Everything that is broken at `now`; empty is the only acceptable answer.

    `since`: only contacts planned, cases opened or raised, and words said from then on (an index each, so that a look back of
    a week costs the same in a ledger of ten years). None: everything.
    """
    found: list[Violation] = []
    for name, (subject, query) in _queries(now, since).items():
        found += [Violation(name, subject, number) for number in connection.scalars(query)]
    return found


def sending_violations(connection: Connection, now: datetime) -> list[Violation]:
    """The outbox loses nothing: whatever may be sent, or must be asked about, is at most minutes late. Only where a sender runs."""
    late, page = now - GRACE, pages.c
    at = func.coalesce(page.next_try_at, page.created_at)
    waits = and_(page.state.in_([PageState.PENDING, PageState.UNKNOWN]), at < late)
    hangs = and_(page.state == PageState.CLAIMED, page.lease_until < late)
    query = select(page.id).where(or_(waits, hangs))
    return [Violation("no_page_waits_for_ever", "page", number) for number in connection.scalars(query)]


def _queries(now: datetime, since: datetime | None = None) -> dict[str, tuple[str, Select[Any]]]:
    return {
        **_due_queries(now, since),
        **_attempt_queries(now, since),
        **dialling_queries(since),
        **word_queries(since),
        **_case_queries(since),
    }


def _due_queries(now: datetime, since: datetime | None) -> dict[str, tuple[str, Select[Any]]]:
    due = due_contacts.c
    running = exists().where(attempts.c.due_contact_id == due.id, attempts.c.state.in_(IN_FLIGHT))
    has_case = or_(
        exists().where(cases.c.due_contact_id == due.id),
        exists().where(
            cases.c.person_id == due.person_id, case_events.c.case_id == cases.c.id, case_events.c.at == due.ended_at
        ),
    )
    told = exists().where(
        cases.c.person_id == due.person_id, case_events.c.case_id == cases.c.id, case_events.c.at == due.ended_at
    )
    planned = lately(due.planned_at, since)
    loud = and_(due.state == DueState.ENDED, due.disposition.not_in(QUIET))
    return {
        "nobody_is_forgotten: unended, no attempt under way, none named": (
            "due_contact",
            select(due.id).where(planned, due.state != DueState.ENDED, due.next_attempt_at.is_(None), ~running),
        ),
        "ended_contacts_are_not_called_again": (
            "due_contact",
            select(due.id).where(planned, due.state == DueState.ENDED, or_(due.next_attempt_at.is_not(None), running)),
        ),
        "every_due_contact_ends_in_time": (
            "due_contact",
            select(due.id).where(planned, due.state != DueState.ENDED, due.expires_at < now - GRACE, ~running),
        ),
        "not_knowing_opens_a_case": ("due_contact", select(due.id).where(planned, loud, not_(has_case))),
        # The same transaction has the same moment, which is well within the five seconds promised.
        "a_missed_contact_has_its_case_at_once": ("due_contact", select(due.id).where(planned, loud, not_(told))),
    }


def _attempt_queries(now: datetime, since: datetime | None) -> dict[str, tuple[str, Select[Any]]]:
    it, due_of = attempts.c, due_contacts.c.id == attempts.c.due_contact_id
    planned = lately(due_contacts.c.planned_at, since)
    tried = select(it.id).join(due_contacts, due_of).where(planned)
    return {
        "attempt_numbers_count_up": (
            "due_contact",
            select(due_contacts.c.id)
            .join(attempts, due_of)
            .where(planned)
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
            tried.where(it.dialling_at.is_not(None), it.state.in_([AttemptState.PLANNED, AttemptState.CLAIMED])),
        ),
        "answered_means_dialled": (
            "attempt",
            tried.where(
                it.answered_at.is_not(None),
                it.dialling_at.is_(None),
                not_(exists().where(incoming_calls.c.attempt_id == it.id)),
            ),
        ),
        "an_answered_attempt_is_a_call": (
            "attempt",
            tried.where(it.answered_at.is_not(None), not_(exists().where(calls.c.attempt_id == it.id))),
        ),
    }


def _case_queries(since: datetime | None) -> dict[str, tuple[str, Select[Any]]]:
    said, opened = lately(signals.c.at, since), or_(lately(cases.c.opened_at, since), lately(cases.c.raised_at, since))
    alarming = signals.c.level.in_([Level.HIGH, Level.EMERGENCY])
    rank = case({"emergency": 3, "high": 2}, value=signals.c.level, else_=0)
    case_rank = case({"emergency": 3, "high": 2}, value=cases.c.level, else_=0)
    return {
        "an_alarming_signal_belongs_to_a_case": (
            "signal",
            select(signals.c.id).where(said, alarming, signals.c.case_id.is_(None)),
        ),
        "a_case_is_at_least_as_bad_as_its_signals": (
            "case",
            select(cases.c.id).join(signals, signals.c.case_id == cases.c.id).where(said, rank > case_rank).distinct(),
        ),
        "an_emergency_is_paged_in_its_own_transaction": (
            "signal",
            select(signals.c.id).where(
                said,
                signals.c.level == Level.EMERGENCY,
                not_(exists().where(pages.c.case_id == signals.c.case_id, pages.c.created_at <= signals.c.at)),
            ),
        ),
        "every_case_was_paged": (
            "case",
            select(cases.c.id).where(opened, not_(_told(cases.c.opened_at))),
        ),
        "every_case_was_paged_to_somebody": (
            "case",
            select(cases.c.id).where(opened, not_(_meant_for_somebody())),
        ),
        "a_raised_case_was_paged_again": (
            "case",
            select(cases.c.id).where(
                lately(cases.c.raised_at, since),
                cases.c.raised_at.is_not(None),
                not_(_told(cases.c.raised_at)),
            ),
        ),
        "every_case_has_its_history": (
            "case",
            select(cases.c.id).where(
                opened, cases.c.state != CaseState.TRIGGERED, not_(exists().where(case_events.c.case_id == cases.c.id))
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


def _meant_for_somebody() -> ColumnElement[bool]:
    """A page to a worker, a digest, a storm's list; or it is written down that nobody was on duty."""
    written = exists().where(
        case_events.c.case_id == cases.c.id, case_events.c.what.in_(["nobody_on_duty", "in_storm"])
    )
    to_a_worker = exists().where(pages.c.case_id == cases.c.id, pages.c.worker_id.is_not(None))
    return or_(to_a_worker, written, exists().where(digest_items.c.case_id == cases.c.id))
