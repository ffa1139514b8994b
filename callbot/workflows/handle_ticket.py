"""What a worker does with a request: hand it on, close it with what came of it, take it up again."""

from datetime import datetime

from callbot.escalate.ticket import TicketOutcome, TicketState, move_ticket
from callbot.store.audit_rows import add_audit
from callbot.store.case_rows import add_event
from callbot.store.console_scope import Scope
from callbot.store.database import Store
from callbot.store.ticket_rows import change_ticket, ticket


def move_on(
    store: Store,
    scope: Scope,
    ticket_id: int,
    state: TicketState,
    now: datetime,
    *,
    by: str,
    outcome: TicketOutcome | None = None,
    note: str | None = None,
) -> bool:
    """False: no such ticket in scope. Raises ImpossibleTransition; ValueError for a close without an outcome."""
    if (state is TicketState.CLOSED) != (outcome is not None):
        raise ValueError("a ticket is closed with an outcome, and only then")
    with store.write() as connection:
        found = ticket(connection, scope, ticket_id)
        if found is None:
            return False
        change_ticket(connection, ticket_id, move_ticket(found.state, state), now, outcome=outcome, note=note)
        detail = f"{found.state} -> {state}" + (f" ({outcome})" if outcome else "")
        add_audit(connection, now, by, "move_ticket", subject="request", subject_id=ticket_id, detail=detail)
        if found.case_id is not None:
            add_event(connection, found.case_id, "ticket", now, detail=f"{found.kind}: {state}")
        return True
