"""Which calls a model was asked about, after they ended."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from callbot.store.tables import calls, signals
from callbot.understand.meaning import Category, Level, Signal

ASKED = "asked"
"""In between, and where the process died while it waited: never asked again."""
_WAITING = (
    select(calls.c.id, calls.c.person_id)
    .where(calls.c.answered_at >= bindparam("since"), calls.c.ended_at.is_not(None))
    .where(or_(calls.c.result.is_not(None), calls.c.assessment.is_not(None)), calls.c.opinion.is_(None))
    .order_by(calls.c.answered_at, calls.c.id)
    .limit(bindparam("most"))
)


def calls_without_opinion(connection: Connection, since: datetime, most: int) -> list[tuple[int, int]]:
    """(call, person) of calls that were judged by the rules and not by a model yet, oldest first."""
    found = connection.execute(_WAITING, {"since": since, "most": most})
    return [(call_id, person_id) for call_id, person_id in found]


def claim_opinion(connection: Connection, call_id: int) -> bool:
    """True for the one process that asks."""
    unasked = (calls.c.id == call_id, calls.c.opinion.is_(None))
    return connection.execute(update(calls).where(*unasked).values(opinion=ASKED)).rowcount == 1


def note_opinion(connection: Connection, call_id: int, word: str | None, level: Level | None = None) -> None:
    """What came of it; None: to be asked again. `level`: the call's, where the opinion raised it."""
    change = update(calls).where(calls.c.id == call_id).values(opinion=word)
    connection.execute(change if level is None else change.values(level=level))


def known_signals(connection: Connection, call_id: int) -> list[Signal]:
    """What the rules found: category and level are all that an opinion is held against."""
    rows = connection.execute(select(signals.c.category, signals.c.level).where(signals.c.call_id == call_id))
    return [Signal(Category(category), Level(level), "known", "", "", "known", "1") for category, level in rows]


def level_of(connection: Connection, call_id: int) -> Level:
    """The call's level so far."""
    return Level(connection.scalar(select(calls.c.level).where(calls.c.id == call_id)) or Level.NONE)
