"""The only place that asks the machine what time it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
DEMO_WEEKDAY = 2
"""Tuesday."""
DEMO_HOUR = 10


class Clock(Protocol):
    """Aware UTC."""

    def now(self) -> datetime:
        """This moment."""


class MachineClock:
    """The machine's time."""

    def now(self) -> datetime:
        """This moment, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class OffsetClock:
    """The machine's time moved by a constant: seconds stay seconds (design.md, section 4).

    Keep the offset in the ledger (`store.tick_rows.remember`) where a restart must not turn time back.
    """

    offset: timedelta

    def now(self) -> datetime:
        """This moment as the demo sees it, UTC."""
        return datetime.now(UTC) + self.offset


def tuesday_morning(real: datetime, *, holidays: frozenset[str] = frozenset()) -> timedelta:
    """The offset that makes `real` the latest Tuesday, 10:00 in Seoul, that is no holiday (ISO dates)."""
    local = real.astimezone(SEOUL)
    target = local.replace(hour=DEMO_HOUR, minute=0, second=0, microsecond=0)
    target -= timedelta(days=(local.isoweekday() - DEMO_WEEKDAY) % 7)
    while target.date().isoformat() in holidays:
        target -= timedelta(days=7)
    return target - local
