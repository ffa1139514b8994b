"""What the watch asks the ledger: who was not reached today, what is late, who is to be told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, exists, func, select

from callbot.dial.attempt import IN_FLIGHT
from callbot.escalate.case import CaseState
from callbot.escalate.page_state import PageState
from callbot.escalate.policy import Severity
from callbot.people.team import Role
from callbot.schedule.due_contact import Disposition, DueState
from callbot.schedule.window import SEOUL, read_window
from callbot.store.console_people import last_contacts, phones_of
from callbot.store.tables import (
    accounts,
    attempts,
    cases,
    due_contacts,
    pages,
    persons,
    programmes,
    workers,
)
from callbot.understand.meaning import Level

NOT_HEARD = (Disposition.NOT_REACHED, Disposition.FAILED_BY_US, Disposition.CONTACTED_DEGRADED)


@dataclass(frozen=True)
class UnheardRow:
    """One person of today's list."""

    person_id: int
    programme_id: int
    name: str
    numbers: tuple[str, ...]
    address: str
    last_contact: datetime | None
    state: DueState | None
    """None: no contact is due today, but an emergency or high case waits for somebody."""
    disposition: Disposition | None
    tried: int
    calling: bool
    """An attempt is under way, or was when everything died."""
    worker: str
    urgent: bool


def unheard_today(connection: Connection, now: datetime) -> tuple[UnheardRow, ...]:
    """Everybody who should have been heard today and was not, and everybody with an alarming case that nobody took."""
    midnight = now.astimezone(SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)
    due = due_contacts.c
    today = (due.planned_at < midnight + timedelta(days=1)) & (due.expires_at > midnight)
    not_heard = (due.state != DueState.ENDED) | due.disposition.in_(NOT_HEARD)
    running = exists().where(attempts.c.due_contact_id == due.id, attempts.c.state.in_(IN_FLIGHT))
    rows = {
        row.person_id: row
        for row in connection.execute(
            select(due.person_id, due.state, due.disposition, due.attempts_used, running.label("calling"))
            .where(today, not_heard)
            .order_by(due.planned_at, due.id)
        )
    }
    urgent = set(
        connection.scalars(
            select(cases.c.person_id).where(
                cases.c.state == CaseState.TRIGGERED, cases.c.level.in_([Level.EMERGENCY, Level.HIGH])
            )
        )
    )
    ids = {*rows, *urgent}
    last, phones = _in_parts(last_contacts, connection, ids), _in_parts(phones_of, connection, ids)
    found = []
    for who in _people(connection, ids):
        row = rows.get(who.id)
        found.append(
            UnheardRow(
                person_id=who.id,
                programme_id=who.programme_id,
                name=who.name,
                numbers=tuple(phone.national for phone in phones.get(who.id, ())),
                address=who.address or "",
                last_contact=last.get(who.id),
                state=DueState(row.state) if row else None,
                disposition=Disposition(row.disposition) if row and row.disposition else None,
                tried=row.attempts_used if row else 0,
                calling=bool(row and row.calling),
                worker=who.worker or "",
                urgent=who.id in urgent,
            )
        )
    return tuple(found)


T = TypeVar("T")
CHUNK = 500
"""Ids a statement: far below the limit of bound parameters on either database."""


def _chunks(ids: Iterable[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]


def _in_parts(
    ask: Callable[[Connection, Iterable[int]], dict[int, T]], connection: Connection, ids: Iterable[int]
) -> dict[int, T]:
    found: dict[int, T] = {}
    for part in _chunks(ids):
        found |= ask(connection, part)
    return found


def _people(connection: Connection, ids: Iterable[int]) -> list[sa.Row[*tuple[Any, ...]]]:
    asked = select(
        persons.c.id, persons.c.programme_id, persons.c.name, persons.c.address, workers.c.name.label("worker")
    ).select_from(persons.outerjoin(workers, persons.c.worker_id == workers.c.id))
    return [row for part in _chunks(ids) for row in connection.execute(asked.where(persons.c.id.in_(part)))]


@dataclass(frozen=True)
class Dialling:
    """Whether calls happen."""

    open_windows: bool = False
    """Some programme may call at this moment."""
    overdue: int = 0
    """Due contacts whose next attempt should have been placed by now, inside their window."""
    oldest_overdue: datetime | None = None
    last_ended: datetime | None = None
    """When an attempt last came to its end, whatever its end."""
    last_answered: datetime | None = None


def dialling_now(connection: Connection, now: datetime) -> Dialling:
    """Whether somebody waits whose window is open, and when a call last came to its end."""
    due = due_contacts.c
    running = exists().where(attempts.c.due_contact_id == due.id, attempts.c.state.in_(IN_FLIGHT))
    oldest = func.min(due.next_attempt_at, type_=due.next_attempt_at.type)
    groups = connection.execute(
        select(due.window_from, due.window_until, func.count(), oldest)
        .where(due.state != DueState.ENDED, due.next_attempt_at <= now, due.expires_at > now, ~running)
        .group_by(due.window_from, due.window_until)
    ).all()
    waiting = [(count, since) for opens, closes, count, since in groups if _open(opens, closes, now)]
    windows = connection.execute(
        select(programmes.c.window_from, programmes.c.window_until).where(programmes.c.active).distinct()
    ).all()
    return Dialling(
        open_windows=bool(waiting) or any(_open(opens, closes, now) for opens, closes in windows),
        overdue=sum(count for count, _ in waiting),
        oldest_overdue=min((since for _, since in waiting), default=None),
        last_ended=_newest(connection, attempts.c.ended_at),
        last_answered=_newest(connection, attempts.c.answered_at),
    )


def _open(opens: str, closes: str, now: datetime) -> bool:
    window = read_window(opens, closes)
    return window is not None and window.is_open(now)


def _newest(connection: Connection, column: "sa.Column[datetime]") -> datetime | None:
    newest: datetime | None = connection.scalar(
        select(column).where(column.is_not(None)).order_by(attempts.c.id.desc()).limit(1)
    )
    return newest


@dataclass(frozen=True)
class Queue:
    """The outbox."""

    waiting: int = 0
    oldest_critical: datetime | None = None
    """When the oldest critical page that no provider has yet was written."""
    oldest: datetime | None = None
    failed: int = 0
    """Pages of today that a provider refused for good."""


NOT_SENT = (PageState.PENDING, PageState.CLAIMED)


def outbox_now(connection: Connection, now: datetime) -> Queue:
    """Pages that wait, and those of the last day that a provider refused."""
    it = pages.c
    oldest = func.min(it.created_at, type_=it.created_at.type)
    rows = connection.execute(
        select(it.severity, func.count(), oldest).where(it.state.in_(NOT_SENT)).group_by(it.severity)
    ).all()
    failed = connection.scalar(
        select(func.count()).where(it.state == PageState.FAILED, it.created_at > now - timedelta(days=1))
    )
    return Queue(
        waiting=sum(count for _, count, _ in rows),
        oldest_critical=min((since for severity, _, since in rows if severity == Severity.CRITICAL), default=None),
        oldest=min((since for _, _, since in rows), default=None),
        failed=failed or 0,
    )


@dataclass(frozen=True)
class OnCall:
    """Somebody whom the watch may page."""

    role: Role
    e164: str


def whom_to_page(connection: Connection) -> tuple[OnCall, ...]:
    """The duty room, leads and supervisors: whoever can phone people by hand or mend the service."""
    asked = select(workers.c.role, workers.c.phone).where(
        workers.c.active, workers.c.role.in_([Role.DUTY, Role.LEAD, Role.SUPERVISOR])
    )
    found = {(row.role, row.phone) for row in connection.execute(asked) if row.phone}
    return tuple(OnCall(Role(role), phone) for role, phone in sorted(found))


@dataclass(frozen=True)
class Login:
    """An account that may read the list when the database is gone."""

    login: str
    password_hash: str
    programme_id: int | None
    """None: every programme."""


def logins_for_the_list(connection: Connection) -> tuple[Login, ...]:
    """Caseworkers of a programme and supervisors; a system administrator sees no names."""
    asked = (
        select(accounts.c.login, accounts.c.password_hash, accounts.c.role, workers.c.programme_id, workers.c.active)
        .select_from(accounts.outerjoin(workers, accounts.c.worker_id == workers.c.id))
        .where(accounts.c.active, accounts.c.role.in_(["caseworker", "supervisor"]))
    )
    return tuple(
        Login(row.login, row.password_hash, row.programme_id)
        for row in connection.execute(asked)
        if row.active is not False and (row.role == "supervisor" or row.programme_id is not None)
    )
