"""The clock, moved but never scaled; holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from callbot.adapters.clock import SEOUL, MachineClock, OffsetClock, tuesday_morning
from callbot.adapters.korean_holidays import korean_holidays
from callbot.schedule.window import Window


@pytest.mark.parametrize("day", range(1, 29))
def test_demo_morning(day: int) -> None:
    """Whenever it is really run, even at night or on a holiday, the demo's clock shows a Tuesday, 10:00 in Seoul."""
    real = datetime(2026, 2, day, 23, 17, 5, tzinfo=UTC)
    holidays = frozenset(each.isoformat() for each in korean_holidays([2026]))
    shown = (real + tuesday_morning(real, holidays=holidays)).astimezone(SEOUL)
    assert (shown.isoweekday(), shown.hour, shown.minute, shown.second) == (2, 10, 0, 0)
    assert shown.date().isoformat() not in holidays
    assert Window().is_open(shown)


def test_seconds_stay_seconds() -> None:
    """The offset clock runs beside the machine's at the same speed."""
    clock = OffsetClock(timedelta(days=-3, hours=2))
    first = MachineClock().now() + clock.offset
    assert first <= clock.now() <= MachineClock().now() + clock.offset
    assert clock.now().tzinfo is UTC


def test_lunar_and_substitute_days() -> None:
    """Seollal 2026 (lunar), its neighbours, and the substitute for 1 March, a Sunday."""
    days = korean_holidays([2026])
    assert {date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18), date(2026, 3, 2), date(2026, 10, 9)} <= set(days)
    assert date(2026, 11, 24) not in days
    assert "설날" in days[date(2026, 2, 17)]
