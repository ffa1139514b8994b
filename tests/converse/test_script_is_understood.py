"""The script and the understanding agree: what a short answer to each of our own questions means."""

from pathlib import Path

import pytest

from callbot.converse.addressee import Addressee
from callbot.converse.lines import lines_for
from callbot.converse.orientation import ORIENTATION
from callbot.converse.script_question import Question
from callbot.script_files import load_script
from callbot.understand.meaning import AnswerValue, Intent, Level, Topic
from callbot.understand.understander import Understander

SCRIPTS = [load_script(path).script for path in sorted((Path(__file__).parents[2] / "prompts/scripts").glob("*.yaml"))]
SCRIPT = next(script for script in SCRIPTS if script.script == "weekly-checkin")
TEXTS = {line.id: line.text for line in lines_for(SCRIPT, Addressee("김순자"))}
ASKED = {
    (question.id, question.ask, question.also, question.simpler): (f"{script.script}:{question.id}", question)
    for script in reversed(SCRIPTS)
    for question in script.questions
    if question.id not in ORIENTATION
}
"""Each wording once, whichever scripts have it; what has one right answer is read by the calendar (orientation.py)."""
QUESTIONS = pytest.mark.parametrize(
    "question", [question for _, question in ASKED.values()], ids=[name for name, _ in ASKED.values()]
)
CONFIRM = [name for name in TEXTS if name.startswith("crisis.") and ("confirm" in name or "heard_right" in name)]


def wordings(question: Question) -> list[str]:
    return [question.ask, *question.also, question.reprompt, question.simpler, TEXTS["repair.not_heard"]]


@QUESTIONS
def test_no_short_answer_is_read_the_wrong_way_round(question: Question, understander: Understander) -> None:
    """ "네" is never bad and "아니요" never fine (at needs the other way round), however the question was put."""
    yes, no = (AnswerValue.BAD, AnswerValue.OK) if question.id is Topic.NEEDS else (AnswerValue.OK, AnswerValue.BAD)
    for text in wordings(question):
        assert understander.hear("네", question.id, question=text).answer in {yes, AnswerValue.UNSURE}, text
        assert understander.hear("아니요", question.id, question=text).answer in {no, AnswerValue.UNSURE}, text


@QUESTIONS
def test_the_simpler_question_settles_it(question: Question, understander: Understander) -> None:
    """The last question before the keys can be answered in one word."""
    yes, no = (AnswerValue.BAD, AnswerValue.OK) if question.id is Topic.NEEDS else (AnswerValue.OK, AnswerValue.BAD)

    assert understander.hear("네", question.id, question=question.simpler).answer is yes
    assert understander.hear("아니요", question.id, question=question.simpler).answer is no


@QUESTIONS
def test_the_question_is_recognised_by_its_words(question: Question, understander: Understander) -> None:
    """`callbot score` reads our transcripts as we held them."""
    for wording in (question.ask, *question.also):
        assert understander.topic_of(wording) is question.id, wording
    assert understander.topic_of(question.simpler) is question.id


@pytest.mark.parametrize("line_id", CONFIRM)
def test_yes_to_a_clarifying_question_means_it_is_so(line_id: str, understander: Understander) -> None:
    """And no means it is not."""
    yes = understander.hear("네", Topic.CONFIRM, question=TEXTS[line_id])
    no = understander.hear("아니요", Topic.CONFIRM, question=TEXTS[line_id])

    assert yes.answer is AnswerValue.BAD or (Intent.YES in yes.intents and yes.answer is not AnswerValue.OK)
    assert no.answer is AnswerValue.OK or (Intent.NO in no.intents and no.answer is not AnswerValue.BAD)


@pytest.mark.parametrize("line_id", sorted(TEXTS))
def test_our_own_words_raise_nothing_when_they_come_back(line_id: str, understander: Understander) -> None:
    """An echo of our own line on the line is no emergency, unless it names the crisis it asks about."""
    meaning = understander.hear(TEXTS[line_id], Topic.NOTICE)

    if not line_id.startswith("crisis."):
        assert not [signal for signal in meaning.signals if signal.level in {Level.HIGH, Level.EMERGENCY}]


@pytest.mark.parametrize("text", ["네", "네, 맞아요.", "네 저예요", "제가 김순자예요", "맞습니다"])
def test_the_person_says_who_they_are(text: str, understander: Understander) -> None:
    """To the identity question."""
    for line_id in ("opening.identity.ask", "opening.identity.simpler"):
        meaning = understander.hear(text, Topic.IDENTITY, question=TEXTS[line_id], name="김순자")
        assert meaning.said_name or Intent.YES in meaning.intents or meaning.answer is AnswerValue.OK


@pytest.mark.parametrize(
    "text",
    ["아들인데요", "누구세요?", "전화 잘못 거셨어요", "여보세요", "그런 사람 없어요", "지금 안 계세요", "괜찮아요"],
)
def test_nobody_else_is_taken_for_the_person(text: str, understander: Understander) -> None:
    """To the identity question."""
    meaning = understander.hear(text, Topic.IDENTITY, question=TEXTS["opening.identity.ask"], name="김순자")

    assert not meaning.said_name
    assert Intent.YES not in meaning.intents
    assert meaning.answer is not AnswerValue.OK
