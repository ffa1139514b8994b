"""An answer that was heard, against the answers that it may have been: fine only where nothing bad sounds nearly as likely."""

from collections.abc import Sequence

from callbot.understand.answers import Answer
from callbot.understand.meaning import AnswerValue

CLEAR = 6.0
"""Natural logarithm. A bad answer that is less likely than this, by sound alone, was not said: what was said in truth lies within 5
of what was heard, save one in a hundred (docs/measurements/audio-path.md)."""
CLEAR_OF_EXPECTED = 5.0
"""The same beside words that are a usual answer in themselves."""
LIKELY = 5.0
"""So near, a bad answer is taken for words that mean nothing, and a fine one makes a bad one doubtful."""


def settle(heard: Answer, rivals: Sequence[tuple[Answer, float]], *, expected: bool) -> Answer:
    """`rivals`: what else it may have been, each with its log likelihood less that of what was heard. `expected`: what was heard
    is a usual answer."""
    if heard.value is AnswerValue.OK:
        clear = CLEAR_OF_EXPECTED if expected else CLEAR
        doubted = any(rival.value is AnswerValue.BAD and against >= -clear for rival, against in rivals)
        return Answer(AnswerValue.UNSURE) if doubted else heard
    likely = [rival for rival, against in rivals if against >= -LIKELY]
    if any(rival.value is AnswerValue.OK for rival in likely):
        return Answer(AnswerValue.UNSURE)
    if heard.value is AnswerValue.UNSURE:
        return next((rival for rival in likely if rival.value is AnswerValue.BAD), heard)
    return heard
