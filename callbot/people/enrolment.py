"""Enrolling people from a table: one row of text to an Enrolment, or everything that is wrong with it, in Korean."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
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
    "rhythm": ("주기", "rhythm"),
    "starts_on": ("시작일", "starts_on"),
    "ends_on": ("종료일", "ends_on"),
    "tags": ("꼬리표", "태그", "tags"),
    "consent": ("동의", "동의여부", "consent"),
    "consent_sms": ("문자동의", "consent_sms"),
    "consent_third_party": ("제3자동의", "보호자연락동의", "consent_third_party"),
    "guardian_phone": ("보호자전화", "보호자연락처", "guardian_phone"),
    "guardian_name": ("보호자", "보호자이름", "guardian_name"),
    "neighbour_phone": ("이웃전화", "이웃연락처", "neighbour_phone"),
    "neighbour_name": ("이웃", "이웃이름", "neighbour_name"),
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
MOST_WEEKS, MOST_DAYS = 4, 60
MOST_TAGS, LONGEST_TAG = 10, 20

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
    every_weeks: int = 1
    every_days: int | None = None
    """Excludes weekdays."""
    starts_on: date | None = None
    ends_on: date | None = None
    """First and last day in the programme."""
    tags: tuple[str, ...] = ()
    consent_sms: bool = False
    consent_third_party: bool = False
    """To guardian and neighbour being called."""
    neighbour_number: str | None = None
    neighbour_name: str | None = None


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
    weekly: tuple[int, int | None] = (1, None)
    every_weeks, every_days = cells.read("rhythm", read_rhythm, weekly)
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
        every_weeks=every_weeks,
        every_days=every_days,
        starts_on=cells.read("starts_on", _day, None),
        ends_on=cells.read("ends_on", _day, None),
        tags=cells.read("tags", read_tags, ()),
        consent_sms=cells.read("consent_sms", _yes, False),
        consent_third_party=cells.read("consent_third_party", _yes, False),
        neighbour_number=cells.read("neighbour_phone", parse_number, "") or None,
        neighbour_name=cells.text("neighbour_name"),
    )
    if enrolment.starts_on and enrolment.ends_on and enrolment.ends_on < enrolment.starts_on:
        cells.problems.append(
            Problem(line, HEADERS["ends_on"][0], f"{enrolment.ends_on}", "종료일이 시작일보다 늦어야 합니다.")
        )
    return cells.problems or enrolment


def read_weekdays(text: str) -> tuple[int, ...]:
    """'월,목', '월목', '화요일' -> ISO weekdays. Raises ValueError."""
    letters = re.sub(r"요일|[\s,·/]", "", text)
    if not letters or any(letter not in WEEKDAYS for letter in letters):
        raise ValueError("요일을 읽을 수 없습니다. 월,목처럼 적어 주세요.")
    return tuple(sorted({WEEKDAYS.index(letter) + 1 for letter in letters}))


def read_rhythm(text: str) -> tuple[int, int | None]:
    """'매주', '격주', '3주마다', '10일마다', '매일' -> (every_weeks, every_days). Raises ValueError.

    >>> read_rhythm("격주"), read_rhythm("10일마다")
    ((2, None), (1, 10))
    """
    plain = re.sub(r"\s", "", text)
    known: dict[str, tuple[int, int | None]] = {"매주": (1, None), "격주": (2, None), "매일": (1, 1)}
    if plain in known:
        return known[plain]
    match = re.fullmatch(r"(\d{1,2})(주|일)(?:마다|에한번)", plain)
    if match is not None and match[2] == "주" and 1 <= int(match[1]) <= MOST_WEEKS:
        return int(match[1]), None
    if match is not None and match[2] == "일" and 1 <= int(match[1]) <= MOST_DAYS:
        return 1, int(match[1])
    raise ValueError(
        "주기를 읽을 수 없습니다. 매주, 격주, 3주마다(4주까지), 10일마다(60일까지) 가운데 하나로 적어 주세요."
    )


def read_tags(text: str) -> tuple[str, ...]:
    """'폭염취약, 독거' -> each once. Raises ValueError."""
    found = tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;/]", text) if part.strip()))
    if len(found) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in found):
        raise ValueError(f"꼬리표는 {MOST_TAGS}개까지, 하나는 {LONGEST_TAG}자까지입니다. 쉼표로 나누어 적어 주세요.")
    return found


def _day(text: str) -> date | None:
    match = re.fullmatch(r"(\d{4})[-./]\s*(\d{1,2})[-./]\s*(\d{1,2})\.?", text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else _day_error()
    except ValueError:
        return _day_error()


def _day_error() -> date:
    raise ValueError("날짜를 2026-12-01처럼 적어 주세요.")


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
