"""How many calls may be placed now: channels, calls a second, and whether ears and voice keep up."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Limits:
    """Of one trunk and this machine."""

    channels: int = 3
    calls_per_second: float = 1.0
    most_backlog: int = 2
    """Decodes waiting; above it no call is placed, because answers would come late."""


def free_channels(limits: Limits, in_flight: int, backlog: int, last_placed: datetime | None, now: datetime) -> int:
    """Calls that may be placed at `now`; never negative."""
    if backlog > limits.most_backlog:
        return 0
    free = max(limits.channels - in_flight, 0)
    if last_placed is None:
        return free
    since = max((now - last_placed).total_seconds(), 0.0)
    return min(free, int(since * limits.calls_per_second))
