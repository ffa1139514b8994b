"""Facts about the installation's health: raised and cleared by whoever notices, shouted about by the watch."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from callbot.store.tables_watch import health_facts, heartbeats
from callbot.store.writing import upsert

_CLEARED = delete(health_facts).where(health_facts.c.name == bindparam("fact"))
"""Asked at every tick: built once."""


@dataclass(frozen=True)
class HealthFact:
    """One thing that is wrong now."""

    name: str
    """A code, where needed with whom it is about: `nobody_on_duty:3` (programme 3). Never personal."""
    since: datetime
    detail: str
    """A count or a word for the operator; never personal."""


def raise_fact(connection: Connection, name: str, now: datetime, detail: str = "") -> bool:
    """It is so; True where that is news. Its beginning is kept when it is raised again."""
    known = connection.scalar(select(health_facts.c.since).where(health_facts.c.name == name))
    upsert(
        connection,
        health_facts,
        {"name": name, "since": known or now, "seen_at": now, "detail": detail},
        ("name",),
    )
    return known is None


def clear_fact(connection: Connection, name: str) -> bool:
    """It is over; True where it was raised."""
    return bool(connection.execute(_CLEARED, {"fact": name}).rowcount)


def facts(connection: Connection) -> tuple[HealthFact, ...]:
    """Everything that is wrong now, the oldest first."""
    rows = connection.execute(select(health_facts).order_by(health_facts.c.since, health_facts.c.name))
    return tuple(HealthFact(row.name, row.since, row.detail or "") for row in rows)


@dataclass(frozen=True)
class Heartbeat:
    """A process as it last described itself."""

    name: str
    """`serve:line-1`."""
    at: datetime
    started_at: datetime
    stopped_at: datetime | None = None
    """It said goodbye; None: it runs, or it was killed."""
    figures: dict[str, Any] = field(default_factory=dict)
    """Counts and words: see callbot/heartbeat.py."""


def write_beat(
    connection: Connection,
    name: str,
    *,
    pid: int,
    started_at: datetime,
    now: datetime,
    figures: dict[str, Any],
    stopped: bool = False,
) -> None:
    """This process lives, or (`stopped`) says goodbye."""
    row = {
        "name": name,
        "pid": pid,
        "started_at": started_at,
        "at": now,
        "stopped_at": now if stopped else None,
        "figures": figures,
    }
    upsert(connection, heartbeats, row, ("name",))


def beats(connection: Connection) -> tuple[Heartbeat, ...]:
    """Every process that ever wrote one."""
    rows = connection.execute(select(heartbeats).order_by(heartbeats.c.name))
    return tuple(Heartbeat(row.name, row.at, row.started_at, row.stopped_at, row.figures) for row in rows)
