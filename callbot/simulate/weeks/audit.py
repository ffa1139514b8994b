"""At every week's end: the ledger against its own promises, and against what the world saw."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from callbot.escalate.case import CaseKind
from callbot.schedule.due_contact import Disposition, DueState
from callbot.schedule.window import SEOUL
from callbot.simulate.weeks.evidence import Evidence
from callbot.store.database import Store
from callbot.store.invariants import sending_violations, violations
from callbot.store.tables import case_events, cases, due_contacts

LOOK_BACK = timedelta(days=9)
"""A due contact ends on the day it was planned for; cases are raised for longer."""
NEAR = timedelta(minutes=20)
"""The ledger's clock may be wrong by so much (clock jumps)."""


def audit(store: Store, evidence: Evidence, person_of: dict[int, int], now: datetime) -> None:
    """Look at the last days; everything broken is counted in the evidence."""
    since = now - LOOK_BACK
    with store.read() as connection:
        for broken in (*violations(connection, now, since), *sending_violations(connection, now)):
            evidence.break_promise(broken.name, f"{broken.subject} {broken.subject_id}")
        _contacts(connection, evidence, person_of, since, now)
        _alarms(connection, evidence, person_of)


def _contacts(
    connection: Connection, evidence: Evidence, person_of: dict[int, int], since: datetime, now: datetime
) -> None:
    """Contact is what the line carried, not what the ledger says; and nobody's day passed without an end."""
    due = due_contacts.c
    rows = connection.execute(
        select(due.id, due.person_id, due.state, due.disposition, due.planned_at, due.ended_at).where(
            due.planned_at.between(since, now)
        )
    )
    for row in rows:
        if row.state != DueState.ENDED and row.planned_at < now - timedelta(days=1):
            evidence.break_promise("world: a day passed and nobody heard of it", f"due {row.id}")
        if row.disposition == Disposition.CONTACTED and not _spoke(evidence, person_of[row.person_id], row.ended_at):
            evidence.break_promise("world: contacted, but the person said nothing that day", f"due {row.id}")


def _spoke(evidence: Evidence, person: int, at: datetime) -> bool:
    return (person, at.astimezone(SEOUL).date()) in evidence.spoke


def _alarms(connection: Connection, evidence: Evidence, person_of: dict[int, int]) -> None:
    """Whatever was understood as grave stands in a case, however the call ended."""
    heard, evidence.grave = evidence.grave, []
    if not heard:
        return
    people = {person for person, _ in heard}
    ids = [person_id for person_id, number in person_of.items() if number in people]
    events = _events(connection, ids, person_of, min(at for _, at in heard) - NEAR)
    for person, at in heard:
        if not any(at - NEAR <= written <= at + NEAR for written in events.get(person, ())):
            evidence.break_promise("world: alarming words without a case", f"person {person} {at}")


def _events(
    connection: Connection, ids: list[int], person_of: dict[int, int], since: datetime
) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    for part in _parts(ids):
        rows = connection.execute(
            select(cases.c.person_id, case_events.c.at)
            .join(case_events, case_events.c.case_id == cases.c.id)
            .where(cases.c.person_id.in_(part), cases.c.kind == CaseKind.DISTRESS, case_events.c.at >= since)
        )
        for row in rows:
            found.setdefault(person_of[row.person_id], []).append(row.at)
    return found


def _parts(ids: list[int], size: int = 500) -> Iterable[list[int]]:
    return (ids[first : first + size] for first in range(0, len(ids), size))
