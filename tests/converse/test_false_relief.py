"""Nobody hears "다행이에요" to a worry, whatever a model says."""

from simulated_talks import GLAD, GLADLY_ASKED, hold_many

from callbot.converse.sentence_guards import SentenceGuards
from callbot.understand.understander import Understander

SAID = (
    "허리가 아파서 꼼짝을 못 해요",
    "안 아파요 괜찮아요",
    "밥을 통 못 먹어요",
    "그냥 그렇지요 뭐",
    "잘 지내고 있어요 다행히",
)


def test_a_model_that_is_glad_about_everything_is_never_heard(understander: Understander) -> None:
    """A sample of the ten thousand calls of tests/prove/test_false_relief_in_many.py."""
    talks = hold_many(understander, 200, seed=4)
    assert talks.counts["asked"] > 200
    assert talks.glad > 30, "the script's own gladness about fine answers is there"
    assert talks.false_relief == []
    assert talks.worded == 0


def test_every_glad_sentence_is_blocked_to_every_answer(understander: Understander) -> None:
    """Also to good answers: gladness is the script's alone."""
    guards = SentenceGuards(understander.analyser)
    for said in SAID:
        assert [text for text in GLAD if guards.blocks_sympathy(text, said, question="몸은 어떠세요?") is None] == []
        asked = [text for text in GLADLY_ASKED if guards.blocks_question(text, said, question="몸은 어떠세요?") is None]
        assert asked == []
