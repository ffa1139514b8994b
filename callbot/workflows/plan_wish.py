"""Somebody asked to be called on another day: a due contact of its own, planned in the transaction that ends today's."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from callbot.schedule.due_contact import DueState
from callbot.schedule.window import SEOUL
from callbot.store.due_rows import DueContact, insert_due
from callbot.store.tables import due_contacts

FURTHEST = timedelta(days=3)
"""Who asks for later than this is heard from by the next regular call."""


def plan_wish(connection: Connection, due: DueContact, wished: datetime, now: datetime) -> date | None:
    """The day for which a due contact stands now; None: that day is too far off, or the hours are closed then."""
    day = wished.astimezone(SEOUL).date()
    hours = due.window.on(day) if due.window is not None else None
    if hours is None or wished <= now or wished - now > FURTHEST or hours[1] <= now:
        return None
    if _planned_on(connection, due.person_id, hours):
        return day
    at = min(max(wished, hours[0]), hours[1] - timedelta(minutes=1))
    insert_due(connection, [_row(connection, due, at, hours[1], now)])
    return day


def _planned_on(connection: Connection, person_id: int, hours: tuple[datetime, datetime]) -> bool:
    mine = (due_contacts.c.person_id == person_id) & (due_contacts.c.state != DueState.ENDED)
    found = select(due_contacts.c.id).where(mine, due_contacts.c.next_attempt_at.between(*hours))
    return connection.scalar(found.limit(1)) is not None


def _row(connection: Connection, due: DueContact, at: datetime, until: datetime, now: datetime) -> dict[str, object]:
    """Like today's, on its first rung."""
    same = ("person_id", "window_from", "window_until", "ladder", "script_name")
    today = connection.execute(select(due_contacts).where(due_contacts.c.id == due.id)).mappings().one()
    return {name: today[name] for name in same} | {
        "schedule_id": None,
        "slot": f"asked-{at.astimezone(SEOUL).date().isoformat()}",
        "state": DueState.PLANNED,
        "planned_at": at,
        "next_attempt_at": at,
        "expires_at": until,
        "created_at": now,
    }
