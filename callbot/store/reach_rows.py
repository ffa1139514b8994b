"""What the retry ladder has to know of a due contact's past: rings, spared failures, contacts called; and of its day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select

from callbot.dial.attempt import IN_FLIGHT, AttemptState
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.numbers import Relation
from callbot.schedule.campaign import CampaignState
from callbot.schedule.due_contact import Disposition, DueState
from callbot.store.due_rows import DueContact
from callbot.store.tables import attempts, due_contacts
from callbot.store.tables_schedule import campaigns

NOT_RUNG = (AttemptEnd.NETWORK_FAILURE, AttemptEnd.SYSTEM_FAILURE)
"""Ends of ours after which, without a ringing tone or an answer, nobody's phone can have rung. `interrupted` is not among
them: our process died, and nobody saw what the network did."""
HEARD = (Disposition.CONTACTED, Disposition.CONTACTED_DEGRADED, Disposition.REFUSED, Disposition.REPORTED)
"""Dispositions after which nobody rings the same person for another reason on the same day."""


def _unrung() -> ColumnElement[bool]:
    it = attempts.c
    return and_(it.end.in_(NOT_RUNG), it.ringing_at.is_(None), it.answered_at.is_(None))


_RINGS = (
    select(func.count())
    .select_from(attempts.join(due_contacts, attempts.c.due_contact_id == due_contacts.c.id))
    .where(due_contacts.c.person_id == bindparam("of_person"), attempts.c.relation == Relation.SELF)
    .where(attempts.c.dialling_at >= bindparam("since"), or_(attempts.c.end.is_(None), ~_unrung()))
)
"""Asked before every attempt: built once."""


def rings_since(connection: Connection, person_id: int, since: datetime) -> int:
    """How often the person's own phones may have rung since then, of all their due contacts."""
    return connection.scalar(_RINGS, {"of_person": person_id, "since": since}) or 0


def unrung_failures(connection: Connection, due_id: int) -> int:
    """Attempts of this due contact that failed on our side before anything rang."""
    asked = select(func.count()).where(attempts.c.due_contact_id == due_id, _unrung())
    return connection.scalar(asked) or 0


def last_attempt(connection: Connection, due_id: int) -> tuple[Relation, bool] | None:
    """Of the latest ended attempt that was dialled: whose number it called, and whether it failed before anything rang."""
    row = connection.execute(
        select(attempts.c.relation, _unrung().label("unrung"))
        .where(attempts.c.due_contact_id == due_id, attempts.c.state == AttemptState.ENDED)
        .order_by(attempts.c.number.desc())
        .limit(1)
    ).first()
    return None if row is None else (Relation(row.relation), bool(row.unrung))


def numbers_called(connection: Connection, due_id: int) -> frozenset[int]:
    """Ids of the guardians' and neighbours' numbers that this due contact has called."""
    found = connection.scalars(
        select(attempts.c.person_number_id).where(
            attempts.c.due_contact_id == due_id,
            attempts.c.relation != Relation.SELF,
            attempts.c.dialling_at.is_not(None),
        )
    )
    return frozenset(number for number in found if number is not None)


def own_ends(connection: Connection, due_id: int) -> tuple[AttemptEnd, ...]:
    """How the attempts on the person's own numbers ended, in order."""
    found = connection.scalars(
        select(attempts.c.end)
        .where(attempts.c.due_contact_id == due_id, attempts.c.state == AttemptState.ENDED)
        .where(attempts.c.relation == Relation.SELF)
        .order_by(attempts.c.number)
    )
    return tuple(AttemptEnd(end) for end in found)


def campaign_stopped(connection: Connection, campaign_id: int | None) -> bool:
    """The campaign that this contact belongs to does not run any more."""
    if campaign_id is None:
        return False
    return connection.scalar(select(campaigns.c.state).where(campaigns.c.id == campaign_id)) != CampaignState.RUNNING


def has_the_day(connection: Connection, due: DueContact, first: datetime, last: datetime) -> bool:
    """Another contact of this person has the day between two instants: it is planned then and not over, or under way, or
    the person was heard then."""
    it = due_contacts.c
    running = exists().where(attempts.c.due_contact_id == it.id, attempts.c.state.in_(IN_FLIGHT))
    waiting = and_(
        it.state != DueState.ENDED, or_(running, and_(it.next_attempt_at >= first, it.next_attempt_at < last))
    )
    heard = and_(it.disposition.in_(HEARD), it.ended_at >= first, it.ended_at < last)
    # Of two campaigns the older one has the day.
    before = or_(it.campaign_id.is_(None), it.campaign_id < (due.campaign_id or 0))
    asked = select(it.id).where(it.person_id == due.person_id, it.id != due.id).where(or_(and_(waiting, before), heard))
    return connection.scalar(asked.limit(1)) is not None


@dataclass(frozen=True)
class Unanswered:
    """An attempt that the network may be ringing."""

    key: str
    person_id: int
    campaign_id: int | None
    relation: Relation


def unanswered_of(connection: Connection, keys: Iterable[str]) -> list[Unanswered]:
    """Of these attempts, those that are dialled or ringing and not answered."""
    it = attempts.c
    rows = connection.execute(
        select(it.key, due_contacts.c.person_id, due_contacts.c.campaign_id, it.relation)
        .join(due_contacts, it.due_contact_id == due_contacts.c.id)
        .where(it.key.in_(list(keys)), it.state.in_([AttemptState.DIALLING, AttemptState.RINGING]))
    )
    return [Unanswered(row.key, row.person_id, row.campaign_id, Relation(row.relation)) for row in rows]
