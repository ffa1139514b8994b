"""The circuit breaker: its table, its waits, and that it can always be left again."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.dial.breaker import TRANSITIONS, Breaker, BreakerPolicy, BreakerState, TrunkEvent, after
from callbot.schedule.due_contact import ImpossibleTransition

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
POLICY = BreakerPolicy(
    faults=3, wait=timedelta(seconds=30), longest_wait=timedelta(minutes=4), probe_lease=timedelta(minutes=3)
)


def walk(*events: TrunkEvent, start: Breaker | None = None, every: timedelta = timedelta(seconds=1)) -> Breaker:
    """These events, one after another."""
    breaker, now = start or Breaker(since=NOW), NOW
    for event in events:
        now += every
        breaker = after(breaker, event, now, POLICY, "sip 503")
    return breaker


def test_opens_on_faults_in_a_row() -> None:
    """The third in a row opens it; one call that got through begins the count anew."""
    assert walk(TrunkEvent.FAULT, TrunkEvent.FAULT).state is BreakerState.CLOSED
    assert walk(TrunkEvent.FAULT, TrunkEvent.FAULT, TrunkEvent.OK, TrunkEvent.FAULT).failures == 1
    opened = walk(TrunkEvent.FAULT, TrunkEvent.FAULT, TrunkEvent.FAULT)
    assert (opened.state, opened.failures, opened.detail) == (BreakerState.OPEN, 3, "sip 503")
    assert opened.since == NOW + timedelta(seconds=3)
    assert not opened.may_dial(opened.since + timedelta(seconds=29), POLICY)
    assert opened.may_dial(opened.since + timedelta(seconds=30), POLICY)


def test_lost_registration_opens_at_once() -> None:
    """No call has to fail first; being registered again lets one call try at once."""
    opened = walk(TrunkEvent.UNREACHABLE)
    assert opened.state is BreakerState.OPEN
    back = after(opened, TrunkEvent.REACHABLE, NOW + timedelta(seconds=2), POLICY)
    assert (back.state, back.may_dial(NOW + timedelta(seconds=2), POLICY)) == (BreakerState.OPEN, True)


def test_one_call_tries() -> None:
    """While it is under way no other is placed; if it gets through all is well, if not the wait doubles, up to its longest."""
    opened = walk(TrunkEvent.UNREACHABLE)
    trying = after(opened, TrunkEvent.PROBE, NOW + timedelta(minutes=1), POLICY)
    assert (trying.state, trying.may_dial(NOW + timedelta(minutes=2), POLICY)) == (BreakerState.HALF_OPEN, False)
    well = after(trying, TrunkEvent.OK, NOW + timedelta(minutes=2), POLICY)
    assert (well.state, well.failures, well.openings) == (BreakerState.CLOSED, 0, 0)
    waits, now = [], NOW
    for _ in range(5):
        now += timedelta(minutes=10)
        opened = after(after(opened, TrunkEvent.PROBE, now, POLICY), TrunkEvent.FAULT, now, POLICY, "sip 503")
        assert opened.probe_at is not None
        waits.append((opened.probe_at - now).total_seconds())
    assert waits == [60, 120, 240, 240, 240]


def test_a_try_that_never_came_back() -> None:
    """Its process died: after the lease another call tries."""
    trying = after(walk(TrunkEvent.UNREACHABLE), TrunkEvent.PROBE, NOW, POLICY)
    assert trying.may_dial(NOW + POLICY.probe_lease, POLICY)
    assert after(trying, TrunkEvent.PROBE, NOW + POLICY.probe_lease, POLICY).state is BreakerState.HALF_OPEN


def test_a_try_that_we_broke_off() -> None:
    """Nothing was learnt: open as before, and the next call may try at once."""
    trying = after(walk(TrunkEvent.UNREACHABLE), TrunkEvent.PROBE, NOW, POLICY)
    again = after(trying, TrunkEvent.UNKNOWN, NOW, POLICY)
    assert (again.state, again.may_dial(NOW, POLICY)) == (BreakerState.OPEN, True)


def test_a_clock_put_back_does_not_keep_it_open() -> None:
    """A wait that is longer than the longest there is was reckoned by another clock."""
    opened = walk(TrunkEvent.UNREACHABLE)
    assert opened.may_dial(NOW - timedelta(hours=3), POLICY)


def test_no_call_tries_while_it_is_closed() -> None:
    """Such a call is an ordinary one."""
    with pytest.raises(ImpossibleTransition):
        walk(TrunkEvent.PROBE)


@pytest.mark.parametrize(("state", "event"), list(product(BreakerState, TrunkEvent)))
def test_the_table_and_nothing_else(state: BreakerState, event: TrunkEvent) -> None:
    """From every state every event leads where the table says, or is impossible."""
    breaker = Breaker(since=NOW, state=state, failures=2, probe_at=NOW)
    if (state, event) not in TRANSITIONS:
        with pytest.raises(ImpossibleTransition):
            after(breaker, event, NOW, POLICY)
        return
    assert after(breaker, event, NOW, POLICY).state in TRANSITIONS[state, event]


@given(st.lists(st.sampled_from(TrunkEvent), max_size=30))
def test_it_can_always_be_left(events: list[TrunkEvent]) -> None:
    """Whatever happened: within the longest wait a call may be placed, and one that gets through closes it."""
    breaker, now = Breaker(since=NOW), NOW
    for event in events:
        now += timedelta(seconds=7)
        if (breaker.state, event) in TRANSITIONS:
            breaker = after(breaker, event, now, POLICY)
    later = now + max(POLICY.longest_wait, POLICY.probe_lease)
    assert breaker.may_dial(later, POLICY)
    assert after(breaker, TrunkEvent.OK, later, POLICY).state is BreakerState.CLOSED
