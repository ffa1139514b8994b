"""Somebody calls us: who it is, and what it does to the contact that is due. One transaction; nobody is talked to twice.

A person who is due today is heard on the attempt that this opens, and what was about to call them stands back: a claim is
given back undialled, a phone that is ringing is let go (the attempt ends as interrupted, and uses up no rung). Only somebody
who has answered already is not interrupted: whoever calls at that moment is asked to wait. Who is not due is heard as well,
on a due contact of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from callbot.dial.attempt import AttemptState
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.numbers import BadNumber, Relation, dialled, parse_number
from callbot.schedule.due_contact import DueState
from callbot.schedule.ladder import RetryLadder, next_midnight
from callbot.schedule.window import Window
from callbot.store.attempt_rows import claim, end_attempt, give_back, step
from callbot.store.call_rows import start_call
from callbot.store.database import Store
from callbot.store.due_rows import DueContact, insert_due, locked_due, open_due
from callbot.store.incoming_rows import (
    Owner,
    attempt_under_way,
    called_between,
    due_on,
    note_incoming,
    owners_of,
)
from callbot.store.policy_rows import programme_of_person
from callbot.store.tables import due_contacts
from callbot.workflows.answer_call import CALL_LEASE
from callbot.workflows.place_due import DialOrder, callee_as_known
from callbot.workflows.settle import must_not_be_called

CALLED_IN = "in-"
"""Slot of a contact that was not due: the person called."""
_NO_RUNGS = RetryLadder(name="걸려 온 전화", rungs=())
_HOW_LONG = timedelta(hours=1)


@dataclass(frozen=True)
class CheckIn:
    """The person, by their number: the answered attempt that the conversation is held on."""

    order: DialOrder
    call_id: int
    superseded: tuple[str, ...]
    """Keys of attempts that were ringing: to be hung up now."""


@dataclass(frozen=True)
class Stranger:
    """Somebody who may not be asked how they are: an unknown number, a guardian, a hold, no consent."""

    incoming_id: int


@dataclass(frozen=True)
class InCall:
    """We are talking to somebody on this person's number at this moment."""

    incoming_id: int


Taken = CheckIn | Stranger | InCall


def take_incoming(
    store: Store, number: str | None, key: str, now: datetime, owner: str, *, scripts: Collection[str]
) -> Taken:
    """`number`: as the network showed it, None or empty where it was withheld. `scripts`: those with words for callers."""
    e164 = _e164(number)
    with store.write() as connection:
        who = _whose(connection, store, e164, now)
        if who is None:
            return Stranger(note_incoming(connection, store.keys, key, e164, now))
        script = programme_of_person(connection, who.person_id).script_name
        may_not = must_not_be_called(connection, who.person_id, now) or script not in scripts
        if who.relation is not Relation.SELF or may_not:
            return Stranger(note_incoming(connection, store.keys, key, e164, now, person_id=who.person_id))
        return _check_in(connection, store, who, key, e164 or "", now, owner)


def _e164(number: str | None) -> str | None:
    try:
        return parse_number(number) if number else None
    except BadNumber:
        return None


def _whose(connection: Connection, store: Store, e164: str | None, now: datetime) -> Owner | None:
    """The one person it can be; of several on one line, the one who is due or was called today. None: nobody knows."""
    owners = owners_of(connection, store.keys, e164) if e164 is not None else ()
    own = [one for one in owners if one.relation is Relation.SELF] or list(owners)
    if len(own) > 1:
        first, last = _today(now)
        ids = [one.person_id for one in own]
        called = called_between(connection, ids, first, now)
        due = {person for person, _ in due_on(connection, ids, now, last)}
        own = [one for one in own if one.person_id in (called or due)]
    return own[0] if len(own) == 1 else None


def _today(now: datetime) -> tuple[datetime, datetime]:
    midnight = next_midnight(now)
    return midnight - timedelta(days=1), midnight


def _check_in(
    connection: Connection, store: Store, who: Owner, key: str, e164: str, now: datetime, owner: str
) -> Taken:
    found = due_on(connection, [who.person_id], now, _today(now)[1])
    due = locked_due(connection, found[0][1] if found else _not_due(connection, who.person_id, now))
    running = attempt_under_way(connection, who.person_id)
    superseded: tuple[str, ...] = ()
    if running is not None and running.state is AttemptState.ANSWERED:
        return InCall(note_incoming(connection, store.keys, key, e164, now, person_id=who.person_id, outcome="in_call"))
    if running is not None and running.state is AttemptState.CLAIMED:
        give_back(connection, running)
    elif running is not None:
        end_attempt(connection, running, AttemptEnd.INTERRUPTED, now=now, detail="called_back")
        superseded = (running.key,)
    resume_at = due.next_attempt_at
    attempt = claim(
        connection,
        due.id,
        due.attempts_used,
        person_number_id=who.number_id,
        owner=owner,
        lease_until=now + CALL_LEASE,
        now=now,
    )
    open_due(connection, due, attempt.number)
    note_incoming(
        connection, store.keys, key, e164, now, person_id=who.person_id, attempt_id=attempt.id, resume_at=resume_at
    )
    step(connection, attempt, AttemptState.ANSWERED, lease_until=now + CALL_LEASE, now=now)
    call_id = start_call(connection, attempt.id, who.person_id, script=(due.script_name, None), now=now)
    callee = callee_as_known(connection, who.person_id, due.script_name, now)
    order = DialOrder(
        attempt_id=attempt.id,
        due_contact_id=due.id,
        token=attempt.token,
        key=attempt.key,
        number=attempt.number,
        e164=e164,
        dialled=dialled(e164),
        callee=callee,
    )
    return CheckIn(order, call_id, superseded)


def _not_due(connection: Connection, person_id: int, now: datetime) -> int:
    """A due contact for a call that nobody planned."""
    programme = programme_of_person(connection, person_id)
    window = programme.window or Window()
    slot = f"{CALLED_IN}{now.isoformat(timespec='seconds')}"
    row = {
        "person_id": person_id,
        "schedule_id": None,
        "slot": slot,
        "state": DueState.PLANNED,
        "planned_at": now,
        "next_attempt_at": now,
        "expires_at": now + _HOW_LONG,
        "window_from": f"{window.opens:%H:%M}",
        "window_until": f"{window.closes:%H:%M}",
        "ladder": _NO_RUNGS.model_dump(mode="json"),
        "script_name": programme.script_name,
        "created_at": now,
    }
    insert_due(connection, [row])
    mine = (due_contacts.c.person_id == person_id) & (due_contacts.c.slot == slot)
    made: int = connection.execute(select(due_contacts.c.id).where(mine)).scalar_one()
    return made


def is_called_in(due: DueContact) -> bool:
    """Nothing was owed: the person called."""
    return due.slot.startswith(CALLED_IN)
