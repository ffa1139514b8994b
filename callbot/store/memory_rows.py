"""Memories of a person: read, written, deleted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from callbot.converse.memory import Memory, MemoryState
from callbot.schedule.window import SEOUL
from callbot.store.tables import persons
from callbot.store.tables_memory import memories
from callbot.store.writing import insert
from callbot.understand.meaning import MemoryKind

_OF_PERSON = select(memories).where(memories.c.person_id == bindparam("of_person")).order_by(memories.c.id)


def memories_of(connection: Connection, person_id: int) -> tuple[Memory, ...]:
    """All, the silenced ones and those whose time is over among them."""
    return tuple(_memory(row) for row in connection.execute(_OF_PERSON, {"of_person": person_id}))


def save_memory(connection: Connection, person_id: int, memory: Memory) -> int:
    """Write it, in the place of the one with its id where it has one. Its id."""
    row = {
        "person_id": person_id,
        "topic": memory.topic,
        "kind": memory.kind,
        "about": memory.about,
        "quote": memory.quote or None,
        "call_id": memory.call_id,
        "turn": memory.turn,
        "detector": memory.detector,
        "first_heard_at": memory.first_heard_at,
        "last_heard_at": memory.last_heard_at,
        "expires_at": memory.expires_at,
        "due_on": memory.due_on,
        "asked_at": memory.asked_at,
        "state": memory.state,
    }
    if memory.id is None:
        return insert(connection, memories, row)
    mine = (memories.c.id == memory.id) & (memories.c.person_id == person_id)
    connection.execute(update(memories).where(mine).values(**row))
    return memory.id


def delete_memories(connection: Connection, person_id: int, ids: Iterable[int]) -> int:
    """How many there were."""
    mine = (memories.c.person_id == person_id) & memories.c.id.in_(list(ids))
    return connection.execute(delete(memories).where(mine)).rowcount


def delete_old_memories(connection: Connection, now: datetime) -> int:
    """Those whose time is over, and all of whoever has left the programme. How many there were."""
    today = now.astimezone(SEOUL).date()
    gone = select(persons.c.id).where(or_(~persons.c.active, persons.c.ends_on < today))
    over = or_(memories.c.expires_at <= now, memories.c.person_id.in_(gone))
    return connection.execute(delete(memories).where(over)).rowcount


def _memory(row: Row[Any]) -> Memory:
    return Memory(
        topic=row.topic,
        kind=MemoryKind(row.kind),
        about=row.about,
        quote=row.quote or "",
        first_heard_at=row.first_heard_at,
        last_heard_at=row.last_heard_at,
        expires_at=row.expires_at,
        id=row.id,
        call_id=row.call_id,
        turn=row.turn,
        detector=row.detector,
        due_on=row.due_on,
        asked_at=row.asked_at,
        state=MemoryState(row.state),
    )
