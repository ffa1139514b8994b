"""Calendar files (iCalendar, .ics) as offices export them."""

from datetime import date, datetime, timedelta

import icalendar

from callbot.escalate.roster_import import CalendarEntry, RosterFault


def read_calendar(data: bytes) -> tuple[CalendarEntry, ...]:
    """Its events. Raises RosterFault for what is no calendar, and for repeating events, which would be read as one."""
    try:
        calendar = icalendar.Calendar.from_ical(data)
    except (ValueError, IndexError, KeyError) as error:
        raise RosterFault("달력 파일(.ics)로 읽을 수 없습니다. 달력에서 다시 내보내 주세요.") from error
    entries = tuple(_entry(event) for event in calendar.events)
    if not entries:
        raise RosterFault("달력 파일에 일정이 없습니다.")
    return entries


def _entry(event: icalendar.Event) -> CalendarEntry:
    title = str(event.get("SUMMARY", "")).strip()
    if event.get("RRULE") is not None:
        raise RosterFault(
            f"일정 ‘{title[:30]}’: 되풀이 일정은 읽지 않습니다. 하루씩 적거나 ‘늘 하는 당직’으로 넣어 주세요."
        )
    if event.get("DTSTART") is None:
        raise RosterFault(f"일정 ‘{title[:30]}’: 시작 시각이 없습니다.")
    starts: datetime | date = event.decoded("DTSTART")
    if event.get("DTEND") is not None:
        ends: datetime | date = event.decoded("DTEND")
    elif event.get("DURATION") is not None:
        ends = starts + event.decoded("DURATION")
    else:
        ends = starts + timedelta(days=1)
    uid = str(event.get("UID", "")) or f"{title}/{starts.isoformat()}"
    return CalendarEntry(uid, title, starts, ends)
