"""The language of phrases."""

import pytest

from callbot.understand.pattern import PatternError, PatternSet, find, parse

SETS = {"chest": ("가슴", "심장")}


def _find(units_of_text, source: str, text: str):
    units = units_of_text(text)
    matches = [match for pattern in parse(source, SETS) if (match := find(pattern, units)) is not None]
    return matches[0] if matches else None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("가슴 아프다", "가슴이 너무 아파요"),
        ("@chest (조이다|막히다)", "심장이 꽉 막혀"),
        ("죽다 -고 싶다", "죽고만 싶어"),
        ("~먹다", "밥을 먹지를 못했어"),
        ("~먹다", "통 안 먹어"),
        ("~자다", "잘 수가 없어"),
        ("밥 .. 모래", "밥을 먹어도 입에서 모래 같아"),
        ("비밀번호", "비밀번호를 물어"),
        ("도와주다", "청소 좀 도와 주세요"),
        ("(칼 들다|때리다)", "칼을 들고 왔어"),
    ],
)
def test_a_phrase_is_found_in_its_inflections(units_of_text, source, text):
    """Particles, adverbs and endings do not matter; `~` asks for a denial."""
    match = _find(units_of_text, source, text)
    assert match is not None
    assert not match.negated


@pytest.mark.parametrize(
    ("source", "text"),
    [("~먹다", "밥 먹었어"), ("가슴 아프다", "가슴은 시원한데 어제 다리가 아파"), ("죽다 -고 싶다", "죽이 먹고 싶어")],
)
def test_a_phrase_is_not_found_in_other_words(units_of_text, source, text):
    """Room for one word, not for a sentence."""
    assert _find(units_of_text, source, text) is None


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("아파", False),
        ("안 아파", True),
        ("아프지는 않아", True),
        ("안 아픈 데가 없어", False),
        ("아픈 데 없어", True),
        ("아프지 않은 데가 없어", False),
        ("하나도 안 아파", True),
    ],
)
def test_denials_are_counted(units_of_text, text, negated):
    """Twice denied is said."""
    match = _find(units_of_text, "아프다", text)
    assert match is not None
    assert match.negated is negated


@pytest.mark.parametrize("source", ["", "@없는세트 아프다", "(가|나 다", "(가|(나|다))"])
def test_a_phrase_that_cannot_be_read_is_named(source):
    """The supervisor sees which one."""
    with pytest.raises(PatternError, match="phrase"):
        parse(source, SETS)


def test_matches_come_in_the_order_of_the_phrases(units_of_text):
    """The same input gives the same output."""
    patterns = PatternSet([*parse("아프다", SETS), *parse("가슴 아프다", SETS), *parse("가슴", SETS)])
    found = [pattern.source for pattern, _ in patterns.matches(units_of_text("가슴이 아파"))]
    assert found == ["아프다", "가슴 아프다", "가슴"]
