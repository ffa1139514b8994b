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
from callbot.store.people_rows import add_consents, add_number, consent_to_call, consents_of
from callbot.store.schedule_rows import add_tags

ON_THE_FORM = (ConsentKind.GENERAL, ConsentKind.SENSITIVE, ConsentKind.RECORDING)


def consents_on_the_form(enrolment: Enrolment) -> tuple[ConsentKind, ...]:
    """What the row says was signed."""
    more = ((enrolment.consent_sms, ConsentKind.SMS), (enrolment.consent_third_party, ConsentKind.THIRD_PARTY))
    return (*(ON_THE_FORM if enrolment.consent else ()), *(kind for given, kind in more if given))


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
                consents_given=consents_on_the_form,
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
    for other, relation, name in (
        (enrolment.guardian_number, Relation.GUARDIAN, enrolment.guardian_name),
        (enrolment.neighbour_number, Relation.NEIGHBOUR, enrolment.neighbour_name),
    ):
        if other:
            add_number(connection, store.keys, person_id, other, relation=relation, contact_name=name)
    add_tags(connection, store.keys, person_id, enrolment.tags)
    set_schedule(connection, person_id, enrolment)
    in_force = consents_of(connection, person_id, now)
    new = [kind for kind in consents_on_the_form(enrolment) if kind not in in_force]
    if new:
        add_consents(connection, person_id, new, given=True, now=now, by=by)
