"""Clocks that jump, and leases that are judged without them."""

from datetime import UTC, datetime, timedelta

import pytest

from callbot.dial.clock_watch import SETTLE_S, UNRENEWED_S, ClockWatch, LeaseWatch

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def wall(seconds: float) -> datetime:
    """The wall clock."""
    return NOW + timedelta(seconds=seconds)


def test_a_clock_that_goes_on() -> None:
    """Seconds, a long pause between two looks, and NTP's small corrections are no jump."""
    watch = ClockWatch()
    assert all(watch.look(wall(at + off), at) for at, off in ((0, 0), (1, 0), (2, 0.5), (7200, 1.0), (7201, -3.0)))


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, 40.0, -86400.0])
def test_a_jump(jump_s: float) -> None:
    """Forward or back: not to be trusted until it has been steady for a minute."""
    watch = ClockWatch()
    assert watch.look(wall(0), 0)
    assert not watch.look(wall(1 + jump_s), 1)
    assert not watch.look(wall(SETTLE_S + jump_s), SETTLE_S)
    assert watch.look(wall(SETTLE_S + 2 + jump_s), SETTLE_S + 2)
    assert watch.jump_s == pytest.approx(jump_s)


def test_a_jump_and_back() -> None:
    """Put right again: that is a jump, too, and the minute begins anew."""
    watch = ClockWatch()
    watch.look(wall(0), 0)
    watch.look(wall(3601), 1)
    assert not watch.look(wall(50), 50)
    assert not watch.look(wall(100), 100)
    assert watch.look(wall(111), 111)


def test_leases_that_are_renewed_stay() -> None:
    """Whatever the wall clock says of them; one that nobody renews is run out after longer than any lease lasts."""
    watch = LeaseWatch()
    alive, dead = 1, 2
    for tick in range(0, int(UNRENEWED_S) + 31, 30):
        leases = {alive: (1, wall(tick)), dead: (1, wall(-9999))}
        found = watch.unrenewed(leases, tick)
        assert found == (frozenset({dead}) if tick >= UNRENEWED_S else frozenset())
    taken_over = watch.unrenewed({dead: (2, wall(-9999))}, 1000)
    assert taken_over == frozenset(), "another token is another owner"
    assert watch.unrenewed({}, 2000) == frozenset()
