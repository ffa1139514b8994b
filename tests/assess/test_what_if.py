"""A changed rule over stored analyses: the same level as when the whole call is scored anew, without analysing anything."""

import copy
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from callbot.assess.dialogue_score import score_dialogue
from callbot.assess.what_if import Trial, judged, would_be
from callbot.converse.transcript import Turn
from callbot.understand.analysis import pack, plain, unpack
from callbot.understand.meaning import Category, Level
from callbot.understand.own_rules import OwnRule, RuleChange, changed_rule, found, with_own
from callbot.understand.understander import Understander
from callbot.workflows.analyse_calls import read_turns

DIALOGUES = Path(__file__).parents[1] / "data" / "score" / "dev-dialogues.jsonl"
MORE = [
    ("요즘 어떠세요?", "자꾸 벽지가 울어 보여"), ("식사는 잘 하세요?", "국수만 삶아 먹고 있어"), ("잠은 잘 주무세요?", "잘 자요"),
    ("약은 드세요?", "약을 다 모아 놨어"), ("밖에는 나가세요?", "뒷산 약수터에 매일 다녀"), ("필요한 게 있으세요?", "어제 문턱에 걸려 넘어졌어"),
]  # fmt: skip
CHANGES = {
    "phrases for a rule": RuleChange(rule="fall.minor", category=Category.FALL, means=("약수터 .. 다니다", "뒷산")),
    "a new rule": RuleChange(
        rule="cognition.own_a", category=Category.COGNITION, level=Level.HIGH, means=("벽지 .. 울다",), reason="'{quote}'",
        fire=("벽지가 울어",), quiet=("도배했어",),
    ),
    "a rule that answers": RuleChange(
        rule="food.own_a", category=Category.FOOD, level=Level.WATCH, means=("국수 .. 먹다",), reason="'{quote}'",
        fire=("국수만 먹어",), quiet=("밥 먹어",),
    ),
    "another level": RuleChange(rule="fall.injury", category=Category.FALL, level=Level.WATCH),
    "an exception": RuleChange(rule="fall.injury", category=Category.FALL, unless=("문턱 .. 넘어지다",)),
    "a phrase by sound": RuleChange(rule="food.own_b", category=Category.FOOD, level=Level.EMERGENCY, means=("없는말",),
        sounds=("국수만 삶아 먹고 있어",), reason="'{quote}'", fire=("국수",), quiet=("밥",)),
}  # fmt: skip


def dialogues() -> list[list[Turn]]:
    """Every fourth of the development dialogues, and one of sentences that the changes are about."""
    raw = [json.loads(line)["turns"] for line in DIALOGUES.read_text("utf-8").splitlines()[::4]]
    raw.append([{"who": who, "text": text} for pair in MORE for who, text in zip(("bot", "person"), pair, strict=True)])
    return [[Turn(index, turn["who"], turn["text"]) for index, turn in enumerate(turns)] for turns in raw]


def placed(turns: list[Turn], understander: Understander) -> list[Turn]:
    """With topics, as a live call has them."""
    out, topic = [], None
    for turn in turns:
        topic = understander.topic_of(turn.text) if turn.who == "bot" else topic
        out.append(Turn(turn.index, turn.who, turn.text, topic=topic))
    return out


@pytest.fixture(scope="module")
def stored(understander: Understander) -> list[tuple[list[Turn], Any, bytes]]:
    """Turns, recorded assessment as it comes back from the ledger, packed analysis."""
    every = [placed(turns, understander) for turns in dialogues()]
    return [
        (
            turns,
            json.loads(json.dumps(asdict(score_dialogue(turns, understander)))),
            pack(read_turns(turns, understander.reader)),
        )
        for turns in every
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_level_as_when_the_call_is_scored_anew(
    understander: Understander, stored: list[tuple[list[Turn], Any, bytes]], name: str
) -> None:
    """Every dialogue, for each kind of change; what is passed over without reading differs in nothing; and the change is
    seen in at least one of them."""
    base, own = understander.files, OwnRule(1, 1, CHANGES[name])
    known = found(base, own.change.rule)
    category, new = changed_rule(base, own)
    trial = Trial(base, category, known[1] if known else None, new)
    other = copy.copy(understander)  # the tables that do not change are read once
    other.take(with_own(base, [own]))
    seen = 0
    for turns, record, packed in stored:
        read = plain(packed)
        changes = trial.changes_in(read)
        assert changes == trial.changes(unpack(read))
        assert trial.worth_reading(read) or not changes
        seen += bool(changes)
        level = would_be(judged(record), changes, turns) if changes else judged(record).level
        assert level is score_dialogue(turns, other).level, [turn.text for turn in turns if turn.who == "person"]
    assert seen


def test_an_analysis_is_small_and_comes_back_whole(
    understander: Understander, stored: list[tuple[list[Turn], Any, bytes]]
) -> None:
    """Packed and read: the same utterances; compressed to less than 150 bytes each."""
    calls = [read_turns(turns, understander.reader) for turns, _, _ in stored]
    assert [list(unpack(plain(packed))) for _, _, packed in stored] == calls
    assert sum(len(packed) for _, _, packed in stored) / sum(map(len, calls)) < 150
