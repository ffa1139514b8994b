"""How often in a row a person was not reached."""

from itertools import takewhile

from sqlalchemy import Connection, select

from callbot.schedule.due_contact import Disposition, DueState
from callbot.store.tables import due_contacts

MISSED = frozenset({Disposition.NOT_REACHED, Disposition.FAILED_BY_US})


def missed_in_a_row(connection: Connection, person_id: int, most: int = 8) -> int:
    """How many of the person's latest due contacts ended without contact; holds are passed over."""
    ends = connection.scalars(
        select(due_contacts.c.disposition)
        .where(due_contacts.c.person_id == person_id, due_contacts.c.state == DueState.ENDED)
        .where(due_contacts.c.disposition != Disposition.SUSPENDED)
        .order_by(due_contacts.c.planned_at.desc())
        .limit(most)
    )
    return sum(1 for _ in takewhile(lambda end: end in MISSED, ends))
