"""Normal spelling, with the way back."""

import unicodedata

import pytest

from callbot.understand.normalise import Normaliser, Respelling

NORMALISER = Normaliser([Respelling("겄", "겠"), Respelling("^인자$", "이제"), Respelling("몬 ", "못 ")], ["거시기"])


@pytest.mark.parametrize(
    ("said", "standard"),
    [
        ("죽겄어", "죽겠어"),
        ("인자 자", "이제 자"),
        ("인자한 분", "인자한 분"),
        ("몬 자예", "못 자예"),
        ("거시기 밥은", " 밥은"),
    ],
)
def test_dialect_words_become_standard_ones(said, standard):
    """`^` and `$` hold the edges of a word."""
    assert NORMALISER(said).text == standard


def test_a_quote_is_what_was_said_not_what_was_read():
    """Evidence shown to a caseworker is verbatim."""
    normal = NORMALISER("아이고 인자 죽겄어 정말")
    start = normal.text.index("죽겠")
    assert normal.quote(start, start + 2) == "죽겄어"


def test_decomposed_hangul_is_composed_first():
    """macOS and some recognisers send NFD."""
    assert NORMALISER(unicodedata.normalize("NFD", "죽겄어")).text == "죽겠어"


def test_an_empty_text_stays_empty():
    """And quoting it does not fail."""
    assert NORMALISER("").quote(0, 0) == ""
