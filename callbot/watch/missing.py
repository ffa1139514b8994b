"""오늘 전화하지 못한 분: whom a human has to phone by hand, as a table, a CSV and a text message."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from callbot.escalate.page import cut, size_of
from callbot.people.person import masked_name
from callbot.schedule.window import SEOUL

LMS_BYTES = 2000
HEADER = ("성명", "전화번호", "주소", "마지막 통화", "오늘 상황", "담당자")


@dataclass(frozen=True)
class NotCalled:
    """One person whom nobody has heard today."""

    person_id: int
    programme_id: int
    name: str
    numbers: tuple[str, ...]
    """As a Korean writes them; the person's own first."""
    address: str
    last_contact: datetime | None
    why: str
    """Korean: what has happened so far."""
    worker: str
    urgent: bool = False
    """An emergency or high case is open and nobody has taken it."""

    def as_json(self) -> dict[str, Any]:
        """For the sealed copy."""
        return asdict(self) | {"last_contact": self.last_contact.isoformat() if self.last_contact else None}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "NotCalled":
        """The other way round."""
        last = raw["last_contact"]
        return cls(
            **raw | {"numbers": tuple(raw["numbers"]), "last_contact": datetime.fromisoformat(last) if last else None}
        )


def worst_first(people: Iterable[NotCalled]) -> tuple[NotCalled, ...]:
    """Whom to phone first: open emergencies, then those heard longest ago."""
    never = datetime.min.replace(tzinfo=SEOUL)
    return tuple(sorted(people, key=lambda one: (not one.urgent, one.last_contact or never, one.person_id)))


def last_words(one: NotCalled) -> str:
    """`11월 17일`, or that there was none."""
    if one.last_contact is None:
        return "통화한 적 없음"
    day = one.last_contact.astimezone(SEOUL)
    return f"{day.month}월 {day.day}일"


def row_of(one: NotCalled) -> tuple[str, ...]:
    """In the order of HEADER."""
    return (one.name, ", ".join(one.numbers), one.address, last_words(one), one.why, one.worker)


def as_csv(people: Sequence[NotCalled]) -> str:
    """With a byte order mark, which Excel needs for Korean. A cell that a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows([_inert(cell) for cell in row_of(one)] for one in people)
    return "\ufeff" + text.getvalue()


def _inert(cell: str) -> str:
    return "'" + cell if cell[:1] in {"=", "+", "-", "@", "\t"} else cell


def as_messages(people: Sequence[NotCalled], tag: str, *, numbers: bool, most: int = 3) -> tuple[str, ...]:
    """The list as LMS of at most 2,000 bytes each, at most so many; names masked, numbers only where that is allowed."""
    lines = [_line(one, numbers=numbers) for one in people]
    messages: list[str] = []
    while lines and len(messages) < most:
        head = f"[{tag}안부] 오늘 전화 못 한 분 {len(people)}명 ({len(messages) + 1})"
        body, taken = [head], 0
        for line in lines:
            if size_of("\n".join([*body, line])) > LMS_BYTES - REST_BYTES:
                break
            body.append(line)
            taken += 1
        lines = lines[taken:]
        if lines and len(messages) + 1 == most:
            body.append(f"외 {len(lines)}명은 명단 화면에서 확인해 주세요.")
        messages.append("\n".join(body))
        if not taken:  # a line that fits nowhere: cut it rather than lose the rest
            messages[-1] += "\n" + cut(lines.pop(0), LMS_BYTES - size_of(messages[-1]) - 1)
    return tuple(messages)


REST_BYTES = 60
"""Kept free for the sentence about those left out."""


def _line(one: NotCalled, *, numbers: bool) -> str:
    mark = "★" if one.urgent else ""
    number = f" {one.numbers[0]}" if numbers and one.numbers else ""
    return f"{mark}{masked_name(one.name)}{number} ({last_words(one)})"
