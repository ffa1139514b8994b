"""Korean words for the ledger's codes. An unknown code is shown as it is: better odd than hidden."""

from collections.abc import Mapping
from types import MappingProxyType

LEVELS: Mapping[str, str] = MappingProxyType(
    {"emergency": "긴급", "high": "높음", "watch": "관찰", "none": "양호", "unassessable": "판단 불가"}
)
LEVEL_MEANS: Mapping[str, str] = MappingProxyType(
    {
        "emergency": "몇 분 안에 사람이 확인해야 합니다",
        "high": "오늘 안에 사람이 확인해야 합니다",
        "watch": "주간 보고에서 살펴봅니다",
        "none": "걱정할 말이 없었습니다",
        "unassessable": "알아들은 말이 적어 판단하지 못했습니다",
    }
)
CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "suicide": "자살 위험", "medical": "응급 증상", "fall": "낙상", "food": "식사", "medicine": "복약", "pain": "통증",
        "sleep": "수면", "mood": "기분", "cognition": "인지", "abuse": "학대·폭력", "fraud": "금융 사기", "housing": "주거",
        "alcohol": "음주", "money": "생계", "service": "서비스 요청",
    }
)  # fmt: skip
TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "identity": "본인 확인", "good_time": "통화 가능", "health": "건강", "meals": "식사", "sleep": "수면", "medicine": "복약",
        "mood": "기분", "outing": "외출", "needs": "필요한 것", "confirm": "다시 확인", "notice": "안내",
    }
)  # fmt: skip
ANSWERS: Mapping[str, str] = MappingProxyType(
    {"ok": "괜찮음", "bad": "나쁨", "unsure": "불확실", "not_asked": "묻지 못함"}
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "risk": "위험 신호", "distress": "위험 신호", "missed": "미응답", "not_reached": "미응답", "request": "서비스 요청",
        "service": "서비스 요청", "reported": "제3자가 알림", "hold": "전화 중단 요청", "do_not_call": "전화 중단 요청",
        "refused": "오늘 통화 거절", "failed_by_us": "시스템 장애", "unassessable": "판단 불가",
    }
)  # fmt: skip
CASE_STATES: Mapping[str, str] = MappingProxyType(
    {"triggered": "확인 전", "acknowledged": "맡음 · 처리 중", "closed": "종결"}
)
ATTEMPT_ENDS: Mapping[str, str] = MappingProxyType(
    {
        "person": "본인과 통화함", "other_person": "다른 사람이 받음", "voicemail": "음성사서함으로 넘어감",
        "announcement": "통신사 안내 음성 (꺼짐·결번 등)", "busy": "통화 중", "no_answer": "받지 않음",
        "rejected": "전화를 거절함", "silent": "받았으나 말이 없음", "bad_number": "없는 번호",
        "network_failure": "통신망 장애", "system_failure": "우리 시스템 장애", "interrupted": "시스템 재시작으로 중단됨",
        "window_closed": "통화 가능 시간이 끝남",
    }
)  # fmt: skip
ATTEMPT_STATES: Mapping[str, str] = MappingProxyType(
    {
        "planned": "예정", "claimed": "준비 중", "dialling": "거는 중", "ringing": "벨이 울리는 중", "answered": "통화 중",
        "ended": "끝남",
    }
)  # fmt: skip
DISPOSITIONS: Mapping[str, str] = MappingProxyType(
    {
        "contacted": "통화함", "contacted_degraded": "버튼으로만 확인", "refused": "오늘은 거절", "not_reached": "연결 안 됨",
        "reported": "제3자가 알림", "suspended": "통화 쉼", "failed_by_us": "시스템 장애",
    }
)  # fmt: skip
DUE_STATES: Mapping[str, str] = MappingProxyType({"planned": "예정", "open": "시도 중", "ended": "끝남"})
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "confirmed_by_phone": "통화로 확인", "visited": "방문", "emergency_119": "119 출동", "hospitalised": "입원",
        "died": "사망", "false_alarm": "오경보", "service_linked": "서비스 연계", "other": "기타",
    }
)  # fmt: skip
PAGE_STATES: Mapping[str, str] = MappingProxyType(
    {
        "queued": "보내기 대기", "claimed": "보내는 중", "sending": "보내는 중", "sent": "발송", "accepted": "발송",
        "delivered": "도착 확인", "failed": "발송 실패", "ambiguous": "발송 여부 확인 중", "unsent": "미발송",
        "inbox_only": "미발송", "superseded": "대체됨",
    }
)  # fmt: skip
REJECTED: Mapping[str, str] = MappingProxyType(
    {
        "no_speech": "말소리가 아님", "loop": "알아듣지 못함", "phrase": "알아듣지 못함", "compression": "알아듣지 못함",
        "confidence": "알아듣지 못함", "noise": "잡음", "too_short": "너무 짧음",
    }
)  # fmt: skip
CONSENTS: Mapping[str, str] = MappingProxyType(
    {
        "general": "개인정보 수집·이용", "sensitive": "민감정보(건강)", "recording": "통화 녹음", "iot": "센서(IoT) 정보",
        "third_party": "제3자 제공", "call": "AI 안부전화",
    }
)  # fmt: skip
ROLES: Mapping[str, str] = MappingProxyType({"caseworker": "담당자", "supervisor": "팀장", "admin": "시스템 관리자"})

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "level": LEVELS, "level_means": LEVEL_MEANS, "category": CATEGORIES, "topic": TOPICS, "answer": ANSWERS,
        "kind": KINDS, "case_state": CASE_STATES, "attempt_end": ATTEMPT_ENDS, "attempt_state": ATTEMPT_STATES,
        "disposition": DISPOSITIONS, "due_state": DUE_STATES, "outcome": OUTCOMES, "page_state": PAGE_STATES,
        "rejected": REJECTED, "consent": CONSENTS, "role": ROLES,
    }
)  # fmt: skip


def word(code: object, table: str) -> str:
    """The Korean word for a code of one table.

    >>> word("high", "level")
    '높음'
    """
    if code is None:
        return ""
    return TABLES[table].get(str(code), str(code))


def mask(name: str) -> str:
    """A name as outsiders may see it: first and last syllable.

    >>> mask("김순자"), mask("이산"), mask("황보영희")
    ('김O자', '이O', '황OO희')
    """
    if len(name) < 2:  # noqa: PLR2004 - a single syllable hides nothing
        return "O"
    return name[0] + "O" * max(len(name) - 2, 1) + (name[-1] if len(name) > 2 else "")  # noqa: PLR2004
