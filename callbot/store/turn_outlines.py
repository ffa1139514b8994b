"""Who spoke when and whether words were understood, of many calls at once and without their words."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from callbot.converse.transcript import Turn
from callbot.store.tables import turns
from callbot.understand.meaning import Topic

WORDS = "…"
"""Stands for what was said."""
PART = 500


def turn_outlines(connection: Connection, call_ids: Sequence[int]) -> dict[int, list[Turn]]:
    """Turns in order by call; their text is `WORDS`, or empty where nothing was understood."""
    it = turns.c
    found: dict[int, list[Turn]] = {}
    for start in range(0, len(call_ids), PART):
        asked = select(it.call_id, it.position, it.who, it.topic, it.confidence, it.rejected, it.has_words)
        part = asked.where(it.call_id.in_(list(call_ids[start : start + PART]))).order_by(it.call_id, it.position)
        for row in connection.execute(part):
            turn = Turn(
                index=row.position,
                who=row.who,
                text=WORDS if row.who == "bot" or row.has_words else "",
                topic=Topic(row.topic) if row.topic else None,
                confidence=row.confidence,
                rejected=row.rejected,
            )
            found.setdefault(row.call_id, []).append(turn)
    return found
