"""Enrol many people at once: all of them, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from callbot.people.consent import ConsentKind
from callbot.people.enrolment import Enrolment
from callbot.people.numbers import Relation
from callbot.store.database import Store
from callbot.store.enrolment_rows import (
    NewPerson,
    find_enrolled,
    insert_people,
    set_schedule,
    update_person,
    worker_ids_by_name,
)
from callbot.store.people_rows import add_consents, add_number, consent_to_call

ON_THE_FORM = (ConsentKind.GENERAL, ConsentKind.SENSITIVE, ConsentKind.RECORDING)


class UnknownWorker(ValueError):
    """A row names a worker who is not in the team; the message is Korean and names both."""


@dataclass(frozen=True)
class Imported:
    """What was written."""

    person_ids: tuple[int, ...]
    """In the order of the rows."""
    new: int
    without_consent: int
    """Enrolled, but nobody calls them until consent is recorded."""


def import_people(
    store: Store, enrolments: Sequence[Enrolment], now: datetime, programme_id: int, *, by: str = "import"
) -> Imported:
    """Write everybody in one transaction. Somebody known already (same reference, or same name and number) is updated,
    so the same file twice changes nothing. Raises UnknownWorker."""
    with store.write() as connection:
        team = worker_ids_by_name(connection)
        workers = [_worker(enrolment, team) for enrolment in enrolments]
        known = [find_enrolled(connection, store.keys, enrolment) for enrolment in enrolments]
        fresh = [
            NewPerson(enrolment, worker_id)
            for enrolment, worker_id, person_id in zip(enrolments, workers, known, strict=True)
            if person_id is None
        ]
        new_ids = iter(
            insert_people(
                connection,
                store.keys,
                fresh,
                programme_id=programme_id,
                consents_given=ON_THE_FORM,
                now=now,
                by=by,
            )
        )
        without = sum(not new.enrolment.consent for new in fresh)
        for enrolment, worker_id, person_id in zip(enrolments, workers, known, strict=True):
            if person_id is not None:
                _update(store, connection, person_id, enrolment, worker_id=worker_id, now=now, by=by)
                without += not consent_to_call(connection, person_id, now)
    ids = tuple(next(new_ids) if person_id is None else person_id for person_id in known)
    return Imported(ids, len(fresh), without)


def _worker(enrolment: Enrolment, team: dict[str, int]) -> int | None:
    if enrolment.worker is None:
        return None
    if enrolment.worker not in team:
        raise UnknownWorker(f"담당자 {enrolment.worker!r}을(를) 찾을 수 없습니다. 먼저 담당자를 등록해 주세요.")
    return team[enrolment.worker]


def _update(
    store: Store,
    connection: Connection,
    person_id: int,
    enrolment: Enrolment,
    *,
    worker_id: int | None,
    now: datetime,
    by: str,
) -> None:
    update_person(connection, person_id, enrolment, worker_id=worker_id)
    for e164 in enrolment.numbers:
        add_number(connection, store.keys, person_id, e164)
    if enrolment.guardian_number:
        add_number(
            connection,
            store.keys,
            person_id,
            enrolment.guardian_number,
            relation=Relation.GUARDIAN,
            contact_name=enrolment.guardian_name,
        )
    set_schedule(connection, person_id, enrolment)
    if enrolment.consent and not consent_to_call(connection, person_id, now):
        add_consents(connection, person_id, ON_THE_FORM, given=True, now=now, by=by)
