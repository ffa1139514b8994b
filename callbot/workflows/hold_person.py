"""Stop calling somebody, or start again: holds and consent take effect the same moment.

A phone that rings is silenced within seconds (`talk/stop_ringing.py`); a conversation under way is not cut off, its words
are kept, and nobody is called after it (ADR 0024).
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from callbot.people.consent import REQUIRED_TO_CALL, ConsentKind
from callbot.people.hold import HoldReason
from callbot.schedule.due_contact import Disposition
from callbot.store.audit_rows import add_audit
from callbot.store.database import Store
from callbot.store.due_rows import locked_due, unended_of_person
from callbot.store.hold_rows import change_until
from callbot.store.people_rows import add_consents, add_hold, held_as_dead, lift_holds, set_active
from callbot.workflows.resume_calls import resume
from callbot.workflows.settle import finish_due, must_not_be_called


def hold_person(
    store: Store,
    person_id: int,
    reason: HoldReason,
    now: datetime,
    *,
    starts_at: datetime | None = None,
    until: datetime | None = None,
    by: str = "system",
    note: str | None = None,
) -> int:
    """Put a hold. How many due contacts were suspended by it: those that fall into it; one that is planned for after its
    end stays. One that is being called now is not cut off. Whoever is known to have died is no longer in the programme;
    what only a call reported (workflows/settle.py) is a hold until a human has confirmed it."""
    with store.write() as connection:
        add_hold(connection, person_id, reason, now=now, starts_at=starts_at, until=until, by=by, note=note)
        detail = f"{reason}: {starts_at or now:%Y-%m-%d} ~ {until:%Y-%m-%d}" if until else f"{reason}"
        add_audit(connection, now, by, "hold", subject="person", subject_id=person_id, detail=detail)
        if reason is HoldReason.DEAD and set_active(connection, person_id, active=False):
            add_audit(connection, now, by, "leave_programme", subject="person", subject_id=person_id, detail=detail)
        return suspend(connection, person_id, now, until=until)


def extend_hold(store: Store, person_id: int, until: datetime | None, now: datetime, *, by: str) -> int:
    """Another end for the holds in force; None: until somebody lifts them. How many there were."""
    with store.write() as connection:
        changed = change_until(connection, person_id, until, now)
        detail = f"~ {until:%Y-%m-%d}" if until else "기한 없음"
        add_audit(connection, now, by, "extend_hold", subject="person", subject_id=person_id, detail=detail)
        suspend(connection, person_id, now, until=until)
        return changed


def lift_hold(store: Store, person_id: int, now: datetime, *, by: str = "system") -> int:
    """Lift every hold; how many there were. If a contact of this week fell into it, one is planned in its place. Whoever
    was put down as dead by mistake is in the programme again."""
    with store.write() as connection:
        if held_as_dead(connection, person_id) and set_active(connection, person_id, active=True):
            add_audit(connection, now, by, "rejoin_programme", subject="person", subject_id=person_id)
        lifted = lift_holds(connection, person_id, now)
        if lifted:
            add_audit(connection, now, by, "lift_hold", subject="person", subject_id=person_id)
            resume(connection, person_id, now)
        return lifted


def withdraw_consent(
    store: Store,
    person_id: int,
    now: datetime,
    kinds: Iterable[ConsentKind] = REQUIRED_TO_CALL,
    *,
    by: str = "system",
    note: str | None = None,
) -> int:
    """Write the withdrawal. How many due contacts were suspended by it."""
    with store.write() as connection:
        withdrawn = sorted(kinds)
        add_consents(connection, person_id, withdrawn, given=False, now=now, by=by, note=note)
        detail = ", ".join(withdrawn)
        add_audit(connection, now, by, "withdraw_consent", subject="person", subject_id=person_id, detail=detail)
        return suspend(connection, person_id, now)


def give_consent(
    store: Store,
    person_id: int,
    now: datetime,
    kinds: Iterable[ConsentKind],
    *,
    by: str = "system",
    note: str | None = None,
) -> None:
    """Write consent given."""
    with store.write() as connection:
        given = sorted(kinds)
        add_consents(connection, person_id, given, given=True, now=now, by=by, note=note)
        detail = ", ".join(given)
        add_audit(connection, now, by, "give_consent", subject="person", subject_id=person_id, detail=detail)


def suspend(connection: Connection, person_id: int, now: datetime, *, until: datetime | None = None) -> int:
    """End what may not be called now. `until`: what is planned for later than this stays."""
    if not must_not_be_called(connection, person_id, now):
        return 0
    ended = 0
    for due_id in unended_of_person(connection, person_id):
        due = locked_due(connection, due_id)
        if until is not None and due.next_attempt_at is not None and due.next_attempt_at >= until:
            continue
        finish_due(connection, due, Disposition.SUSPENDED, "hold_or_consent", now)
        ended += 1
    return ended
