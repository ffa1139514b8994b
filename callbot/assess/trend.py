"""A call against the same person's calls before: "평소와 다름". Nobody is compared with anybody else.

Measured of speech: how long the person takes to answer, how much is said, how fast, how many answers are short. Loudness, crying and
breathlessness are left out: no measure of them was found that holds through a telephone (docs/scoring.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from callbot.converse.transcript import Turn
from callbot.understand.meaning import Category, Level, Signal

ENOUGH = 4
"""Calls before this one without which nothing is said."""
MOST = 8
"""The latest calls that make the baseline."""
FAR = 3.5
"""Robust z (0.6745 * distance / MAD) from which a measure is unusual (Iglewicz and Hoaglin)."""
SHORT_ANSWER = 4
"""Syllables."""
_SCALE = 0.6745
_RULE_VERSION = "1"


@dataclass(frozen=True)
class Speech:
    """How somebody spoke in a call; None where too little was said to tell."""

    latency_s: float | None = None
    """Median seconds from the end of a question to the beginning of the answer."""
    syllables: float | None = None
    """Median syllables an answer."""
    rate: float | None = None
    """Syllables a second while speaking."""
    short: float | None = None
    """Share of answers of at most four syllables."""


@dataclass(frozen=True)
class _Measure:
    name: str
    says: str
    worse: int
    """+1: more is worse, -1: less is worse."""
    least: float
    """A change smaller than this is none, however steady the person was."""


_MEASURES = (
    _Measure("latency_s", "대답까지 걸리는 시간이 길어졌습니다", 1, 0.8),
    _Measure("syllables", "대답이 짧아졌습니다", -1, 3.0),
    _Measure("rate", "말이 느려졌습니다", -1, 0.8),
    _Measure("short", "짧게만 대답하신 것이 많아졌습니다", 1, 0.25),
)


def speech_of(turns: Sequence[Turn]) -> Speech:
    """Of the turns that were understood."""
    latencies, lengths, seconds = [], [], 0.0
    question: Turn | None = None
    for turn in turns:
        if turn.who == "bot":
            question = turn
            continue
        syllables = sum("가" <= character <= "힣" for character in turn.text)
        if turn.rejected or not syllables:
            continue
        lengths.append(syllables)
        seconds += turn.seconds or 0.0
        latency = _latency(question, turn)
        if latency is not None:
            latencies.append(latency)
        question = None
    if not lengths:
        return Speech()
    return Speech(
        latency_s=median(latencies) if latencies else None,
        syllables=float(median(lengths)),
        rate=sum(lengths) / seconds if seconds > 0 else None,
        short=sum(length <= SHORT_ANSWER for length in lengths) / len(lengths),
    )


def _latency(question: Turn | None, answer: Turn) -> float | None:
    if question is None or question.audio_offset_s is None or answer.audio_offset_s is None:
        return None
    spoken = question.said_until_s if question.said_until_s is not None else question.seconds
    return None if spoken is None else max(0.0, answer.audio_offset_s - question.audio_offset_s - spoken)


def trend_signals(before: Sequence[Speech], now: Speech) -> list[Signal]:
    """`before`: the person's answered calls, oldest first. Two unusual measures are watch, three or more high; one alone is
    kept at none: people have colds and visitors."""
    latest = before[-MOST:]
    unusual = [measure.says for measure in _MEASURES if _is_unusual(measure, latest, now)]
    if not unusual:
        return []
    level = (Level.NONE, Level.WATCH, Level.HIGH)[min(len(unusual), 3) - 1]
    quote = ", ".join(unusual)
    reason = f"이분의 지난 통화 {len(latest)}번과 견주어 {quote}. 평소와 달라 살펴볼 필요가 있습니다."
    return [Signal(Category.MOOD, level, "trend.speech", quote, reason, "trend", _RULE_VERSION)]


def _is_unusual(measure: _Measure, before: Sequence[Speech], now: Speech) -> bool:
    past = [value for value in (_value(speech, measure) for speech in before) if value is not None]
    value = _value(now, measure)
    if value is None or len(past) < ENOUGH:
        return False
    middle = median(past)
    change = measure.worse * (value - middle)
    spread = median(abs(each - middle) for each in past)
    return change >= measure.least and _SCALE * change > FAR * spread


def _value(speech: Speech, measure: _Measure) -> float | None:
    value: float | None = getattr(speech, measure.name)
    return value
