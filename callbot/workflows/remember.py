"""What a call leaves behind for the next one, and what a worker changes of it. Every change by a worker is in the audit."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from callbot.converse.background import ROTATING, Background, Recall
from callbot.converse.memory import (
    OWN,
    Heard,
    Memory,
    MemoryState,
    expiry,
    learn,
    may_be_about,
    silenced,
    to_ask_about,
)
from callbot.schedule.window import SEOUL
from callbot.store.audit_rows import add_audit
from callbot.store.database import Store
from callbot.store.memory_rows import delete_memories, delete_old_memories, memories_of, save_memory
from callbot.store.past_calls import last_answers, words_said
from callbot.store.people_rows import consents_of
from callbot.understand.meaning import MemoryKind

CALLS_REMEMBERED = 6
"""Of whose words no line is repeated while there is another wording."""


class CannotBeAskedAbout(ValueError):
    """Words that may not stand in a spoken question; the message is Korean."""


def background_of(connection: Connection, person_id: int, now: datetime) -> Background:
    """What the next call knows of the earlier ones."""
    known = [memory for memory in memories_of(connection, person_id) if memory.expires_at > now]
    kept = [memory for memory in known if memory.state is MemoryState.KEPT]
    ask = to_ask_about(kept, now)
    return Background(
        recall=Recall(ask.topic, ask.kind, ask.about) if ask is not None else None,
        memories=frozenset({each for memory in kept for each in (memory.topic, memory.kind.value)}),
        said=words_said(connection, person_id, ROTATING, CALLS_REMEMBERED),
        answers=last_answers(connection, person_id),
        consents=frozenset(consents_of(connection, person_id, now)),
        today=now.astimezone(SEOUL).date(),
    )


def remember(connection: Connection, person_id: int, call_id: int, heard: Heard, now: datetime) -> None:
    """Inside the transaction that ends the call: learnt, replaced, forgotten."""
    if heard == Heard():
        return
    learned = learn(memories_of(connection, person_id), heard, now, call_id=call_id)
    for memory in learned.kept:
        save_memory(connection, person_id, memory)
    delete_memories(connection, person_id, learned.dropped)
    if heard.forget:
        add_audit(connection, now, "call", "forget_memory", subject="person", subject_id=person_id)


def forget_old(store: Store, now: datetime) -> int:
    """Whatever is past its time, and all of those who have left. How many."""
    with store.write() as connection:
        return delete_old_memories(connection, now)


# -- a worker's hand ----------------------------------------------------------------------------------------------------


def note_memory(
    store: Store, person_id: int, kind: MemoryKind, about: str, due_on: date | None, now: datetime, *, by: str
) -> int:
    """Something the worker knows of and wants asked about. Raises CannotBeAskedAbout."""
    about = _askable(about)
    with store.write() as connection:
        old = next((each for each in memories_of(connection, person_id) if each.about == about), None)
        memory = Memory(
            topic=old.topic if old is not None else f"{OWN}{about}",
            kind=kind,
            about=about,
            quote="",
            first_heard_at=old.first_heard_at if old is not None else now,
            last_heard_at=now,
            expires_at=expiry(kind, now, due_on),
            id=old.id if old is not None else None,
            detector="worker",
            due_on=due_on,
        )
        memory_id = save_memory(connection, person_id, memory)
        add_audit(connection, now, by, "add_memory", subject="person", subject_id=person_id, detail=f"{kind} {about}")
        return memory_id


def edit_memory(
    store: Store,
    person_id: int,
    memory_id: int,
    kind: MemoryKind,
    about: str,
    due_on: date | None,
    now: datetime,
    *,
    by: str,
) -> bool:
    """Other words, another kind, another day; it may be spoken of again. False: no such memory of this person."""
    about = _askable(about)
    with store.write() as connection:
        old = _one(connection, person_id, memory_id)
        if old is None:
            return False
        changed = replace(
            old,
            kind=kind,
            about=about,
            due_on=due_on,
            detector="worker",
            state=MemoryState.KEPT,
            expires_at=expiry(kind, now, due_on),
        )
        save_memory(connection, person_id, changed)
        detail = f"{old.kind} {old.about} -> {kind} {about}"
        add_audit(connection, now, by, "edit_memory", subject="person", subject_id=person_id, detail=detail)
        return True


def silence_memory(store: Store, person_id: int, memory_id: int, now: datetime, *, by: str) -> bool:
    """It is not spoken of again; the words are erased. False: no such memory of this person."""
    with store.write() as connection:
        old = _one(connection, person_id, memory_id)
        if old is None:
            return False
        save_memory(connection, person_id, silenced(old, now))
        add_audit(connection, now, by, "silence_memory", subject="person", subject_id=person_id, detail=f"{old.kind}")
        return True


def delete_memory(store: Store, person_id: int, memory_id: int, now: datetime, *, by: str) -> bool:
    """As if it had never been said; the audit keeps that something was deleted, not what. False: no such memory."""
    with store.write() as connection:
        if not delete_memories(connection, person_id, [memory_id]):
            return False
        add_audit(connection, now, by, "delete_memory", subject="person", subject_id=person_id, detail=f"{memory_id}")
        return True


def _one(connection: Connection, person_id: int, memory_id: int) -> Memory | None:
    return next((memory for memory in memories_of(connection, person_id) if memory.id == memory_id), None)


def _askable(about: str) -> str:
    about = " ".join(about.split())
    if not may_be_about(about):
        raise CannotBeAskedAbout(
            f"'{about}'은(는) 전화로 여쭐 수 없는 말입니다. 12자 안의 한글 낱말로, 약·돈 이야기 없이 적어 주세요."
        )
    return about
