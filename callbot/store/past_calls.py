"""What was said in earlier calls."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from callbot.converse.transcript import Turn
from callbot.store.call_rows import transcript
from callbot.store.tables import calls


def earlier_transcripts(connection: Connection, call_id: int, most: int) -> list[tuple[Turn, ...]]:
    """Of the same person's calls before this one that were assessed, the latest `most`, oldest first."""
    person = select(calls.c.person_id).where(calls.c.id == call_id).scalar_subquery()
    earlier = (
        select(calls.c.id)
        .where(calls.c.person_id == person, calls.c.id < call_id, calls.c.assessment.is_not(None))
        .order_by(calls.c.id.desc())
        .limit(most)
    )
    return [transcript(connection, found) for found in reversed(connection.scalars(earlier).all())]


def assessed_calls(connection: Connection, since: datetime, until: datetime) -> Iterator[tuple[int, tuple[Turn, ...]]]:
    """Every assessed call that was answered in the period, with its turns, oldest first."""
    found = (
        select(calls.c.id)
        .where(calls.c.answered_at >= since, calls.c.answered_at < until, calls.c.assessment.is_not(None))
        .order_by(calls.c.id)
    )
    for call_id in connection.scalars(found).all():
        yield call_id, transcript(connection, call_id)
