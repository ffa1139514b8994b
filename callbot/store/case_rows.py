"""Cases and their append-only history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from callbot.escalate.case import CaseKind, CaseState
from callbot.escalate.policy import EscalationPolicy, read_policy
from callbot.store.tables import case_events, cases
from callbot.store.writing import insert, insert_or_leave
from callbot.understand.meaning import Level

_OPEN = (
    select(cases)
    .where(cases.c.person_id == bindparam("of_person"), cases.c.kind == bindparam("of_kind"))
    .where(cases.c.state != CaseState.CLOSED)
    .with_for_update()
)
_LOCKED = select(cases).where(cases.c.id == bindparam("case_id")).with_for_update()
"""Asked several times a case: built once."""


@dataclass(frozen=True)
class Case:
    """One row, locked while something is written about it."""

    id: int
    person_id: int
    kind: CaseKind
    level: Level
    state: CaseState
    policy: EscalationPolicy
    step: int
    round: int
    """Raised how often: every round climbs the policy from its first step."""
    version: int
    since: datetime
    """When this round began: steps are counted from here."""


class StaleCase(RuntimeError):
    """The case changed since the form was shown; the message is Korean, for whoever sent it."""


def insert_case(connection: Connection, row: dict[str, Any]) -> int | None:
    """The new case's id, or None where the person already has an open case of this kind."""
    return insert_or_leave(connection, cases, row | {"state": CaseState.TRIGGERED})


def open_case_of(connection: Connection, person_id: int, kind: CaseKind) -> Case | None:
    """The person's open case of this kind, locked."""
    row = connection.execute(_OPEN, {"of_person": person_id, "of_kind": kind}).one_or_none()
    return None if row is None else _case(row)


def locked_case(connection: Connection, case_id: int) -> Case:
    """The row, locked. Raises LookupError."""
    row = connection.execute(_LOCKED, {"case_id": case_id}).one_or_none()
    if row is None:
        raise LookupError(f"no case {case_id}")
    return _case(row)


def _case(row: Row[Any]) -> Case:
    return Case(
        row.id,
        row.person_id,
        CaseKind(row.kind),
        Level(row.level),
        CaseState(row.state),
        read_policy(row.policy),
        row.step,
        row.round,
        row.version,
        row.raised_at or row.opened_at,
    )


def change_case(connection: Connection, case: Case, **values: Any) -> None:
    """Write, and count the version. Raises StaleCase where somebody was quicker."""
    changed = connection.execute(
        update(cases)
        .where(cases.c.id == case.id, cases.c.version == case.version, cases.c.state == case.state)
        .values(version=case.version + 1, **values)
    )
    if changed.rowcount != 1:
        raise StaleCase("다른 담당자가 먼저 처리했습니다. 새로 고친 뒤 다시 확인해 주세요.")


def add_event(connection: Connection, case_id: int, what: str, now: datetime, **more: Any) -> None:
    """One line of history; `more`: level, account_id, call_id, attempt_id, detail (text, encrypted)."""
    insert(connection, case_events, {"case_id": case_id, "what": what, "at": now, **more})


def how_often(connection: Connection, case_id: int, what: str) -> int:
    """So many lines of that kind stand in its history."""
    asked = select(func.count()).where(case_events.c.case_id == case_id, case_events.c.what == what)
    return connection.scalar(asked) or 0


def cases_to_climb(connection: Connection, now: datetime, most: int = 100) -> list[int]:
    """Cases whose next moment is due, locked: the next step of a triggered one, the deadline of an acknowledged one.

    Those that another process climbs are skipped.
    """
    found = connection.scalars(
        select(cases.c.id)
        .where(cases.c.state != CaseState.CLOSED, cases.c.next_step_at <= now)
        .order_by(cases.c.level != Level.EMERGENCY, cases.c.next_step_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(found)


def case_due(connection: Connection, case_id: int) -> datetime | None:
    """When its next step is or was due."""
    return connection.scalar(select(cases.c.next_step_at).where(cases.c.id == case_id))


def open_distress(connection: Connection, person_id: int) -> Level:
    """The level of the person's distress case that nobody has closed; `none` where there is none."""
    level = connection.scalar(
        select(cases.c.level).where(
            cases.c.person_id == person_id, cases.c.kind == CaseKind.DISTRESS, cases.c.state != CaseState.CLOSED
        )
    )
    return Level.NONE if level is None else Level(level)


def hasten_step(connection: Connection, case_id: int, page_step: int, now: datetime) -> bool:
    """The page of a case's newest step reached nobody: its next step is due at once. False: it was taken, or has none."""
    changed = connection.execute(
        update(cases)
        .where(
            cases.c.id == case_id,
            cases.c.state == CaseState.TRIGGERED,
            cases.c.step <= page_step + 1,
            cases.c.next_step_at > now,
        )
        .values(next_step_at=now)
    )
    return changed.rowcount == 1


def is_triggered(connection: Connection, case_id: int) -> bool:
    """Nobody has taken it yet."""
    return connection.scalar(select(cases.c.state).where(cases.c.id == case_id)) == CaseState.TRIGGERED
