"""What the watch saw in one round. Facts only; `alarms.py` judges them."""

from dataclasses import dataclass, field
from datetime import datetime

from callbot.store.health_rows import Heartbeat
from callbot.store.watch_rows import Dialling, Queue


@dataclass(frozen=True)
class Trunk:
    """A trunk that the dialler has stopped using, or is probing."""

    name: str
    state: str
    since: datetime


@dataclass(frozen=True)
class Sights:
    """One round."""

    now: datetime
    watching_since: datetime
    database: str | None = None
    """Why it could not be read; None: it was. Everything below is then empty."""
    database_down_since: datetime | None = None
    heartbeats: tuple[Heartbeat, ...] = ()
    facts: tuple[tuple[str, datetime, str], ...] = ()
    """Health facts that others raised: name, since, detail."""
    dialling: Dialling = field(default_factory=Dialling)
    queue: Queue = field(default_factory=Queue)
    trunks: tuple[Trunk, ...] = ()
    violations: tuple[tuple[str, int], ...] = ()
    """Broken promises of the ledger: name, how many rows."""
    disk_free_mb: int | None = None
    disk_free_share: float | None = None
