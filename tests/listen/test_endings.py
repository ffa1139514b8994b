"""Sentence endings by suffix alone."""

import pytest

from callbot.listen.endings import SentenceEnding, sentence_ending

FINAL = """네 | 네, 괜찮아요. | 잘 지냈습니다 | 밥 먹었어 | 안 아파 | 잘 지내지 | 그냥 그래 | 아니요 | 병원에 갔다 왔어요 | 괜찮더라 | 아파 죽겠네
아무것도 못 먹었다 | 누구세요? | 잘 계십니까 | 그렇죠 | 밥 묵었다 아이가 | 아프니까요 | 안 아프거든 | 혼자 있잖아 | 좋은데요 | 먹었구요 | 잘 있어유
밥 먹었심더 | 약 먹어야 돼 | 추워 | 살기 싫어 | 전화하지 마라 | 몰라 | 없어"""
CONNECTIVE = """밥은 먹었는데 | 아침에 죽 먹고 | 무릎이 아파서 | 비가 오니까 | 약을 먹으면 | 혼자 살다가 | 잠을 자려고 | 그리고 | 근데 | 어제 병원에서
입맛이 없어서. | 아프지는 않은데 | 괜찮지만 | 아들이 와가지고 | 밥을 | 저는 | 잘 먹고, | 그게... | 딸한테 | 아침부터 | 걱정이 돼서 | 놀러 가서"""
UNKNOWN = """| ... | 김치 | 혈압약 | 세 번쯤 | 119 | 병원 | 콩나물국"""


def lines(block: str) -> list[str]:
    return [text.strip() for text in block.replace("\n", "|").split("|")]


@pytest.mark.parametrize("text", lines(FINAL))
def test_a_finished_sentence_is_final(text: str) -> None:
    """Polite, plain, dialect; with or without the recogniser's full stop."""
    assert sentence_ending(text) is SentenceEnding.FINAL
    assert sentence_ending(text + ".") is SentenceEnding.FINAL


@pytest.mark.parametrize("text", lines(CONNECTIVE))
def test_a_sentence_that_goes_on_is_connective(text: str) -> None:
    """Clause endings, particles, openers, a comma: more is coming."""
    assert sentence_ending(text) is SentenceEnding.CONNECTIVE


@pytest.mark.parametrize("text", lines(UNKNOWN))
def test_a_bare_noun_promises_nothing(text: str) -> None:
    """Neither shortens nor lengthens the pause."""
    assert sentence_ending(text) is SentenceEnding.UNKNOWN
