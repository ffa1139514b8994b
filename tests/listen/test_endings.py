"""Sentence endings: by suffix alone, and with morphemes."""

import pytest

from callbot.listen.endings import POLITE, SentenceEnding, agreed, sentence_ending

BARE = "네 | 아니요 | 글쎄요 | 네 네 | 응"
FINAL = """네, 괜찮아요. | 잘 지냈습니다 | 밥 먹었어 | 안 아파 | 잘 지내지 | 그냥 그래 | 병원에 갔다 왔어요 | 괜찮더라 | 아파 죽겠네
아무것도 못 먹었다 | 누구세요? | 잘 계십니까 | 그렇죠 | 밥 묵었다 아이가 | 아프니까요 | 안 아프거든 | 혼자 있잖아 | 좋은데요 | 먹었구요 | 잘 있어유
밥 먹었심더 | 약 먹어야 돼 | 추워 | 살기 싫어 | 전화하지 마라 | 몰라 | 없어"""
CONNECTIVE = """밥은 먹었는데 | 아침에 죽 먹고 | 무릎이 아파서 | 비가 오니까 | 약을 먹으면 | 혼자 살다가 | 잠을 자려고 | 그리고 | 근데 | 어제 병원에서
입맛이 없어서. | 아프지는 않은데 | 괜찮지만 | 아들이 와가지고 | 밥을 | 저는 | 잘 먹고, | 그게... | 딸한테 | 아침부터 | 걱정이 돼서 | 놀러 가서"""
UNKNOWN = """| ... | 김치 | 혈압약 | 세 번쯤 | 119 | 병원 | 콩나물국"""


def lines(block: str) -> list[str]:
    return [text.strip() for text in block.replace("\n", "|").split("|")]


@pytest.mark.parametrize("text", lines(FINAL))
def test_a_finished_sentence_is_over(text: str) -> None:
    """Polite, plain, dialect; with or without the recogniser's full stop. Without -요 it may be a clause ending misheard."""
    over = {SentenceEnding.FINAL, SentenceEnding.PLAIN}
    assert sentence_ending(text) in over
    assert sentence_ending(text + ".") is sentence_ending(text)
    if text.rstrip(".?").endswith(POLITE) or text in {"몰라", "없어"}:
        assert sentence_ending(text) is SentenceEnding.FINAL
    else:
        assert sentence_ending(text) is SentenceEnding.PLAIN


@pytest.mark.parametrize("text", lines(BARE))
def test_a_bare_yes_is_neither(text: str) -> None:
    """All of an answer to a closed question, the beginning of one to an open question: the policy knows which."""
    assert sentence_ending(text) is SentenceEnding.BARE


@pytest.mark.parametrize("text", lines(CONNECTIVE))
def test_a_sentence_that_goes_on_is_connective(text: str) -> None:
    """Clause endings, particles, openers, a comma: more is coming."""
    assert sentence_ending(text) is SentenceEnding.CONNECTIVE


@pytest.mark.parametrize("text", lines(UNKNOWN))
def test_a_bare_noun_promises_nothing(text: str) -> None:
    """Neither shortens nor lengthens the pause."""
    assert sentence_ending(text) is SentenceEnding.UNKNOWN


@pytest.mark.parametrize(
    ("text", "last", "ending"),
    [
        ("우리 아들이", [("아들", "NNG"), ("이", "JKS")], SentenceEnding.CONNECTIVE),
        ("계단을 올라갈 때", [("올라가", "VV"), ("ᆯ", "ETM"), ("때", "NNG")], SentenceEnding.CONNECTIVE),
        ("요양보호사가 같이", [("가", "JKS"), ("같이", "MAG")], SentenceEnding.CONNECTIVE),
        ("물리치료를 받으러", [("받", "VV"), ("으러", "EC")], SentenceEnding.CONNECTIVE),
        ("김치찌개", [("김치찌개", "NNG")], SentenceEnding.UNKNOWN),
        ("다리가 저려소", [("저리", "VA"), ("어소", "EF")], SentenceEnding.PLAIN),
        ("좋은데요", [("좋", "VA"), ("은데", "EC"), ("요", "JX")], SentenceEnding.FINAL),
        ("밥 먹었나", [("었", "EP"), ("나", "EC")], SentenceEnding.UNKNOWN),
    ],
)
def test_morphemes_see_what_suffixes_do_not(text: str, last: list[tuple[str, str]], ending: SentenceEnding) -> None:
    """Particles, adnominals and adverbs go on; where tag and suffix contradict each other neither is believed."""
    assert sentence_ending(text, last) is ending


def test_an_end_that_may_be_none_is_not_believed() -> None:
    """고장 났어, but the second hypothesis is 고장 나서."""
    assert agreed(SentenceEnding.PLAIN, [SentenceEnding.CONNECTIVE]) is SentenceEnding.UNKNOWN
    assert agreed(SentenceEnding.FINAL, [SentenceEnding.FINAL, SentenceEnding.UNKNOWN]) is SentenceEnding.FINAL
    assert agreed(SentenceEnding.CONNECTIVE, [SentenceEnding.FINAL]) is SentenceEnding.CONNECTIVE
