"""Requests as tickets: found, and moved on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from callbot.escalate.ticket import TicketOutcome, TicketState
from callbot.store.console_scope import Scope
from callbot.store.tables import persons, requests


@dataclass(frozen=True)
class Ticket:
    """One wish, in the person's own words."""

    id: int
    person_id: int
    person_name: str
    case_id: int | None
    call_id: int
    kind: str
    quote: str
    at: datetime
    state: TicketState
    outcome: TicketOutcome | None
    note: str
    changed_at: datetime | None


_ALL = select(requests, persons.c.name.label("person_name")).join(persons, persons.c.id == requests.c.person_id)


def tickets(
    connection: Connection, scope: Scope, *, closed: bool = False, person_id: int | None = None, most: int = 300
) -> tuple[Ticket, ...]:
    """Of one programme: those that wait, the oldest first; or those that are closed, the latest first. Of one person all."""
    asked = _ALL.where(scope.of_persons())
    if person_id is not None:
        asked = asked.where(requests.c.person_id == person_id).order_by(requests.c.id.desc())
    elif closed:
        asked = asked.where(requests.c.state == TicketState.CLOSED).order_by(requests.c.done_at.desc(), requests.c.id)
    else:
        asked = asked.where(requests.c.state != TicketState.CLOSED).order_by(requests.c.at, requests.c.id)
    return tuple(_ticket(row) for row in connection.execute(asked.limit(most)))


def ticket(connection: Connection, scope: Scope, ticket_id: int) -> Ticket | None:
    """None: unknown, or not in scope. Locked."""
    asked = _ALL.where(scope.of_persons(), requests.c.id == ticket_id).with_for_update(of=requests)
    row = connection.execute(asked).one_or_none()
    return _ticket(row) if row is not None else None


def change_ticket(
    connection: Connection,
    ticket_id: int,
    state: TicketState,
    now: datetime,
    *,
    outcome: TicketOutcome | None = None,
    note: str | None = None,
) -> None:
    """Its new state. `note` None: what was noted before stays."""
    values: dict[str, Any] = {
        "state": state,
        "outcome": outcome,
        "changed_at": now,
        "done_at": now if state is TicketState.CLOSED else None,
    }
    if note is not None:
        values["note"] = note or None
    connection.execute(update(requests).where(requests.c.id == ticket_id).values(**values))


def close_tickets_of_case(connection: Connection, case_id: int, outcome: TicketOutcome, now: datetime) -> int:
    """Those that still wait; how many."""
    mine = (requests.c.case_id == case_id) & (requests.c.state != TicketState.CLOSED)
    values = {"state": TicketState.CLOSED, "outcome": outcome, "changed_at": now, "done_at": now}
    return connection.execute(update(requests).where(mine).values(**values)).rowcount


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        person_id=row.person_id,
        person_name=row.person_name,
        case_id=row.case_id,
        call_id=row.call_id,
        kind=row.kind,
        quote=row.quote,
        at=row.at,
        state=TicketState(row.state),
        outcome=TicketOutcome(row.outcome) if row.outcome else None,
        note=row.note or "",
        changed_at=row.changed_at,
    )
