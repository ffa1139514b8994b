"""What a supervisor types in plain Korean becomes a phrase of the lexicon that finds it again."""

import pytest

from callbot.understand.own_rules import BadChange, RuleChange, new_rule_id, with_own
from callbot.understand.pattern import find, parse
from callbot.understand.phrase_pattern import pattern_of
from callbot.understand.understander import Understander

TYPED = [
    ("무릎이 시큰시큰 쑤셔", "무릎 쑤시다", ["무릎이 자꾸 쑤시네", "무릎도 쑤시고 그래"], ["무릎은 안 쑤셔", "손목이 쑤셔"]),
    ("통장을 빌려 달래요", "통장 빌리다 -어 달다", ["통장 좀 빌려 달래"], ["책을 빌려 달래"]),
    ("약을 안 먹었어", "약 ~먹다", ["약을 못 먹어", "약은 먹지 않았어"], ["약을 먹었어"]),
    ("죽고 싶지 않아", "~죽다 ~싶다", ["죽고 싶지는 않아요"], ["죽고 싶어"]),
    ("= 밥 .. 모래", "밥 .. 모래", ["밥이 꼭 모래 같아"], ["밥이 맛있어"]),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "written", "finds", "passes"), TYPED, ids=[each[0] for each in TYPED])
def test_a_sentence_becomes_a_phrase(
    understander: Understander, typed: str, written: str, finds: list[str], passes: list[str]
) -> None:
    """Stems, joining endings and denial are kept; particles, adverbs and sentence endings are not."""
    sets = understander.files.sets.sets
    source = pattern_of(typed, understander.reader, sets)
    assert source == written

    def found(text: str) -> bool:
        units = understander.reader(text).units
        return any((hit := find(pattern, units)) is not None and not hit.negated for pattern in parse(source, sets))

    assert all(found(text) for text in finds)
    assert not any(found(text) for text in passes)


@pytest.mark.parametrize("typed", ["아", "네", "...", "= (", "= @없는모음 먹다"])
def test_what_cannot_be_read_is_refused_by_name(understander: Understander, typed: str) -> None:
    """In Korean, with the line."""
    with pytest.raises(BadChange, match="찾을 말"):
        pattern_of(typed, understander.reader, understander.files.sets.sets)


def test_ids_of_new_rules_are_never_given_twice(understander: Understander) -> None:
    """a to z, then aa; also not that of one that is gone."""
    files = understander.files
    taken = {f"fraud.own_{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}
    assert (
        new_rule_id(files, category := next(f.category for f in files.signals if f.category == "fraud"))
        == "fraud.own_a"
    )
    assert new_rule_id(files, category, taken) == "fraud.own_aa"
    assert RuleChange(rule="fraud.own_aa", category=category).rule


def test_no_own_rules_is_the_lexicon_itself(understander: Understander) -> None:
    """The digest of a district without own rules is that of the files."""
    assert with_own(understander.files, []) is understander.files
