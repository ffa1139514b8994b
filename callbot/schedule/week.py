"""Planning: who is due in a week, when, and under which slot name."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from callbot.schedule.festivals import Round
from callbot.schedule.window import SEOUL, Window


class HolidayRule(StrEnum):
    """What a programme does on a public holiday."""

    SKIP = "skip"
    SHIFT = "shift"  # to the next working day of the week, else the one before, else the next of the week after
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
    """Nothing before this day; every second week and every n days are counted from it, unless `counted_from` says otherwise."""
    ends_on: date | None = None
    counted_from: date | None = None


@dataclass(frozen=True)
class Due:
    """One due contact to be written."""

    slot: str
    """Unique for a person: `2026-W48-1` (the first contact of that week), or `2026-11-24` for every n days.

    It counts contacts and not days, so moving somebody from Monday to Wednesday in mid-week does not call them twice."""
    planned_at: datetime
    expires_at: datetime
    """The window's end on the last day of the ladder: afterwards nobody is tried again, and a human hears of it."""


def monday_of(day: date) -> date:
    """The first day of the ISO week."""
    return day - timedelta(days=day.isoweekday() - 1)


def plan(
    rhythm: Rhythm,
    window: Window | None,
    monday: date,
    holidays: Container[date] = frozenset(),
    holiday_rule: HolidayRule = HolidayRule.SHIFT,
    *,
    rounds: Iterable[Round] = (),
    days: int = 1,
) -> tuple[Due, ...]:
    """The due contacts of one person in the week of that Monday, by time. A closed window plans nothing.

    `rounds`: extra contacts around the great holidays; one that meets a day on which the person is called anyway is left
    to that call. `days`: over how many days the ladder may go on; an extra day is never a weekend, a holiday that the
    programme keeps, or a day with a contact of its own.
    """
    if window is None:
        return ()
    kept: Container[date] = frozenset() if holiday_rule is HolidayRule.CALL else holidays
    found = {
        slot: day for slot, day in _days(rhythm, monday, kept, shift=holiday_rule is HolidayRule.SHIFT) if slot and day
    }
    taken = set(found.values())
    for extra in rounds:
        if monday_of(extra.day) == monday and extra.day not in taken:
            found[extra.slot] = extra.day
    taken = set(found.values()) | {day for _, day in _slots(rhythm, monday + timedelta(days=7))}
    dues = [
        due
        for slot, day in found.items()
        if _within(rhythm, day)
        and (due := _due(slot, day, _last_day(day, days, kept, taken), window, rhythm.preferred_time)) is not None
    ]
    return tuple(sorted(dues, key=lambda due: due.planned_at))


def _due(slot: str, day: date, last: date, window: Window, preferred: time) -> Due | None:
    hours, closing = window.on(day), window.on(last)
    if hours is None or closing is None:
        return None
    wished = datetime.combine(day, preferred, SEOUL)
    # A wish outside the window is moved to its nearest edge, never refused silently.
    planned = min(max(wished, hours[0]), hours[1] - timedelta(minutes=1))
    return Due(slot, planned, closing[1])


def _last_day(day: date, days: int, holidays: Container[date], taken: Container[date]) -> date:
    last = day
    for _ in range(1, days):
        following = last + timedelta(days=1)
        if following.isoweekday() > 5 or following in holidays or following in taken:  # noqa: PLR2004 - Friday
            break
        last = following
    return last


def _within(rhythm: Rhythm, day: date) -> bool:
    return (rhythm.starts_on is None or rhythm.starts_on <= day) and (rhythm.ends_on is None or day <= rhythm.ends_on)


def _days(
    rhythm: Rhythm, monday: date, holidays: Container[date], *, shift: bool
) -> Iterator[tuple[str | None, date | None]]:
    """Slots with the day they are called on. Those that stay come first: a shifted one does not take another's day."""
    slots = list(_slots(rhythm, monday))
    stay = [(slot, day) for slot, day in slots if day not in holidays]
    yield from stay
    if not shift:
        return
    taken = {day for _, day in stay}
    for slot, day in slots:
        if day in holidays:
            moved = _moved(day, monday, holidays, taken)
            if moved is not None:
                taken.add(moved)
                yield slot, moved


def _moved(day: date, monday: date, holidays: Container[date], taken: Container[date]) -> date | None:
    """A free working day; None: every working day of the week has a contact already, which stands for this one, too."""
    week = [monday + timedelta(days=n) for n in range(5)]
    working = [each for each in week if each not in holidays]
    later = [each for each in working if each > day]
    earlier = [each for each in reversed(working) if each < day]
    free = next((each for each in (*later, *earlier) if each not in taken), None)
    if free is not None or working:
        return free
    # A whole week of holidays: nobody is left out, the first working day after it takes them.
    after = (monday + timedelta(days=7 + n) for n in range(5))
    return next((each for each in after if each not in holidays), None)


def _slots(rhythm: Rhythm, monday: date) -> Iterator[tuple[str, date]]:
    counted_from = rhythm.counted_from or rhythm.starts_on
    if rhythm.every_days is not None:
        yield from _every_n_days(rhythm.every_days, counted_from or date(1970, 1, 1), monday)
        return
    start = monday_of(counted_from) if counted_from else date(1970, 1, 5)
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
