"""The usual answers that are weighed against the sound mean what their list says."""

import pytest

from callbot.lexicon_files import load_lexicon
from callbot.script_files import load_script
from callbot.settings import ROOT
from callbot.understand.meaning import AnswerValue, Topic
from callbot.understand.rivals import plainly, written_out
from callbot.understand.understander import Understander

EXPECTED = load_lexicon().expected
QUESTIONS = {
    question.id: question.ask for question in load_script(ROOT / "prompts/scripts/weekly-checkin.yaml").script.questions
}
TEMPLATES = [
    (topic, value, template)
    for topic, answers in EXPECTED.topics.items()
    for value, templates in ((AnswerValue.OK, answers.ok), (AnswerValue.BAD, answers.bad))
    for template in templates
]


@pytest.mark.parametrize(
    ("topic", "value", "template"), TEMPLATES, ids=[f"{t.value} {v.value}: {x}" for t, v, x in TEMPLATES]
)
def test_every_expected_answer_is_read_as_its_list_says(
    understander: Understander, topic: Topic, value: AnswerValue, template: str
) -> None:
    """Each sentence of each template, politely and plainly, as strictly as an answer that was heard."""
    sentences = [said for sentence in written_out(template) for said in (sentence, plainly(sentence)) if said]
    read = {said: understander.hear(said, topic, question=QUESTIONS[topic], by_ear=True).answer for said in sentences}
    assert {sentence: found.value for sentence, found in read.items() if found is not value} == {}


@pytest.mark.parametrize("template", EXPECTED.anywhere)
def test_every_expected_emergency_is_one(understander: Understander, template: str) -> None:
    """High or emergency by the signal rules."""
    weak = [
        sentence
        for sentence in written_out(template)
        if not any(signal.level.rank >= 2 for signal in understander.hear(sentence, Topic.HEALTH).signals)
    ]
    assert weak == []
