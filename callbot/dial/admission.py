"""Admission control: may a new call be placed at all? A call that could not be held well is not begun.

Nothing here uses up anybody's attempt: what is due stays due, and is called as soon as the reason is gone.
"""

from dataclasses import dataclass
from enum import StrEnum


class Held(StrEnum):
    """Why no new call is placed; the first that applies, in this order."""

    DRAINING = "draining"  # the process is about to end
    EXCHANGE_LOST = "exchange_lost"  # no connection to Asterisk
    CLOCK_JUMPED = "clock_jumped"  # the time of day is not to be trusted yet
    DISK_LOW = "disk_low"  # a call could not be recorded
    EARS_BEHIND = "ears_behind"  # answers would come late
    VOICE_BEHIND = "voice_behind"  # lines of calls already claimed are still being rendered
    VOICE_DOWN = "voice_down"  # rendering failed a moment ago
    CHANNELS = "channels"  # every call that may run, runs


QUIET = frozenset({Held.DRAINING, Held.CHANNELS})
"""Everyday reasons, of which nobody needs to be told."""


@dataclass(frozen=True)
class Load:
    """What a line process has on its hands."""

    in_flight: int = 0
    """Attempts from claim to end."""
    draining: bool = False
    connected: bool = True
    clock_settled: bool = True
    free_gb: float | None = None
    """In the data directory; None: not looked at."""
    ears_backlog: int = 0
    """Decodes waiting or running."""
    waiting_for_voice: int = 0
    """Claimed attempts whose lines are not rendered yet."""
    voice_down: bool = False


@dataclass(frozen=True)
class AdmissionPolicy:
    """What one process can bear."""

    calls: int = 3
    most_ears_backlog: int = 4
    most_waiting_for_voice: int = 2
    least_free_gb: float = 0.0


@dataclass(frozen=True)
class Admission:
    """How many attempts may be claimed, and where none, why."""

    free: int
    held: Held | None = None


def admission(load: Load, policy: AdmissionPolicy) -> Admission:
    """The decision for this moment."""
    checks = (
        (load.draining, Held.DRAINING),
        (not load.connected, Held.EXCHANGE_LOST),
        (not load.clock_settled, Held.CLOCK_JUMPED),
        (load.free_gb is not None and load.free_gb < policy.least_free_gb, Held.DISK_LOW),
        (load.ears_backlog > policy.most_ears_backlog, Held.EARS_BEHIND),
        (load.voice_down, Held.VOICE_DOWN),
        (load.waiting_for_voice >= policy.most_waiting_for_voice, Held.VOICE_BEHIND),
        (load.in_flight >= policy.calls, Held.CHANNELS),
    )
    held = next((why for applies, why in checks if applies), None)
    return Admission(0, held) if held else Admission(policy.calls - load.in_flight)
