"""Due contacts: planning, claiming, and their guarded state changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, exists, func, select, true, update

from callbot.dial.attempt import IN_FLIGHT
from callbot.schedule.due_contact import Disposition, DueState, ImpossibleTransition, move
from callbot.schedule.ladder import RetryLadder, read_ladder
from callbot.schedule.week import Rhythm
from callbot.schedule.window import Window, narrowed, read_time, read_window
from callbot.store.attempt_rows import StaleToken
from callbot.store.tables import attempts, due_contacts, persons, programmes, schedules
from callbot.store.writing import insert_many_or_leave

_PERSONS_HOURS = select(schedules.c.window_from, schedules.c.window_until).where(
    schedules.c.person_id == bindparam("person_id"), schedules.c.active
)
_WITH_HOURS = (
    select(
        due_contacts,
        programmes.c.window_from.label("programme_opens"),
        programmes.c.window_until.label("programme_closes"),
        schedules.c.id.label("active_schedule_id"),
        schedules.c.window_from.label("person_opens"),
        schedules.c.window_until.label("person_closes"),
    )
    .select_from(
        due_contacts.join(persons, persons.c.id == due_contacts.c.person_id)
        .join(programmes, persons.c.programme_id == programmes.c.id)
        .outerjoin(schedules, and_(schedules.c.person_id == persons.c.id, schedules.c.active))
    )
    .limit(1)
    .with_for_update(of=due_contacts)
)
_LOCKED = _WITH_HOURS.where(due_contacts.c.id == bindparam("due_id"))
_LOCKED_OF_ATTEMPT = _WITH_HOURS.where(
    due_contacts.c.id
    == select(attempts.c.due_contact_id).where(attempts.c.id == bindparam("attempt_id")).scalar_subquery()
)
_MINE_TO_CLAIM = (
    select(persons.c.id).where(persons.c.id == bindparam("person_id")).with_for_update(key_share=True, skip_locked=True)
)
_RUNNING = (
    select(attempts.c.id)
    .where(
        attempts.c.due_contact_id.in_(
            select(due_contacts.c.id).where(due_contacts.c.person_id == bindparam("person_id"))
        ),
        attempts.c.state.in_(IN_FLIGHT),
    )
    .limit(1)
)
_DUE_NOW = (
    select(due_contacts.c.id)
    .where(due_contacts.c.next_attempt_at <= bindparam("now"))
    .order_by(due_contacts.c.next_attempt_at, due_contacts.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_GUARDED = update(due_contacts).where(
    due_contacts.c.id == bindparam("of_id"),
    due_contacts.c.state == bindparam("of_state"),
    due_contacts.c.state != DueState.ENDED,
)
"""Asked several times a call: built once."""


@dataclass(frozen=True)
class DueContact:
    """One row, read for a decision; locked by `locked_due` while that decision is written."""

    id: int
    person_id: int
    slot: str
    state: DueState
    next_attempt_at: datetime | None
    expires_at: datetime
    window: Window | None
    """The hours written down when it was planned, less what programme and person have closed since."""
    ladder: RetryLadder
    rungs_used: int
    attempts_used: int
    number_position: int
    script_name: str
    planned_at: datetime
    schedule_id: int | None = None
    campaign_id: int | None = None
    call_number_id: int | None = None
    """The guardian's or neighbour's number that the ladder has come to; None: the person's own."""


@dataclass(frozen=True)
class Schedule:
    """One schedule of one person, as planning needs it (nothing encrypted is read)."""

    id: int
    person_id: int
    programme_id: int
    rhythm: Rhythm
    window_from: str | None
    window_until: str | None
    known_since: datetime


def active_schedules(connection: Connection, *, person_id: int | None = None) -> Iterator[Schedule]:
    """Of active persons, or of one."""
    only = true() if person_id is None else persons.c.id == person_id
    rows = connection.execute(
        select(
            schedules,
            persons.c.programme_id,
            persons.c.created_at,
            persons.c.starts_on.label("first_day"),
            persons.c.ends_on.label("last_day"),
        )
        .join(persons, persons.c.id == schedules.c.person_id)
        .where(schedules.c.active, persons.c.active, only)
    )
    for row in rows:
        rhythm = Rhythm(
            weekdays=tuple(row.weekdays),
            every_weeks=row.every_weeks,
            every_days=row.every_days,
            preferred_time=read_time(row.preferred_time),
            starts_on=max(filter(None, (row.starts_on, row.first_day)), default=None),
            ends_on=min(filter(None, (row.ends_on, row.last_day)), default=None),
            counted_from=row.starts_on,
        )
        yield Schedule(
            row.id, row.person_id, row.programme_id, rhythm, row.window_from, row.window_until, row.created_at
        )


def slots_known(connection: Connection, first: datetime, last: datetime) -> set[tuple[int, str]]:
    """(person, slot) of what is already planned between two instants; saves encoding rows that would conflict."""
    rows = connection.execute(
        select(due_contacts.c.person_id, due_contacts.c.slot).where(due_contacts.c.planned_at.between(first, last))
    )
    return {(row.person_id, row.slot) for row in rows}


def window_of_person(connection: Connection, person_id: int, programme: Window | None) -> Window | None:
    """The hours in which this person may be called today; None: closed."""
    row = connection.execute(_PERSONS_HOURS, {"person_id": person_id}).first()
    return programme if row is None else personal_window(programme, row.window_from, row.window_until)


def personal_window(programme: Window | None, opens: str | None, closes: str | None) -> Window | None:
    """A person's hours, as written, inside the programme's. What cannot be read, or has nothing in common with them, is
    closed: nobody is called at a wrong hour, and the contact ends with a case."""
    if opens is None and closes is None:
        return programme
    person = read_window(opens, closes)
    return None if person is None else narrowed(programme, person)


def _hours_now(row: Row[Any]) -> Window | None:
    programme = read_window(row.programme_opens, row.programme_closes)
    return (
        programme if row.active_schedule_id is None else personal_window(programme, row.person_opens, row.person_closes)
    )


def under_way(connection: Connection, person_id: int) -> bool:
    """Somebody is calling this person at this moment, or is about to claim them. Locks the person for who asked first."""
    if connection.scalar(_MINE_TO_CLAIM, {"person_id": person_id}) is None:
        return True
    return connection.scalar(_RUNNING, {"person_id": person_id}) is not None


def insert_due(connection: Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Write what is not there yet; how many were new."""
    return insert_many_or_leave(connection, due_contacts, list(rows))


def due_now(connection: Connection, now: datetime, most: int) -> list[int]:
    """Ids of due contacts whose next attempt is due, locked; those that another claimer holds are skipped."""
    return list(connection.scalars(_DUE_NOW, {"now": now, "most": most}))


def callees_until(connection: Connection, until: datetime) -> list[tuple[int, str]]:
    """(person, script) of what is to be called by then, the soonest first."""
    due = due_contacts.c
    wanted = select(due.person_id, due.script_name).where(due.next_attempt_at <= until).order_by(due.next_attempt_at)
    return [(row.person_id, row.script_name) for row in connection.execute(wanted)]


def script_of(connection: Connection, due_id: int) -> str:
    """The script a due contact is called with."""
    name: str = connection.execute(select(due_contacts.c.script_name).where(due_contacts.c.id == due_id)).scalar_one()
    return name


def expired(connection: Connection, now: datetime, most: int) -> list[int]:
    """Ids of due contacts whose time is over and that no attempt holds; locked."""
    running = exists().where(attempts.c.due_contact_id == due_contacts.c.id, attempts.c.state.in_(IN_FLIGHT))
    found = connection.scalars(
        select(due_contacts.c.id)
        .where(due_contacts.c.state.in_([DueState.PLANNED, DueState.OPEN]), due_contacts.c.expires_at <= now, ~running)
        .order_by(due_contacts.c.expires_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(found)


def unended_of_person(connection: Connection, person_id: int) -> list[int]:
    """Ids of the person's due contacts that have no disposition yet and no attempt under way; locked."""
    running = exists().where(attempts.c.due_contact_id == due_contacts.c.id, attempts.c.state.in_(IN_FLIGHT))
    found = connection.scalars(
        select(due_contacts.c.id)
        .where(due_contacts.c.person_id == person_id, due_contacts.c.state != DueState.ENDED, ~running)
        .with_for_update()
    )
    return list(found)


def locked_due(connection: Connection, due_id: int) -> DueContact:
    """The row, locked until the transaction ends. Every workflow locks the due contact before its attempts."""
    return _due(connection.execute(_LOCKED, {"due_id": due_id}).one())


def locked_due_of(connection: Connection, attempt_id: int) -> DueContact:
    """The same, by an attempt of it. Raises StaleToken where there is no such attempt."""
    row = connection.execute(_LOCKED_OF_ATTEMPT, {"attempt_id": attempt_id}).one_or_none()
    if row is None:
        raise StaleToken(f"there is no attempt {attempt_id}")
    return _due(row)


def _due(row: Row[Any]) -> DueContact:
    planned = read_window(row.window_from, row.window_until)
    return DueContact(
        id=row.id,
        person_id=row.person_id,
        slot=row.slot,
        state=DueState(row.state),
        next_attempt_at=row.next_attempt_at,
        expires_at=row.expires_at,
        window=None if planned is None else narrowed(_hours_now(row), planned),
        ladder=read_ladder(row.ladder),
        rungs_used=row.rungs_used,
        attempts_used=row.attempts_used,
        number_position=row.number_position,
        script_name=row.script_name,
        planned_at=row.planned_at,
        schedule_id=row.schedule_id,
        campaign_id=row.campaign_id,
        call_number_id=row.call_number_id,
    )


def open_due(connection: Connection, due: DueContact, attempts_used: int) -> None:
    """An attempt holds it now."""
    state = due.state if due.state is DueState.OPEN else move(due.state, DueState.OPEN)
    _change(connection, due, state=state, attempts_used=attempts_used, next_attempt_at=None)


def call_again_at(connection: Connection, due: DueContact, at: datetime, **more: int | None) -> None:
    """Name the next attempt's time; `more`: rungs_used, number_position, call_number_id."""
    if due.state is DueState.ENDED:
        raise ImpossibleTransition(f"due contact {due.id} has ended; it is not called again")
    _change(connection, due, next_attempt_at=at, **more)


def end_due(connection: Connection, due: DueContact, disposition: Disposition, why: str, now: datetime) -> None:
    """The one end. `why` is a word for logs and reports, never personal."""
    state = move(due.state, DueState.ENDED, disposition)
    _change(connection, due, state=state, disposition=disposition, why=why, ended_at=now, next_attempt_at=None)


def _change(connection: Connection, due: DueContact, **values: Any) -> None:
    changed = connection.execute(_GUARDED, values | {"of_id": due.id, "of_state": due.state})
    if changed.rowcount != 1:
        raise ImpossibleTransition(f"due contact {due.id} is no longer {due.state}")


def unended(connection: Connection) -> int:
    """How many have no disposition yet."""
    return connection.scalar(select(func.count()).where(due_contacts.c.state != DueState.ENDED)) or 0
