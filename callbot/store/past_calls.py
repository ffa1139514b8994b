"""What was said in earlier calls."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, type_coerce

from callbot.converse.transcript import Turn
from callbot.store.call_rows import transcript
from callbot.store.tables import answers, calls, turns
from callbot.understand.meaning import AnswerValue, Topic

_THIS = calls.alias("this_call")
_EARLIER = (
    select(calls.c.id)
    .join(_THIS, _THIS.c.person_id == calls.c.person_id)
    .where(_THIS.c.id == bindparam("call_id"), calls.c.id < bindparam("call_id"), calls.c.assessment.is_not(None))
    .order_by(calls.c.id.desc())
    .limit(bindparam("most"))
)
_SPOKEN = (
    select(
        turns.c.call_id,
        turns.c.position,
        turns.c.who,
        type_coerce(case((turns.c.who == "person", turns.c.text)), turns.c.text.type).label("said"),
        turns.c.audio_offset_s,
        turns.c.seconds,
        turns.c.rejected,
        turns.c.said_until_s,
    )
    .where(turns.c.call_id.in_(_EARLIER))
    .order_by(turns.c.call_id, turns.c.position)
)


def earlier_speech(connection: Connection, call_id: int, most: int) -> list[tuple[Turn, ...]]:
    """Of the same person's calls before this one that were assessed, the latest `most`, oldest first.

    Only what says how the person spoke: turns of the bot without their text (which stays sealed), none with a topic.
    """
    rows = connection.execute(_SPOKEN, {"call_id": call_id, "most": most})
    return [tuple(_spoken(row) for row in of_call) for _, of_call in groupby(rows, lambda row: row.call_id)]


def _spoken(row: Any) -> Turn:
    return Turn(
        index=row.position,
        who=row.who,
        text=row.said or "",
        audio_offset_s=row.audio_offset_s,
        seconds=row.seconds,
        rejected=row.rejected,
        said_until_s=row.said_until_s,
    )


def assessed_calls(connection: Connection, since: datetime, until: datetime) -> Iterator[tuple[int, tuple[Turn, ...]]]:
    """Every assessed call that was answered in the period, with its turns, oldest first."""
    found = (
        select(calls.c.id)
        .where(calls.c.answered_at >= since, calls.c.answered_at < until, calls.c.assessment.is_not(None))
        .order_by(calls.c.id)
    )
    for call_id in connection.scalars(found).all():
        yield call_id, transcript(connection, call_id)


_CALLS = (
    select(calls.c.id)
    .where(calls.c.person_id == bindparam("of_person"), calls.c.result.is_not(None))
    .order_by(calls.c.id.desc())
    .limit(bindparam("most"))
)
_SAID = (
    select(turns.c.line_id, turns.c.text)
    .where(turns.c.call_id.in_(_CALLS), turns.c.who == "bot")
    .where(turns.c.line_id.in_(bindparam("lines", expanding=True)))
    .order_by(turns.c.call_id.desc(), turns.c.position)
)
_ANSWERS_BEFORE = select(answers.c.topic, answers.c.value).where(answers.c.call_id.in_(_EARLIER))
_LAST_ANSWERS = select(answers.c.topic, answers.c.value).where(answers.c.call_id == bindparam("of_call"))
_SPOKEN_WITH = (
    select(calls.c.id)
    .where(calls.c.person_id == bindparam("of_person"), calls.c.who == "person", calls.c.result.is_not(None))
    .order_by(calls.c.id.desc())
    .limit(1)
)


def words_said(connection: Connection, person_id: int, lines: Iterable[str], most: int) -> dict[str, tuple[str, ...]]:
    """What we said under these line ids in the person's last `most` calls, the latest call first."""
    said: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(_SAID, {"of_person": person_id, "most": most, "lines": sorted(lines)}):
        said[row.line_id] = (*said.get(row.line_id, ()), row.text)
    return said


def answers_before(connection: Connection, call_id: int) -> dict[Topic, AnswerValue]:
    """Of the same person's last assessed call before this one; empty where there is none."""
    rows = connection.execute(_ANSWERS_BEFORE, {"call_id": call_id, "most": 1})
    return {Topic(row.topic): AnswerValue(row.value) for row in rows}


def last_answers(connection: Connection, person_id: int) -> dict[Topic, AnswerValue]:
    """Of the last call that the person themselves was spoken to in."""
    call_id = connection.scalar(_SPOKEN_WITH, {"of_person": person_id})
    rows = connection.execute(_LAST_ANSWERS, {"of_call": call_id}) if call_id is not None else ()
    return {Topic(row.topic): AnswerValue(row.value) for row in rows}
