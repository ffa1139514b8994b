"""What is learned of how somebody pauses, and what it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import Call, voice

from callbot.listen.decisions import TurnOver
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.listen.pause_model import KEPT, LEAST, own_pauses, policy_for, usable
from callbot.listen.turn_policy import TurnPolicy

OPEN = ListenFor(QuestionKind.OPEN)


def test_too_few_pauses_say_nothing() -> None:
    """Up to LEAST - 1 pauses everybody's policy holds, unchanged."""
    assert own_pauses([2.0] * (LEAST - 1)) is None
    assert policy_for([2.0] * (LEAST - 1)) == TurnPolicy()


def test_one_long_search_for_a_word_changes_nothing() -> None:
    """The quantile is robust: one pause of 3.5 s among twenty short ones leaves the person a quick talker."""
    assert policy_for([0.4] * 20) == policy_for([0.4] * 10 + [3.5] + [0.4] * 10)


def test_a_slow_talker_is_waited_for_and_a_quick_one_answered_sooner() -> None:
    """Pauses of 1.4 s stretch every wait; pauses of 0.3 s shorten it a little."""
    slow, quick, everybody = policy_for([1.4] * 20), policy_for([0.3] * 20), TurnPolicy()
    assert slow.pause(OPEN, None) > 1.6 > everybody.pause(OPEN, None) > quick.pause(OPEN, None)


def test_clicks_and_fetching_the_glasses_are_no_pauses() -> None:
    """Shorter than a breath or longer than four seconds is not how somebody speaks."""
    assert usable([0.05, 0.24, 0.25, 1.0, 4.0, 4.1, 30.0]) == [0.25, 1.0, 4.0]


def test_people_change() -> None:
    """Only the latest pauses count: after KEPT quick ones the slow past is forgotten."""
    assert policy_for([2.0] * 200 + [0.4] * KEPT) == policy_for([0.4] * KEPT)


@given(
    st.lists(st.floats(0, 10), max_size=300), st.sampled_from(QuestionKind), st.sampled_from([None, *SentenceEnding])
)
def test_whatever_was_learned_is_bounded(
    pauses: list[float], kind: QuestionKind, ending: SentenceEnding | None
) -> None:
    """No past makes the bot wait for ever, or cut in at a breath."""
    wait = policy_for(pauses).pause(ListenFor(kind), ending)
    usual = TurnPolicy().pause(ListenFor(kind), ending)
    assert 0.7 * usual <= wait <= max(2.0 * usual, 4.5)


def test_pauses_inside_a_turn_are_reported() -> None:
    """Two pauses inside one answer, to the step; the gap of an unreleased stop is none."""
    call = Call(text_after_s=0.2, ending=SentenceEnding.CONNECTIVE).listen(OPEN)
    call.run(voice("==_=====_____=====________====" + "_" * 60))
    over = call.the("TurnOver")
    assert isinstance(over, TurnOver)
    assert over.pauses == (pytest.approx(0.5, abs=0.05), pytest.approx(0.8, abs=0.05))
    assert over.voice_end_s == pytest.approx(3.0, abs=0.05)


def test_a_turn_that_was_reopened_counts_the_gap() -> None:
    """The turn was called over, speech resumed before anything was said: that gap is a pause of the person like any other."""
    call = Call(text_after_s=0.1, ending=SentenceEnding.FINAL).listen(OPEN)
    call.run(voice("=====_______====="), on=lambda decision: call.reducer.reopen() if _resumed(decision) else None)
    call.run(voice("_" * 30))
    last = [decision for _, decision in call.log if isinstance(decision, TurnOver)][-1]
    assert last.pauses == (pytest.approx(0.7, abs=0.1),)


def _resumed(decision: object) -> bool:
    return type(decision).__name__ == "Resumed"
