"""An answer that was spoken and not made out is looked at by a human, never taken for fine."""

from callbot.assess.assessment import assess
from callbot.converse.transcript import Turn
from callbot.understand.meaning import AnswerValue, Category, Level, Topic


def spoken(index: int, topic: Topic, text: str = "", rejected: str | None = None) -> Turn:
    return Turn(index, "person", text, topic, confidence=0.5, rejected=rejected)


FINE = dict.fromkeys(
    (Topic.HEALTH, Topic.MEALS, Topic.SLEEP, Topic.MEDICINE, Topic.MOOD, Topic.OUTING, Topic.NEEDS), AnswerValue.OK
)


def test_an_answer_not_understood_twice_is_a_finding() -> None:
    """Watch, with the words as they were heard and the turn to listen to; the answer itself stays unsure."""
    turns = [spoken(1, Topic.MEALS, "젊은 모고요"), spoken(3, Topic.MEALS, "", "unlikely")]
    found = assess(turns, (), FINE | {Topic.MEALS: AnswerValue.UNSURE}, ())
    assert found.level is Level.WATCH
    assert [(one.category, one.quote, one.turn) for one in found.signals] == [(Category.FOOD, "젊은 모고요", 3)]
    assert "식사에 대한 대답" in found.reasons[0]
    assert found.answers[Topic.MEALS] is AnswerValue.UNSURE


def test_what_was_understood_the_second_time_is_none() -> None:
    """One unclear reply before a clear one."""
    turns = [spoken(1, Topic.MEALS, "젊은 모고요"), spoken(3, Topic.MEALS, "잘 먹어요")]
    assert assess(turns, (), FINE, ()).level is Level.NONE


def test_a_transcript_without_sound_is_left_alone() -> None:
    """Whoever reads "글쎄" twice knows what was said."""
    turns = [Turn(number, "person", "글쎄요", Topic.MEALS) for number in (1, 3)]
    assert assess(turns, (), FINE | {Topic.MEALS: AnswerValue.UNSURE}, ()).level is Level.NONE


def test_when_nothing_can_be_made_out_the_whole_call_is_unassessable() -> None:
    """Every question spoken to twice, none understood: it counts on the missed side and opens a case (finish_call)."""
    turns = [spoken(2 * number + again, topic, "", "unlikely") for number, topic in enumerate(FINE) for again in (0, 1)]
    assert assess(turns, (), dict.fromkeys(FINE, AnswerValue.UNSURE), ()).unassessable
