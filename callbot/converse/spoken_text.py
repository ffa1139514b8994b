"""Text as a Korean would read it aloud: no digit, Latin letter or symbol is left for the voice to stumble over.

Readings that depend on the counter follow the standard language: native numbers count (두 끼, 세 번, 네 시), Sino-Korean
numbers date and measure (삼월 오일, 삼십 분). Telephone numbers are read digit by digit with 공 for zero.
"""

# ruff: noqa: PLR2004 - hours, months and where native counting ends are what these numbers are

import re
from collections.abc import Callable

from callbot.converse.korean_numbers import DIGITS, decimal, digits, native, native_pair, sino

_Reading = Callable[[re.Match[str]], str]

_NATIVE_COUNTERS = (
    "시간|개월수|가지|개비|개|군데|그릇|끼|켤레|걸음|마리|명|모금|바퀴|번째|번|벌|병|봉지|사람|살|송이|숟가락|쪽|알|잔|장|접시|"
    "조각|줄|차례|채|컵|통|판|포기|톨|공기|곳|달|대|배|포대|포|권|자루|숨|모|마디|식구"
)
"""Counters that take native numbers. 개월 (Sino) is taken out by the pattern below."""

_UNITS = {
    "kg": "킬로그램", "㎏": "킬로그램", "g": "그램", "mg": "밀리그램", "km": "킬로미터", "㎞": "킬로미터", "m": "미터",
    "cm": "센티미터", "㎝": "센티미터", "mm": "밀리미터", "㎜": "밀리미터", "ml": "밀리리터", "mL": "밀리리터", "L": "리터",
    "l": "리터", "cc": "씨씨", "kcal": "킬로칼로리", "%": "퍼센트", "℃": "도", "°C": "도", "°": "도", "㎡": "제곱미터",
    "mmHg": "밀리미터 수은주", "GB": "기가바이트", "MB": "메가바이트",
}  # fmt: skip

_LETTERS = {
    "A": "에이", "B": "비", "C": "씨", "D": "디", "E": "이", "F": "에프", "G": "지", "H": "에이치", "I": "아이",
    "J": "제이", "K": "케이", "L": "엘", "M": "엠", "N": "엔", "O": "오", "P": "피", "Q": "큐", "R": "아르",
    "S": "에스", "T": "티", "U": "유", "V": "브이", "W": "더블유", "X": "엑스", "Y": "와이", "Z": "제트",
}  # fmt: skip
_WORDS = {
    "ok": "오케이", "okay": "오케이", "callbot": "콜봇", "kakao": "카카오", "sos": "에스오에스", "wifi": "와이파이", "app": "앱",
    "email": "이메일", "yes": "예스", "no": "노", "covid": "코비드", "ars": "에이알에스", "mri": "엠알아이", "tv": "티비",
    "cctv": "씨씨티비", "vs": "대",
}  # fmt: skip
"""Words that are not spelt letter by letter, or whose letters are commonly said otherwise (R as 알)."""

_SPECIAL_NUMBERS = (
    "109|110|111|112|113|114|117|118|119|120|125|128|129|131|132|182|188|1330|1345|1366|1388|1389|1391|1393"
)
"""Public help lines: always digit by digit, unless a unit follows (120원)."""

_SINO_UNITS = "개월|년|월|일|분|초|주|층|호|동|원|점|도|세|회|차|학년|등|위|인분|인|가구|번지|리|만|천|백|억|조|퍼센트|킬로|단계|평|미터|센티|그램|리터"

_MONTHS = {6: "유월", 10: "시월"}
_WEEKDAYS = "월화수목금토일"
_DAY_PARTS = "오전|오후|새벽|아침|낮|저녁|밤"


def spoken(text: str) -> str:
    """`text` with everything that is not Hangul or plain punctuation written out. Idempotent.

    >>> spoken("3월 5일 14:05에 하루 2끼, 062-123-4567")
    '삼월 오일 오후 두 시 오 분에 하루 두 끼, 공육이 일이삼 사오육칠'
    """
    for pattern, reading in _RULES:
        text = pattern.sub(reading, text)
    for pattern, plain in _PUNCTUATION:
        text = pattern.sub(plain, text)
    return text.strip()


def _phone(match: re.Match[str]) -> str:
    number = re.sub(r"^\+82[-. ]?", "0", match.group())
    groups = re.split(r"[-. )]+", number.strip("("))
    if len(groups) == 1 and len(number) in (10, 11):
        groups = [number[:3], number[3:-4], number[-4:]]
    return " ".join(digits(group) for group in groups)


def _date(match: re.Match[str]) -> str:
    year, month, day, weekday = match.groups()
    named = f" {weekday}요일" if weekday else ""
    return f"{sino(int(year))}년 {_month(int(month))} {sino(int(day))}일{named}"


def _month_day(match: re.Match[str]) -> str:
    month, day, weekday = match.groups()
    return f"{_month(int(month))} {sino(int(day))}일" + (f" {weekday}요일" if weekday else "")


def _month(number: int) -> str:
    return _MONTHS.get(number, sino(number) + "월")


def _clock(match: re.Match[str]) -> str:
    part, hour, minute = match.group(1), int(match.group(2)), int(match.group(3))
    return _hour(part, hour) + (f" {sino(minute)} 분" if minute else "")


def _hour(part: str | None, hour: int) -> str:
    """The 24-hour clock is for timetables; a person says 오후 두 시."""
    said = f"{part} " if part else ""
    if hour in (0, 24):
        return f"{said}영 시" if hour == 0 else "밤 열두 시"
    if hour > 12:
        said, hour = said or "오후 ", hour - 12
    return f"{said}{native(hour)} 시"


def _range(match: re.Match[str]) -> str:
    first, last, unit = int(match.group(1)), int(match.group(2)), match.group(3)
    is_native = unit == "시" or re.fullmatch(_NATIVE_COUNTERS, unit) is not None
    if last == first + 1 and first <= 8:
        return f"{native_pair(first)} {unit}" if is_native else f"{sino(first)}{sino(last)} {unit}"
    if not is_native:
        return f"{sino(first)}에서 {sino(last)} {unit}"
    return (
        f"{_hour(None, first)}에서 {_hour(None, last)}"
        if unit == "시"
        else f"{native(first)}에서 {native(last)} {unit}"
    )


def _counted(match: re.Match[str]) -> str:
    number, unit = int(match.group(1).replace(",", "")), match.group(2)
    limit = {"살": 99, "시간": 20, "배": 20, "장": 20}.get(unit, 49)  # beyond it people say 이십사 시간, 오십 명
    return f"{sino(number) if limit < number < 100 else native(number)} {unit}"


def _slash(match: re.Match[str]) -> str:
    upper, lower = int(match.group(1)), int(match.group(2))
    if upper >= 40 and lower >= 30:
        return f"{sino(upper)}에 {sino(lower)}"  # blood pressure
    if 1 <= upper <= 12 and 13 <= lower <= 31:
        return f"{_month(upper)} {sino(lower)}일"
    return f"{sino(lower)}분의 {sino(upper)}" if lower > upper else f"{sino(upper)}, {sino(lower)}"


def _unit(match: re.Match[str]) -> str:
    return f"{_plain(match.group(1))} {_UNITS[match.group(2)]}"


def _plain(number: str) -> str:
    number = number.replace(",", "")
    if "." in number:
        return decimal(number)
    if (len(number) > 1 and number.startswith("0")) or len(number) > 12:
        return digits(number)
    return sino(int(number))


def _money(match: re.Match[str]) -> str:
    number, unit, won = match.groups()
    said = unit if (number, unit) == ("1", "만") else f"{_plain(number)}{unit}"  # 만 오천 원, not 일만 오천 원
    return f"{said} 원" if won else said


def _latin(match: re.Match[str]) -> str:
    word = match.group()
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    return "".join(_LETTERS[char] for char in word.upper())


_N = r"(?<![\d.,])(\d[\d,]*)"
_UNIT_NAMES = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))

_RULES: tuple[tuple[re.Pattern[str], _Reading], ...] = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        (r"https?://\S+|www\.\S+", lambda _: "홈페이지 주소"),
        (r"(?<!\d)(?:\+82[-. ]?|\(?0)\d{1,2}\)?[-. ]?\d{3,4}[-. ]?\d{4}(?!\d)", _phone),
        (r"(?<!\d)1[5-9]\d\d-\d{4}(?!\d)", _phone),
        (rf"(?<![\d.,])(?:{_SPECIAL_NUMBERS})(?![\d.,/:]*\d|\s?(?:{_SINO_UNITS}|{_UNIT_NAMES}|명|개|살|시))",
         lambda m: digits(m.group())),
        (r"(\d{4})[-./]\s?(\d{1,2})[-./]\s?(\d{1,2})\.?(?!\d)(?:\s?\(([월화수목금토일])\))?", _date),
        (r"(?<!\d)(\d{1,2})월\s?(\d{1,2})일\s?\(([월화수목금토일])\)", _month_day),
        (rf"(?:({_DAY_PARTS})\s?)?(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?!\d)", _clock),
        (rf"(?:({_DAY_PARTS})\s?)?(?<![\d~.,])(\d{{1,2}})\s?시(?!간)()", lambda m: _hour(m.group(1), int(m.group(2)))),
        (rf"(?<![\d.])(\d{{1,3}})\s?[~∼〜-]\s?(\d{{1,3}})\s?(시간|시|{_SINO_UNITS}|{_NATIVE_COUNTERS})", _range),
        (r"(?<![\d.])(\d+)\s?번(?=\s?(?:버튼|을 (?:눌러|누르)|키|출구|창구|버스|방))", lambda m: f"{sino(int(m.group(1)))} 번"),
        (r"(?<!\d)(\d{1,2})\s?대\s?(\d{1,2})(?!\d)", lambda m: f"{sino(int(m.group(1)))} 대 {sino(int(m.group(2)))}"),
        (r"(?<!\d)(3[.·]1|4[.·]19|5[.·]18|6[.·]25|8[.·]15)(?![\d도])", lambda m: sino(int(m.group(1)[0])) + "".join(
            DIGITS[int(char)] for char in m.group(1)[2:])),
        (rf"{_N}\s?(?!개월)({_NATIVE_COUNTERS})(?![가-힣]*대교)", _counted),
        (r"(?<!\d)(\d{1,2})\s?월", lambda m: _month(int(m.group(1)))),
        (rf"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)\s?({_UNIT_NAMES})(?![A-Za-z])", _unit),
        (r"(\d[\d,]*)\s?([만천백억조])(원)?", _money),
        (r"(?<![\d.,])(\d[\d,]*)\s?원", lambda m: f"{_plain(m.group(1))} 원"),
        (r"(?<![\d.])(\d{1,3})\s?/\s?(\d{1,3})(?!\d)", _slash),
        (r"(?<![\d.])(\d{3,4})\s?(?=호\b|호(?:실|선)?)", lambda m: _plain(m.group(1))),
        (r"\d[\d,]*\.\d+|\d[\d,]*\d|\d", lambda m: _plain(m.group())),
        (r"[A-Za-z]+", _latin),
    )
)  # fmt: skip

_PUNCTUATION: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"[\"'“”‘’「」『』`*_#^|\\]", ""),
        (r"\s?[(){}\[\]<>〈〉《》;:—–]\s?", ", "),
        (r"[·/•∙‧]", " "),
        (r"\s?&\s?", " 앤드 "),
        (r"\s?\+\s?", " 더하기 "),
        (r"\s?=\s?", "은 "),
        (r"(?<=[가-힣])\s?[~∼〜]\s?(?=[가-힣])", "에서 "),
        (r"[~∼〜-]+", " "),
        (r"…|\.{2,}", "."),
        (r"。", ". "), (r"[、，]", ", "), (r"？", "?"), (r"！", "!"),
        (r"[^가-힣ㄱ-ㅎㅏ-ㅣ\s,.?!]", ""),
        (r"\s+", " "),
        (r"\s+(?=[,.?!])", ""),
        (r"(?:,\s*)+(?=[,.?!])", ""),
        (r"\.{2,}", "."),
        (r"^[,.\s]+|[,\s]+$", ""),
    )
)  # fmt: skip
