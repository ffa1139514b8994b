"""What the pages about rosters, policies and workload show."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.escalate.case import CaseOutcome
from callbot.escalate.hours import Hours
from callbot.escalate.roster import Shift
from callbot.people.team import Role
from callbot.schedule.window import SEOUL
from callbot.store.console_scope import Scope
from callbot.store.roster_rows import shift_of
from callbot.store.tables import cases, pages, persons, programmes, workers
from callbot.store.tables_escalate import page_cases, roster_patterns, roster_shifts


@dataclass(frozen=True)
class ProgrammeLine:
    """One programme to choose."""

    id: int
    name: str
    district: str
    policy_id: int | None


def programmes_in(connection: Connection, scope: Scope) -> tuple[ProgrammeLine, ...]:
    """Active ones that this account may see."""
    asked = sa.select(programmes).where(programmes.c.active).order_by(programmes.c.id)
    if scope.programme_id is not None:
        asked = asked.where(programmes.c.id == scope.programme_id)
    return tuple(
        ProgrammeLine(row.id, row.name, row.district, row.escalation_policy_id) for row in connection.execute(asked)
    )


@dataclass(frozen=True)
class PatternLine:
    """Standing duty, as listed."""

    id: int
    worker_id: int
    role: Role
    hours: tuple[Hours, ...]


def patterns(connection: Connection, programme_id: int) -> tuple[PatternLine, ...]:
    """In force."""
    ours = (roster_patterns.c.programme_id == programme_id) | roster_patterns.c.programme_id.is_(None)
    rows = connection.execute(
        sa.select(roster_patterns).where(ours, roster_patterns.c.ended_at.is_(None)).order_by(roster_patterns.c.id)
    )
    return tuple(
        PatternLine(row.id, row.worker_id, Role(row.role), tuple(hours for hours in Hours if hours in row.hours))
        for row in rows
    )


def shifts(connection: Connection, programme_id: int, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """That reach into this span."""
    it = roster_shifts.c
    ours = (it.programme_id == programme_id) | it.programme_id.is_(None)
    rows = connection.execute(
        sa.select(roster_shifts)
        .where(ours, it.cancelled_at.is_(None), it.starts_at < until, it.ends_at > since)
        .order_by(it.starts_at, it.id)
    )
    return tuple(shift_of(row) for row in rows)


def shift_in_scope(connection: Connection, scope: Scope, table: sa.Table, row_id: int) -> bool:
    """A pattern or shift that this account may end."""
    asked = sa.select(table.c.id).where(table.c.id == row_id)
    if scope.programme_id is not None:
        asked = asked.where(table.c.programme_id == scope.programme_id)
    return connection.scalar(asked) is not None


FALSE = frozenset({CaseOutcome.FALSE_ALARM})
UNCLEAR = frozenset({CaseOutcome.OTHER})


@dataclass
class Work:
    """One worker's day."""

    worker_id: int | None
    worker: str
    day: str
    pages: int = 0
    """Messages on the telephone."""
    cases: int = 0
    """People that they were about."""
    true: int = 0
    false: int = 0
    unclear: int = 0
    """Closed with `기타`, or not closed yet."""

    @property
    def precision(self) -> float | None:
        """Share of true ones among those that were decided; None: nothing is decided yet."""
        decided = self.true + self.false
        return self.true / decided if decided else None


def workload(connection: Connection, scope: Scope, since: datetime, until: datetime) -> tuple[Work, ...]:
    """By worker and day in Seoul, newest day first; what was paged is true or false by how its cases were closed."""
    rows = connection.execute(
        sa.select(pages.c.id, pages.c.worker_id, pages.c.created_at, pages.c.case_id, workers.c.name)
        .select_from(
            pages.join(cases, cases.c.id == pages.c.case_id)
            .join(persons, persons.c.id == cases.c.person_id)
            .outerjoin(workers, workers.c.id == pages.c.worker_id)
        )
        .where(scope.of_persons(), pages.c.created_at >= since, pages.c.created_at < until)
    ).all()
    listed = _listed(connection, since, until)
    found: dict[tuple[str, int | None], Work] = {}
    about: dict[tuple[str, int | None], set[int]] = defaultdict(set)
    for row in rows:
        day = row.created_at.astimezone(SEOUL).date().isoformat()
        work = found.setdefault((day, row.worker_id), Work(row.worker_id, row.name or "", day))
        work.pages += 1
        about[day, row.worker_id] |= {row.case_id, *listed.get(row.id, ())}
    outcomes = _outcomes(connection, {case_id for ids in about.values() for case_id in ids})
    for key, ids in about.items():
        _judge(found[key], [outcomes.get(case_id) for case_id in ids])
    return tuple(sorted(found.values(), key=lambda work: (work.day, work.pages), reverse=True))


def _judge(work: Work, outcomes: list[str | None]) -> None:
    work.cases = len(outcomes)
    work.false = sum(outcome in FALSE for outcome in outcomes)
    work.unclear = sum(outcome is None or outcome in UNCLEAR for outcome in outcomes)
    work.true = work.cases - work.false - work.unclear


def _listed(connection: Connection, since: datetime, until: datetime) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    asked = (
        sa.select(page_cases.c.page_id, page_cases.c.case_id)
        .join(pages, pages.c.id == page_cases.c.page_id)
        .where(pages.c.created_at >= since, pages.c.created_at < until)
    )
    for row in connection.execute(asked):
        found[row.page_id].append(row.case_id)
    return found


def _outcomes(connection: Connection, case_ids: set[int]) -> dict[int, Any]:
    rows = connection.execute(sa.select(cases.c.id, cases.c.outcome).where(cases.c.id.in_(list(case_ids))))
    return {row.id: row.outcome for row in rows}


def a_week(now: datetime) -> tuple[datetime, datetime]:
    """The last seven days and today, by the days of Seoul."""
    midnight = now.astimezone(SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=7), midnight + timedelta(days=1)
