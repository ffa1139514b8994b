"""Which trunk a call takes: a decision over what is known of all of them at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callbot.dial.breaker import DEFAULT, Breaker, BreakerPolicy, BreakerState
from callbot.dial.limits import Limits


@dataclass(frozen=True)
class TrunkPolicy:
    """What an operator says of a trunk; how it is reached is the exchange's matter (adapters/asterisk_config.py)."""

    name: str
    limits: Limits = field(default_factory=Limits)
    priority: int = 1
    """1 is tried first; trunks of one priority share the load."""
    caller_numbers: tuple[str, ...] = ()
    """Digits of the numbers that may be shown on it, the one for strangers to this list first; empty: any."""
    breaker: BreakerPolicy = DEFAULT


@dataclass(frozen=True)
class TrunkNow:
    """One trunk at this moment."""

    policy: TrunkPolicy
    breaker: Breaker
    in_use: int = 0
    last_placed: datetime | None = None


@dataclass(frozen=True)
class Route:
    """The trunk chosen for one call."""

    trunk: str
    caller_number: str
    """Shown to the person; digits."""
    probe: bool = False
    """This call finds out whether a broken trunk works again."""


class NoRoute(StrEnum):
    """Why a call is not placed now."""

    NO_TRUNK = "no_trunk"  # none is configured, or every one has been tried for this attempt
    TRUNKS_DOWN = "trunks_down"  # every breaker is open
    CHANNELS = "channels"  # every channel is taken
    RATE = "rate"  # calls a second


@dataclass(frozen=True)
class NotNow:
    """No call now; nobody's attempt is used up by that."""

    why: NoRoute
    again_at: datetime | None = None
    """For RATE only: when it is worth asking again."""


def choose_trunk(
    trunks: Sequence[TrunkNow],
    caller_number: str,
    now: datetime,
    *,
    installation: Limits | None = None,
    without: frozenset[str] = frozenset(),
) -> Route | NotNow:
    """The trunk for a call of a programme that shows `caller_number` (digits).

    First those that may show that number: a person picks up a number they know. Among them a broken trunk whose wait is over
    comes first, for the one call that finds out: it uses up nobody's attempt, because a call that surely never rang goes on
    by the next trunk, and one that met silence is postponed without a rung. Then by priority, then by load.
    `without`: trunks that this attempt has tried.
    """
    installation = installation or Limits()
    usable = [it for it in trunks if it.policy.name not in without]
    if not usable:
        return NotNow(NoRoute.NO_TRUNK)
    alive = [it for it in usable if it.breaker.may_dial(now, it.policy.breaker)]
    if not alive:
        return NotNow(NoRoute.TRUNKS_DOWN)
    if not installation.free(sum(it.in_use for it in trunks), 1):
        return NotNow(NoRoute.CHANNELS)
    free = [it for it in alive if it.policy.limits.free(it.in_use, 1)]
    if not free:
        return NotNow(NoRoute.CHANNELS)
    latest = max((it.last_placed for it in trunks if it.last_placed), default=None)
    together = installation.rate_allows_at(latest, now)
    ready = {it.policy.name: max(it.policy.limits.rate_allows_at(it.last_placed, now), together) for it in free}
    at_once = [it for it in free if ready[it.policy.name] <= now]
    if not at_once:
        return NotNow(NoRoute.RATE, min(ready.values()))
    best = min(at_once, key=lambda it: _preference(it, caller_number))
    shown = caller_number if may_show(best.policy, caller_number) else best.policy.caller_numbers[0]
    return Route(best.policy.name, shown, probe=best.breaker.state is not BreakerState.CLOSED)


def may_show(policy: TrunkPolicy, caller_number: str) -> bool:
    """The number is contracted for this trunk."""
    return not policy.caller_numbers or caller_number in policy.caller_numbers


def _preference(it: TrunkNow, caller_number: str) -> tuple[bool, bool, int, float, str]:
    share = it.in_use / it.policy.limits.channels if it.policy.limits.channels else float(it.in_use)
    whole = it.breaker.state is BreakerState.CLOSED
    return (not may_show(it.policy, caller_number), whole, it.policy.priority, share, it.policy.name)


def free_channels(trunks: Sequence[TrunkNow], now: datetime, most: int, installation: Limits | None = None) -> int:
    """Calls that could be placed within the next seconds; a trunk that is to be tried counts for one."""
    free = 0
    for it in trunks:
        if it.breaker.may_dial(now, it.policy.breaker):
            closed = it.breaker.state is BreakerState.CLOSED
            free += it.policy.limits.free(it.in_use, most if closed else 1)
    taken = sum(it.in_use for it in trunks)
    return (installation or Limits()).free(taken, min(free, most))
