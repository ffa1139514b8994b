"""Stop calling somebody, or start again: holds and consent take effect the same moment."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from callbot.people.consent import REQUIRED_TO_CALL, ConsentKind
from callbot.people.hold import HoldReason
from callbot.schedule.due_contact import Disposition
from callbot.store.database import Store
from callbot.store.due_rows import locked_due, unended_of_person
from callbot.store.people_rows import add_consents, add_hold, lift_holds
from callbot.workflows.settle import finish_due, must_not_be_called


def hold_person(
    store: Store,
    person_id: int,
    reason: HoldReason,
    now: datetime,
    *,
    until: datetime | None = None,
    by: str = "system",
    note: str | None = None,
) -> int:
    """Put a hold. How many due contacts were suspended by it; one that is being called now is not cut off."""
    with store.write() as connection:
        add_hold(connection, person_id, reason, now=now, until=until, by=by, note=note)
        return _suspend(connection, person_id, now)


def lift_hold(store: Store, person_id: int, now: datetime) -> int:
    """Lift every hold; how many there were. Due contacts that it suspended stay ended: the next week is planned anew."""
    with store.write() as connection:
        return lift_holds(connection, person_id, now)


def withdraw_consent(
    store: Store, person_id: int, now: datetime, kinds: Iterable[ConsentKind] = REQUIRED_TO_CALL, *, by: str = "system"
) -> int:
    """Write the withdrawal. How many due contacts were suspended by it."""
    with store.write() as connection:
        add_consents(connection, person_id, sorted(kinds), given=False, now=now, by=by)
        return _suspend(connection, person_id, now)


def give_consent(
    store: Store, person_id: int, now: datetime, kinds: Iterable[ConsentKind], *, by: str = "system"
) -> None:
    """Write consent given."""
    with store.write() as connection:
        add_consents(connection, person_id, sorted(kinds), given=True, now=now, by=by)


def _suspend(connection: Connection, person_id: int, now: datetime) -> int:
    if not must_not_be_called(connection, person_id, now):
        return 0
    ids = unended_of_person(connection, person_id)
    for due_id in ids:
        finish_due(connection, locked_due(connection, due_id), Disposition.SUSPENDED, "hold_or_consent", now)
    return len(ids)
