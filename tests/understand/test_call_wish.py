"""Times and numbers as people say them."""

from datetime import datetime

import pytest

from callbot.schedule.window import SEOUL
from callbot.understand.call_wish import asks_for_another_time, call_wish
from callbot.understand.spoken_digits import spoken_number

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("다섯 시에 전화해 주세요", "24 17:00"),
        ("5시 반에 걸어요", "24 17:30"),
        ("열한 시에 다시 해요", "24 11:00"),
        ("오후 두 시에", "24 14:00"),
        ("이따 저녁에 해요", "24 17:30"),
        ("오후에 다시 걸어 줘", "24 14:00"),
        ("한 시간 있다가 전화해", "24 11:15"),
        ("삼십 분 뒤에 걸어요", "24 10:45"),
        ("조금 이따 해요", "24 10:35"),
        ("내일 전화해 주세요", "25 10:15"),
        ("내일 아침 아홉 시에 걸어", "25 09:00"),
        ("내일 세 시에 해요", "25 15:00"),
        ("모레 오전에요", "26 10:00"),
        ("15시에 해요", "24 15:00"),
    ],
)
def test_a_time_that_was_said(said: str, when: str) -> None:
    """The next such hour that is not over and not at night; a day; so long from now."""
    wish = call_wish(said)
    assert wish is not None
    assert f"{wish.moment(NOW):%d %H:%M}" == when


@pytest.mark.parametrize(
    "said", ["바빠요", "나중에 해요", "다음에 전화해요", "세 시간이나 잤어요", "삼십 분 걸려요", "두시럭거리지 마", ""]
)
def test_no_time_was_said(said: str) -> None:
    """Hours that something lasts, and "later", are no time."""
    assert call_wish(said) is None


def test_a_time_and_a_word_of_calling_ask_for_a_call() -> None:
    """ "다섯 시에 밥 먹었어" asks for nothing."""
    assert asks_for_another_time("다섯 시에 전화해요")
    assert not asks_for_another_time("다섯 시에 밥 먹었어")


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("공일공 일이삼사 오육칠팔", "01012345678"),
        ("번호가 공일공에 일이삼사에 오육칠팔이에요", "01012345678"),
        ("010-1234-5678로 걸어 주세요", "01012345678"),
        ("제 번호는 010 1234 5678입니다", "01012345678"),
        ("공육이 국에 삼삼삼에 일이삼사", "0623331234"),
        ("영일영 하나둘삼사 다시 오육칠팔", "01012345678"),
        ("공일공 일이삼사", None),
        ("아홉 시에 걸어요", None),
        ("공장에서 일했어요", None),
        ("0시에", None),
    ],
)
def test_a_number_that_was_said(said: str, digits: str | None) -> None:
    """Only a whole number counts; the verb behind it does not."""
    assert spoken_number(said) == digits
