"""What the watch saw in one round. Facts only; `alarms.py` judges them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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
    """Counts and words: see workflows/beat.py."""


@dataclass(frozen=True)
class Queue:
    """The outbox."""

    waiting: int = 0
    oldest_critical: datetime | None = None
    """When the oldest critical page that no provider has yet was written."""
    oldest: datetime | None = None
    failed: int = 0
    """Pages of today that a provider refused for good."""


@dataclass(frozen=True)
class Dialling:
    """Whether calls happen."""

    open_windows: bool = False
    """Some programme may call at this moment."""
    overdue: int = 0
    """Due contacts whose next attempt should have been placed by now, inside their window."""
    oldest_overdue: datetime | None = None
    last_ended: datetime | None = None
    """When an attempt last came to its end, whatever its end."""
    last_answered: datetime | None = None


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
    dialling: Dialling = Dialling()
    queue: Queue = Queue()
    trunks: tuple[Trunk, ...] = ()
    violations: tuple[tuple[str, int], ...] = ()
    """Broken promises of the ledger: name, how many rows."""
    disk_free_mb: int | None = None
    disk_free_share: float | None = None
