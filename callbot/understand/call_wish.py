"""When somebody wants to be called instead of now: "다섯 시에", "저녁에", "내일", "한 시간 있다가"."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from callbot.schedule.window import SEOUL

_NATIVE = {
    "열한": 11, "열두": 12, "열": 10, "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
}  # fmt: skip
_HOURS = "|".join(_NATIVE)
_SINO = {"십오": 15, "이십": 20, "삼십": 30, "사십": 40, "오십": 50, "십": 10, "오": 5}
_MINUTES = "|".join(_SINO)
_CLOCK = re.compile(
    rf"(?<![가-힣\d])(\d{{1,2}}|{_HOURS})\s*시(?=$|[\s에쯤반\d정요로부까,.])(?!간)\s*(?:(반)|(\d{{1,2}}|{_MINUTES})\s*분)?"
)
_IN_HOURS = re.compile(rf"(?<![가-힣\d])(\d{{1,2}}|{_HOURS})\s*시간\s*(반)?\s*(?:쯤|정도)?\s*(?:뒤|후|있다|이따|지나)")
_IN_MINUTES = re.compile(rf"(?<![가-힣\d])(\d{{1,2}}|{_MINUTES})\s*분\s*(?:쯤|정도)?\s*(?:뒤|후|있다|이따|지나)")
_HALVES = {"오전": 0, "아침": 0, "새벽": 0, "오후": 12, "저녁": 12, "밤": 12, "낮": 12}
_PARTS = {
    "저녁": time(17, 30), "오후": time(14, 0), "점심": time(13, 0), "낮": time(13, 0), "오전": time(10, 0), "아침": time(9, 30),
    "밤": time(19, 0),
}  # fmt: skip
_DAYS = {"모레": 2, "내일": 1}
_SOON = re.compile(r"(?:조금|좀|잠시|잠깐|금방)\s*(?:뒤|후|이따|있다)")
_SOON_AFTER = timedelta(minutes=20)
_OF_A_CALL = re.compile(r"전화|통화|걸어|걸어요|다시|연락")
_NOON = 12
_EARLY = 8
_LATEST_HOUR = 23
_LATEST_MINUTE = 59


@dataclass(frozen=True)
class CallWish:
    """What was said of the time. At least one of the fields says something."""

    days: int = 0
    """0 today, 1 tomorrow, 2 the day after."""
    clock: time | None = None
    half_told: bool = False
    """오전 or 오후 was said with the hour; else the next such hour is meant."""
    after: timedelta | None = None

    def moment(self, now: datetime) -> datetime:
        """When that is, in Seoul; whether it may be called then is the window's business."""
        here = now.astimezone(SEOUL)
        if self.after is not None:
            return here + self.after
        day: date = here.date() + timedelta(days=self.days)
        if self.clock is None:
            return datetime.combine(day, here.timetz())
        wished = datetime.combine(day, self.clock, SEOUL)
        if self.half_told:
            return wished
        # "다섯 시에" in the morning is five in the afternoon: nobody means an hour that is over, or the night
        afternoon = wished + timedelta(hours=_NOON)
        return afternoon if self.clock.hour < _NOON and (wished <= here or self.clock.hour < _EARLY) else wished


def call_wish(text: str) -> CallWish | None:
    """The time in an utterance that asks to be called later; None: none was named.

    >>> call_wish("내일 오전 열 시에 걸어 줘")
    CallWish(days=1, clock=datetime.time(10, 0), half_told=True, after=None)
    >>> call_wish("한 시간 있다가 해요").after
    datetime.timedelta(seconds=3600)
    """
    after = _after(text)
    if after is not None:
        return CallWish(after=after)
    days = next((number for word, number in _DAYS.items() if word in text), 0)
    clock = _clock(text)
    if clock is not None:
        return CallWish(days, *clock)
    part = next((at for word, at in _PARTS.items() if word in text), None)
    if part is not None:
        return CallWish(days, part, half_told=True)
    return CallWish(days) if days else None


def asks_for_another_time(text: str) -> bool:
    """A time and a word of calling: "다섯 시에 전화해 줘"."""
    return _OF_A_CALL.search(text) is not None and call_wish(text) is not None


def _after(text: str) -> timedelta | None:
    if (found := _IN_HOURS.search(text)) is not None:
        return timedelta(hours=_number(found[1]), minutes=30 if found[2] else 0)
    if (found := _IN_MINUTES.search(text)) is not None:
        return timedelta(minutes=_number(found[1]))
    return _SOON_AFTER if _SOON.search(text) else None


def _clock(text: str) -> tuple[time, bool] | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    hour = _number(found[1])
    minute = 30 if found[2] else _number(found[3]) if found[3] else 0
    half = next((add for word, add in _HALVES.items() if word in text), None)
    if half is not None and hour < _NOON:
        hour += half
    if hour > _LATEST_HOUR or minute > _LATEST_MINUTE:
        return None
    return time(hour, minute), half is not None or hour > _NOON


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NATIVE.get(text) or _SINO[text]
