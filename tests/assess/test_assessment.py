"""The judgement of a whole call."""

import json

import pytest

from callbot.assess.assessment import assess
from callbot.assess.dialogue_score import score_dialogue
from callbot.cli_score import to_json
from callbot.converse.transcript import Turn
from callbot.understand.meaning import AnswerValue, Category, Level, Signal, Topic

CALM = [
    ("요즘 어디 아픈 데는 없으세요?", "아픈 데 없어요"),
    ("식사는 잘 하고 계세요?", "네 잘 먹어요"),
    ("잠은 잘 주무세요?", "네"),
    ("기분은 괜찮으세요?", "좋아요"),
]


def _turns(pairs) -> list[Turn]:
    turns: list[Turn] = []
    for question, answer in pairs:
        turns.append(Turn(len(turns), "bot", question))
        if answer is not None:
            turns.append(Turn(len(turns), "person", answer))
    return turns


def test_a_calm_call_is_none(understander):
    """Four good answers, nothing found."""
    assessment = score_dialogue(_turns(CALM), understander)
    assert assessment.level is Level.NONE
    assert assessment.categories == {}
    assert assessment.answers[Topic.MEALS] is AnswerValue.OK
    assert assessment.answers[Topic.OUTING] is AnswerValue.NOT_ASKED


@pytest.mark.parametrize("place", range(5))
def test_an_emergency_anywhere_decides_the_call(understander, place):
    """Never a mean: adding good answers lowers nothing."""
    pairs = [*CALM[:place], ("네, 그러시군요.", "그냥 콱 죽고 싶어"), *CALM[place:]]
    assessment = score_dialogue(_turns(pairs), understander)
    assert assessment.level is Level.EMERGENCY
    assert assessment.categories[Category.SUICIDE] is Level.EMERGENCY
    assert assessment.signals[0].quote in "그냥 콱 죽고 싶어"


def test_removing_what_was_said_never_raises_confidence_that_all_is_well(understander):
    """A call of silence is not fine."""
    silent = score_dialogue(_turns([(question, None) for question, _ in CALM]), understander)
    assert silent.level is Level.UNASSESSABLE
    assert silent.unassessable


def test_a_call_that_was_not_understood_is_unassessable(understander):
    """Rejected speech is unclear, never fine."""
    turns = [
        turn if turn.who == "bot" else Turn(turn.index, "person", "", rejected="no_speech") for turn in _turns(CALM)
    ]
    assert score_dialogue(turns, understander).level is Level.UNASSESSABLE


@pytest.mark.parametrize("text", ["네", "음", "그냥 그래", "글쎄", ""])
def test_a_single_answer_is_never_unassessable(understander, text):
    """Nor is a call in which other questions were simply not asked."""
    assert score_dialogue([Turn(0, "person", text)], understander).level is Level.NONE
    alone = score_dialogue(_turns([("어디 아픈 데는 없으세요?", text)]), understander)
    assert alone.level is Level.NONE
    assert not alone.unassessable


def test_an_emergency_in_a_call_that_was_hardly_understood_is_an_emergency(understander):
    """Both are true, and both are said."""
    turns = _turns([*[(question, None) for question, _ in CALM], ("여보세요?", "숨을 못 쉬겠어")])
    assessment = score_dialogue(turns, understander)
    assert assessment.level is Level.EMERGENCY
    assert assessment.unassessable


def test_small_signs_mount_up(understander):
    """Mood, sleep and meals all bad is high, though each alone is watch."""
    pairs = [
        ("기분은 괜찮으세요?", "우울해"),
        ("잠은 잘 주무세요?", "통 못 자"),
        ("식사는 잘 하고 계세요?", "밥맛이 없어"),
    ]
    for pair in pairs:
        assert score_dialogue(_turns([pair]), understander).level is Level.WATCH
    assessment = score_dialogue(_turns(pairs), understander)
    assert assessment.level is Level.HIGH
    assert "whole_call.low_spirits" in {signal.rule for signal in assessment.signals}


def test_bad_outweighs_ok_outweighs_unsure(understander):
    """A reprompt may clear "unsure", never "bad"."""
    cleared = score_dialogue(_turns([("식사는 하셨어요?", "글쎄"), ("식사는 하셨어요?", "잘 먹었어")]), understander)
    assert cleared.answers[Topic.MEALS] is AnswerValue.OK
    kept = score_dialogue(_turns([("식사는 하셨어요?", "굶었어"), ("식사는 하셨어요?", "괜찮아")]), understander)
    assert kept.answers[Topic.MEALS] is AnswerValue.BAD


def test_the_same_call_gives_the_same_bytes(understander):
    """Order and all, and independent of what was scored before."""
    pairs = [*CALM, ("다른 말씀 있으세요?", "넘어져서 허리가 아프고 쌀도 떨어졌고 보일러도 고장 났어 우울해")]
    first = json.dumps(to_json("x", score_dialogue(_turns(pairs), understander)), ensure_ascii=False)
    score_dialogue(_turns(CALM), understander)
    again = json.dumps(to_json("x", score_dialogue(_turns(pairs), understander)), ensure_ascii=False)
    assert first == again


def test_versions_name_the_rules(understander):
    """A judgement can be repeated later."""
    assessment = score_dialogue(_turns(CALM), understander)
    assert assessment.versions == {"assessment": "1", "lexicon": understander.lexicon.digest}


def test_every_finding_has_a_reason_in_one_korean_sentence(understander):
    """Fit for explaining an automated decision."""
    assessment = score_dialogue(_turns([("어디 아프세요?", "넘어져서 허리를 다쳤어")]), understander)
    assert assessment.reasons
    assert all(reason.endswith("니다.") for reason in assessment.reasons)


def test_requests_are_one_of_a_kind_in_the_order_of_the_call():
    """Asked twice is one ticket."""
    from callbot.understand.meaning import Request

    requests = [Request("rice", "쌀 좀", 5), Request("boiler", "보일러", 3), Request("rice", "쌀이 없어", 1)]
    assessment = assess([], [], {}, requests)
    assert [(each.kind, each.turn) for each in assessment.requests] == [("rice", 1), ("boiler", 3)]


def test_small_signs_in_many_fields_mount_up():
    """Said by the way in a call whose questions were answered well: four are four lines of the report, five are seen today."""
    fields = (Category.PAIN, Category.SLEEP, Category.FOOD, Category.MEDICINE, Category.MOOD)
    signs = [
        Signal(category, Level.WATCH, f"{category}.x", f"{category} 조금", "이유", "morphology", "1")
        for category in fields
    ]
    fine = dict.fromkeys((Topic.HEALTH, Topic.MEALS, Topic.SLEEP), AnswerValue.OK)
    assert assess([], signs[:4], fine, []).level is Level.WATCH
    whole = assess([], signs, fine, [])
    assert whole.level is Level.HIGH
    assert all(signal.quote for signal in whole.signals)
