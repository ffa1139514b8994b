"""Enrol many people at once: all of them, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from callbot.people.consent import ConsentKind
from callbot.people.enrolment import Enrolment
from callbot.people.numbers import Relation
from callbot.store.database import Store
from callbot.store.enrolment_rows import find_enrolled, insert_person, set_schedule, update_person, worker_ids_by_name
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
        written = [_enrol(store, connection, each, now, programme_id, team, by) for each in enrolments]
        without = sum(not consent_to_call(connection, person_id, now) for person_id, _ in written)
    return Imported(tuple(person_id for person_id, _ in written), sum(new for _, new in written), without)


def _enrol(  # noqa: PLR0917 - one row of a table
    store: Store,
    connection: Connection,
    enrolment: Enrolment,
    now: datetime,
    programme_id: int,
    team: dict[str, int],
    by: str,
) -> tuple[int, bool]:
    if enrolment.worker is not None and enrolment.worker not in team:
        raise UnknownWorker(f"담당자 {enrolment.worker!r}을(를) 찾을 수 없습니다. 먼저 담당자를 등록해 주세요.")
    worker_id = team[enrolment.worker] if enrolment.worker else None
    known = find_enrolled(connection, store.keys, enrolment)
    if known is None:
        person_id = insert_person(connection, enrolment, programme_id=programme_id, worker_id=worker_id, now=now)
    else:
        person_id = known
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
    return person_id, known is None
