"""Who is due when."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbot.adapters.korean_holidays import korean_holidays
from callbot.schedule.festivals import RoundDay, rounds
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
        (3, {23, 24, 25, 26, 27}, HolidayRule.SHIFT, 30),
    ],
)
def test_holidays(weekday: int, holidays: set[int], rule: HolidayRule, day: int | None) -> None:
    """Skip, call anyway, or shift: inside the same week, where it has a working day; nobody is left out by a whole free week."""
    days = {date(2026, 11, each) for each in holidays}
    due = plan(Rhythm(weekdays=(weekday,)), Window(), MONDAY, days, rule)
    assert [each.planned_at.day for each in due] == ([] if day is None else [day])


def test_year_end() -> None:
    """ISO weeks: the last days of December may belong to week 1 or 53."""
    assert monday_of(date(2027, 1, 1)) == date(2026, 12, 28)
    assert plan(Rhythm(weekdays=(5,)), Window(), date(2026, 12, 28))[0].slot == "2026-W53-1"


YEARS = range(2025, 2029)
HOLIDAYS = korean_holidays(YEARS)
WEEKS = [monday_of(date(2025, 12, 1)) + timedelta(weeks=n) for n in range(162)]
"""December 2025 to the end of 2028: three 설날, three 추석, substitute days, a leap year, three new years."""


def days_of(rhythm: Rhythm, rule: HolidayRule = HolidayRule.SHIFT, **more: Any) -> list[date]:
    found = [due for monday in WEEKS for due in plan(rhythm, Window(), monday, HOLIDAYS, rule, **more)]
    return [due.planned_at.astimezone(SEOUL).date() for due in found]


@pytest.mark.parametrize(
    ("weekday", "wish", "actual"),
    [
        (2, date(2026, 2, 17), date(2026, 2, 19)),  # 설날 2026, Monday to Wednesday
        (3, date(2026, 2, 18), date(2026, 2, 19)),
        (1, date(2027, 2, 8), date(2027, 2, 10)),  # 설날 2027: Monday, and Tuesday in place of Sunday
        (2, date(2027, 2, 9), date(2027, 2, 10)),
        (4, date(2028, 1, 27), date(2028, 1, 25)),  # 설날 2028, Wednesday to Friday: the day before
        (5, date(2026, 9, 25), date(2026, 9, 23)),  # 추석 2026, Thursday to Saturday
        (3, date(2027, 9, 15), date(2027, 9, 17)),  # 추석 2027, Tuesday to Thursday
        (2, date(2028, 10, 3), date(2028, 10, 6)),  # 추석 2028 meets 개천절; Thursday in its place
        (1, date(2026, 3, 2), date(2026, 3, 3)),  # 삼일절 fell on a Sunday
        (1, date(2027, 10, 11), date(2027, 10, 12)),  # 한글날 fell on a Saturday
        (5, date(2026, 12, 25), date(2026, 12, 24)),
        (5, date(2027, 1, 1), date(2026, 12, 31)),  # over the new year, inside ISO week 53
    ],
)
def test_korean_holidays_2026_to_2028(weekday: int, wish: date, actual: date) -> None:
    """Lunar days and the days in their place are shifted inside the week."""
    [due] = plan(Rhythm(weekdays=(weekday,)), Window(), monday_of(wish), HOLIDAYS)
    assert due.planned_at.date() == actual
    assert plan(Rhythm(weekdays=(weekday,)), Window(), monday_of(wish), HOLIDAYS, HolidayRule.SKIP) == ()
    [anyway] = plan(Rhythm(weekdays=(weekday,)), Window(), monday_of(wish), HOLIDAYS, HolidayRule.CALL)
    assert anyway.planned_at.date() == wish


def test_every_second_week_keeps_its_parity_over_three_new_years() -> None:
    """Always fourteen days apart, also where a year has 53 weeks (2026)."""
    found = days_of(Rhythm(weekdays=(6,), every_weeks=2, starts_on=date(2025, 12, 6)), HolidayRule.CALL)
    assert {(b - a).days for a, b in pairwise(found)} == {14}
    assert found[0] == date(2025, 12, 6)
    anchored = Rhythm(weekdays=(6,), every_weeks=2, starts_on=date(2026, 6, 1), counted_from=date(2025, 12, 6))
    assert days_of(anchored, HolidayRule.CALL) == [day for day in found if day >= date(2026, 6, 1)]


def test_every_n_days_over_month_ends_and_the_leap_day() -> None:
    """Ten days apart, through 29 February 2028."""
    found = days_of(Rhythm(every_days=10, starts_on=date(2025, 12, 31)), HolidayRule.CALL)
    assert {(b - a).days for a, b in pairwise(found)} == {10}
    assert date(2028, 2, 29) in days_of(Rhythm(every_days=2, starts_on=date(2028, 2, 27)), HolidayRule.CALL)


def test_two_contacts_are_never_moved_onto_one_day() -> None:
    """Monday and Thursday in the week of 설날 2026: Monday moves to Friday, because Thursday is taken."""
    found = plan(Rhythm(weekdays=(1, 4)), Window(), date(2026, 2, 16), HOLIDAYS)
    assert [(due.slot, due.planned_at.day) for due in found] == [("2026-W08-2", 19), ("2026-W08-1", 20)]
    # Tuesday to Thursday are 추석 2027; Monday and Friday have their own: they stand for the shifted one.
    full = plan(Rhythm(weekdays=(1, 3, 5)), Window(), date(2027, 9, 13), HOLIDAYS)
    assert [due.planned_at.day for due in full] == [13, 17]


def test_extra_rounds_around_the_great_holidays() -> None:
    """One more contact before and after, in weeks that have their own; none where the person is called that day anyway."""
    extra = rounds(HOLIDAYS, [RoundDay.BEFORE, RoundDay.ON, RoundDay.AFTER])
    friday, festive = date(2026, 2, 13), date(2026, 2, 17)
    rhythm = Rhythm(weekdays=(3,))
    before = plan(rhythm, Window(), monday_of(friday), HOLIDAYS, rounds=extra)
    assert [(due.slot, due.planned_at.date()) for due in before] == [
        ("2026-W07-1", date(2026, 2, 11)),
        ("2026-seollal-before", friday),
    ]
    during = plan(rhythm, Window(), monday_of(festive), HOLIDAYS, rounds=extra)
    # Wednesday is free and moves to Thursday, which is also the day after: one call, not two.
    assert [(due.slot, due.planned_at.date()) for due in during] == [
        ("2026-seollal-on", festive),
        ("2026-W08-1", date(2026, 2, 19)),
    ]
    assert plan(Rhythm(weekdays=(5,)), Window(), monday_of(friday), HOLIDAYS, rounds=extra)[0].slot == "2026-W07-1"
    gone = Rhythm(weekdays=(3,), ends_on=date(2026, 2, 12))
    assert [due.slot for due in plan(gone, Window(), monday_of(friday), HOLIDAYS, rounds=extra)] == ["2026-W07-1"]


@pytest.mark.parametrize(
    ("weekday", "days", "last"),
    [(2, 1, 24), (2, 2, 25), (2, 3, 26), (5, 3, 27), (4, 3, 27)],
)
def test_a_ladder_of_several_days(weekday: int, days: int, last: int) -> None:
    """The due contact lasts until the closing of its last day; a weekend ends it."""
    [due] = plan(Rhythm(weekdays=(weekday,)), Window(), MONDAY, days=days)
    assert due.expires_at == when(last, 18)


def test_a_ladder_never_runs_into_the_next_contact_or_a_holiday() -> None:
    """Called daily: today's contact ends today. Before a holiday: that evening."""
    daily = plan(Rhythm(every_days=1, starts_on=MONDAY), Window(), MONDAY, days=3)
    assert all(due.planned_at.date() == due.expires_at.date() for due in daily)
    [before] = plan(Rhythm(weekdays=(2,)), Window(), MONDAY, {date(2026, 11, 25)}, days=3)
    assert before.expires_at == when(24, 18)
    [through] = plan(Rhythm(weekdays=(2,)), Window(), MONDAY, {date(2026, 11, 25)}, HolidayRule.CALL, days=2)
    assert through.expires_at == when(25, 18)


RHYTHMS = st.builds(
    Rhythm,
    weekdays=st.sets(st.integers(1, 7), min_size=1, max_size=5).map(tuple),
    every_weeks=st.integers(1, 4),
    every_days=st.one_of(st.none(), st.integers(1, 30)),
    preferred_time=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    starts_on=st.one_of(st.none(), st.dates(date(2025, 12, 1), date(2028, 6, 1))),
    ends_on=st.one_of(st.none(), st.dates(date(2026, 6, 1), date(2028, 12, 31))),
)
WINDOWS = st.tuples(st.integers(0, 22), st.integers(1, 23)).map(
    lambda pair: Window(time(min(pair)), time(max(pair), 59))
)


@settings(max_examples=150, deadline=None)
@given(
    rhythm=RHYTHMS,
    window=WINDOWS,
    week=st.integers(0, len(WEEKS) - 2),
    rule=st.sampled_from(list(HolidayRule)),
    wanted=st.sets(st.sampled_from(list(RoundDay))),
    days=st.integers(1, 3),
)
def test_whatever_is_planned_keeps_the_promises(
    rhythm: Rhythm, window: Window, week: int, rule: HolidayRule, wanted: set[RoundDay], days: int
) -> None:
    """Inside the window and outside the night; one due contact a slot and a day; between first and last day; the same twice."""
    more = {"rounds": rounds(HOLIDAYS, wanted), "days": days}
    found = plan(rhythm, window, WEEKS[week], HOLIDAYS, rule, **more)
    assert found == plan(rhythm, window, WEEKS[week], HOLIDAYS, rule, **more)
    planned = [due.planned_at.astimezone(SEOUL) for due in found]
    assert len({due.slot for due in found}) == len(found) == len({at.date() for at in planned})
    for due, at in zip(found, planned, strict=True):
        assert window.is_open(at)
        assert time(8) <= at.time() < time(21)
        assert at < due.expires_at
        assert not window.is_open(due.expires_at)
        assert rhythm.starts_on is None or rhythm.starts_on <= at.date()
        assert rhythm.ends_on is None or at.date() <= rhythm.ends_on
        if rule is not HolidayRule.CALL and "-on" not in due.slot:
            assert at.date() not in HOLIDAYS
    later = {due.slot for due in plan(rhythm, window, WEEKS[week + 1], HOLIDAYS, rule, **more)}
    assert not later & {due.slot for due in found}


@settings(max_examples=60, deadline=None)
@given(weekdays=st.sets(st.integers(1, 7), min_size=1, max_size=3), every_weeks=st.integers(1, 3))
def test_exactly_one_contact_a_slot(weekdays: set[int], every_weeks: int) -> None:
    """Over three years nobody misses a slot: as many contacts as the rhythm says, less those that met on one day."""
    found = days_of(Rhythm(weekdays=tuple(weekdays), every_weeks=every_weeks))
    weeks = sum(1 for monday in WEEKS if (monday - date(1970, 1, 5)).days // 7 % every_weeks == 0)
    assert len(found) <= weeks * len(weekdays)
    if len(weekdays) == 1:
        assert len(found) == weeks
    assert len(found) >= weeks * len(weekdays) - 6
