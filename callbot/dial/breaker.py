"""The circuit breaker of one trunk: a broken trunk is not dialled on, so that it uses up nobody's attempts.

    closed ----- faults in a row, or not reachable ----> open
    open ------- its wait is over: one call may try ---> half_open
    half_open -- that call met the person's side ------> closed
    half_open -- that call met a fault again ----------> open (and waits longer)

It is kept in the ledger (`trunk_states`): it outlives a restart and is the same for every process on one database.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from callbot.schedule.due_contact import ImpossibleTransition


class BreakerState(StrEnum):
    """Whether calls are placed on a trunk."""

    CLOSED = "closed"  # they are
    OPEN = "open"  # they are not
    HALF_OPEN = "half_open"  # one is under way, to find out


class TrunkEvent(StrEnum):
    """What is learnt of a trunk."""

    OK = "ok"  # a call met the person's side: it rang, was busy, was answered, the number does not exist
    FAULT = "fault"  # a call failed on the trunk
    UNKNOWN = "unknown"  # a call ended for a reason of ours: nothing was learnt
    UNREACHABLE = "unreachable"  # registration lost, or the carrier does not answer OPTIONS
    REACHABLE = "reachable"  # registered, or answering, again
    PROBE = "probe"  # one call is placed to find out


TRANSITIONS: dict[tuple[BreakerState, TrunkEvent], frozenset[BreakerState]] = {
    (BreakerState.CLOSED, TrunkEvent.OK): frozenset({BreakerState.CLOSED}),
    (BreakerState.CLOSED, TrunkEvent.FAULT): frozenset({BreakerState.CLOSED, BreakerState.OPEN}),
    (BreakerState.CLOSED, TrunkEvent.UNKNOWN): frozenset({BreakerState.CLOSED}),
    (BreakerState.CLOSED, TrunkEvent.UNREACHABLE): frozenset({BreakerState.OPEN}),
    (BreakerState.CLOSED, TrunkEvent.REACHABLE): frozenset({BreakerState.CLOSED}),
    # A call that was placed before it opened and rang all the same: the trunk works.
    (BreakerState.OPEN, TrunkEvent.OK): frozenset({BreakerState.CLOSED}),
    (BreakerState.OPEN, TrunkEvent.FAULT): frozenset({BreakerState.OPEN}),
    (BreakerState.OPEN, TrunkEvent.UNKNOWN): frozenset({BreakerState.OPEN}),
    (BreakerState.OPEN, TrunkEvent.UNREACHABLE): frozenset({BreakerState.OPEN}),
    (BreakerState.OPEN, TrunkEvent.REACHABLE): frozenset({BreakerState.OPEN}),
    (BreakerState.OPEN, TrunkEvent.PROBE): frozenset({BreakerState.HALF_OPEN}),
    (BreakerState.HALF_OPEN, TrunkEvent.OK): frozenset({BreakerState.CLOSED}),
    (BreakerState.HALF_OPEN, TrunkEvent.FAULT): frozenset({BreakerState.OPEN}),
    (BreakerState.HALF_OPEN, TrunkEvent.UNKNOWN): frozenset({BreakerState.OPEN}),
    (BreakerState.HALF_OPEN, TrunkEvent.UNREACHABLE): frozenset({BreakerState.OPEN}),
    (BreakerState.HALF_OPEN, TrunkEvent.REACHABLE): frozenset({BreakerState.HALF_OPEN}),
    # The call that was to find out never came back: its process died.
    (BreakerState.HALF_OPEN, TrunkEvent.PROBE): frozenset({BreakerState.HALF_OPEN}),
}
"""(state, event) -> the states that may follow. What is not here cannot happen."""


@dataclass(frozen=True)
class BreakerPolicy:
    """When it opens, and when it tries again."""

    faults: int = 3
    """Calls in a row that failed on the trunk."""
    wait: timedelta = timedelta(seconds=30)
    """From opening to the first call that tries; doubled by every one that fails."""
    longest_wait: timedelta = timedelta(minutes=10)
    probe_lease: timedelta = timedelta(minutes=3)
    """Longer than any phone rings: a call that tries and has not come back by then is taken for lost."""


DEFAULT = BreakerPolicy()


@dataclass(frozen=True)
class Breaker:
    """One trunk's, at a moment. Times are of the ledger's clock."""

    since: datetime
    """When this state began."""
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    """Faults in a row."""
    last_ok_at: datetime | None = None
    detail: str = ""
    """Why it is open: a SIP status, a cause, `unreachable`. Never personal."""
    probe_at: datetime | None = None
    """Not closed: the next call may try from then on."""
    openings: int = 0
    """Times in a row that it opened without a call getting through."""

    def may_dial(self, now: datetime, policy: BreakerPolicy = DEFAULT) -> bool:
        """Whether a call may be placed: any while closed, and one that tries when the wait is over.

        A clock that was put back does not lengthen the wait beyond the longest there is.
        """
        if self.state is BreakerState.CLOSED or self.probe_at is None:
            return self.state is BreakerState.CLOSED
        return now >= self.probe_at or self.probe_at - now > max(policy.longest_wait, policy.probe_lease)


def after(
    breaker: Breaker, event: TrunkEvent, now: datetime, policy: BreakerPolicy = DEFAULT, why: str = ""
) -> Breaker:
    """The breaker once this is known. Raises ImpossibleTransition for a call that tries while it is closed."""
    follow = TRANSITIONS.get((breaker.state, event))
    if follow is None:
        raise ImpossibleTransition(f"breaker: {event} while {breaker.state}")
    new = _AFTER[event](breaker, now, policy, why)
    if new.state not in follow:
        raise ImpossibleTransition(f"breaker: {breaker.state} -> {new.state} by {event}")
    return new if new.state is breaker.state else replace(new, since=now)


def _ok(breaker: Breaker, now: datetime, _policy: BreakerPolicy, _why: str) -> Breaker:
    return Breaker(since=breaker.since, last_ok_at=now)


def _fault(breaker: Breaker, now: datetime, policy: BreakerPolicy, why: str) -> Breaker:
    failed = replace(breaker, failures=breaker.failures + 1, detail=why)
    if breaker.state is BreakerState.OPEN or (breaker.state is BreakerState.CLOSED and failed.failures < policy.faults):
        return failed
    return _opened(failed, now, policy)


def _unreachable(breaker: Breaker, now: datetime, policy: BreakerPolicy, why: str) -> Breaker:
    known = replace(breaker, detail=why or "unreachable")
    return known if breaker.state is BreakerState.OPEN else _opened(known, now, policy)


def _opened(breaker: Breaker, now: datetime, policy: BreakerPolicy) -> Breaker:
    wait = min(policy.wait * 2 ** min(breaker.openings, 16), policy.longest_wait)
    return replace(breaker, state=BreakerState.OPEN, probe_at=now + wait, openings=breaker.openings + 1)


def _reachable(breaker: Breaker, now: datetime, _policy: BreakerPolicy, _why: str) -> Breaker:
    # Being there again is a reason to try at once; that calls get through, only a call can show.
    return replace(breaker, probe_at=now) if breaker.state is BreakerState.OPEN else breaker


def _unknown(breaker: Breaker, now: datetime, _policy: BreakerPolicy, _why: str) -> Breaker:
    if breaker.state is not BreakerState.HALF_OPEN:
        return breaker
    return replace(breaker, state=BreakerState.OPEN, probe_at=now)


def _probe(breaker: Breaker, now: datetime, policy: BreakerPolicy, _why: str) -> Breaker:
    return replace(breaker, state=BreakerState.HALF_OPEN, probe_at=now + policy.probe_lease)


_AFTER = {
    TrunkEvent.OK: _ok,
    TrunkEvent.FAULT: _fault,
    TrunkEvent.UNKNOWN: _unknown,
    TrunkEvent.UNREACHABLE: _unreachable,
    TrunkEvent.REACHABLE: _reachable,
    TrunkEvent.PROBE: _probe,
}
