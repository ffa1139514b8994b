"""Who is due when."""

from datetime import date, datetime, time

import pytest

from callbot.schedule.week import HolidayRule, Rhythm, monday_of, plan
from callbot.schedule.window import SEOUL, Window

MONDAY = date(2026, 11, 23)


def when(day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SEOUL)


def test_weekly() -> None:
    """Tuesday at ten, until the hours end; the slot names the week and not the day."""
    [due] = plan(Rhythm(weekdays=(2,)), Window(), MONDAY)
    assert (due.slot, due.planned_at, due.expires_at) == ("2026-W48-1", when(24), when(24, 18))
    [moved] = plan(Rhythm(weekdays=(4,)), Window(), MONDAY)
    assert moved.slot == due.slot


def test_twice_weekly_and_biweekly() -> None:
    """Two slots a week; every other week from the start."""
    assert [due.slot for due in plan(Rhythm(weekdays=(4, 1, 4)), Window(), MONDAY)] == ["2026-W48-1", "2026-W48-2"]
    rhythm = Rhythm(every_weeks=2, starts_on=date(2026, 11, 16))
    assert [bool(plan(rhythm, Window(), date(2026, 11, day))) for day in (16, 23, 30)] == [True, False, True]


def test_every_three_days() -> None:
    """Counted from the start, over week borders."""
    rhythm = Rhythm(every_days=3, starts_on=date(2026, 11, 22))
    assert [due.slot for due in plan(rhythm, Window(), MONDAY)] == ["2026-11-25", "2026-11-28"]


def test_start_and_end() -> None:
    """Not before the first day, not after the last."""
    assert plan(Rhythm(weekdays=(2,), starts_on=date(2026, 11, 25)), Window(), MONDAY) == ()
    assert plan(Rhythm(weekdays=(2,), ends_on=date(2026, 11, 23)), Window(), MONDAY) == ()


@pytest.mark.parametrize(
    ("wish", "planned"), [(time(7), when(24, 9)), (time(20), when(24, 17, 59)), (time(12), when(24, 12))]
)
def test_wish_is_moved_into_the_hours(wish: time, planned: datetime) -> None:
    """A wish outside the window is moved to its edge."""
    assert plan(Rhythm(weekdays=(2,), preferred_time=wish), Window(), MONDAY)[0].planned_at == planned


def test_closed_plans_nothing() -> None:
    """No hours, no call."""
    assert plan(Rhythm(), None, MONDAY) == plan(Rhythm(), Window(time(22), time(23)), MONDAY) == ()


@pytest.mark.parametrize(
    ("weekday", "holidays", "rule", "day"),
    [
        (2, {24}, HolidayRule.SKIP, None),
        (2, {24}, HolidayRule.CALL, 24),
        (2, {24}, HolidayRule.SHIFT, 25),
        (5, {27}, HolidayRule.SHIFT, 26),
        (5, {26, 27}, HolidayRule.SHIFT, 25),
        (3, {23, 24, 25, 26, 27}, HolidayRule.SHIFT, None),
    ],
)
def test_holidays(weekday: int, holidays: set[int], rule: HolidayRule, day: int | None) -> None:
    """Skip, call anyway, or shift inside the same week."""
    days = {date(2026, 11, each) for each in holidays}
    due = plan(Rhythm(weekdays=(weekday,)), Window(), MONDAY, days, rule)
    assert [each.planned_at.day for each in due] == ([] if day is None else [day])


def test_year_end() -> None:
    """ISO weeks: the last days of December may belong to week 1 or 53."""
    assert monday_of(date(2027, 1, 1)) == date(2026, 12, 28)
    assert plan(Rhythm(weekdays=(5,)), Window(), date(2026, 12, 28))[0].slot == "2026-W53-1"
