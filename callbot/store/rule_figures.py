"""How often each rule fired."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from callbot.store.tables import signals
from callbot.understand.meaning import Level


def firings(connection: Connection, since: datetime) -> dict[str, int]:
    """Calls in which a rule found something above none, by rule."""
    it = signals.c
    rows = connection.execute(
        select(it.rule, func.count(it.call_id.distinct()).label("n"))
        .where(it.at >= since, it.level != Level.NONE)
        .group_by(it.rule)
    )
    return {row.rule: row.n for row in rows}


def firings_at(connection: Connection, rule: str, level: Level, since: datetime) -> int:
    """Calls in which one rule found something at one level."""
    it = signals.c
    asked = select(func.count(it.call_id.distinct())).where(it.rule == rule, it.level == level, it.at >= since)
    return int(connection.scalar(asked) or 0)
