"""What the voice is given to say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbot.converse.korean_numbers import native, sino
from callbot.converse.spoken_text import spoken

READINGS = [
    # counting: native numbers
    ("하루 3번 드세요", "하루 세 번 드세요"),
    ("하루에 2끼", "하루에 두 끼"),
    ("약 2알씩", "약 두 알씩"),
    ("달걀 1개", "달걀 한 개"),
    ("20살", "스무 살"),
    ("75살", "일흔다섯 살"),
    ("21명", "스물한 명"),
    ("50명", "오십 명"),
    ("101개", "백한 개"),
    ("1달", "한 달"),
    ("3개월", "삼개월"),
    ("쌀 1포대", "쌀 한 포대"),
    ("약 2~3가지", "약 두세 가지"),
    ("5~6명", "대여섯 명"),
    ("1~2끼", "한두 끼"),
    ("3시간", "세 시간"),
    ("24시간", "이십사 시간"),
    # telling the time
    ("3시에", "세 시에"),
    ("오후 3시 30분", "오후 세 시 삼십분"),
    ("10:30", "열 시 삼십 분"),
    ("14:05", "오후 두 시 오 분"),
    ("오전 9:00", "오전 아홉 시"),
    ("오후 14:00", "오후 두 시"),
    ("9~18시", "아홉 시에서 오후 여섯 시"),
    ("9:00~18:00", "아홉 시에서 오후 여섯 시"),
    ("0시", "영 시"),
    ("12분 5초", "십이분 오초"),
    # dates
    ("3월 5일", "삼월 오일"),
    ("6월 10일", "유월 십일"),
    ("10월 6일(화)", "시월 육일 화요일"),
    ("2026-11-24(화)", "이천이십육년 십일월 이십사일 화요일"),
    ("2026. 11. 24.", "이천이십육년 십일월 이십사일"),
    ("11/24", "십일월 이십사일"),
    ("2~3일 전", "이삼 일 전"),
    ("7일", "칠일"),
    ("3.1절", "삼일절"),
    ("5·18 민주광장", "오일팔 민주광장"),
    ("6.25", "육이오"),
    # money
    ("30만원", "삼십만 원"),
    ("10,000원", "만 원"),
    ("1만 5천원", "만 오천 원"),
    ("1,234,500원", "백이십삼만사천오백 원"),
    ("100원", "백 원"),
    # telephone numbers
    ("062-123-4567", "공육이 일이삼 사오육칠"),
    ("01012345678", "공일공 일이삼사 오육칠팔"),
    ("010-0000-0101", "공일공 공공공공 공일공일"),
    ("+82-10-1234-5678", "공일공 일이삼사 오육칠팔"),
    ("(062) 123-4567", "공육이 일이삼 사오육칠"),
    ("1577-0199", "일오칠칠 공일구구"),
    ("119에 전화하세요", "일일구에 전화하세요"),
    ("119번", "일일구번"),
    ("109로", "일공구로"),
    ("112에 신고", "일일이에 신고"),
    ("1393", "일삼구삼"),
    ("120원", "백이십 원"),
    ("110명", "백열 명"),
    # measures
    ("36.5도", "삼십육 점 오도"),
    ("120/80", "백이십에 팔십"),
    ("1/2", "이분의 일"),
    ("30%", "삼십 퍼센트"),
    ("5kg", "오 킬로그램"),
    ("1.5L", "일 점 오 리터"),
    ("10cm", "십 센티미터"),
    ("500mg", "오백 밀리그램"),
    ("75세", "칠십오세"),
    ("101동 1203호", "백일동 천이백삼호"),
    ("1인 가구", "일인 가구"),
    ("40~69세", "사십에서 육십구 세"),
    ("007", "공공칠"),
    # keys
    ("1번을 눌러 주세요", "일 번을 눌러 주세요"),
    ("2번 버튼", "이 번 버튼"),
    ("1대1", "일 대 일"),
    # letters and signs
    ("AI 안부 전화", "에이아이 안부 전화"),
    ("TV", "티비"),
    ("SMS", "에스엠에스"),
    ("A동", "에이동"),
    ("아침·점심", "아침 점심"),
    ("평일(월~금)", "평일, 월에서 금"),
    ("“네”", "네"),
    ("그래요…", "그래요."),
    ("약도 & 밥도", "약도 앤드 밥도"),
]


@pytest.mark.parametrize(("written", "said"), READINGS, ids=[row[0] for row in READINGS])
def test_reading(written: str, said: str) -> None:
    """Every figure is read as a Korean would say it in that place."""
    assert spoken(written) == said


@given(st.text(alphabet="0123456789시분월일번개원만.,:/-~ %ABab가나다()?!", max_size=30))
def test_nothing_unspeakable_is_left(text: str) -> None:
    """Whatever is written, the voice gets Hangul and plain punctuation only."""
    assert re.fullmatch(r"[가-힣ㄱ-ㅎㅏ-ㅣ\s,.?!]*", spoken(text))


@given(st.text(alphabet="0123456789시분월일번개원만.,:/-~ %ABab가나다()?!", max_size=30))
def test_reading_twice_changes_nothing(text: str) -> None:
    """The voice cache and an adapter may both ask for the reading."""
    assert spoken(spoken(text)) == spoken(text)


def test_plain_speech_is_left_alone() -> None:
    """A line without figures is spoken as it stands."""
    line = "안녕하세요, 어르신. 식사는 잘 하셨어요? 네, 알겠습니다!"
    assert spoken(line) == line


@pytest.mark.parametrize(
    ("number", "sino_reading", "native_reading"),
    [
        (1, "일", "한"),
        (11, "십일", "열한"),
        (20, "이십", "스무"),
        (99, "구십구", "아흔아홉"),
        (110, "백십", "백열"),
        (10_000, "만", "만"),
        (110_000, "십일만", "십일만"),
        (100_000_000, "일억", "일억"),
    ],
)
def test_number_words(number: int, sino_reading: str, native_reading: str) -> None:
    """Both number systems, at their turning points."""
    assert (sino(number), native(number)) == (sino_reading, native_reading)
