"""Which kind of hours it is: what escalation policies and rosters are written for. Always Asia/Seoul."""

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from callbot.schedule.window import SEOUL

DAY_BEGINS = time(9, 0)
DAY_ENDS = time(18, 0)
SUNDAY, SATURDAY = 7, 6


class Hours(StrEnum):
    """As public offices in Korea divide them: office hours, 일직 (weekend, holiday) and 숙직 (night)."""

    WEEKDAY = "weekday"  # 09-18 on a working day
    NIGHT = "night"  # 18-09, whatever the days around it are
    WEEKEND = "weekend"  # 09-18 on Saturday and Sunday
    HOLIDAY = "holiday"  # 09-18 on a public holiday, also where it falls on a weekend


HOURS_KO: dict[Hours, str] = {
    Hours.WEEKDAY: "평일 낮",
    Hours.NIGHT: "밤",
    Hours.WEEKEND: "주말 낮",
    Hours.HOLIDAY: "공휴일 낮",
}


def hours_at(at: datetime, holidays: Container[date] = frozenset()) -> Hours:
    """The hours of this instant.

    >>> from datetime import UTC
    >>> str(hours_at(datetime(2026, 11, 24, 1, 0, tzinfo=UTC)))
    'weekday'
    """
    local = at.astimezone(SEOUL)
    if not DAY_BEGINS <= local.time() < DAY_ENDS:
        return Hours.NIGHT
    if local.date() in holidays:
        return Hours.HOLIDAY
    return Hours.WEEKEND if local.isoweekday() in {SATURDAY, SUNDAY} else Hours.WEEKDAY


def is_working_day(day: date, holidays: Container[date] = frozenset()) -> bool:
    """The office is open."""
    return day not in holidays and day.isoweekday() not in {SATURDAY, SUNDAY}


def next_change(at: datetime) -> datetime:
    """The next 09:00 or 18:00 after `at`: until then the hours stay what they are."""
    local = at.astimezone(SEOUL)
    for clock in (DAY_BEGINS, DAY_ENDS):
        moment = datetime.combine(local.date(), clock, SEOUL)
        if moment > local:
            return moment
    return datetime.combine(local.date() + timedelta(days=1), DAY_BEGINS, SEOUL)
