"""A call against the person's own past."""

import random

from callbot.assess.trend import Speech, speech_of, trend_signals
from callbot.converse.transcript import Turn
from callbot.understand.meaning import Level

USUAL = [Speech(1.0 + i / 20, 14.0 + i % 3, 4.0 + i / 20, 0.2) for i in range(6)]


def test_too_few_calls_say_nothing():
    """Three calls are no baseline."""
    assert trend_signals(USUAL[:3], Speech(9.0, 1.0, 1.0, 1.0)) == []


def test_a_usual_call_is_unremarkable():
    """Within what the person does anyway."""
    assert trend_signals(USUAL, Speech(1.2, 14.0, 4.1, 0.2)) == []


def test_several_changes_together_count_and_one_does_not():
    """One is kept at none, two are watch, more are high; only towards the worse."""
    (one,) = trend_signals(USUAL, Speech(4.0, 15.0, 4.1, 0.2))
    (two,) = trend_signals(USUAL, Speech(4.0, 3.0, 4.1, 0.2))
    (four,) = trend_signals(USUAL, Speech(4.0, 3.0, 1.5, 0.9))
    assert [one.level, two.level, four.level] == [Level.NONE, Level.WATCH, Level.HIGH]
    assert trend_signals(USUAL, Speech(0.1, 40.0, 7.0, 0.0)) == []


def test_steady_people_are_seldom_flagged():
    """Of 2,000 people whose speech varies by chance only, at most 2 % are flagged by a call."""
    chance = random.Random(5)

    def call() -> Speech:
        return Speech(
            chance.gauss(1.2, 0.4), chance.gauss(12, 4), chance.gauss(4, 0.5), chance.choice([0.1, 0.2, 0.3, 0.4])
        )

    flagged = sum(
        any(signal.level.rank > 0 for signal in trend_signals([call() for _ in range(8)], call())) for _ in range(2000)
    )
    assert flagged <= 40


def test_speech_is_measured_from_the_turns():
    """Latency from the end of the question; rejected turns count for nothing."""
    turns = [
        Turn(0, "bot", "식사는 하셨어요?", audio_offset_s=0.0, seconds=2.0),
        Turn(1, "person", "응 먹었어", audio_offset_s=3.5, seconds=1.0),
        Turn(2, "bot", "잠은요?", audio_offset_s=5.0, seconds=1.0),
        Turn(3, "person", "", audio_offset_s=7.0, seconds=1.0, rejected="no_speech"),
    ]
    assert speech_of(turns) == Speech(latency_s=1.5, syllables=4.0, rate=4.0, short=1.0)
    assert speech_of([]) == Speech()
