"""Every example in the lexicon holds."""

import pytest

from callbot.lexicon_files import load_lexicon
from callbot.understand.meaning import AnswerValue, Intent, Level, Topic
from callbot.understand.understander import Understander

LEXICON = load_lexicon()
SIGNAL_RULES = [(file.category, rule) for file in LEXICON.signals for rule in file.rules]
FIRE = [(rule, text) for _, rule in SIGNAL_RULES for text in rule.examples.fire]
QUIET = [(rule, text) for _, rule in SIGNAL_RULES for text in rule.examples.quiet]


def _level(understander: Understander, rule: str, text: str) -> Level:
    signals = understander.detectors.find(understander.reader(text))
    found = [signal.level for signal in signals if signal.rule == rule]
    return max(found, key=lambda level: level.rank, default=Level.NONE)


@pytest.mark.parametrize(("rule", "text"), FIRE, ids=[f"{rule.id}: {text}" for rule, text in FIRE])
def test_a_rule_finds_what_it_says_it_finds(understander, rule, text):
    """`examples.fire`: the rule fires at its full level."""
    assert _level(understander, rule.id, text) is rule.level


@pytest.mark.parametrize(("rule", "text"), QUIET, ids=[f"{rule.id}: {text}" for rule, text in QUIET])
def test_a_rule_stays_quiet_where_it_says_so(understander, rule, text):
    """`examples.quiet`: nothing, or lowered by a guard."""
    assert _level(understander, rule.id, text).rank < rule.level.rank


ANSWERS = [
    (topic, value, example)
    for topic, rule in LEXICON.answers.topics.items()
    for value, examples in rule.examples.items()
    for example in examples
]


@pytest.mark.parametrize(("topic", "value", "example"), ANSWERS, ids=[f"{t.value}: {e}" for t, _, e in ANSWERS])
def test_an_answer_is_read_as_its_example_says(understander, topic: Topic, value: AnswerValue, example: str):
    """`question / answer`, or an answer alone."""
    question, _, answer = example.rpartition(" / ")
    meaning = understander.hear(answer, topic, question=question)
    assert meaning.answer is value
    assert (meaning.evidence is None) == (value is AnswerValue.UNSURE)


INTENTS = [(rule, text, True) for rule in LEXICON.intents.rules for text in rule.examples.fire]
INTENTS += [(rule, text, False) for rule in LEXICON.intents.rules for text in rule.examples.quiet]


@pytest.mark.parametrize(("rule", "text", "wanted"), INTENTS, ids=[f"{r.intent.value}: {t}" for r, t, _ in INTENTS])
def test_an_intent_is_found_in_its_examples_only(understander, rule, text, wanted):
    """Both ways, after the question that the rule is for."""
    topic = Topic.NOTICE if not rule.topics or Topic.NOTICE in rule.topics else min(rule.topics)
    assert (rule.intent in understander.hear(text, topic).intents) is wanted


REPORTED = [(rule, text, True) for rule in LEXICON.intents.reported for text in rule.examples.fire]
REPORTED += [(rule, text, False) for rule in LEXICON.intents.reported for text in rule.examples.quiet]


@pytest.mark.parametrize(("rule", "text", "wanted"), REPORTED, ids=[f"{r.reported.value}: {t}" for r, t, _ in REPORTED])
def test_what_somebody_reports_of_the_person(understander, rule, text, wanted):
    """Said at the opening, before the person is known to be on the line."""
    assert (understander.hear(text, Topic.IDENTITY).reported is rule.reported) is wanted


MACHINES = [(machine, text, True) for machine in LEXICON.announcements.announcements for text in machine.examples.fire]
MACHINES += [
    (machine, text, False) for machine in LEXICON.announcements.announcements for text in machine.examples.quiet
]


@pytest.mark.parametrize(("machine", "text", "wanted"), MACHINES, ids=[f"{m.kind}: {t}" for m, t, _ in MACHINES])
def test_a_machine_is_told_from_a_person(understander, machine, text, wanted):
    """By what it says."""
    meaning = understander.hear(text, Topic.NOTICE)
    assert (meaning.announcement is not None) is wanted
    assert (machine.intent in meaning.intents) is wanted


REQUESTS = [(rule, text, True) for rule in LEXICON.requests.requests for text in rule.examples.fire]
REQUESTS += [(rule, text, False) for rule in LEXICON.requests.requests for text in rule.examples.quiet]


@pytest.mark.parametrize(("rule", "text", "wanted"), REQUESTS, ids=[f"{r.kind}: {t}" for r, t, _ in REQUESTS])
def test_a_wish_is_found_in_its_examples_only(understander, rule, text, wanted):
    """Denied, resolved and past wishes are none."""
    kinds = {request.kind for request in understander.hear(text, Topic.NEEDS).requests}
    assert (rule.kind in kinds) is wanted


MEMORIES = [(rule, text, True) for rule in LEXICON.memories.topics for text in rule.examples.fire]
MEMORIES += [(rule, text, False) for rule in LEXICON.memories.topics for text in rule.examples.quiet]


@pytest.mark.parametrize(("rule", "text", "wanted"), MEMORIES, ids=[f"{r.topic}: {t}" for r, t, _ in MEMORIES])
def test_what_to_ask_about_again_is_found_in_its_examples_only(understander, rule, text, wanted):
    """What is denied, healed, past or somebody else's is nothing to ask about."""
    found = [mention for mention in understander.hear(text, Topic.NOTICE).mentions if not mention.over]
    assert (rule.topic in {mention.topic for mention in found}) is wanted


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("무릎 얘기는 하지 마", {"knee"}),
        ("손자 이야기는 꺼내지 마세요", {"grandchild"}),
        ("그 얘기는 하지 마", set()),
        ("수술 얘기는 잊어 주세요", {"surgery"}),
    ],
)
def test_what_is_not_to_be_spoken_of_is_known_by_its_name(understander, text: str, topics: set[str]):
    """Nothing named: what was asked about last, or all of it (converse/notes.py)."""
    meaning = understander.hear(text, Topic.MEMORY)
    assert Intent.FORGET in meaning.intents
    assert {mention.topic for mention in meaning.mentions} == topics


GUARDS = [(name, text, True) for name, g in LEXICON.guards.guards.items() if g.examples for text in g.examples.fire]
GUARDS += [(name, text, False) for name, g in LEXICON.guards.guards.items() if g.examples for text in g.examples.quiet]


@pytest.mark.parametrize(("name", "text", "wanted"), GUARDS, ids=[f"{n}: {t}" for n, t, _ in GUARDS])
def test_a_guard_holds_in_its_examples_only(understander, name, text, wanted):
    """By the phrases of guards.yaml."""
    assert (name in understander.guards.said(understander.reader(text))) is wanted
