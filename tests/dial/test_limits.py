"""Channels and calls a second."""

from datetime import UTC, datetime, timedelta

import pytest

from callbot.dial.limits import Limits

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channels", "in_use", "most", "free"), [(3, 0, 9, 3), (3, 2, 9, 1), (3, 5, 9, 0), (0, 50, 9, 9), (3, 0, 2, 2)]
)
def test_channels(channels: int, in_use: int, most: int, free: int) -> None:
    """What is left, never negative; 0 is no limit."""
    assert Limits(channels).free(in_use, most) == free


@pytest.mark.parametrize(
    ("since_s", "wait_s"), [(None, 0.0), (0.0, 0.5), (0.2, 0.3), (0.5, 0.0), (60.0, 0.0), (-0.1, 0.6), (-3600.0, 0.0)]
)
def test_calls_per_second(since_s: float | None, wait_s: float) -> None:
    """Two a second: half a second apart; a call that lies in the future was placed before the clock was put back."""
    last = None if since_s is None else NOW - timedelta(seconds=since_s)
    at = Limits(calls_per_second=2).rate_allows_at(last, NOW)
    assert at - NOW == timedelta(seconds=wait_s)


def test_no_rate() -> None:
    """0 is no limit."""
    assert Limits().rate_allows_at(NOW, NOW) == NOW
