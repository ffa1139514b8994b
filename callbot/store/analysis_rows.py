"""Stored analyses of calls, and what was recorded of these calls."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, select

from callbot.store.tables import calls, signals, turns
from callbot.store.tables_rules import analyses
from callbot.store.writing import upsert

FETCH = 1000
"""Rows at once: a few MB."""
_MISSING = (
    select(calls.c.id)
    .outerjoin(analyses, analyses.c.call_id == calls.c.id)
    .where(calls.c.answered_at >= bindparam("since"), calls.c.ended_at.is_not(None), analyses.c.call_id.is_(None))
    .where(calls.c.assessment.is_not(None))
    .order_by(calls.c.answered_at.desc())
    .limit(bindparam("most"))
)
_OLD = (
    select(analyses.c.call_id)
    .where(analyses.c.analyser != bindparam("analyser"))
    .order_by(analyses.c.at.desc())
    .limit(bindparam("most"))
)


def unanalysed(connection: Connection, since: datetime, most: int) -> list[int]:
    """Judged calls without an analysis, the latest first."""
    return list(connection.scalars(_MISSING, {"since": since, "most": most}))


def analysed_otherwise(connection: Connection, analyser: str, most: int) -> list[int]:
    """Calls whose analysis another version of the analyser made."""
    return list(connection.scalars(_OLD, {"analyser": analyser, "most": most}))


def save_analysis(connection: Connection, call_id: int, at: datetime, analyser: str, content: bytes) -> None:
    """`at`: when the call was answered. Replaces an older one."""
    row = {"call_id": call_id, "at": at, "analyser": analyser, "content": content}
    upsert(connection, analyses, row, ("call_id",))


def prune_analyses(connection: Connection, before: datetime) -> int:
    """Away with what is older, and with what has outlived its transcript; how many."""
    wordless = ~exists().where(turns.c.call_id == analyses.c.call_id)
    return connection.execute(delete(analyses).where((analyses.c.at < before) | wordless)).rowcount


def forget_analyses(connection: Connection, person_id: int) -> int:
    """Of one person; how many."""
    theirs = select(calls.c.id).where(calls.c.person_id == person_id)
    return connection.execute(delete(analyses).where(analyses.c.call_id.in_(theirs))).rowcount


def analysis_of(connection: Connection, call_id: int) -> bytes | None:
    """Packed."""
    content: bytes | None = connection.scalar(select(analyses.c.content).where(analyses.c.call_id == call_id))
    return content


def counted(connection: Connection, since: datetime, analyser: str) -> tuple[int, int]:
    """Analyses since then: all, and those of another version of the analyser."""
    old = func.count().filter(analyses.c.analyser != analyser)
    row = connection.execute(select(func.count(), old).where(analyses.c.at >= since)).one()
    return int(row[0]), int(row[1])


def parts(connection: Connection, since: datetime, number: int) -> list[tuple[int, int]]:
    """Ranges of call ids [first, last] that hold about the same number of analyses each."""
    low, high = connection.execute(
        select(func.min(analyses.c.call_id), func.max(analyses.c.call_id)).where(analyses.c.at >= since)
    ).one()
    if low is None:
        return []
    width = (high - low) // number + 1
    return [(start, min(start + width - 1, high)) for start in range(low, high + 1, width)]


def packed_analyses(
    connection: Connection, since: datetime, first: int, last: int, *, rule: str | None = None
) -> Iterator[tuple[int, bytes]]:
    """(call, packed) by id. `rule`: only calls in which it was found at the time."""
    asked = select(analyses.c.call_id, analyses.c.content).where(
        analyses.c.call_id.between(first, last), analyses.c.at >= since
    )
    if rule is not None:
        asked = asked.where(exists().where(signals.c.call_id == analyses.c.call_id, signals.c.rule == rule))
    found = connection.execute(asked.order_by(analyses.c.call_id).execution_options(yield_per=FETCH))
    for row in found:
        yield row.call_id, row.content


def assessments(connection: Connection, call_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What was recorded, by call."""
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(call_ids), FETCH // 2):
        part = list(call_ids[start : start + FETCH // 2])
        asked = select(calls.c.id, calls.c.assessment).where(calls.c.id.in_(part), calls.c.assessment.is_not(None))
        found |= {row.id: row.assessment for row in connection.execute(asked)}
    return found
