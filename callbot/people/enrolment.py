"""Enrolling people from a table: one row of text to an Enrolment, or everything that is wrong with it, in Korean."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import TypeVar

from callbot.people.numbers import BadNumber, parse_number
from callbot.people.person import AddressForm

HEADERS: dict[str, tuple[str, ...]] = {
    "reference": ("관리번호", "reference", "id"),
    "name": ("이름", "성명", "name"),
    "phone": ("전화", "전화번호", "연락처", "휴대전화", "phone"),
    "phone2": ("전화2", "전화번호2", "집전화", "phone2"),
    "address": ("주소", "address"),
    "birth_year": ("출생연도", "생년", "출생년도", "birth_year"),
    "address_form": ("호칭", "address_form"),
    "weekdays": ("요일", "통화요일", "weekdays", "weekday"),
    "time": ("시간", "희망시간", "통화시간", "time"),
    "window": ("통화가능시간", "window"),
    "consent": ("동의", "동의여부", "consent"),
    "guardian_phone": ("보호자전화", "보호자연락처", "guardian_phone"),
    "guardian_name": ("보호자", "보호자이름", "guardian_name"),
    "worker": ("담당자", "worker"),
    "hard_of_hearing": ("난청", "hard_of_hearing"),
    "voice": ("목소리", "voice"),
    "memo": ("메모", "비고", "memo"),
}
"""Column -> how its header may be written. Case and spaces do not count."""

REQUIRED = ("name", "phone")
YES = frozenset({"y", "yes", "예", "네", "o", "동의", "1", "true", "유"})
NO = frozenset({"", "n", "no", "아니오", "아니요", "x", "미동의", "0", "false", "무"})
WEEKDAYS = "월화수목금토일"
OLDEST, YOUNGEST = 1900, 2010

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one cell. The message is Korean and says how to mend it."""

    line: int
    field: str
    value: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.line}번째 줄 '{self.field}'" if self.line else f"'{self.field}'"
        return f"{where}: {self.value!r} - {self.mend}"


@dataclass(frozen=True)
class Enrolment:
    """One person, ready to be written."""

    name: str
    numbers: tuple[str, ...]
    """E.164, in the order to be tried."""
    reference: str | None = None
    address: str | None = None
    birth_year: int | None = None
    address_form: AddressForm = AddressForm.NEUTRAL
    weekdays: tuple[int, ...] = (1,)
    """ISO: Monday 1."""
    preferred_time: str = "10:00"
    window: tuple[str, str] | None = None
    consent: bool = False
    """To being called, to health questions and to recording, on the form that was signed."""
    guardian_number: str | None = None
    guardian_name: str | None = None
    worker: str | None = None
    hard_of_hearing: bool = False
    voice: str | None = None
    memo: str | None = None


@dataclass
class _Cells:
    row: Mapping[str, str]
    line: int
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        return (self.row.get(name) or "").strip() or None

    def read(self, name: str, convert: Callable[[str], T], fallback: T) -> T:
        """The converted cell; where it is empty or wrong (which is noted) the fallback."""
        value = self.text(name)
        if value is None:
            return fallback
        try:
            return convert(value)
        except (ValueError, BadNumber) as error:
            self.problems.append(Problem(self.line, HEADERS[name][0], value, str(error)))
            return fallback


def columns_of(headers: list[str]) -> tuple[dict[str, str], list[Problem]]:
    """Header as written -> our column; a problem for one that is unknown, repeated or missing."""
    known = {_plain(word): column for column, words in HEADERS.items() for word in words}
    columns = {header: known[_plain(header)] for header in headers if _plain(header) in known}
    problems = [
        Problem(
            1,
            header,
            header,
            f"알 수 없는 열입니다. 쓸 수 있는 열: {', '.join(words[0] for words in HEADERS.values())}",
        )
        for header in headers
        if header not in columns
    ]
    found = list(columns.values())
    problems += [Problem(1, HEADERS[name][0], "", "이 열이 있어야 합니다.") for name in REQUIRED if name not in found]
    twice = {name for name in found if found.count(name) > 1}
    problems += [
        Problem(1, HEADERS[name][0], "", "같은 뜻의 열이 두 개입니다. 하나만 남겨 주세요.") for name in sorted(twice)
    ]
    return columns, problems


def _plain(header: str) -> str:
    return re.sub(r"[\s_]", "", header).lower()


def read_enrolment(row: Mapping[str, str], line: int) -> Enrolment | list[Problem]:
    """`row`: our column -> cell. Everything wrong is reported, not only the first."""
    cells = _Cells(row, line)
    for name in REQUIRED:
        if cells.text(name) is None:
            cells.problems.append(Problem(line, HEADERS[name][0], "", "비어 있습니다. 반드시 적어 주세요."))
    first, second = cells.read("phone", parse_number, ""), cells.read("phone2", parse_number, "")
    enrolment = Enrolment(
        name=cells.text("name") or "",
        numbers=tuple(dict.fromkeys(number for number in (first, second) if number)),
        reference=cells.text("reference"),
        address=cells.text("address"),
        birth_year=cells.read("birth_year", _year, None),
        address_form=cells.read("address_form", _address_form, AddressForm.NEUTRAL),
        weekdays=cells.read("weekdays", read_weekdays, (1,)),
        preferred_time=cells.read("time", _clock, "10:00"),
        window=cells.read("window", _window, None),
        consent=cells.read("consent", _yes, False),
        guardian_number=cells.read("guardian_phone", parse_number, "") or None,
        guardian_name=cells.text("guardian_name"),
        worker=cells.text("worker"),
        hard_of_hearing=cells.read("hard_of_hearing", _yes, False),
        voice=cells.text("voice"),
        memo=cells.text("memo"),
    )
    return cells.problems or enrolment


def read_weekdays(text: str) -> tuple[int, ...]:
    """'월,목', '월목', '화요일' -> ISO weekdays. Raises ValueError."""
    letters = re.sub(r"요일|[\s,·/]", "", text)
    if not letters or any(letter not in WEEKDAYS for letter in letters):
        raise ValueError("요일을 읽을 수 없습니다. 월,목처럼 적어 주세요.")
    return tuple(sorted({WEEKDAYS.index(letter) + 1 for letter in letters}))


def _year(text: str) -> int | None:
    if not re.fullmatch(r"\d{4}", text) or not OLDEST <= int(text) <= YOUNGEST:
        raise ValueError("출생연도를 네 자리로 적어 주세요 (예: 1944).")
    return int(text)


def _address_form(text: str) -> AddressForm:
    try:
        return AddressForm(text)
    except ValueError:
        raise ValueError(f"{', '.join(AddressForm)} 가운데 하나를 적어 주세요.") from None


def _clock(text: str) -> str:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    try:
        return f"{time(int(match[1]), int(match[2])):%H:%M}" if match else _clock_error()
    except ValueError:
        return _clock_error()


def _clock_error() -> str:
    raise ValueError("시각을 24시간 방식으로 적어 주세요 (예: 10:30, 14:00).")


def _window(text: str) -> tuple[str, str] | None:
    parts = re.split(r"\s*[-~]\s*", text)
    if len(parts) != 2:  # noqa: PLR2004 - from and until
        raise ValueError("통화 가능 시간을 09:00-12:00처럼 적어 주세요.")
    opens, closes = _clock(parts[0]), _clock(parts[1])
    if opens >= closes:
        raise ValueError("끝 시각이 시작 시각보다 늦어야 합니다 (예: 09:00-12:00).")
    return opens, closes


def _yes(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise ValueError("예 또는 아니오로 적어 주세요.")
