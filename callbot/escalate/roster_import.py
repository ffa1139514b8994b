"""Rosters that an office keeps elsewhere: a CSV table, or the entries of a calendar. Text in, drafts of shifts out.

    이름,종류,역할,시작,끝,대신
    당직실,당직,당직실,2026-12-01 18:00,2026-12-02 09:00,
    이지은,휴가,,2026-12-03,2026-12-04,
    한지원,대직,,2026-12-03,2026-12-04,이지은

A day without a time counts as a whole day: a last day `2026-12-04` is included. In a calendar the title says the same:
`당직 당직실`, `휴가 이지은`, `대직 한지원(이지은)`.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from callbot.escalate.roster import SHIFT_KO, ShiftKind
from callbot.people.team import Role
from callbot.schedule.window import SEOUL

ROLE_KO: dict[Role, str] = {
    Role.CASEWORKER: "담당자",
    Role.LEAD: "팀장",
    Role.DUTY: "당직실",
    Role.SUPERVISOR: "관리자",
}
COLUMNS = ("이름", "종류", "역할", "시작", "끝")
_KINDS = {name: kind for kind, name in SHIFT_KO.items()} | {"연가": ShiftKind.LEAVE, "병가": ShiftKind.LEAVE}
_ROLES = {name: role for role, name in ROLE_KO.items()}
_TITLE = re.compile(
    r"(?P<kind>당직|휴가|연가|병가|대직)[\s:]+(?P<name>[^\s()/]+)(?:\s*[(/]\s*(?P<more>[^\s()/]+)\s*\)?)?"
)
LONGEST = timedelta(days=92)


class RosterFault(ValueError):
    """A roster cannot be used as it is; the message names line, field and mend, in Korean."""


@dataclass(frozen=True)
class ShiftDraft:
    """One line, with names instead of ids."""

    place: str
    """Where it stands, for messages: `3줄`."""
    name: str
    kind: ShiftKind
    starts: datetime
    ends: datetime
    role: Role | None = None
    covers: str | None = None
    uid: str | None = None


@dataclass(frozen=True)
class CalendarEntry:
    """One event of a calendar file; a `date` means the whole day."""

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    """Not included, as calendars have it."""


def read_csv(text: str) -> tuple[ShiftDraft, ...]:
    """Raises RosterFault for the first line that cannot be used."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise RosterFault(
            f"첫 줄에 {', '.join(missing)} 칸이 없습니다. 첫 줄은 {','.join(COLUMNS)},대신 이어야 합니다."
        )
    drafts = [_of_row(row, f"{number}줄") for number, row in enumerate(reader, start=2) if any(row.values())]
    if not drafts:
        raise RosterFault("당직표에 내용이 없습니다.")
    return tuple(drafts)


def _of_row(row: dict[str, str | None], place: str) -> ShiftDraft:
    field = {key: (value or "").strip() for key, value in row.items() if key}
    kind = _KINDS.get(field["종류"])
    if kind is None:
        raise RosterFault(f"{place} 종류 ‘{field['종류']}’: 당직, 휴가, 대직 가운데 하나여야 합니다.")
    role = _role(field["역할"], kind, place)
    starts, ends = _time(field["시작"], place, "시작"), _time(field["끝"], place, "끝", end=True)
    return _checked(ShiftDraft(place, field["이름"], kind, starts, ends, role, field.get("대신") or None))


def _role(text: str, kind: ShiftKind, place: str) -> Role | None:
    if kind is not ShiftKind.DUTY:
        return None
    if text and text not in _ROLES:
        raise RosterFault(f"{place} 역할 ‘{text}’: {', '.join(_ROLES)} 가운데 하나여야 합니다.")
    return _ROLES.get(text, Role.DUTY)


def _time(text: str, place: str, field: str, *, end: bool = False) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RosterFault(f"{place} {field} ‘{text}’: 2026-12-01 18:00처럼 적어 주세요.") from error
    if end and ":" not in text:
        moment += timedelta(days=1)
    return moment.replace(tzinfo=SEOUL) if moment.tzinfo is None else moment


def of_calendar(entries: Iterable[CalendarEntry]) -> tuple[ShiftDraft, ...]:
    """Entries whose title says nothing about duty are refused rather than skipped: a shift that is lost is a gap."""
    return tuple(_of_entry(entry) for entry in entries)


def _of_entry(entry: CalendarEntry) -> ShiftDraft:
    place = f"일정 ‘{entry.title[:30]}’"
    found = _TITLE.search(entry.title)
    if found is None:
        raise RosterFault(f"{place}: 제목을 ‘당직 이름’, ‘휴가 이름’, ‘대직 이름(대신할 사람)’처럼 적어 주세요.")
    kind = _KINDS[found["kind"]]
    role = _role(found["more"] or "", kind, place) if kind is ShiftKind.DUTY else None
    covers = found["more"] if kind is ShiftKind.STAND_IN else None
    starts, ends = _instant(entry.starts), _instant(entry.ends)
    return _checked(ShiftDraft(place, found["name"], kind, starts, ends, role, covers, f"ics/{entry.uid}"))


def _instant(moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=SEOUL) if moment.tzinfo is None else moment
    return datetime.combine(moment, time(), SEOUL)


def _checked(draft: ShiftDraft) -> ShiftDraft:
    if not draft.name:
        raise RosterFault(f"{draft.place} 이름이 비어 있습니다.")
    if draft.ends <= draft.starts:
        raise RosterFault(f"{draft.place} 끝이 시작보다 빠르거나 같습니다. 날짜와 시각을 확인해 주세요.")
    if draft.ends - draft.starts > LONGEST:
        raise RosterFault(f"{draft.place} 기간이 석 달을 넘습니다. 연도를 확인해 주세요.")
    if draft.kind is ShiftKind.STAND_IN and not draft.covers:
        raise RosterFault(f"{draft.place} 대직은 누구 대신인지 적어야 합니다.")
    if draft.kind is ShiftKind.STAND_IN and draft.covers == draft.name:
        raise RosterFault(f"{draft.place} 자기 자신을 대신할 수 없습니다.")
    return draft
