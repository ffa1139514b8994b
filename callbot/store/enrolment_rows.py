"""Writing enrolled people: persons, schedules, and whom a row means."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from callbot.people.consent import ConsentKind
from callbot.people.enrolment import Enrolment
from callbot.people.numbers import Relation
from callbot.store.keys import Keyring
from callbot.store.people_rows import persons_with_number
from callbot.store.tables import consents, person_numbers, persons, schedules, workers
from callbot.store.tables_schedule import person_tags
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


@dataclass(frozen=True)
class NewPerson:
    """Somebody who is not known yet."""

    enrolment: Enrolment
    worker_id: int | None


def insert_people(
    connection: Connection,
    keys: Keyring,
    people: Sequence[NewPerson],
    *,
    programme_id: int,
    consents_given: Callable[[Enrolment], Sequence[ConsentKind]],
    now: datetime,
    by: str,
) -> list[int]:
    """New people with numbers, schedule and consents, a statement a table however many they are; ids in their order."""
    if not people:
        return []
    rows = [
        _columns(new.enrolment) | {"programme_id": programme_id, "worker_id": new.worker_id, "created_at": now}
        for new in people
    ]
    returning = persons.insert().returning(persons.c.id, sort_by_parameter_order=True)
    ids = list(connection.scalars(returning, rows))
    enrolled = [(person_id, new.enrolment) for person_id, new in zip(ids, people, strict=True)]
    numbers = [row for person_id, enrolment in enrolled for row in _numbers(keys, person_id, enrolment)]
    connection.execute(person_numbers.insert(), numbers)
    connection.execute(
        schedules.insert(), [{"person_id": person_id, **_schedule(enrolment)} for person_id, enrolment in enrolled]
    )
    given = [
        {"person_id": person_id, "kind": kind, "given": True, "at": now, "by": by}
        for person_id, enrolment in enrolled
        for kind in consents_given(enrolment)
    ]
    if given:
        connection.execute(consents.insert(), given)
    tags = [
        {"person_id": person_id, "tag": tag, "tag_index": keys.blind(f"tag/{tag}")}
        for person_id, enrolment in enrolled
        for tag in enrolment.tags
    ]
    if tags:
        connection.execute(person_tags.insert(), tags)
    return ids


def _numbers(keys: Keyring, person_id: int, enrolment: Enrolment) -> Iterator[dict[str, Any]]:
    own: list[tuple[str, Relation, str | None]] = [(e164, Relation.SELF, None) for e164 in enrolment.numbers]
    others = (
        (enrolment.guardian_number, Relation.GUARDIAN, enrolment.guardian_name),
        (enrolment.neighbour_number, Relation.NEIGHBOUR, enrolment.neighbour_name),
    )
    for number, relation, name in others:
        if number is not None and number not in {known for known, *_ in own}:
            own.append((number, relation, name))
    for position, (e164, relation, contact_name) in enumerate(own):
        yield {
            "person_id": person_id,
            "e164": e164,
            "number_index": keys.blind(e164),
            "relation": relation,
            "contact_name": contact_name,
            "position": position,
        }


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
        "starts_on": enrolment.starts_on,
        "ends_on": enrolment.ends_on,
    }


def set_schedule(connection: Connection, person_id: int, enrolment: Enrolment) -> None:
    """The person's one weekly schedule."""
    values = _schedule(enrolment)
    known = connection.scalar(select(schedules.c.id).where(schedules.c.person_id == person_id, schedules.c.active))
    if known is None:
        insert(connection, schedules, {"person_id": person_id, **values})
    else:
        connection.execute(update(schedules).where(schedules.c.id == known).values(**values))


def _schedule(enrolment: Enrolment) -> dict[str, Any]:
    opens, closes = enrolment.window or (None, None)
    return {
        "weekdays": list(enrolment.weekdays),
        "preferred_time": enrolment.preferred_time,
        "window_from": opens,
        "window_until": closes,
        "every_weeks": enrolment.every_weeks,
        "every_days": enrolment.every_days,
        # Every second week and every n days are counted from the first day in the programme, where it is known.
        "starts_on": enrolment.starts_on if enrolment.every_weeks > 1 or enrolment.every_days else None,
    }
