"""What holds whatever is said (hypothesis)."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbot.assess.assessment import assess
from callbot.assess.dialogue_score import score_dialogue
from callbot.assess.second_opinion import Opinion, Suspicion, opinion_signals
from callbot.converse.transcript import Turn
from callbot.lexicon_files import load_lexicon
from callbot.understand.guards import Guards
from callbot.understand.meaning import AnswerValue, Category, Level, Topic
from callbot.understand.signals import SignalDetectors

LEXICON = load_lexicon()
DATA = Path("tests/data/score")
ITEMS = [
    json.loads(line)
    for name in ("dev", "dev-2", "dev-3", "dev-4", "dev-5", "dev-6")
    for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
]
SAID = sorted({item["turns"][-1]["text"] for item in ITEMS})
GRAVE = sorted(
    {item["turns"][-1]["text"] for item in ITEMS if item["expect"] == "emergency" and len(item["turns"]) == 1}
)
QUESTIONS = (
    "요즘 어디 아픈 데는 없으세요?",
    "식사는 잘 하고 계세요?",
    "잠은 잘 주무세요?",
    "기분은 괜찮으세요?",
    "약은 잘 챙겨 드세요?",
)
CHEAP = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CALLS = st.lists(st.sampled_from(SAID), min_size=1, max_size=5)


def _call(answers: list[str]) -> list[Turn]:
    turns: list[Turn] = []
    for number, answer in enumerate(answers):
        turns.append(Turn(len(turns), "bot", QUESTIONS[number % len(QUESTIONS)]))
        turns.append(Turn(len(turns), "person", answer))
    return turns


@CHEAP
@given(said=CALLS, grave=st.sampled_from(GRAVE), at=st.integers(0, 5))
def test_an_emergency_said_anywhere_lowers_nothing_and_decides(understander, said, grave, at):
    """Before, between or after whatever else was said."""
    before = score_dialogue(_call(said), understander).level
    after = score_dialogue(_call([*said[:at], grave, *said[at:]]), understander)
    assert after.level.rank >= before.rank
    assert after.level is Level.EMERGENCY


@CHEAP
@given(said=CALLS, lost=st.sets(st.integers(0, 4)))
def test_speech_that_is_lost_clears_nobody(understander, said, lost):
    """An answer that was not made out is never ok, and a call of which nothing was made out is never fine."""
    turns = [
        Turn(turn.index, turn.who, "", rejected="no_speech")
        if turn.who == "person" and turn.index // 2 in lost
        else turn
        for turn in _call(said)
    ]
    whole, part = score_dialogue(_call(said), understander), score_dialogue(turns, understander)
    better = [topic for topic, value in part.answers.items() if value is AnswerValue.OK is not whole.answers[topic]]
    assert better == []
    if lost >= set(range(len(said))) and len(said) >= 3:
        assert part.level is Level.UNASSESSABLE


class EveryGuard(Guards):
    """Holds every guard there is against every finding."""

    def on_rule(self, utterance, span, rule, category):
        """All names."""
        del utterance, span, rule, category
        return tuple(sorted(LEXICON.guards.guards))


@CHEAP
@given(text=st.sampled_from(SAID))
def test_guards_lower_and_delete_nothing(understander, text):
    """With every guard held against it a finding is still there, no higher, with the guards on it; suicide at watch or above."""
    strict = SignalDetectors(LEXICON, EveryGuard(LEXICON.guards, LEXICON.sets.sets), understander.reader)
    plain = {signal.rule: signal for signal in understander.detectors.find(understander.reader(text))}
    guarded = {signal.rule: signal for signal in strict.find(understander.reader(text))}
    assert plain.keys() == guarded.keys()
    for rule, signal in guarded.items():
        assert signal.guards
        assert signal.level.rank <= plain[rule].level.rank
        assert signal.category is not Category.SUICIDE or signal.level.rank >= Level.WATCH.rank


LEVELS = st.sampled_from(list(Level))
SUSPICIONS = st.builds(
    Suspicion, category=st.sampled_from(list(Category)), level=LEVELS, quote=st.one_of(st.text(), st.sampled_from(SAID))
)


@CHEAP
@given(said=CALLS, suspicions=st.lists(SUSPICIONS, max_size=4))
def test_a_model_lowers_nothing_and_invents_nothing(understander, said, suspicions):
    """Whatever it answers: no category falls, nothing above high is added, every quote is the person's."""
    turns = _call(said)
    alone = score_dialogue(turns, understander)
    added = opinion_signals(turns, Opinion("m", tuple(suspicions)), alone.signals)
    joined = assess(turns, [*alone.signals, *added], alone.answers, alone.requests)
    assert joined.level.rank >= alone.level.rank
    assert all(joined.categories[category].rank >= level.rank for category, level in alone.categories.items())
    assert all(signal.level.rank <= Level.HIGH.rank and signal.unconfirmed for signal in added)
    assert all(turns[signal.turn].who == "person" for signal in added)


@pytest.mark.parametrize(
    "said",
    ["응 그냥 콱 죽고 싶어", "옆집 할머니가 죽고 싶대", "죽고 싶은 생각은 없어", "드라마에서 죽고 싶다고 하더라"],
)
def test_a_suicidal_word_never_falls_below_watch(understander, said):
    """Whoever's it is, denied or not: it earns a question."""
    signals = understander.hear(said, Topic.MOOD).signals
    assert max(signal.level.rank for signal in signals if signal.category is Category.SUICIDE) >= Level.WATCH.rank
