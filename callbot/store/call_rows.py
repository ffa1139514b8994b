"""Calls (answered attempts): turns, answers, requests, signals, recording."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from callbot.converse.outcome import Outcome
from callbot.converse.transcript import Turn
from callbot.store.tables import answers, calls, due_contacts, requests, signals, turns
from callbot.store.tables import attempts as attempts_table
from callbot.store.writing import insert, insert_many_or_leave, insert_or_leave, upsert_many
from callbot.understand.meaning import Category, Level, Request, Signal

_CALL = (
    select(calls, attempts_table.c.due_contact_id, attempts_table.c.token, attempts_table.c.state, due_contacts.c.slot)
    .join(attempts_table, attempts_table.c.id == calls.c.attempt_id)
    .join(due_contacts, due_contacts.c.id == attempts_table.c.due_contact_id)
    .where(calls.c.id == bindparam("call_id"))
)
_OF_ATTEMPT = select(calls.c.id).where(calls.c.attempt_id == bindparam("attempt_id"))
_TURNS = select(turns).where(turns.c.call_id == bindparam("call_id")).order_by(turns.c.position)
_LEVELS = select(signals.c.category, signals.c.level).where(signals.c.call_id == bindparam("call_id"))
_CONFIRMED = (
    update(signals)
    .where(signals.c.call_id == bindparam("of_call"), signals.c.category.in_(bindparam("categories", expanding=True)))
    .where(signals.c.unconfirmed, signals.c.confirmed_at.is_(None))
)
_UNREAD = (
    select(calls.c.id)
    .where(calls.c.answered_at >= bindparam("since"))
    .where(calls.c.ended_at.is_not(None), calls.c.result.is_(None), calls.c.assessment.is_(None))
    .order_by(calls.c.answered_at, calls.c.id)  # by the index: by id alone SQLite would read every call there ever was
    .limit(bindparam("most"))
)
"""Asked at every turn, call or tick: built once."""


def call_of_attempt(connection: Connection, attempt_id: int) -> int | None:
    """The call's id, if the attempt was answered."""
    return connection.scalar(_OF_ATTEMPT, {"attempt_id": attempt_id})


def call_row(connection: Connection, call_id: int) -> Row[Any]:
    """The call with its `due_contact_id` and the attempt's `token`. Raises LookupError."""
    row = connection.execute(_CALL, {"call_id": call_id}).one_or_none()
    if row is None:
        raise LookupError(f"no call {call_id}")
    return row


def start_call(
    connection: Connection, attempt_id: int, person_id: int, *, script: tuple[str, int | None], now: datetime
) -> int:
    """The call of an answered attempt."""
    row = {
        "attempt_id": attempt_id,
        "person_id": person_id,
        "script_name": script[0],
        "script_version": script[1],
        "answered_at": now,
    }
    return insert(connection, calls, row)


def save_turns(connection: Connection, call_id: int, spoken: Sequence[Turn], now: datetime) -> None:
    """Write turns, or what became of one since (a bot's line that was interrupted); of two with one index the later."""
    latest = {turn.index: turn for turn in spoken}
    upsert_many(connection, turns, [_turn_row(call_id, turn, now) for turn in latest.values()], ("call_id", "position"))


def _turn_row(call_id: int, turn: Turn, now: datetime) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "position": turn.index,
        "who": turn.who,
        "text": turn.text,
        "topic": turn.topic,
        "audio_offset_s": turn.audio_offset_s,
        "seconds": turn.seconds,
        "confidence": turn.confidence,
        "rejected": turn.rejected,
        "said_until_s": turn.said_until_s,
        "line_id": turn.line_id,
        "at": now,
        "has_words": turn.who == "person" and turn.rejected is None and bool(turn.text.strip()),
    }


def person_spoke(connection: Connection, call_id: int) -> bool:
    """Somebody on the other side said words that were understood as such."""
    found = connection.scalar(select(func.count()).where(turns.c.call_id == call_id, turns.c.has_words))
    return bool(found)


def transcript(connection: Connection, call_id: int) -> tuple[Turn, ...]:
    """The turns in order."""
    rows = connection.execute(_TURNS, {"call_id": call_id})
    return tuple(
        Turn(
            index=row.position,
            who=row.who,
            text=row.text,
            topic=row.topic,
            audio_offset_s=row.audio_offset_s,
            seconds=row.seconds,
            confidence=row.confidence,
            rejected=row.rejected,
            said_until_s=row.said_until_s,
            line_id=row.line_id,
        )
        for row in rows
    )


def add_signal(connection: Connection, call: Row[Any], signal: Signal, now: datetime) -> bool:
    """Write one finding, or raise the level of one that is known; False where neither is news."""
    row = asdict(signal) | {"guards": list(signal.guards), "call_id": call.id, "person_id": call.person_id, "at": now}
    if insert_or_leave(connection, signals, row) is not None:
        return True
    this = (signals.c.call_id == call.id) & (signals.c.rule == signal.rule) & (signals.c.turn == signal.turn)
    known = Level(connection.execute(select(signals.c.level).where(this)).scalar_one())
    if signal.level.rank <= known.rank:
        return False
    connection.execute(update(signals).where(this).values(level=signal.level, reason=signal.reason))
    return True


def attach_signals(connection: Connection, call_id: int, case_id: int) -> None:
    """Findings of this call that belong to no case yet belong to this one."""
    connection.execute(
        update(signals).where(signals.c.call_id == call_id, signals.c.case_id.is_(None)).values(case_id=case_id)
    )


def confirm_signals(connection: Connection, call_id: int, categories: frozenset[Category], now: datetime) -> int:
    """What was 미확인 in these categories is confirmed; how many there were."""
    values = {"of_call": call_id, "categories": sorted(categories), "confirmed_at": now}
    done = connection.execute(_CONFIRMED, values)
    return done.rowcount


def categories_of_call(connection: Connection, call_id: int) -> dict[Category, Level]:
    """The worst level that each category reached in this call so far."""
    worst: dict[Category, Level] = {}
    for row in connection.execute(_LEVELS, {"call_id": call_id}):
        category, level = Category(row.category), Level(row.level)
        if category not in worst or level.rank > worst[category].rank:
            worst[category] = level
    return worst


def save_outcome(
    connection: Connection, call_id: int, outcome: Outcome, *, level: Level | None, assessment: Any, now: datetime
) -> None:
    """Close the call with what it came to."""
    answered_at = connection.scalar(select(calls.c.answered_at).where(calls.c.id == call_id))
    values = {
        "who": outcome.who,
        "result": outcome.result,
        "reported": outcome.reported,
        "level": level,
        "assessment": assessment,
        "ended_at": now,
        "seconds": (now - answered_at).total_seconds() if answered_at else None,
        "hung_up": outcome.hung_up,
        "complete": outcome.completed,
        "without": ",".join(outcome.without) or None,
    }
    connection.execute(update(calls).where(calls.c.id == call_id).values(**values))
    rows = [{"call_id": call_id, "topic": topic, "value": value} for topic, value in outcome.answers.items()]
    insert_many_or_leave(connection, answers, rows)


def add_request(connection: Connection, call: Row[Any], request: Request, case_id: int, now: datetime) -> None:
    """A ticket with the person's own words."""
    row = {
        "call_id": call.id,
        "person_id": call.person_id,
        "case_id": case_id,
        "kind": request.kind,
        "quote": request.quote,
        "turn": request.turn,
        "at": now,
    }
    insert(connection, requests, row)


def name_recording(connection: Connection, call_id: int, path: str, wrapped_key: bytes) -> None:
    """Before the first byte is written: without the key in the ledger a recording could never be opened."""
    connection.execute(
        update(calls).where(calls.c.id == call_id).values(recording_path=path, recording_key=wrapped_key)
    )


def close_recording(connection: Connection, call_id: int, sha256: str, seconds: float, *, complete: bool) -> None:
    """Its digest (of the plain bytes) and length. Not `complete`: the disk failed, it ends before the call did."""
    values = {"recording_sha256": sha256, "recording_seconds": seconds, "recording_complete": complete}
    connection.execute(update(calls).where(calls.c.id == call_id).values(**values))


def end_call_unfinished(connection: Connection, call_id: int, now: datetime) -> None:
    """The process or the line died: what was said so far stays."""
    answered_at = connection.scalar(select(calls.c.answered_at).where(calls.c.id == call_id))
    seconds = (now - answered_at).total_seconds() if answered_at else None
    connection.execute(
        update(calls).where(calls.c.id == call_id, calls.c.ended_at.is_(None)).values(ended_at=now, seconds=seconds)
    )


def unread_calls(connection: Connection, since: datetime, most: int) -> list[int]:
    """Calls that ended without an outcome and were never judged, oldest first."""
    return list(connection.scalars(_UNREAD, {"since": since, "most": most}))


def note_assessment(connection: Connection, call_id: int, level: Level, assessment: Any) -> bool:
    """Judge a call that broke off; False where somebody has done so already."""
    unread = (calls.c.id == call_id, calls.c.result.is_(None), calls.c.assessment.is_(None))
    done = connection.execute(update(calls).where(*unread).values(level=level, assessment=assessment))
    return done.rowcount == 1
