"""Nothing that tells who somebody is leaves the machine, and what comes back is in the person's own words."""

import pytest

from callbot.converse.masking import PLACEHOLDER, Masking
from callbot.understand.morphemes import MorphemeAnalyser
from callbot.understand.understander import Understander

SECRETS = (
    ("저는 김순자예요", "김순자"),
    ("나 순자요", "순자"),
    ("김순차 맞아요", "김순차"),
    ("손주 지훈이가 왔다 갔어", "지훈"),
    ("김영희 씨가 반찬을 갖다 줬어요", "김영희"),
    ("우리 영감이 이철수인데 작년에 갔어", "이철수"),
    ("딸은 서울 살아요", "서울"),
    ("산수동 무지개아파트 101동 1203호예요", "1203"),
    ("동명로 25번길 3에 살아요", "동명로"),
    ("백이동 삼백오호로 와요", "삼백오호"),
    ("공일공 일이삼사 오육칠팔로 전화해요", "일이삼사"),
    ("010-1234-5678이에요", "1234"),
    ("사오공일공일에 이공사오일일이", "사오공일공일"),
    ("주민번호가 450101-2045112예요", "2045112"),
    ("계좌는 농협 301 0123 4567 81이요", "0123"),
    ("메일은 kim.soon@naver.com이요", "naver"),
    ("전남대병원에 예약했어요", "전남대"),
)
HARMLESS = (
    "허리가 아파서 이틀째 누워 있어요",
    "하루에 두 끼 먹고 약은 세 알 먹어요",
    "잠을 네 시간밖에 못 자요",
    "일이 많아서 이사 가야 해요",
    "밥맛이 통 없어요",
    "오래 살면 뭐 해요",
    "이 년 전부터 그래요",
)


@pytest.fixture(scope="module")
def analyser(understander: Understander) -> MorphemeAnalyser:
    return understander.analyser


@pytest.mark.parametrize(("said", "secret"), SECRETS)
def test_what_tells_who_somebody_is_is_masked(said: str, secret: str, analyser: MorphemeAnalyser) -> None:
    """Names, places, addresses and numbers, written or spoken, are gone; restoring gives the very words back."""
    masking = Masking(analyser, "김순자")
    masked = masking.mask(said)
    assert secret not in masked
    assert PLACEHOLDER.search(masked)
    assert masking.restore(masked) == said


@pytest.mark.parametrize("said", HARMLESS)
def test_what_tells_nothing_stays(said: str, analyser: MorphemeAnalyser) -> None:
    """A model can only be kind about words that it can read."""
    assert Masking(analyser, "김순자").mask(said) == said


def test_the_same_name_is_the_same_placeholder(analyser: MorphemeAnalyser) -> None:
    """All through a call."""
    masking = Masking(analyser, "김순자")
    first, second = masking.mask("지훈이가 왔어"), masking.mask("지훈이는 갔어")
    assert PLACEHOLDER.findall(first) == PLACEHOLDER.findall(second)


def test_nobody_can_speak_a_placeholder(analyser: MorphemeAnalyser) -> None:
    """Brackets in the words are no placeholder: they could otherwise be swapped for somebody's name."""
    masking = Masking(analyser, "김순자")
    masking.mask("김순자")
    assert "[이름1]" not in masking.mask("[이름1] 어디 사나")
