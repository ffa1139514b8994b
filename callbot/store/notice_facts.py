"""What a notice to a person needs to know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from callbot.people.consent import ConsentEntry, ConsentKind, in_force
from callbot.people.numbers import MOBILE, Relation, is_virtual
from callbot.schedule.due_contact import DueState
from callbot.schedule.window import SEOUL
from callbot.store.keys import Keyring
from callbot.store.people_rows import own_numbers
from callbot.store.tables import consents, due_contacts, person_numbers, persons, programmes


@dataclass(frozen=True)
class NoticedPerson:
    """Whose programme it is."""

    programme_id: int
    district: str
    caller_number: str


@dataclass(frozen=True)
class DueTomorrow:
    """One planned call."""

    due_contact_id: int
    person_id: int
    programme_id: int
    planned_at: datetime


def facts_of_person(connection: Connection, person_id: int) -> NoticedPerson:
    """Raises NoResultFound for an unknown person."""
    row = connection.execute(
        select(programmes.c.id, programmes.c.district, programmes.c.caller_number)
        .join(persons, persons.c.programme_id == programmes.c.id)
        .where(persons.c.id == person_id)
    ).one()
    return NoticedPerson(row.id, row.district, row.caller_number)


def sms_consent(connection: Connection, person_id: int, now: datetime) -> bool:
    """Given and not withdrawn."""
    rows = connection.execute(
        select(consents).where(consents.c.person_id == person_id, consents.c.kind == ConsentKind.SMS)
    )
    return ConsentKind.SMS in in_force((ConsentEntry(ConsentKind.SMS, row.given, row.at) for row in rows), now)


def has_mobile(connection: Connection, person_id: int) -> bool:
    """The person's first number can take an SMS; a landline cannot."""
    numbers = own_numbers(connection, person_id)
    return bool(numbers) and (MOBILE.fullmatch(numbers[0].e164) is not None or is_virtual(numbers[0].e164))


def person_of_number(connection: Connection, keys: Keyring, e164: str) -> int | None:
    """The person whose own number this is."""
    asked = select(person_numbers.c.person_id).where(
        person_numbers.c.number_index == keys.blind(e164),
        person_numbers.c.relation == Relation.SELF,
        person_numbers.c.active,
    )
    return connection.scalar(asked.order_by(person_numbers.c.id).limit(1))


def dues_on(connection: Connection, day: datetime) -> tuple[DueTomorrow, ...]:
    """Planned calls of that day in Seoul."""
    begins = day.astimezone(SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = connection.execute(
        select(due_contacts.c.id, due_contacts.c.person_id, due_contacts.c.planned_at, persons.c.programme_id)
        .join(persons, persons.c.id == due_contacts.c.person_id)
        .where(due_contacts.c.state == DueState.PLANNED, due_contacts.c.planned_at >= begins)
        .where(due_contacts.c.planned_at < begins + timedelta(days=1))
        .order_by(due_contacts.c.planned_at, due_contacts.c.id)
    )
    return tuple(DueTomorrow(row.id, row.person_id, row.programme_id, row.planned_at) for row in rows)
