"""An answer that was heard, against the answers that it may have been: fine only where nothing bad sounds nearly as likely."""

from collections.abc import Sequence

from callbot.understand.answers import Answer
from callbot.understand.meaning import AnswerValue

CLEAR = 6.0
"""Natural logarithm. A bad answer that is less likely than this, by sound alone, was not said: right fine answers have none within
6.6, what was said in truth lies within 5 of what was heard (docs/measurements/audio-path.md)."""
LIKELY = 5.0
"""So near, a bad answer is taken for words that mean nothing, and a fine one makes a bad one doubtful."""


def settle(heard: Answer, rivals: Sequence[tuple[Answer, float]]) -> Answer:
    """`rivals`: what else it may have been, each with its log likelihood less that of what was heard."""
    if heard.value is AnswerValue.OK:
        doubted = any(rival.value is AnswerValue.BAD and against >= -CLEAR for rival, against in rivals)
        return Answer(AnswerValue.UNSURE) if doubted else heard
    likely = [rival for rival, against in rivals if against >= -LIKELY]
    if any(rival.value is AnswerValue.OK for rival in likely):
        return Answer(AnswerValue.UNSURE)
    if heard.value is AnswerValue.UNSURE:
        return next((rival for rival in likely if rival.value is AnswerValue.BAD), heard)
    return heard
