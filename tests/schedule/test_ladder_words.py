"""A ladder as a supervisor reads it."""

from datetime import datetime

from callbot.people.numbers import Relation
from callbot.schedule.ladder import DEFAULT, RetryCause, RetryLadder, Rung
from callbot.schedule.ladder_words import duration_ko, preview
from callbot.schedule.window import SEOUL

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=SEOUL)


def test_preview_of_the_default() -> None:
    """Clock by clock, with the delays of other causes beside."""
    assert [(stage.clock, stage.text) for stage in preview(DEFAULT, TEN)] == [
        ("10:00", "첫 전화"),
        (
            "10:30",
            "다시 전화 (30분 뒤, 통화 중이면 10분 뒤, 꺼짐·음성사서함이면 1시간 뒤, 나중에 걸라고 하면 1시간 뒤)",
        ),
        ("12:00", "다시 전화 (1시간 30분 뒤, 통화 중이면 15분 뒤)"),
        ("", "그래도 닿지 않으면 바로 담당자에게 '미응답' 사건을 엽니다"),
    ]


def test_preview_of_every_kind_of_rung() -> None:
    """Also those that are no calls, those of some causes only, and the next day."""
    ladder = RetryLadder(
        name="전부",
        rungs=(
            Rung(do="other_number", only=(RetryCause.OFF,), after={RetryCause.DEFAULT: 0}),
            Rung(do="sms"),
            Rung(do="page"),
            Rung(do="contact", who=(Relation.GUARDIAN,), after={RetryCause.DEFAULT: 300}),
            Rung(do="call_again", after={RetryCause.DEFAULT: 15 * 3600}),
            Rung(do="visit"),
        ),
    )
    assert [f"{stage.clock} {stage.text}".strip() for stage in preview(ladder, TEN)] == [
        "10:00 첫 전화",
        "10:00 꺼짐·음성사서함이면 본인의 다른 번호로 전화 (바로)",
        "본인에게 문자",
        "담당자에게 알림(전화는 계속)",
        "10:05 보호자에게 전화 (5분 뒤)",
        "다음 날 01:05 다시 전화 (15시간 뒤)",
        "방문 요청",
        "그래도 닿지 않으면 바로 담당자에게 '미응답' 사건을 엽니다",
    ]


def test_durations_in_words() -> None:
    """At most what is needed."""
    assert [duration_ko(each) for each in (0, 20, 90, 600, 5400, 7200)] == [
        "바로", "20초", "1분 30초", "10분", "1시간 30분", "2시간",
    ]  # fmt: skip
