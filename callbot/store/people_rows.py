"""Persons, their numbers, consents and holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Connection, and_, bindparam, func, or_, select

from callbot.people.consent import CLOCK_PUT_BACK, REQUIRED_TO_CALL, ConsentEntry, ConsentKind, in_force
from callbot.people.hearing_aid import aid_of
from callbot.people.hold import HoldReason
from callbot.people.numbers import Relation
from callbot.people.person import AddressForm, Callee
from callbot.schedule.window import SEOUL
from callbot.store.keys import Keyring
from callbot.store.tables import consents, holds, person_numbers, persons
from callbot.store.writing import insert, insert_or_leave

_PERSON: BindParameter[int] = bindparam("of_person")
_OWN_NUMBERS = (
    select(person_numbers)
    .where(person_numbers.c.person_id == _PERSON, person_numbers.c.active)
    .where(person_numbers.c.relation == Relation.SELF)
    .order_by(person_numbers.c.position)
)
_NUMBER = select(person_numbers).where(person_numbers.c.id == bindparam("number_id"))
_ADDRESSEE = select(persons).where(persons.c.id == _PERSON)
_CONSENTS = select(consents.c.kind, consents.c.given, consents.c.at).where(consents.c.person_id == _PERSON)
_HELD = (
    select(holds.c.id)
    .where(
        holds.c.person_id == _PERSON,
        holds.c.starts_at <= bindparam("starts_by"),
        or_(holds.c.until.is_(None), holds.c.until > bindparam("now")),
        or_(holds.c.lifted_at.is_(None), holds.c.lifted_at > bindparam("now")),
    )
    .limit(1)
)
_IN_PROGRAMME = and_(
    persons.c.active,
    or_(persons.c.starts_on.is_(None), persons.c.starts_on <= bindparam("today")),
    or_(persons.c.ends_on.is_(None), persons.c.ends_on >= bindparam("today")),
)
_ACTIVE = select(persons.c.id).where(persons.c.id == _PERSON, _IN_PROGRAMME)
_STANDING = (
    select(
        _IN_PROGRAMME.label("active"),
        _HELD.scalar_subquery().is_not(None).label("held"),
        consents.c.kind,
        consents.c.given,
        consents.c.at,
    )
    .select_from(persons.outerjoin(consents, consents.c.person_id == persons.c.id))
    .where(persons.c.id == _PERSON)
)
"""Asked several times a call: built once."""


@dataclass(frozen=True)
class Standing:
    """Whether a person may be called at all."""

    active: bool
    """See `is_active`."""
    held: bool
    """See `held`."""
    consent: bool
    """See `consent_to_call`."""

    @property
    def may_be_called(self) -> bool:
        """Nothing stands against it."""
        return self.active and self.consent and not self.held


def standing_of(connection: Connection, person_id: int, now: datetime) -> Standing:
    """Active, held, consent: in one look. Nobody of this id: nothing is allowed."""
    rows = connection.execute(_STANDING, {"of_person": person_id, **_moment(now)}).all()
    entries = (ConsentEntry(ConsentKind(row.kind), row.given, row.at) for row in rows if row.kind is not None)
    consent = in_force(entries, now) >= REQUIRED_TO_CALL
    return Standing(any(row.active for row in rows), any(row.held for row in rows), consent)


def _moment(now: datetime) -> dict[str, object]:
    """A hold that starts within minutes is in force: the clock may have been put back."""
    return {"now": now, "starts_by": now + CLOCK_PUT_BACK, "today": now.astimezone(SEOUL).date()}


@dataclass(frozen=True)
class NumberRow:
    """One number of a person."""

    id: int
    e164: str
    relation: Relation
    contact_name: str | None = None
    """Of a guardian or neighbour."""


def add_number(
    connection: Connection,
    keys: Keyring,
    person_id: int,
    e164: str,
    *,
    relation: Relation = Relation.SELF,
    contact_name: str | None = None,
) -> int | None:
    """Behind the person's other numbers; None where the person already has it."""
    position = connection.scalar(select(func.count()).where(person_numbers.c.person_id == person_id))
    row = {
        "person_id": person_id,
        "e164": e164,
        "number_index": keys.blind(e164),
        "relation": relation,
        "contact_name": contact_name,
        "position": position,
    }
    return insert_or_leave(connection, person_numbers, row)


def own_numbers(connection: Connection, person_id: int) -> tuple[NumberRow, ...]:
    """Active numbers of the person, not of guardians, in order."""
    rows = connection.execute(_OWN_NUMBERS, {"of_person": person_id})
    return tuple(NumberRow(row.id, row.e164, Relation(row.relation)) for row in rows)


def contact_numbers(connection: Connection, person_id: int, now: datetime) -> tuple[NumberRow, ...]:
    """Guardians and neighbours who may be called about this person, in order; none without the person's consent to it."""
    if ConsentKind.THIRD_PARTY not in consents_of(connection, person_id, now):
        return ()
    rows = connection.execute(
        select(person_numbers)
        .where(person_numbers.c.person_id == person_id, person_numbers.c.active)
        .where(person_numbers.c.relation != Relation.SELF)
        .order_by(person_numbers.c.position, person_numbers.c.id)
    )
    return tuple(NumberRow(row.id, row.e164, Relation(row.relation), row.contact_name) for row in rows)


def number_called(connection: Connection, number_id: int | None) -> NumberRow | None:
    """The number of an attempt."""
    row = connection.execute(_NUMBER, {"number_id": number_id}).one_or_none()
    return None if row is None else NumberRow(row.id, row.e164, Relation(row.relation), row.contact_name)


def persons_with_number(connection: Connection, keys: Keyring, e164: str) -> tuple[int, ...]:
    """Ids of everybody who has this number, by blind index."""
    found = connection.scalars(
        select(person_numbers.c.person_id).where(person_numbers.c.number_index == keys.blind(e164))
    )
    return tuple(found)


def addressee(connection: Connection, person_id: int) -> Callee:
    """What a call knows of the person."""
    row = connection.execute(_ADDRESSEE, {"of_person": person_id}).one()
    return Callee(
        row.id,
        row.name,
        AddressForm(row.address_form),
        voice=row.voice,
        aid=aid_of(row.speech_speed, row.louder_db, hard_of_hearing=row.hard_of_hearing),
        pauses_s=tuple(row.pauses or ()),
        script_name=row.script_name,
    )


def add_consents(
    connection: Connection,
    person_id: int,
    kinds: Iterable[ConsentKind],
    *,
    given: bool,
    now: datetime,
    by: str,
    note: str | None = None,
) -> None:
    """Append to the ledger."""
    for kind in kinds:
        row = {"person_id": person_id, "kind": kind, "given": given, "at": now, "by": by, "note": note}
        insert(connection, consents, row)


def consents_of(connection: Connection, person_id: int, now: datetime) -> frozenset[ConsentKind]:
    """Kinds in force."""
    rows = connection.execute(_CONSENTS, {"of_person": person_id})
    return in_force((ConsentEntry(ConsentKind(row.kind), row.given, row.at) for row in rows), now)


def consent_to_call(connection: Connection, person_id: int, now: datetime) -> bool:
    """Every consent that a call needs is in force."""
    return consents_of(connection, person_id, now) >= REQUIRED_TO_CALL


def add_hold(
    connection: Connection,
    person_id: int,
    reason: HoldReason,
    *,
    now: datetime,
    starts_at: datetime | None = None,
    until: datetime | None = None,
    by: str = "system",
    note: str | None = None,
) -> int:
    """Put a hold, from `now` unless it starts later; the caller ends what is open."""
    row = {
        "person_id": person_id,
        "reason": reason,
        "starts_at": starts_at or now,
        "until": until,
        "by": by,
        "note": note,
    }
    return insert(connection, holds, row)


def set_active(connection: Connection, person_id: int, *, active: bool) -> bool:
    """In the programme, or no longer; True where that is news."""
    changed = persons.update().where(persons.c.id == person_id, persons.c.active != active).values(active=active)
    return connection.execute(changed).rowcount > 0


def held_as_dead(connection: Connection, person_id: int) -> bool:
    """A hold stands that says so."""
    dead = (holds.c.person_id == person_id, holds.c.lifted_at.is_(None), holds.c.reason == HoldReason.DEAD)
    return connection.scalar(select(holds.c.id).where(*dead).limit(1)) is not None


def lift_holds(connection: Connection, person_id: int, now: datetime) -> int:
    """Lift every hold in force; how many there were."""
    done = connection.execute(
        holds.update().where(holds.c.person_id == person_id, holds.c.lifted_at.is_(None)).values(lifted_at=now)
    )
    return done.rowcount


def held(connection: Connection, person_id: int, now: datetime) -> bool:
    """A hold is in force at `now`; one that starts within minutes is, too: the clock may have been put back."""
    asked = {"of_person": person_id, "now": now, "starts_by": now + CLOCK_PUT_BACK}
    return connection.scalar(_HELD, asked) is not None


def is_active(connection: Connection, person_id: int, now: datetime) -> bool:
    """In the programme on this day in Seoul: not left, begun, not over."""
    asked = {"of_person": person_id, "today": now.astimezone(SEOUL).date()}
    return connection.scalar(_ACTIVE, asked) is not None


def name_and_team_facts(connection: Connection, person_id: int) -> tuple[str, int | None, int | None]:
    """(name, year of birth, id of the assigned worker): what a page says, and to whom."""
    row = connection.execute(
        select(persons.c.name, persons.c.birth_year, persons.c.worker_id).where(persons.c.id == person_id)
    ).one()
    return row.name, row.birth_year, row.worker_id
