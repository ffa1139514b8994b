"""How many calls may be placed, and how fast: of a trunk, and of the whole installation."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limits:
    """0 is no limit."""

    channels: int = 0
    """Calls at the same time."""
    calls_per_second: float = 0.0

    def free(self, in_use: int, most: int) -> int:
        """Channels left, at most `most`; never negative."""
        return max(min(self.channels - in_use, most), 0) if self.channels else most

    def rate_allows_at(self, last_placed: datetime | None, now: datetime) -> datetime:
        """When the next call may be placed: `now`, or a moment later.

        A last call that lies further ahead than the interval was placed before the clock was put back: it counts for nothing.
        """
        if last_placed is None or self.calls_per_second <= 0:
            return now
        interval = timedelta(seconds=1 / self.calls_per_second)
        at = last_placed + interval
        return now if at - now > interval * 2 else max(at, now)
