"""What no single answer shows: small signs that mount up, and calls of which too little was understood."""

from collections.abc import Mapping, Sequence

from callbot.converse.transcript import Turn
from callbot.understand.meaning import AnswerValue, Category, Level, Signal, Topic

MANY_BAD = 5
"""Bad answers of the seven that together are high."""
LOW_SPIRITS = (Topic.MOOD, Topic.SLEEP, Topic.MEALS)
"""All three bad together is how depression in old age shows (SGDS-K, PHQ-9); high."""
MANY_SIGNS = 5
"""Categories with a small sign each that together are high, whatever was answered to the questions ("괜찮아요, 그런데 ...")."""
_SIGNS = frozenset({
    Category.PAIN, Category.MEDICAL, Category.FALL, Category.FOOD, Category.SLEEP, Category.MOOD, Category.MEDICINE, Category.COGNITION,
    Category.ALCOHOL, Category.HOUSING, Category.MONEY,
})  # fmt: skip
ENOUGH_ASKED = 3
"""Questions put before a call can be called unassessable: a single answer never is."""
UNDERSTOOD_SHARE = 1 / 3
_RULE_VERSION = "1"
_MOUNTING_REASON = "여러 질문에 좋지 않다고 답하셔서({topics}) 전체로 보아 오늘 살펴볼 필요가 있다고 판단했습니다."
_SIGNS_REASON = "작은 걱정거리가 {n}가지 영역에서 함께 들려, 전체로 보아 오늘 살펴볼 필요가 있다고 판단했습니다."
_LOW_REASON = "기분, 잠, 식사가 모두 좋지 않다고 답하셔서 마음 건강을 살펴볼 필요가 있다고 판단했습니다."
_RESIGNED_REASON = "삶을 내려놓는 말씀과 함께 좋지 않다는 답이 여럿 있어 오늘 살펴볼 필요가 있다고 판단했습니다."
_KOREAN = {
    Topic.HEALTH: "건강", Topic.MEALS: "식사", Topic.SLEEP: "잠", Topic.MEDICINE: "약", Topic.MOOD: "마음", Topic.OUTING: "외출",
    Topic.NEEDS: "필요한 것",
}  # fmt: skip

_NOT_UNDERSTOOD = {
    Topic.HEALTH: Category.MEDICAL, Topic.MEALS: Category.FOOD, Topic.SLEEP: Category.SLEEP, Topic.MEDICINE: Category.MEDICINE,
    Topic.MOOD: Category.MOOD,
}  # fmt: skip
"""Questions whose answer a human looks at when it could not be made out."""
_NOT_UNDERSTOOD_REASON = "{topic}에 대한 대답을 두 번 여쭙고도 알아듣지 못했습니다. 녹음을 들어 봐 주세요."


def whole_call_signals(signals: Sequence[Signal], answers: Mapping[Topic, AnswerValue]) -> list[Signal]:
    """Signals that only the call as a whole gives."""
    bad = [topic for topic, value in answers.items() if value is AnswerValue.BAD]
    found = []
    if all(topic in bad for topic in LOW_SPIRITS):
        found.append(_whole("whole_call.low_spirits", _names(LOW_SPIRITS), _LOW_REASON))
    if len(bad) >= MANY_BAD:
        reason = _MOUNTING_REASON.replace("{topics}", _names(bad))
        found.append(_whole("whole_call.mounting", _names(bad), reason))
    small = sorted({signal.category for signal in signals if signal.level is Level.WATCH} & _SIGNS)
    if len(small) >= MANY_SIGNS and len(bad) < MANY_BAD:
        quotes = [
            next(each.quote for each in signals if each.category is category and each.level is Level.WATCH)
            for category in small
        ]
        found.append(_whole("whole_call.small_signs", ", ".join(quotes), _SIGNS_REASON.replace("{n}", str(len(small)))))
    resigned = [signal for signal in signals if signal.category is Category.SUICIDE and signal.level is Level.WATCH]
    if resigned and len(bad) > 1:
        found.append(_whole("whole_call.resigned", resigned[0].quote, _RESIGNED_REASON))
    return found


def not_understood(turns: Sequence[Turn], answers: Mapping[Topic, AnswerValue]) -> list[Signal]:
    """What was spoken to a question twice and not understood is not fine: watch, with the words as they were heard. Transcripts
    without sound are left alone: whoever reads them understands them."""
    found = []
    for topic, category in _NOT_UNDERSTOOD.items():
        spoken = [
            turn for turn in turns if turn.who == "person" and turn.topic is topic and turn.confidence is not None
        ]
        if answers.get(topic) is AnswerValue.UNSURE and len(spoken) > 1:
            quote = next((turn.text for turn in reversed(spoken) if turn.text.strip()), "(알아듣지 못한 말)")
            reason = _NOT_UNDERSTOOD_REASON.replace("{topic}", _KOREAN[topic])
            rule = f"not_understood.{topic.value}"
            found.append(
                Signal(category, Level.WATCH, rule, quote, reason, "whole_call", _RULE_VERSION, turn=spoken[-1].index)
            )
    return found


def too_little_understood(turns: Sequence[Turn], answers: Mapping[Topic, AnswerValue]) -> bool:
    """True where at least three questions were put and fewer than a third of them were answered understandably,
    or most of what the person said could not be made out."""
    asked = [value for value in answers.values() if value is not AnswerValue.NOT_ASKED]
    if len(asked) < ENOUGH_ASKED:
        return False
    understood = sum(value in (AnswerValue.OK, AnswerValue.BAD) for value in asked)
    if understood < UNDERSTOOD_SHARE * len(asked):
        return True
    spoken = [turn for turn in turns if turn.who == "person"]
    lost = sum(1 for turn in spoken if turn.rejected or not turn.text.strip())
    return len(spoken) >= ENOUGH_ASKED and len(spoken) - lost < UNDERSTOOD_SHARE * len(spoken)


def _names(topics: Sequence[Topic]) -> str:
    return ", ".join(_KOREAN[topic] for topic in topics)


def _whole(rule: str, quote: str, reason: str) -> Signal:
    return Signal(Category.MOOD, Level.HIGH, rule, quote, reason, "whole_call", _RULE_VERSION)
