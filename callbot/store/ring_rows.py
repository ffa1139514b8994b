"""How long a phone is let ring: a person who is slow on their feet needs longer than their programme allows."""

from sqlalchemy import Connection, func, select

from callbot.store.tables import persons, programmes

SHORTEST_S, LONGEST_S = 10.0, 90.0
"""Beyond 90 s networks give up by themselves; DIAL_LEASE must be longer."""


def ring_seconds(connection: Connection, person_id: int) -> float | None:
    """The person's, else their programme's, within limits; None: neither says."""
    chosen: float | None = connection.scalar(
        select(func.coalesce(persons.c.ring_s, programmes.c.ring_s))
        .join(programmes, programmes.c.id == persons.c.programme_id)
        .where(persons.c.id == person_id)
    )
    return None if chosen is None else min(max(chosen, SHORTEST_S), LONGEST_S)
