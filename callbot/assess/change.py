"""What was fine in the last call and is not in this one."""

from collections.abc import Mapping

from callbot.understand.meaning import AnswerValue, Category, Level, Signal, Topic

TURNED_TO_WATCH = 2
"""Topics that went from ok to bad since the last call: a line in the weekly report."""
TURNED_TO_HIGH = 4
"""So many at once: somebody should look today, though no single answer says so."""
_RULE_VERSION = "1"
_KOREAN = {
    Topic.HEALTH: "건강", Topic.MEALS: "식사", Topic.SLEEP: "잠", Topic.MEDICINE: "약", Topic.MOOD: "마음", Topic.OUTING: "외출",
}  # fmt: skip
"""A need that is new is a request, not a change for the worse."""


def change_signals(before: Mapping[Topic, AnswerValue], now: Mapping[Topic, AnswerValue]) -> list[Signal]:
    """`before`: answers of the person's last call; only what was positively ok then and is bad now counts."""
    turned = [
        name
        for topic, name in _KOREAN.items()
        if before.get(topic) is AnswerValue.OK and now.get(topic) is AnswerValue.BAD
    ]
    if len(turned) < TURNED_TO_WATCH:
        return []
    level = Level.HIGH if len(turned) >= TURNED_TO_HIGH else Level.WATCH
    quote = ", ".join(turned)
    reason = f"지난 통화에서는 괜찮다고 하신 {quote}이(가) 이번에는 좋지 않다고 하셔서 살펴볼 필요가 있습니다."
    return [Signal(Category.MOOD, level, "change.answers", quote, reason, "trend", _RULE_VERSION)]
