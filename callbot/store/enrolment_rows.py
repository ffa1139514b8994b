"""Writing enrolled people: persons, schedules, and whom a row means."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from callbot.people.enrolment import Enrolment
from callbot.store.keys import Keyring
from callbot.store.people_rows import persons_with_number
from callbot.store.tables import persons, schedules, workers
from callbot.store.writing import insert


def worker_ids_by_name(connection: Connection) -> dict[str, int]:
    """Names are encrypted, so all are read; a team is small."""
    return {
        row.name: row.id for row in connection.execute(select(workers.c.id, workers.c.name).where(workers.c.active))
    }


def find_enrolled(connection: Connection, keys: Keyring, enrolment: Enrolment) -> int | None:
    """Who is meant: by reference, else by name and number together."""
    if enrolment.reference is not None:
        found = connection.scalar(select(persons.c.id).where(persons.c.reference == enrolment.reference))
        if found is not None:
            return int(found)
    ids = {person_id for e164 in enrolment.numbers for person_id in persons_with_number(connection, keys, e164)}
    rows = connection.execute(select(persons.c.id, persons.c.name, persons.c.reference).where(persons.c.id.in_(ids)))
    for row in rows:
        if row.name == enrolment.name and row.reference in {None, enrolment.reference}:
            return int(row.id)
    return None


def insert_person(
    connection: Connection, enrolment: Enrolment, *, programme_id: int, worker_id: int | None, now: datetime
) -> int:
    """A new person; their id."""
    row = _columns(enrolment) | {"programme_id": programme_id, "worker_id": worker_id, "created_at": now}
    return insert(connection, persons, row)


def update_person(connection: Connection, person_id: int, enrolment: Enrolment, *, worker_id: int | None) -> None:
    """What the row says replaces what is known; an empty cell leaves it."""
    values = {name: value for name, value in _columns(enrolment).items() if value is not None}
    if worker_id is not None:
        values["worker_id"] = worker_id
    connection.execute(update(persons).where(persons.c.id == person_id).values(**values))


def _columns(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "reference": enrolment.reference,
        "name": enrolment.name,
        "address": enrolment.address,
        "memo": enrolment.memo,
        "birth_year": enrolment.birth_year,
        "address_form": enrolment.address_form,
        "hard_of_hearing": enrolment.hard_of_hearing,
        "voice": enrolment.voice,
    }


def set_schedule(connection: Connection, person_id: int, enrolment: Enrolment) -> None:
    """The person's one weekly schedule."""
    opens, closes = enrolment.window or (None, None)
    values = {
        "weekdays": list(enrolment.weekdays),
        "preferred_time": enrolment.preferred_time,
        "window_from": opens,
        "window_until": closes,
    }
    known = connection.scalar(select(schedules.c.id).where(schedules.c.person_id == person_id, schedules.c.active))
    if known is None:
        insert(connection, schedules, {"person_id": person_id, **values})
    else:
        connection.execute(update(schedules).where(schedules.c.id == known).values(**values))
