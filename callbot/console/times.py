"""Times as a caseworker reads them, in Asia/Seoul."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
WEEKDAYS = "월화수목금토일"


def clock_time(at: datetime | None) -> str:
    """Hour and minute in Seoul, 24 hours: `09:05`."""
    return at.astimezone(SEOUL).strftime("%H:%M") if at else ""


def day(at: datetime | date | None) -> str:
    """Month, day and weekday in Seoul.

    >>> day(date(2026, 11, 24))
    '11월 24일 (화)'
    """
    if at is None:
        return ""
    on = at.astimezone(SEOUL).date() if isinstance(at, datetime) else at
    return f"{on.month}월 {on.day}일 ({WEEKDAYS[on.weekday()]})"


def full_day(at: datetime | None) -> str:
    """With the year: `2025.10.21.`"""
    return at.astimezone(SEOUL).strftime("%Y.%-m.%-d.") if at else ""


def moment(at: datetime | None, now: datetime) -> str:
    """As short as it can be and still be plain: `오늘 10:12`, `어제 17:40`, `11월 3일 (화) 10:00`."""
    if at is None:
        return ""
    days = (now.astimezone(SEOUL).date() - at.astimezone(SEOUL).date()).days
    names = {0: "오늘", 1: "어제", -1: "내일"}
    return f"{names.get(days) or day(at)} {clock_time(at)}"


def length(span: timedelta) -> str:
    """How long, in the two largest units at most.

    >>> length(timedelta(minutes=75)), length(timedelta(seconds=40))
    ('1시간 15분', '1분 미만')
    """
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "1분 미만"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{n}{unit}" for n, unit in ((days, "일"), (hours, "시간"), (minutes, "분")) if n]
    return " ".join(parts[:2])


def since(at: datetime | None, now: datetime) -> str:
    """How long ago; a moment in the future (clocks differ) counts as now."""
    return length(max(now - at, timedelta())) if at else ""


def offset(seconds: float | None) -> str:
    """A place in a recording.

    >>> offset(75.4)
    '1:15'
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
