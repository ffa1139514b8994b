"""Who is cut off: real speech and real recognition of people who pause inside their sentences, against the policy of live calls."""

from random import Random

import pytest

from callbot.bench_endpoint import figures, held
from callbot.listen.endings import SentenceEnding
from callbot.listen.listen_for import QuestionKind
from callbot.listen.turn_policy import Pauses, TurnPolicy
from callbot.listen.utterance import Transcript
from callbot.paused_answers import MATERIAL, heard_file, read_heard
from callbot.simulate.turn_timeline import PauseHabit, SpokenAnswer, Talk, hold_turn
from callbot.talk.spoken_ending import EndingByMorphemes
from callbot.understand.understander import Understander

SAMPLE = Talk(people=8, calls=3, turns=5)


@pytest.fixture(scope="module")
def endings(understander: Understander) -> EndingByMorphemes:
    """As in a call."""
    return EndingByMorphemes(understander.analyser)


def test_hardly_anybody_is_cut_off_inside_a_sentence(endings: EndingByMorphemes) -> None:
    """A sample of `callbot bench endpoint`, 120 turns each: at most one cut-in as our recogniser hears, none as a good one would."""
    heard = held(read_heard(heard_file(MATERIAL)), endings, SAMPLE, TurnPolicy())
    exact = held(read_heard(heard_file(MATERIAL), exact=True), endings, SAMPLE, TurnPolicy())
    assert heard["all"]["n"] == 120
    assert heard["all"]["pauses"]["max_s"] > 1.8
    assert heard["all"]["cut_in_rate"] <= 1 / 120
    assert exact["all"]["cut_in_rate"] == 0.0


def test_everybody_else_is_answered_in_time(endings: EndingByMorphemes) -> None:
    """Half of the closed answers are over within 1.15 s, recognition included, half of the open ones of first calls within 1.2 s."""
    heard = held(read_heard(heard_file(MATERIAL)), endings, SAMPLE, TurnPolicy())
    assert heard["all"]["delay_closed"]["p50_s"] <= 1.15
    assert heard["first_call"]["delay_open"]["p50_s"] <= 1.2


def test_a_hasty_policy_is_found_out(endings: EndingByMorphemes) -> None:
    """The measure can fail: with 0.5 s after everything many a sentence is cut in two."""
    at_once = Pauses(0.5, 0.5, 0.5, 0.5, 0.5)
    hasty = TurnPolicy(closed=at_once, open=at_once)
    found = held(read_heard(heard_file(MATERIAL), exact=True), endings, Talk(people=4, calls=1, turns=10), hasty)
    assert found["all"]["cut_in_rate"] > 0.1


VOICE = (0.9,) * 40


def _answer(*endings: str) -> SpokenAnswer:
    heard = tuple(Transcript(text, 0.9) for text in endings)
    return SpokenAnswer(
        QuestionKind.OPEN, (VOICE,) * len(heard), heard, (0.3,) * len(heard), (True,) * (len(heard) - 1)
    )


def _by_name(heard: Transcript) -> SentenceEnding:
    return SentenceEnding(heard.text)


def test_a_cut_in_is_told_with_its_pause() -> None:
    """An end that was none: the pause that was taken for it, and by which ending."""
    turned = hold_turn(_answer("final", "final"), [2.0], TurnPolicy(), _by_name)
    assert (turned.cut_in, turned.inside, turned.cut_pause_s, turned.cut_ending) == (
        True,
        True,
        2.0,
        SentenceEnding.FINAL,
    )


def test_a_pause_after_a_connective_is_waited_for() -> None:
    """2.4 s after -는데: one turn, and the pause is seen."""
    turned = hold_turn(_answer("connective", "final"), [2.4], TurnPolicy(), _by_name)
    assert not turned.cut_in
    assert turned.seen_s == (pytest.approx(2.4, abs=0.05),)
    assert turned.delay_s == pytest.approx(1.1, abs=0.15)


def test_figures_of_nothing() -> None:
    """No turns: no rates invented."""
    assert figures([])["cut_in_rate"] == 0.0
    assert figures([])["delay_open"] == {"n": 0}


def test_pauses_are_drawn_within_their_limits() -> None:
    """Never longer than is claimed, never no pause at all."""
    drawn = [PauseHabit(0.85).draw(Random(seed)) for seed in range(500)]
    assert 0.2 <= min(drawn) < 0.5
    assert 2.0 < max(drawn) <= 2.5
