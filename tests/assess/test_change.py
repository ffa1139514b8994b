"""A turn for the worse since the last call."""

import pytest

from callbot.assess.change import change_signals
from callbot.understand.meaning import AnswerValue, Level, Topic

OK, BAD, UNSURE = AnswerValue.OK, AnswerValue.BAD, AnswerValue.UNSURE
TOPICS = (Topic.HEALTH, Topic.MEALS, Topic.SLEEP, Topic.MEDICINE, Topic.MOOD, Topic.OUTING)


def answers(value: AnswerValue, many: int) -> dict[Topic, AnswerValue]:
    return dict.fromkeys(TOPICS[:many], value)


@pytest.mark.parametrize(
    ("many", "level"), [(0, None), (1, None), (2, Level.WATCH), (3, Level.WATCH), (4, Level.HIGH), (6, Level.HIGH)]
)
def test_topics_that_were_fine_and_are_not(many, level):
    """One is a cold; two a line in the report; four somebody looks at today. The words name them."""
    found = change_signals(answers(OK, 6), answers(BAD, many))
    assert [signal.level for signal in found] == ([] if level is None else [level])
    assert all("건강" in signal.reason for signal in found)


@pytest.mark.parametrize("before", [BAD, UNSURE, AnswerValue.NOT_ASKED])
def test_only_what_was_fine_can_turn(before):
    """What was bad already, not understood or not asked says nothing of a change."""
    assert change_signals(answers(before, 6), answers(BAD, 6)) == []


def test_a_first_call_and_a_recovery_are_no_change_for_the_worse():
    """Nor is a need."""
    assert change_signals({}, answers(BAD, 6)) == []
    assert change_signals(answers(BAD, 6), answers(OK, 6)) == []
    assert change_signals({Topic.NEEDS: OK, Topic.MEALS: OK}, {Topic.NEEDS: BAD, Topic.MEALS: BAD}) == []
