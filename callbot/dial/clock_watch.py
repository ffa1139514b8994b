"""Two ways in which a wrong clock could hurt, and what is believed instead.

A wall clock can be put forward (a wrong NTP server, a suspended machine) or back. Who is due and whose hours are open is asked
of the wall clock, so after a jump nothing is placed and nothing is given up until it has settled. Whether another process is
alive is never asked of the wall clock: a lease is run out when nobody has renewed it for so long by our own monotonic clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

JUMP_S = 30.0
"""Wall and monotonic clock may drift apart by so much between two looks (NTP slews by 0.5 ms a second)."""
SETTLE_S = 60.0
UNRENEWED_S = 130.0
"""Longer than every lease (DIAL_LEASE is 120 s; a live owner renews every 20 s)."""


@dataclass
class ClockWatch:
    """Looked at every second or so; a long gap between two looks is no jump."""

    _last: tuple[datetime, float] | None = None
    _jumped_at: float | None = None
    jump_s: float = 0.0
    """Of the latest jump; negative: put back."""

    def look(self, wall: datetime, monotonic: float) -> bool:
        """Whether the wall clock may be trusted."""
        if self._last is not None:
            moved = (wall - self._last[0]).total_seconds() - (monotonic - self._last[1])
            if abs(moved) > JUMP_S:
                self.jump_s, self._jumped_at = moved, monotonic
        self._last = (wall, monotonic)
        return self._jumped_at is None or monotonic - self._jumped_at >= SETTLE_S


@dataclass
class LeaseWatch:
    """Which leases nobody renews, whatever the clocks say."""

    _seen: dict[int, tuple[tuple[int, datetime | None], float]] = field(default_factory=dict)

    def unrenewed(self, leases: Mapping[int, tuple[int, datetime | None]], monotonic: float) -> frozenset[int]:
        """Attempts whose (token, lease_until) has not changed for UNRENEWED_S of our looking."""
        self._seen = {
            attempt: self._seen[attempt]
            if attempt in self._seen and self._seen[attempt][0] == lease
            else (lease, monotonic)
            for attempt, lease in leases.items()
        }
        return frozenset(attempt for attempt, (_, since) in self._seen.items() if monotonic - since >= UNRENEWED_S)
