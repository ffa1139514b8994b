"""Planning: who is due in a week, when, and under which slot name."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from callbot.schedule.window import SEOUL, Window


class HolidayRule(StrEnum):
    """What a programme does on a public holiday."""

    SKIP = "skip"
    SHIFT = "shift"  # to the next working day of the week, else the one before
    CALL = "call"


@dataclass(frozen=True)
class Rhythm:
    """When a person wants to be called. `every_days` excludes weekdays."""

    weekdays: tuple[int, ...] = (1,)
    """ISO: Monday 1 ... Sunday 7."""
    every_weeks: int = 1
    every_days: int | None = None
    preferred_time: time = time(10, 0)
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Due:
    """One due contact to be written."""

    slot: str
    """Unique for a person: `2026-W48-1` (the first contact of that week), or `2026-11-24` for every n days.

    It counts contacts and not days, so moving somebody from Monday to Wednesday in mid-week does not call them twice."""
    planned_at: datetime
    expires_at: datetime
    """The window's end that day: afterwards nobody is tried again, and a human hears of it the same day."""


def monday_of(day: date) -> date:
    """The first day of the ISO week."""
    return day - timedelta(days=day.isoweekday() - 1)


def plan(
    rhythm: Rhythm,
    window: Window | None,
    monday: date,
    holidays: Container[date] = frozenset(),
    holiday_rule: HolidayRule = HolidayRule.SHIFT,
) -> tuple[Due, ...]:
    """The due contacts of one person in the week of that Monday. A closed window plans nothing."""
    if window is None:
        return ()
    found: list[Due] = []
    for slot, day in _slots(rhythm, monday):
        actual = _working_day(day, monday, holidays, holiday_rule)
        if actual is None or not _within(rhythm, actual):
            continue
        hours = window.on(actual)
        if hours is None:
            continue
        wished = datetime.combine(actual, rhythm.preferred_time, SEOUL)
        # A wish outside the window is moved to its nearest edge, never refused silently.
        planned = min(max(wished, hours[0]), hours[1] - timedelta(minutes=1))
        found.append(Due(slot, planned, hours[1]))
    return tuple(found)


def _within(rhythm: Rhythm, day: date) -> bool:
    return (rhythm.starts_on is None or rhythm.starts_on <= day) and (rhythm.ends_on is None or day <= rhythm.ends_on)


def _slots(rhythm: Rhythm, monday: date) -> Iterator[tuple[str, date]]:
    if rhythm.every_days is not None:
        yield from _every_n_days(rhythm.every_days, rhythm.starts_on or date(1970, 1, 1), monday)
        return
    start = monday_of(rhythm.starts_on) if rhythm.starts_on else date(1970, 1, 5)
    if (monday - start).days // 7 % rhythm.every_weeks:
        return
    year, week, _ = monday.isocalendar()
    for count, weekday in enumerate(sorted(set(rhythm.weekdays)), start=1):
        yield f"{year}-W{week:02}-{count}", monday + timedelta(days=weekday - 1)


def _every_n_days(every: int, start: date, monday: date) -> Iterator[tuple[str, date]]:
    for offset in range(7):
        day = monday + timedelta(days=offset)
        if day >= start and (day - start).days % every == 0:
            yield day.isoformat(), day


def _working_day(day: date, monday: date, holidays: Container[date], rule: HolidayRule) -> date | None:
    if day not in holidays or rule is HolidayRule.CALL:
        return day
    if rule is HolidayRule.SKIP:
        return None
    friday = monday + timedelta(days=4)
    after: Iterable[date] = (day + timedelta(days=n) for n in range(1, 7))
    before: Iterable[date] = (day - timedelta(days=n) for n in range(1, 7))
    return next((d for d in after if d <= friday and d not in holidays), None) or next(
        (d for d in before if d >= monday and d not in holidays), None
    )
