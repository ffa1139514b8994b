"""Trunks in the ledger: their breakers, and the calls placed on them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from callbot.dial.attempt import IN_FLIGHT
from callbot.dial.breaker import Breaker, BreakerState
from callbot.store.tables import attempts
from callbot.store.tables_dial import trunk_calls, trunk_states
from callbot.store.writing import insert, insert_unless_there

_BREAKERS = select(trunk_states).where(trunk_states.c.configured).order_by(trunk_states.c.trunk)
_BREAKERS_LOCKED = _BREAKERS.with_for_update()
_SAVED = update(trunk_states).where(trunk_states.c.trunk == bindparam("of_trunk"))
_RUNNING = (
    select(trunk_calls.c.trunk, func.count().label("calls"))
    .join(attempts, attempts.c.id == trunk_calls.c.attempt_id)
    .where(trunk_calls.c.ended_at.is_(None), attempts.c.state.in_(IN_FLIGHT))
    .group_by(trunk_calls.c.trunk)
)
_LAST_PLACED = select(func.max(trunk_calls.c.placed_at)).where(trunk_calls.c.trunk == bindparam("trunk"))
"""Asked several times a call: built once."""


def declare(connection: Connection, names: Iterable[str], now: datetime) -> None:
    """These trunks are configured, and no others. A breaker that is known is left as it is: it survives a restart."""
    wanted = sorted(set(names))
    for name in wanted:
        insert_unless_there(
            connection, trunk_states, {"trunk": name, "state": BreakerState.CLOSED, "since": now, "configured": True}
        )
    connection.execute(update(trunk_states).values(configured=trunk_states.c.trunk.in_(wanted)))


def breakers(connection: Connection, *, lock: bool = False) -> dict[str, Breaker]:
    """Of the configured trunks, by name.

    `lock`: all of them, always in this order, so that two who lock never wait for each other; nobody else chooses a trunk
    until this transaction ends. Due contact and attempt are locked before.
    """
    rows = connection.execute(_BREAKERS_LOCKED if lock else _BREAKERS)
    return {
        row.trunk: Breaker(
            since=row.since,
            state=BreakerState(row.state),
            failures=row.failures,
            last_ok_at=row.last_ok_at,
            detail=row.detail,
            probe_at=row.probe_at,
            openings=row.openings,
        )
        for row in rows
    }


def save_breaker(connection: Connection, trunk: str, breaker: Breaker) -> None:
    """Of a locked row."""
    connection.execute(
        _SAVED,
        {
            "of_trunk": trunk,
            "state": breaker.state,
            "since": breaker.since,
            "failures": breaker.failures,
            "last_ok_at": breaker.last_ok_at,
            "detail": breaker.detail,
            "probe_at": breaker.probe_at,
            "openings": breaker.openings,
        },
    )


def running_calls(connection: Connection) -> Mapping[str, int]:
    """Trunk -> channels in use: calls without an end whose attempt is in flight (a dead process's were ended by `recover`)."""
    return {row.trunk: row.calls for row in connection.execute(_RUNNING)}


def last_placed(connection: Connection, trunk: str) -> datetime | None:
    """When the latest call was placed on it."""
    when: datetime | None = connection.scalar(_LAST_PLACED, {"trunk": trunk})
    return when


def claimed_only(connection: Connection) -> int:
    """Attempts in flight that are on no trunk yet: each will want a channel."""
    on_a_trunk = select(trunk_calls.c.attempt_id).where(trunk_calls.c.ended_at.is_(None))
    query = select(func.count()).where(attempts.c.state.in_(IN_FLIGHT), attempts.c.id.not_in(on_a_trunk))
    return connection.scalar(query) or 0


def trunks_tried(connection: Connection, attempt_id: int) -> tuple[str, ...]:
    """In order."""
    query = select(trunk_calls.c.trunk).where(trunk_calls.c.attempt_id == attempt_id).order_by(trunk_calls.c.position)
    return tuple(connection.scalars(query))


def add_call(
    connection: Connection, attempt_id: int, position: int, key: str, trunk: str, now: datetime, *, probe: bool
) -> None:
    """A call is about to be placed. A second one of this attempt and position, or key, is an error of the database."""
    row = {"attempt_id": attempt_id, "position": position, "key": key, "trunk": trunk, "placed_at": now, "probe": probe}
    insert(connection, trunk_calls, row)


def end_call(
    connection: Connection, key: str, result: str, now: datetime, cause: int | None, tech_cause: int | None
) -> bool:
    """It is over; whether it was the one that tries a broken trunk."""
    row = connection.execute(
        update(trunk_calls)
        .where(trunk_calls.c.key == key, trunk_calls.c.ended_at.is_(None))
        .values(ended_at=now, result=result, cause=cause, tech_cause=tech_cause)
        .returning(trunk_calls.c.probe)
    ).first()
    return row is not None and bool(row.probe)
