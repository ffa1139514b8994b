"""Korean words for the installation's health facts: one table for the console's banner and for the watch's text message."""

from typing import NamedTuple

from callbot.dial.admission import Held


class HealthWords(NamedTuple):
    """Of one fact."""

    few: str
    """For a text message of 90 bytes, with what it is about after it."""
    sentence: str
    """For the console."""


HEALTH_KO: dict[str, HealthWords] = {
    "nobody_on_duty": HealthWords("근무자 없음", "알림을 받을 근무자가 없습니다"),
    "all_trunks_down": HealthWords("회선 모두 끊김", "전화 회선이 모두 끊겨 아무에게도 전화하지 못합니다"),
    "no_new_calls": HealthWords("새 전화 멈춤", "새 전화를 걸지 않고 있습니다"),
    "own_rule_refused": HealthWords("고친 규칙 못 씀", "고친 판단 규칙을 쓸 수 없어 기본 규칙으로 판단합니다"),
}
"""By the part of the fact's name before the colon."""

HELD_KO: dict[str, str] = {
    Held.DRAINING: "종료 준비 중",
    Held.EXCHANGE_LOST: "전화 교환기 연결 끊김",
    Held.CLOCK_JUMPED: "시계가 바뀜",
    Held.DISK_LOW: "디스크 부족",
    Held.EARS_BEHIND: "음성 인식이 밀림",
    Held.VOICE_BEHIND: "안내 음성이 밀림",
    Held.VOICE_DOWN: "안내 음성을 못 만듦",
    Held.CHANNELS: "회선이 모두 통화 중",
}
"""The detail of `no_new_calls`."""


def in_few_words(name: str, detail: str) -> str:
    """Of an unknown fact its name: better odd than hidden.

    >>> in_few_words("nobody_on_duty:3", ""), in_few_words("no_new_calls:line-1", "ears_behind"), in_few_words("else:1", "2")
    ('근무자 없음', '새 전화 멈춤 음성 인식이 밀림', 'else:1 2')
    """
    known = HEALTH_KO.get(name.partition(":")[0])
    return f"{known.few if known else name} {HELD_KO.get(detail, detail)}".strip()


def in_a_sentence(name: str, detail: str) -> str:
    """With what it is about.

    >>> in_a_sentence("no_new_calls:line-1", "ears_behind")
    '새 전화를 걸지 않고 있습니다 (음성 인식이 밀림)'
    """
    known = HEALTH_KO.get(name.partition(":")[0])
    about = f"({HELD_KO[Held(detail)]})" if detail in HELD_KO else detail
    return f"{known.sentence if known else name} {about}".strip()
