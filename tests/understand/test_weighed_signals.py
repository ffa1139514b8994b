"""What a recogniser holds nearly as likely as its text is listened to for emergencies, and for nothing else."""

import pytest

from callbot.listen.utterance import Weighed
from callbot.understand.meaning import Level, Topic

HEARD = "가게에서 쪼금 쉬어요"
GRAVE = "가슴이 꽉 조이고 숨이 차요"


def emergencies(understander, *weighed: Weighed):
    signals = understander.hear(HEARD, Topic.HEALTH, weighed=weighed, by_ear=True, confidence=0.7).signals
    return [signal for signal in signals if signal.level is Level.EMERGENCY]


def test_an_emergency_as_likely_as_the_text_is_raised_unconfirmed(understander):
    """With the words that it may have been, and what found them."""
    found = emergencies(understander, Weighed(GRAVE, -1.5))
    assert [(signal.detector, signal.unconfirmed) for signal in found] == [("weighed", True)]
    assert "숨이" in found[0].quote or "가슴이" in found[0].quote


@pytest.mark.parametrize(
    "other", [Weighed(GRAVE, -9.0), Weighed("무릎이 아파요", -0.5), Weighed("가슴은 안 아파요", -0.5)]
)
def test_nothing_is_raised_by_what_is_unlikely_or_no_emergency(understander, other):
    """One to eight thousand; watch; denied."""
    assert emergencies(understander, other) == []


def test_what_the_text_says_itself_needs_no_confirmation(understander):
    """The same category is not raised twice."""
    signals = understander.hear(
        GRAVE, Topic.HEALTH, weighed=(Weighed("가슴이 꽉 조여요", -0.1),), confidence=0.9
    ).signals
    assert all(signal.detector != "weighed" for signal in signals)
