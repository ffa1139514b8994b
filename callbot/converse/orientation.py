"""Whether somebody knows the day and the month: the two questions of the dementia check that have one right answer.

Only a hint for a human: a wrong weekday is a watch signal, never a diagnosis, and words that name none are no answer.
"""

import re
from datetime import date

from callbot.understand.meaning import AnswerValue, Category, Level, Signal, Topic

ORIENTATION = frozenset({Topic.WEEKDAY, Topic.MONTH})
_WEEKDAYS = "월화수목금토일"
_WEEKDAY = re.compile(rf"([{_WEEKDAYS}])\s*요일|^\s*([{_WEEKDAYS}])\s*(?:요|이요|이에요|이지|인가)?\s*[.?]?\s*$")
_MONTHS = {
    "십이": 12, "십일": 11, "시": 10, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "유": 6, "육": 6, "칠": 7, "팔": 8, "구": 9,
    "동짓": 11, "섣": 12, "정": 1,
}  # fmt: skip
_MONTH = re.compile(rf"(?:(\d{{1,2}})|({'|'.join(_MONTHS)}))\s*(?:월|달)")


def judged(topic: Topic, text: str, today: date | None) -> AnswerValue:
    """Right, wrong, or nothing named. A month of the old calendar lies up to two months behind: it is right as well.

    >>> judged(Topic.WEEKDAY, "오늘이 화요일이지", date(2026, 11, 24))
    <AnswerValue.OK: 'ok'>
    """
    if today is None:
        return AnswerValue.UNSURE
    right = _weekday(text, today) if topic is Topic.WEEKDAY else _month(text, today)
    if right is None:
        return AnswerValue.UNSURE
    return AnswerValue.OK if right else AnswerValue.BAD


def _weekday(text: str, today: date) -> bool | None:
    named = {found[1] or found[2] for found in _WEEKDAY.finditer(text)}
    return _WEEKDAYS[today.weekday()] in named if named else None


def _month(text: str, today: date) -> bool | None:
    named = {int(found[1]) if found[1] else _MONTHS[found[2]] for found in _MONTH.finditer(text)}
    lunar = {(today.month - 1 - back) % 12 + 1 for back in range(3)}
    return bool(named & lunar) if named else None


def wrong(topic: Topic, quote: str, turn: int, audio_offset_s: float | None) -> Signal:
    """For a human to look at."""
    what = "요일" if topic is Topic.WEEKDAY else "달"
    reason = f"오늘이 무슨 {what}인지 여쭈었을 때 '{quote}'라고 답하셨습니다."
    return Signal(
        Category.COGNITION, Level.WATCH, f"cognition.{topic.value}", quote, reason, "orientation", "1",
        turn=turn, audio_offset_s=audio_offset_s,
    )  # fmt: skip
