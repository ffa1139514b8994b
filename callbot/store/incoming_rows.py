"""Calls that came to us, and whom they may be from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from callbot.dial.attempt import IN_FLIGHT
from callbot.people.numbers import Relation
from callbot.schedule.due_contact import DueState
from callbot.store.attempt_rows import Attempt, locked_attempt
from callbot.store.keys import Keyring
from callbot.store.tables import attempts, due_contacts, person_numbers, persons, programmes
from callbot.store.tables_incoming import incoming_calls
from callbot.store.writing import insert

UNKNOWN_NAME = "모르는 번호"
"""Stands for callers whom nobody knows: their messages need a case, and a case needs somebody it is about."""


@dataclass(frozen=True)
class Owner:
    """One who has the number."""

    person_id: int
    number_id: int
    relation: Relation


@dataclass(frozen=True)
class Incoming:
    """What is kept of a call that became a check-in."""

    id: int
    resume_at: datetime | None
    slot: str


def owners_of(connection: Connection, keys: Keyring, e164: str) -> tuple[Owner, ...]:
    """Everybody in the programme who has this number, as their own or as a guardian's."""
    it = person_numbers.c
    rows = connection.execute(
        select(it.person_id, it.id, it.relation)
        .join(persons, persons.c.id == it.person_id)
        .where(it.number_index == keys.blind(e164), it.active, persons.c.active)
        .order_by(it.person_id)
    )
    return tuple(Owner(row.person_id, row.id, Relation(row.relation)) for row in rows)


def due_on(connection: Connection, person_ids: Iterable[int], first: datetime, last: datetime) -> list[tuple[int, int]]:
    """(person, due contact) of what is not ended and was planned for these hours, the earliest first."""
    due = due_contacts.c
    rows = connection.execute(
        select(due.person_id, due.id)
        .where(due.person_id.in_(list(person_ids)), due.state != DueState.ENDED, due.planned_at < last)
        .where(due.expires_at > first)
        .order_by(due.planned_at)
    )
    return [(row.person_id, row.id) for row in rows]


def called_between(connection: Connection, person_ids: Iterable[int], first: datetime, last: datetime) -> set[int]:
    """Those of them whose phone we rang in these hours."""
    rows = connection.scalars(
        select(due_contacts.c.person_id)
        .join(attempts, attempts.c.due_contact_id == due_contacts.c.id)
        .where(due_contacts.c.person_id.in_(list(person_ids)), attempts.c.dialling_at.between(first, last))
    )
    return set(rows)


def attempt_under_way(connection: Connection, person_id: int) -> Attempt | None:
    """The attempt to this person that runs now, locked; its due contact has to be locked by then."""
    mine = and_(due_contacts.c.id == attempts.c.due_contact_id, due_contacts.c.person_id == person_id)
    found = connection.scalar(
        select(attempts.c.id).join(due_contacts, mine).where(attempts.c.state.in_(IN_FLIGHT)).limit(1)
    )
    return None if found is None else locked_attempt(connection, found)


def note_incoming(connection: Connection, keys: Keyring, key: str, e164: str | None, now: datetime, **more: Any) -> int:
    """The call is taken down; `more`: person_id, attempt_id, resume_at, outcome."""
    row = {
        "key": key,
        "at": now,
        "number": e164,
        "number_index": keys.blind(e164) if e164 is not None else None,
        **more,
    }
    return insert(connection, incoming_calls, row)


def end_incoming(connection: Connection, incoming_id: int, outcome: str, now: datetime, **more: Any) -> None:
    """What it came to; `more`: message, case_id."""
    mine = incoming_calls.c.id == incoming_id
    connection.execute(update(incoming_calls).where(mine).values(outcome=outcome, ended_at=now, **more))


def incoming_of_attempt(connection: Connection, attempt_id: int) -> Incoming | None:
    """None: we called."""
    row = connection.execute(
        select(incoming_calls.c.id, incoming_calls.c.resume_at, due_contacts.c.slot)
        .join(attempts, attempts.c.id == incoming_calls.c.attempt_id)
        .join(due_contacts, due_contacts.c.id == attempts.c.due_contact_id)
        .where(incoming_calls.c.attempt_id == attempt_id)
    ).one_or_none()
    return None if row is None else Incoming(row.id, row.resume_at, row.slot)


def unknown_caller(connection: Connection, now: datetime) -> int | None:
    """The stand-in of the first active programme; made when it is first needed. It is not active: nobody ever calls it."""
    programme = connection.scalar(select(programmes.c.id).where(programmes.c.active).order_by(programmes.c.id).limit(1))
    if programme is None:
        return None
    reference = f"unknown-caller-{programme}"
    known: int | None = connection.scalar(select(persons.c.id).where(persons.c.reference == reference))
    if known is not None:
        return known
    row = {
        "programme_id": programme,
        "reference": reference,
        "name": UNKNOWN_NAME,
        "active": False,
        "created_at": now,
    }
    return insert(connection, persons, row)
