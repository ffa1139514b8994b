"""Hours: Asia/Seoul, fail closed, never at night."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.schedule.window import SEOUL, BadWindow, Window, narrowed, read_window

DAY = date(2026, 11, 24)
TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))


def seoul(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=SEOUL).astimezone(UTC)


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"), [(8, 59, False), (9, 0, True), (17, 59, True), (18, 0, False), (0, 0, False)]
)
def test_default_hours(hour: int, minute: int, is_open: bool) -> None:
    """09:00 up to 18:00, whatever zone the time is given in."""
    assert Window().is_open(seoul(hour, minute)) is is_open


@pytest.mark.parametrize("hour", [*range(8), *range(21, 24)])
def test_hard_stop(hour: int) -> None:
    """A window that allows the night is still closed at night."""
    assert not Window(time(0), time(23, 59)).is_open(seoul(hour))
    assert Window(time(0), time(23, 59)).is_open(seoul(8))
    assert Window(time(0), time(23, 59)).is_open(seoul(20, 59))


@pytest.mark.parametrize(
    ("opens", "closes"), [(None, None), ("", "18:00"), ("09:00", None), ("9시", "18:00"), ("18:00", "09:00"), ("10:00", "10:00"), ("25:00", "26:00"), ("18:00-09:00", "19:00"), ("09:00:00", "18:00")]
)  # fmt: skip
def test_unreadable_is_closed(opens: str | None, closes: str | None) -> None:
    """What cannot be read is closed, not open."""
    assert read_window(opens, closes) is None


def test_night_only_is_closed() -> None:
    """A window wholly inside the night has no hours at all."""
    assert Window(time(22), time(23)).on(DAY) is None
    assert Window(time(22), time(23)).next_open(seoul(12)) is None
    with pytest.raises(BadWindow):
        Window(time(10), time(9))


def test_narrowed() -> None:
    """A person's hours inside the programme's; nothing in common is closed."""
    assert narrowed(Window(), None) == Window()
    assert narrowed(Window(), Window(time(8), time(12))) == Window(time(9), time(12))
    assert narrowed(Window(), Window(time(18), time(20))) is None
    assert narrowed(None, Window()) is None


@given(opens=TIMES, closes=TIMES, minutes=st.integers(0, 20_000))
def test_next_open_is_open(opens: time, closes: time, minutes: int) -> None:
    """The next opening is never in the past, is open, and is `now` itself while open."""
    if opens >= closes:
        return
    window, now = Window(opens, closes), seoul(0) + timedelta(minutes=minutes)
    at = window.next_open(now)
    if at is None:
        assert window.within_hard_stop() is None
    else:
        assert at >= now
        assert window.is_open(at)
        assert (at == now) is window.is_open(now)
