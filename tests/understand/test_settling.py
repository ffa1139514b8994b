"""What else an utterance may have been decides whether it is fine."""

import pytest

from callbot.listen.utterance import Weighed
from callbot.understand.meaning import AnswerValue, Topic
from callbot.understand.rivals import Rivals, denied, written_out
from callbot.understand.understander import Understander

MEALS = "식사는 잘 챙겨 드세요?"


def hear(understander: Understander, text: str, *weighed: tuple[str, float], confidence: float = 0.7) -> AnswerValue:
    others = tuple(Weighed(other, against) for other, against in weighed)
    return understander.hear(
        text, Topic.MEALS, question=MEALS, confidence=confidence, by_ear=True, weighed=others
    ).answer


@pytest.mark.parametrize(
    ("against", "answer"), [(-0.3, AnswerValue.UNSURE), (-4.9, AnswerValue.UNSURE), (-9.0, AnswerValue.OK)]
)
def test_fine_is_fine_only_where_its_denial_is_far_less_likely(
    understander: Understander, against: float, answer: AnswerValue
) -> None:
    """The recogniser wrote "잘 먹어요"; the same sound may have been "잘 못 먹어요"."""
    assert hear(understander, "잘 먹어요.", ("잘 못 먹어요", against)) is answer


def test_nonsense_that_is_nearly_a_complaint_is_one(understander: Understander) -> None:
    """Words that mean nothing give way to an expected bad answer that is about as likely, and it is the evidence."""
    found = understander.hear(
        "젊은 모고요.",
        Topic.MEALS,
        question=MEALS,
        confidence=0.6,
        by_ear=True,
        weighed=(Weighed("잘 못 먹어요", -2.0),),
    )
    assert (found.answer, found.evidence) == (AnswerValue.BAD, "잘 못 먹어요")


def test_nonsense_is_never_fine_by_its_neighbours(understander: Understander) -> None:
    """An expected fine answer beside words that mean nothing leaves them unsure."""
    assert hear(understander, "젊은 모고요.", ("잘 먹어요", -0.5)) is AnswerValue.UNSURE


def test_between_a_complaint_and_a_fine_answer_nothing_is_decided(understander: Understander) -> None:
    """ "안 먹어요" was written, "잘 먹어요" is as likely: asked again."""
    assert hear(understander, "안 먹어요.", ("잘 먹어요", -1.0)) is AnswerValue.UNSURE


def test_a_usual_answer_needs_less_confidence_once_it_was_weighed(understander: Understander) -> None:
    """Its denials are known to be unlikely; without them a garbled "fine" is asked again."""
    assert hear(understander, "잘 먹어요.", ("잘 못 먹어요", -9.0), confidence=0.3) is AnswerValue.OK
    assert hear(understander, "잘 먹어요.", confidence=0.3) is AnswerValue.UNSURE


def test_typed_words_are_taken_as_they_stand(understander: Understander) -> None:
    """A transcript is no recogniser's guess: every word need not be accounted for."""
    rich = "손자가 사다 준 붕어빵까지 잘 먹었어요."
    assert understander.hear(rich, Topic.MEALS, question=MEALS).answer is AnswerValue.OK
    assert understander.hear(rich, Topic.MEALS, question=MEALS, by_ear=True).answer is AnswerValue.UNSURE


def test_templates_are_written_out() -> None:
    """Every choice once, an empty one leaves no double space."""
    assert written_out("(네 |)잘 (자요|잤어요)") == ("네 잘 자요", "네 잘 잤어요", "잘 자요", "잘 잤어요")


def test_expected_answers_are_found_by_sound() -> None:
    """Whatever the spelling; what was heard itself is no rival, other topics are silent."""
    rivals = Rivals({"meals": ("잘 먹어요", "잘 못 먹어요", "굶었어요")})
    assert rivals.expected("meals", ["자 먹어요"])[0] == "잘 먹어요"
    assert "잘 먹어요" not in rivals.expected("meals", ["잘 먹어요."])
    assert rivals.expects("meals", "잘, 먹어요.")
    assert rivals.expected("sleep", ["잘 먹어요"]) == ()


def test_what_is_denied_already_is_not_denied_again() -> None:
    """And a lost 빼 is looked for before 먹다 only."""
    assert denied("잘 안 먹어요") == ()
    assert "아침건 빼먹었어요" in denied("아침건대 먹었어요.")
    assert denied("잘 자요") == ("잘 안 자요", "잘 못 자요", "안 자요", "못 자요")
