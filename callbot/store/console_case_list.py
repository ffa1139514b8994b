"""Lists of cases for the console, and who could be given one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.escalate.case import CaseState
from callbot.store.console_people import PERSON_COLUMNS, who_of
from callbot.store.console_scope import Scope
from callbot.store.console_views import Who
from callbot.store.tables import cases, pages, persons, workers
from callbot.store.tables_escalate import case_workers, page_cases
from callbot.understand.meaning import Level


@dataclass(frozen=True)
class LinkedCase:
    """What may be seen without a log-in."""

    id: int
    kind: str
    level: Level
    state: str
    opened_at: datetime


def linked_cases(connection: Connection, page_id: int) -> tuple[datetime, tuple[LinkedCase, ...]] | None:
    """(when the page was written, its cases worst first); None: no such page."""
    page = connection.execute(sa.select(pages.c.case_id, pages.c.created_at).where(pages.c.id == page_id)).first()
    if page is None:
        return None
    listed = connection.scalars(sa.select(page_cases.c.case_id).where(page_cases.c.page_id == page_id)).all()
    rows = connection.execute(sa.select(cases).where(cases.c.id.in_([page.case_id, *listed])).order_by(cases.c.id))
    found = [LinkedCase(row.id, row.kind, Level(row.level), row.state, row.raised_at or row.opened_at) for row in rows]
    return page.created_at, tuple(sorted(found, key=lambda case: (-case.level.rank, case.id)))


@dataclass(frozen=True)
class Hands:
    """Whose a case is, and what comes next."""

    assigned_id: int | None
    assigned: str
    """The worker whom the case was given to, else the person's own."""
    taker_id: int | None
    next_at: datetime | None
    """Triggered: the next step; acknowledged: when it comes back."""


def hands_of(connection: Connection, case_ids: Iterable[int]) -> dict[int, Hands]:
    """By case."""
    ids = list(case_ids)
    given: dict[tuple[int, str], int] = {}
    asked = sa.select(case_workers).where(case_workers.c.case_id.in_(ids)).order_by(case_workers.c.id)
    for row in connection.execute(asked):
        if row.worker_id is not None:
            given[row.case_id, row.what] = row.worker_id
    names = worker_names(connection)
    rows = connection.execute(
        sa.select(cases.c.id, cases.c.state, cases.c.next_step_at, persons.c.worker_id)
        .join(persons, persons.c.id == cases.c.person_id)
        .where(cases.c.id.in_(ids))
    )
    found = {}
    for row in rows:
        assigned = given.get((row.id, "reassigned"), row.worker_id)
        taker = given.get((row.id, "acknowledged")) if row.state == CaseState.ACKNOWLEDGED else None
        found[row.id] = Hands(assigned, names.get(assigned, ""), taker, row.next_step_at)
    return found


def worker_names(connection: Connection) -> dict[int | None, str]:
    """Everybody's, by id."""
    return {row.id: row.name for row in connection.execute(sa.select(workers.c.id, workers.c.name))}


@dataclass(frozen=True)
class TeamMember:
    """Somebody who can be given a case or a shift."""

    id: int
    name: str
    role: str
    programme_id: int | None


def team(connection: Connection, programme_id: int | None, *, everybody: bool = False) -> tuple[TeamMember, ...]:
    """Active workers of a programme, and those of none (the duty room); `everybody`: of every programme."""
    asked = sa.select(workers).where(workers.c.active).order_by(workers.c.id)
    if not everybody:
        asked = asked.where((workers.c.programme_id == programme_id) | workers.c.programme_id.is_(None))
    return tuple(TeamMember(row.id, row.name, row.role, row.programme_id) for row in connection.execute(asked))


def programme_of_case(connection: Connection, case_id: int) -> int | None:
    """The programme of the person whom it is about."""
    asked = sa.select(persons.c.programme_id).join(cases, cases.c.person_id == persons.c.id)
    return connection.scalar(asked.where(cases.c.id == case_id))


@dataclass(frozen=True)
class ClosedCase:
    """One line of what is over."""

    id: int
    who: Who
    kind: str
    level: Level
    outcome: str
    closed: datetime
    follow_up: date | None


def closed_cases(
    connection: Connection, scope: Scope, now: datetime, *, follow_up_by: date | None = None
) -> tuple[ClosedCase, ...]:
    """Of the last seven days; or (`follow_up_by`) those to be looked at again from three weeks ago up to that day."""
    asked = (
        sa.select(*PERSON_COLUMNS, cases.c.id.label("case_id"), cases.c.kind, cases.c.level, cases.c.outcome,
                  cases.c.closed_at, cases.c.follow_up_on)
        .select_from(cases.join(persons, cases.c.person_id == persons.c.id))
        .where(scope.of_persons(), cases.c.state == CaseState.CLOSED)
        .limit(100)
    )  # fmt: skip
    if follow_up_by is None:
        asked = asked.where(cases.c.closed_at >= now - timedelta(days=7)).order_by(cases.c.closed_at.desc())
    else:
        since = follow_up_by - timedelta(days=21)
        asked = asked.where(cases.c.follow_up_on.between(since, follow_up_by)).order_by(cases.c.follow_up_on)
    return tuple(
        ClosedCase(
            row.case_id, who_of(row, now), row.kind, Level(row.level), row.outcome, row.closed_at, row.follow_up_on
        )
        for row in connection.execute(asked)
    )
