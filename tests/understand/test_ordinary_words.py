"""What people say every day raises no alarm, by stems or by sounds."""

from pathlib import Path

import pytest

from callbot.understand.meaning import Level, Topic

ORDINARY = Path("tests/data/score/ordinary.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("topic", [Topic.IDENTITY, Topic.HEALTH, Topic.MOOD, Topic.CONFIRM])
def test_no_alarm_in_ordinary_words(understander, topic):
    """Openings, short answers and small talk, with spellings of the recogniser (docs/scoring.md)."""
    alarmed = [
        (text, signal.rule)
        for text in ORDINARY
        for signal in understander.hear(text, topic).signals
        if signal.level.rank >= Level.HIGH.rank
    ]
    assert alarmed == []


def test_the_list_is_long_enough_to_mean_something():
    """At least 300 utterances, none twice."""
    assert len(ORDINARY) >= 300
    assert len(set(ORDINARY)) == len(ORDINARY)
