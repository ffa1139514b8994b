"""Attempts: claims with lease and fencing token, and their guarded state changes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, not_, or_, select, update

from callbot.dial.attempt import IN_FLIGHT, ON_THE_LINE, AttemptState, move
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.numbers import Relation
from callbot.schedule.due_contact import ImpossibleTransition
from callbot.store.tables import attempts
from callbot.store.writing import insert

_LOCKED = select(attempts).where(attempts.c.id == bindparam("attempt_id")).with_for_update()
_WAITING = select(attempts.c.id).where(
    attempts.c.due_contact_id == bindparam("due_id"), attempts.c.state == AttemptState.PLANNED
)
_GUARDED = update(attempts).where(
    attempts.c.id == bindparam("of_id"),
    attempts.c.token == bindparam("of_token"),
    attempts.c.state == bindparam("of_state"),
)
"""Asked several times a call: built once."""

Lease = tuple[int, datetime | None]
"""Token and end; either changes when the owner shows that it is alive."""


class StaleToken(RuntimeError):
    """Somebody else holds this attempt now, or it has ended: what was about to be written is not."""


@dataclass(frozen=True)
class Attempt:
    """One row, locked by `held_attempt` while something is written about it."""

    id: int
    due_contact_id: int
    number: int
    key: str
    person_number_id: int | None
    state: AttemptState
    owner: str | None
    lease_until: datetime | None
    token: int
    relation: Relation = Relation.SELF
    """Whose number it calls: only the person's own can make contact."""


def number_of_attempt(connection: Connection, attempt_id: int) -> int | None:
    """The number it calls."""
    return connection.scalar(select(attempts.c.person_number_id).where(attempts.c.id == attempt_id))


def held_attempt(connection: Connection, attempt_id: int, token: int) -> Attempt:
    """The row, locked, if this token still holds it. Raises StaleToken."""
    attempt = locked_attempt(connection, attempt_id)
    if attempt.token != token:
        raise StaleToken(f"attempt {attempt_id}: token {token} is stale, {attempt.token} holds it")
    if attempt.state not in IN_FLIGHT:
        raise StaleToken(f"attempt {attempt_id} is {attempt.state}; token {token} holds nothing")
    return attempt


def locked_attempt(connection: Connection, attempt_id: int) -> Attempt:
    """The row, locked until the transaction ends."""
    row = connection.execute(_LOCKED, {"attempt_id": attempt_id}).one()
    return Attempt(
        row.id,
        row.due_contact_id,
        row.number,
        row.key,
        row.person_number_id,
        AttemptState(row.state),
        row.owner,
        row.lease_until,
        row.token,
        Relation(row.relation),
    )


def claim(
    connection: Connection,
    due_id: int,
    attempts_used: int,
    *,
    person_number_id: int,
    owner: str,
    lease_until: datetime,
    now: datetime,
    relation: Relation = Relation.SELF,
) -> Attempt:
    """Take the next attempt of a locked due contact: the one that was given back undialled, else a new number.

    A new number starts at token 1; a claim taken over goes on counting, so a late write of its old owner is refused.
    """
    lease = {
        "owner": owner,
        "lease_until": lease_until,
        "claimed_at": now,
        "person_number_id": person_number_id,
        "relation": relation,
    }
    waiting = connection.scalar(_WAITING, {"due_id": due_id})
    if waiting is not None:
        attempt = locked_attempt(connection, waiting)
        _change(connection, attempt, state=move(attempt.state, AttemptState.CLAIMED), token=attempt.token + 1, **lease)
        return locked_attempt(connection, waiting)
    row = {
        "due_contact_id": due_id,
        "number": attempts_used + 1,
        "key": uuid.uuid4().hex,
        "state": move(AttemptState.PLANNED, AttemptState.CLAIMED),
        "token": 1,
        **lease,
    }
    return locked_attempt(connection, insert(connection, attempts, row))


def give_back(connection: Connection, attempt: Attempt) -> None:
    """A claim whose owner died before dialling: nothing rang, the number may be used."""
    state = move(attempt.state, AttemptState.PLANNED)
    _change(connection, attempt, state=state, token=attempt.token + 1, owner=None, lease_until=None)


def step(
    connection: Connection, attempt: Attempt, state: AttemptState, *, lease_until: datetime, now: datetime
) -> None:
    """To `dialling`, `ringing` or `answered`, with the moment and a longer lease."""
    _change(
        connection, attempt, state=move(attempt.state, state), lease_until=lease_until, **{f"{state.value}_at": now}
    )


def end_attempt(
    connection: Connection,
    attempt: Attempt,
    end: AttemptEnd,
    *,
    now: datetime,
    cause: int | None = None,
    tech_cause: int | None = None,
    detail: str | None = None,
) -> None:
    """The one end; the token is raised, so nothing more can be written under it."""
    _change(
        connection,
        attempt,
        state=move(attempt.state, AttemptState.ENDED, end),
        end=end,
        cause=cause,
        tech_cause=tech_cause,
        detail=detail,
        ended_at=now,
        lease_until=None,
        token=attempt.token + 1,
    )


def extend_lease(connection: Connection, attempt: Attempt, lease_until: datetime) -> None:
    """The owner is alive."""
    _change(connection, attempt, lease_until=lease_until)


def _change(connection: Connection, attempt: Attempt, **values: Any) -> None:
    now_held = {"of_id": attempt.id, "of_token": attempt.token, "of_state": attempt.state}
    changed = connection.execute(_GUARDED, values | now_held)
    if changed.rowcount != 1:
        raise ImpossibleTransition(f"attempt {attempt.id} changed under its lock")


def in_flight(connection: Connection) -> int:
    """Attempts that hold a lease, of all owners."""
    return connection.scalar(select(func.count()).where(attempts.c.state.in_(IN_FLIGHT))) or 0


def lost(
    connection: Connection,
    now: datetime,
    *,
    live_keys: frozenset[str],
    owner: str | None,
    unrenewed: frozenset[int] | None = None,
    most: int = 200,
) -> list[tuple[int, int]]:
    """(attempt, due contact) whose owner is dead: its lease ran out, or it is `owner` and does not know the attempt.

    `unrenewed`: attempts whose lease nobody has renewed, instead of asking the wall clock. Not locked: the caller locks the
    due contact first and looks again.
    """
    ours = and_(attempts.c.owner == owner, not_(attempts.c.key.in_(live_keys))) if owner is not None else None
    over = attempts.c.lease_until <= now if unrenewed is None else attempts.c.id.in_(unrenewed)
    run_out = and_(over, not_(attempts.c.key.in_(live_keys)))
    rows = connection.execute(
        select(attempts.c.id, attempts.c.due_contact_id)
        .where(attempts.c.state.in_(IN_FLIGHT), run_out if ours is None else or_(run_out, ours))
        .order_by(attempts.c.id)
        .limit(most)
    )
    return [(row.id, row.due_contact_id) for row in rows]


def is_lost(
    attempt: Attempt,
    now: datetime,
    *,
    live_keys: frozenset[str],
    owner: str | None,
    leases: Mapping[int, Lease] | None = None,
) -> bool:
    """The same question of a locked row; `leases`: of those that nobody has renewed, as they were seen."""
    if attempt.state not in IN_FLIGHT or attempt.key in live_keys:
        return False
    if owner is not None and attempt.owner == owner:
        return True
    if leases is not None:
        return leases.get(attempt.id) == (attempt.token, attempt.lease_until)
    return attempt.lease_until is not None and attempt.lease_until <= now


def leases(connection: Connection) -> dict[int, Lease]:
    """Of every attempt in flight, whoever holds it."""
    rows = connection.execute(
        select(attempts.c.id, attempts.c.token, attempts.c.lease_until).where(attempts.c.state.in_(IN_FLIGHT))
    )
    return {row.id: (row.token, row.lease_until) for row in rows}


def on_the_line(connection: Connection) -> dict[str, int]:
    """key -> attempt id of everything that the network may know of; compared with the exchange's channels."""
    rows = connection.execute(select(attempts.c.key, attempts.c.id).where(attempts.c.state.in_(ON_THE_LINE)))
    return {row.key: row.id for row in rows}


def ends_of(connection: Connection, due_id: int) -> tuple[AttemptEnd, ...]:
    """How the due contact's attempts ended so far, in order."""
    rows = connection.scalars(
        select(attempts.c.end)
        .where(attempts.c.due_contact_id == due_id, attempts.c.state == AttemptState.ENDED)
        .order_by(attempts.c.number)
    )
    return tuple(AttemptEnd(end) for end in rows)


def waiting_attempt(connection: Connection, due_id: int) -> Attempt | None:
    """The attempt that was given back undialled, if there is one."""
    found = connection.scalar(_WAITING, {"due_id": due_id})
    return None if found is None else locked_attempt(connection, found)
