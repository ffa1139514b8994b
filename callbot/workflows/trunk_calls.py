"""Calls on trunks: the trunk is chosen in the transaction that commits `dialling`; what the call says of it moves its breaker.

A call that its trunk refused before any phone could ring goes on by the next trunk within the same attempt. Every such call
has a row and a key of its own (`<attempt key>.2`), committed before Originate: none is ever placed twice.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.dial.breaker import BreakerState, TrunkEvent, after
from callbot.dial.guard import refusal
from callbot.dial.limits import Limits
from callbot.dial.progress import CallEvidence
from callbot.dial.trunk_choice import NotNow, Route, TrunkNow, TrunkPolicy, choose_trunk, free_channels
from callbot.dial.trunk_fault import TrunkResult, fault_word, surely_never_rang, trunk_result
from callbot.people.numbers import digits_of, is_virtual
from callbot.store.attempt_rows import StaleToken, extend_lease, give_back, held_attempt
from callbot.store.database import Store
from callbot.store.due_rows import locked_due_of
from callbot.store.health_rows import clear_fact, raise_fact
from callbot.store.trunk_rows import (
    add_call,
    breakers,
    claimed_only,
    declare,
    end_call,
    last_placed,
    running_calls,
    save_breaker,
    trunks_tried,
)
from callbot.workflows.ladder_steps import number_to_call
from callbot.workflows.place_due import (
    DIAL_LEASE,
    ClaimedAttempt,
    DialOrder,
    DialRefused,
    circumstances,
    commit_dialling,
)
from callbot.workflows.settle import postpone

ALL_DOWN = "all_trunks_down"
EVENT = {
    TrunkResult.OK: TrunkEvent.OK,
    TrunkResult.FAULT: TrunkEvent.FAULT,
    TrunkResult.UNKNOWN: TrunkEvent.UNKNOWN,
}
OK_AGAIN = timedelta(minutes=1)
"""A trunk that is well is not noted as well more often than this."""


@dataclass(frozen=True)
class Trunks:
    """All that this installation may dial on."""

    policies: tuple[TrunkPolicy, ...] = ()
    installation: Limits = field(default_factory=Limits)


class DialLater(Exception):
    """No trunk can take the call now. Nothing was written: the claim stands, or is given back by `give_claim_back`."""

    def __init__(self, not_now: NotNow) -> None:
        super().__init__(not_now.why)
        self.not_now = not_now


@dataclass(frozen=True)
class TrunkCallEnd:
    """What follows from a call that ended on a trunk."""

    again: DialOrder | None = None
    """The same attempt on another trunk: nobody's phone has rung yet."""
    trunk_down: bool = False
    """It failed on a trunk whose breaker is open: the person's rung is not used."""


def declare_trunks(store: Store, trunks: Trunks, now: datetime) -> None:
    """At start: these are configured. Breakers are as they were left."""
    with store.write() as connection:
        declare(connection, (policy.name for policy in trunks.policies), now)
        _tell_watch(connection, now)


def free_on_trunks(store: Store, trunks: Trunks, now: datetime, most: int) -> int:
    """How many attempts may be claimed now, at most `most`: a look, the promise is kept when dialling."""
    with store.read() as connection:
        free = free_channels(_at_this_moment(connection, trunks, lock=False), now, most, trunks.installation)
        return max(free - claimed_only(connection), 0)


def dial_by_trunk(store: Store, claimed: ClaimedAttempt, now: datetime, trunks: Trunks) -> DialOrder | DialRefused:
    """`start_dialling` with a trunk, its channel and its place in the calls a second taken in the same transaction.

    Raises StaleToken, and DialLater with nothing written.
    """
    with store.write() as connection:
        order = commit_dialling(connection, claimed, now, trunk=bool(trunks.policies))
        if isinstance(order, DialRefused) or is_virtual(order.e164):
            return order
        return _by_trunk(connection, order, trunks, now, position=1)


def end_trunk_call(
    store: Store, order: DialOrder, evidence: CallEvidence, now: datetime, trunks: Trunks
) -> TrunkCallEnd:
    """The call is over: its trunk's breaker moves, and where surely nobody's phone rang the next trunk is chosen.

    Raises StaleToken. The guard is asked again before another trunk is dialled.
    """
    if order.route is None:
        return TrunkCallEnd()
    result = trunk_result(evidence)
    with store.write() as connection:
        due = locked_due_of(connection, order.attempt_id)
        attempt = held_attempt(connection, order.attempt_id, order.token)
        end_call(connection, order.key, result, now, evidence.cause, evidence.tech_cause)
        _learn(connection, order.route.trunk, EVENT[result], trunks, now, fault_word(evidence))
        if result is not TrunkResult.FAULT:
            return TrunkCallEnd()
        if surely_never_rang(evidence):
            number = number_to_call(connection, due, now)
            may = refusal(circumstances(connection, due, number, now, trunk=True), now) is None
            if may and number is not None and number.e164 == order.e164:
                try:
                    again = _by_trunk(connection, order, trunks, now, position=order.position + 1)
                except DialLater:
                    pass
                else:
                    extend_lease(connection, attempt, now + DIAL_LEASE)
                    return TrunkCallEnd(again=again)
        return TrunkCallEnd(trunk_down=_is_down(connection, order.route.trunk))


def note_trunk_ok(store: Store, order: DialOrder, now: datetime, trunks: Trunks) -> None:
    """A phone rings: the trunk works, which is worth knowing before the call is over."""
    if order.route is None:
        return
    with store.read() as connection:
        known = breakers(connection).get(order.route.trunk)
    if known is None:
        return
    if known.state is BreakerState.CLOSED and not known.failures and _lately(known.last_ok_at, now):
        return
    with store.write() as connection:
        _learn(connection, order.route.trunk, TrunkEvent.OK, trunks, now)


def note_reachable(store: Store, trunk: str, reachable: bool, now: datetime, trunks: Trunks) -> None:
    """What the exchange knows of a registration, or of the carrier's answers to OPTIONS; only news is written."""
    with store.read() as connection:
        known = breakers(connection).get(trunk)
    if known is None or (reachable and known.state is BreakerState.CLOSED):
        return
    if not reachable and known.state is BreakerState.OPEN and known.detail == "unreachable":
        return
    with store.write() as connection:
        breaker = breakers(connection, lock=True).get(trunk)
        if breaker is None or (reachable and breaker.detail != "unreachable"):
            return  # it is open for another reason: only a call can tell
        if reachable and breaker.probe_at is not None and breaker.probe_at <= now:
            return
        event = TrunkEvent.REACHABLE if reachable else TrunkEvent.UNREACHABLE
        _learn(connection, trunk, event, trunks, now, "unreachable")


def give_claim_back(store: Store, claimed: ClaimedAttempt, now: datetime, wait: timedelta) -> bool:
    """Undialled: the attempt's number may be used again, no rung is used, the person is due again after `wait`.

    False: it is no longer ours.
    """
    with store.write() as connection:
        due = locked_due_of(connection, claimed.attempt_id)
        try:
            attempt = held_attempt(connection, claimed.attempt_id, claimed.token)
        except StaleToken:
            return False
        give_back(connection, attempt)
        postpone(connection, due, now, wait)
        return True


def _by_trunk(connection: Connection, order: DialOrder, trunks: Trunks, now: datetime, *, position: int) -> DialOrder:
    known = _at_this_moment(connection, trunks, lock=True)
    tried = frozenset(trunks_tried(connection, order.attempt_id))
    wanted = digits_of(order.callee.caller_number)
    route = choose_trunk(known, wanted, now, installation=trunks.installation, without=tried)
    if isinstance(route, NotNow):
        raise DialLater(route)
    key = order.key.partition(".")[0]
    key = key if position == 1 else f"{key}.{position}"
    add_call(connection, order.attempt_id, position, key, route.trunk, now, probe=route.probe)
    if route.probe:
        _learn(connection, route.trunk, TrunkEvent.PROBE, trunks, now)
    return replace(order, key=key, route=route, position=position)


def _at_this_moment(connection: Connection, trunks: Trunks, *, lock: bool) -> list[TrunkNow]:
    """With `lock` the answer holds until this transaction ends, on both databases."""
    known = breakers(connection, lock=lock)
    running = running_calls(connection)
    return [
        TrunkNow(policy, known[policy.name], running.get(policy.name, 0), last_placed(connection, policy.name))
        for policy in trunks.policies
        if policy.name in known
    ]


def _learn(connection: Connection, trunk: str, event: TrunkEvent, trunks: Trunks, now: datetime, why: str = "") -> None:
    breaker = breakers(connection, lock=True).get(trunk)
    policy = next((policy.breaker for policy in trunks.policies if policy.name == trunk), None)
    if breaker is None or policy is None:
        return  # configured no longer
    moved = after(breaker, event, now, policy, why)
    save_breaker(connection, trunk, moved)
    if (
        not breaker.state is moved.state is BreakerState.CLOSED
    ):  # a trunk that was well and is changes nothing for the watch
        _tell_watch(connection, now)


def _is_down(connection: Connection, trunk: str) -> bool:
    known = breakers(connection).get(trunk)
    return known is not None and known.state is not BreakerState.CLOSED


def _tell_watch(connection: Connection, now: datetime) -> None:
    """The watch reads every breaker itself; that all are open is one cause, however many people wait for it."""
    known = breakers(connection)
    down = {name: it.detail for name, it in known.items() if it.state is not BreakerState.CLOSED}
    if known and len(down) == len(known):
        raise_fact(connection, ALL_DOWN, now, ", ".join(f"{name}: {why}" for name, why in sorted(down.items())))
    else:
        clear_fact(connection, ALL_DOWN)


def _lately(at: datetime | None, now: datetime) -> bool:
    return at is not None and abs(now - at) < OK_AGAIN


def shown_number(order: DialOrder, route: Route | None) -> str:
    """Digits of the number that the person sees."""
    return route.caller_number if route is not None else digits_of(order.callee.caller_number)
