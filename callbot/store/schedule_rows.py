"""A person's schedule, numbers and tags, as they are edited."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select, update

from callbot.people.numbers import Relation
from callbot.store.due_rows import Schedule, active_schedules
from callbot.store.keys import Keyring
from callbot.store.tables import due_contacts, person_numbers, persons, schedules
from callbot.store.tables_schedule import person_tags
from callbot.store.writing import insert, insert_or_leave


@dataclass(frozen=True)
class ScheduleRow:
    """As it is written down; `id` None: there is none yet."""

    id: int | None
    weekdays: tuple[int, ...] = (2,)
    every_weeks: int = 1
    every_days: int | None = None
    preferred_time: str = "10:00"
    window_from: str | None = None
    window_until: str | None = None
    counted_from: date | None = None
    """The schedule's own first day: every second week and every n days are counted from it."""
    starts_on: date | None = None
    """Of the person in the programme."""
    ends_on: date | None = None


def schedule_of(connection: Connection, person_id: int) -> ScheduleRow:
    """The person's one schedule in force, and their first and last day."""
    row = connection.execute(
        select(schedules).where(schedules.c.person_id == person_id, schedules.c.active).order_by(schedules.c.id)
    ).first()
    bounds = connection.execute(select(persons.c.starts_on, persons.c.ends_on).where(persons.c.id == person_id)).one()
    if row is None:
        return ScheduleRow(None, starts_on=bounds.starts_on, ends_on=bounds.ends_on)
    return ScheduleRow(
        id=row.id,
        weekdays=tuple(row.weekdays),
        every_weeks=row.every_weeks,
        every_days=row.every_days,
        preferred_time=row.preferred_time,
        window_from=row.window_from,
        window_until=row.window_until,
        counted_from=row.starts_on,
        starts_on=bounds.starts_on,
        ends_on=bounds.ends_on,
    )


def write_schedule(connection: Connection, person_id: int, new: ScheduleRow) -> int:
    """Change it, or make it; its id."""
    bounds = {"starts_on": new.starts_on, "ends_on": new.ends_on}
    connection.execute(update(persons).where(persons.c.id == person_id).values(**bounds))
    values: dict[str, Any] = {
        "weekdays": list(new.weekdays),
        "every_weeks": new.every_weeks,
        "every_days": new.every_days,
        "preferred_time": new.preferred_time,
        "window_from": new.window_from,
        "window_until": new.window_until,
        "starts_on": new.counted_from,
    }
    if new.id is None:
        return insert(connection, schedules, values | {"person_id": person_id})
    connection.execute(update(schedules).where(schedules.c.id == new.id).values(**values))
    return new.id


def schedule_for_planning(connection: Connection, person_id: int) -> Schedule | None:
    """The same, as planning reads it; None: not active, or no schedule."""
    found = list(active_schedules(connection, person_id=person_id))
    return found[0] if found else None


def planned_rows(connection: Connection, person_id: int) -> list[Any]:
    """Due contacts by schedule that nobody has tried yet; locked."""
    it = due_contacts.c
    found = select(due_contacts).where(
        it.person_id == person_id, it.state == "planned", it.attempts_used == 0, it.schedule_id.is_not(None)
    )
    return list(connection.execute(found.order_by(it.planned_at).with_for_update()))


def move_due(connection: Connection, due_id: int, **values: Any) -> None:
    """Another time for one that is still planned."""
    it = due_contacts.c
    connection.execute(update(due_contacts).where(it.id == due_id, it.state == "planned").values(**values))


# --- numbers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NumberLine:
    """One number as the page lists it, those given up included."""

    id: int
    e164: str
    relation: Relation
    contact_name: str | None
    active: bool


def number_lines(connection: Connection, person_id: int) -> tuple[NumberLine, ...]:
    """In the order of dialling: the person's own, then the others."""
    rows = connection.execute(
        select(person_numbers)
        .where(person_numbers.c.person_id == person_id)
        .order_by(person_numbers.c.relation != Relation.SELF, person_numbers.c.position, person_numbers.c.id)
    )
    return tuple(NumberLine(row.id, row.e164, Relation(row.relation), row.contact_name, row.active) for row in rows)


def change_number(connection: Connection, person_id: int, number_id: int, **values: Any) -> int:
    """Relation, contact_name, active, position; 0: no such number of this person."""
    mine = (person_numbers.c.id == number_id) & (person_numbers.c.person_id == person_id)
    return connection.execute(person_numbers.update().where(mine).values(**values)).rowcount


def put_first(connection: Connection, person_id: int, number_id: int) -> None:
    """Before every other number of the person."""
    first = connection.scalar(
        select(func.min(person_numbers.c.position)).where(person_numbers.c.person_id == person_id)
    )
    change_number(connection, person_id, number_id, position=(first or 0) - 1)


# --- tags ------------------------------------------------------------------------------------------------------------


def tags_of(connection: Connection, person_id: int) -> tuple[str, ...]:
    """In alphabetical order."""
    return tuple(sorted(connection.scalars(select(person_tags.c.tag).where(person_tags.c.person_id == person_id))))


def set_tags(connection: Connection, keys: Keyring, person_id: int, tags: tuple[str, ...]) -> None:
    """These and no others."""
    connection.execute(person_tags.delete().where(person_tags.c.person_id == person_id))
    add_tags(connection, keys, person_id, tags)


def add_tags(connection: Connection, keys: Keyring, person_id: int, tags: tuple[str, ...]) -> None:
    """These, too."""
    for tag in dict.fromkeys(tags):
        insert_or_leave(
            connection, person_tags, {"person_id": person_id, "tag": tag, "tag_index": keys.blind(f"tag/{tag}")}
        )


def all_tags(connection: Connection) -> tuple[str, ...]:
    """Every tag in use, each read once."""
    newest = select(func.max(person_tags.c.id)).group_by(person_tags.c.tag_index)
    return tuple(sorted(connection.scalars(select(person_tags.c.tag).where(person_tags.c.id.in_(newest)))))
