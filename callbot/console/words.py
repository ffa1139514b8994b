"""Korean words for the ledger's codes. An unknown code is shown as it is: better odd than hidden."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from callbot.escalate.case import KIND_KO, OUTCOME_KO
from callbot.escalate.health_words import in_a_sentence
from callbot.escalate.page_state import PAGE_STATE_KO
from callbot.escalate.request_words import REQUEST_KO
from callbot.escalate.ticket import OUTCOME_KO as TICKET_OUTCOME_KO
from callbot.escalate.ticket import STATE_KO as TICKET_STATE_KO
from callbot.people.hold import HOLD_KO

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
        "memory": "지난 이야기", "cooling": "더위", "water": "물", "warmth": "난방", "company": "함께 지낼 분", "weekday": "요일",
        "month": "달", "seen": "만난 적",
    }
)  # fmt: skip
ANSWERS: Mapping[str, str] = MappingProxyType(
    {"ok": "괜찮음", "bad": "나쁨", "unsure": "불확실", "not_asked": "묻지 못함"}
)
CASE_STATES: Mapping[str, str] = MappingProxyType(
    {"triggered": "확인 전", "acknowledged": "맡음 · 처리 중", "closed": "종결"}
)
ATTEMPT_ENDS: Mapping[str, str] = MappingProxyType(
    {
        "person": "본인과 통화함", "other_person": "다른 사람이 받음", "voicemail": "음성사서함으로 넘어감",
        "announcement": "통신사 안내 음성", "busy": "통화 중", "no_answer": "받지 않음",
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
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "1": "없는 번호", "3": "길 없음", "16": "정상 종료", "17": "통화 중", "18": "응답 없음", "19": "벨이 울렸으나 받지 않음",
        "20": "전화기가 꺼짐", "21": "거절", "22": "번호 변경", "27": "전화기에 닿지 않음", "28": "잘못된 번호 형식",
        "31": "통신망 종료", "34": "회선 부족", "38": "통신망 장애", "41": "통신망 일시 장애", "42": "통신망 혼잡",
    }
)  # fmt: skip
"""Q.850, as far as a caseworker can do something with it."""
DISPOSITIONS: Mapping[str, str] = MappingProxyType(
    {
        "contacted": "통화함", "contacted_degraded": "버튼으로만 확인", "refused": "오늘은 거절", "not_reached": "연결 안 됨",
        "reported": "제3자가 알림", "suspended": "통화 쉼", "failed_by_us": "시스템 장애",
    }
)  # fmt: skip
DUE_STATES: Mapping[str, str] = MappingProxyType({"planned": "예정", "open": "시도 중", "ended": "끝남"})
REJECTED: Mapping[str, str] = MappingProxyType(
    {
        "no_speech": "말소리가 아님", "loop": "알아듣지 못함", "phrase": "알아듣지 못함", "compression": "알아듣지 못함",
        "confidence": "알아듣지 못함", "noise": "잡음", "too_short": "너무 짧음",
    }
)  # fmt: skip
CONSENTS: Mapping[str, str] = MappingProxyType(
    {
        "general": "AI 안부전화", "sensitive": "민감정보(건강)", "recording": "통화 녹음", "third_party": "제3자 제공",
        "sms": "문자 안내", "cognition": "기억(치매) 살핌",
    }
)  # fmt: skip
RELATIONS: Mapping[str, str] = MappingProxyType({"self": "본인", "guardian": "보호자", "neighbour": "이웃"})
SEVERITIES: Mapping[str, str] = MappingProxyType(
    {"critical": "긴급", "emergency": "긴급", "high": "높음", "missed": "미응답", "routine": "일반", "watch": "관찰"}
)
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "opened": "사건이 열림", "joined": "새 내용이 더해짐", "raised": "단계가 올라감", "acknowledged": "맡음", "closed": "종결",
        "note": "메모", "climbed": "응답이 없어 다음 사람에게 알림", "nobody_on_duty": "알릴 근무자가 없음", "declined": "못 맡음", "reassigned": "다시 배정", "follow_up": "다시 볼 날이 됨", "ticket": "요청 처리",
        "came_back": "맡은 뒤 결과가 없어 다시 올라옴", "in_storm": "한꺼번에 알림(목록)에 들어감",
        "transfer_rung": "통화 연결하려고 전화함", "transfer_no_answer": "연결 전화를 받지 않음", "transfer_declined": "연결을 받지 못한다고 함",
        "transfer_joined": "통화에 연결됨", "transfer_spoke": "담당자가 말하기 시작해 봇이 물러남", "transfer_left": "말하기 전에 통화에서 나감",
        "transfer_nobody": "연결할 담당자를 찾지 못함", "transfer_person_gone": "연결하려 할 때 본인이 이미 끊음",
    }
)  # fmt: skip
MEMORY_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "chronic": "오래가는 아픔", "illness": "낫는 병", "visit": "찾아오는 사람", "appointment": "병원·검사",
        "event": "그 밖의 날",
    }
)  # fmt: skip
WITHOUT: Mapping[str, str] = MappingProxyType(
    {
        "ears": "음성 인식이 되지 않아 번호로만 여쭈었습니다. 하신 말씀은 녹음으로 들어 주세요.",
        "voice": "목소리를 만들지 못해, 성함을 부르지 않고 미리 만든 말로만 통화했습니다.",
    }
)
ROLES: Mapping[str, str] = MappingProxyType(
    {"caseworker": "담당자", "lead": "팀장", "duty": "당직실", "supervisor": "관리자", "admin": "시스템 관리자"}
)

INCOMING: Mapping[str, str] = MappingProxyType(
    {
        "check_in": "안부 통화를 했습니다", "in_call": "이미 통화 중이었습니다", "message": "말씀을 남겼습니다(사건)",
        "nothing": "안내만 듣고 끊었습니다", "told": "안내만 듣고 끊었습니다", "hung_up": "듣다가 끊었습니다",
    }
)  # fmt: skip

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "level": LEVELS, "level_means": LEVEL_MEANS, "category": CATEGORIES, "topic": TOPICS, "answer": ANSWERS,
        "kind": {str(key): text for key, text in KIND_KO.items()}, "case_state": CASE_STATES,
        "attempt_end": ATTEMPT_ENDS, "attempt_state": ATTEMPT_STATES, "disposition": DISPOSITIONS,
        "outcome": {str(key): text for key, text in OUTCOME_KO.items()},
        "page_state": {str(key): text for key, text in PAGE_STATE_KO.items()}, "rejected": REJECTED, "consent": CONSENTS,
        "hold": {str(key): text for key, text in HOLD_KO.items()}, "role": ROLES, "relation": RELATIONS, "cause": CAUSES,
        "incoming": INCOMING, "severity": SEVERITIES, "without": WITHOUT, "event": EVENTS, "request": REQUEST_KO,
        "ticket_state": {str(key): text for key, text in TICKET_STATE_KO.items()},
        "ticket_outcome": {str(key): text for key, text in TICKET_OUTCOME_KO.items()}, "memory_kind": MEMORY_KINDS,
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


def health(name: str, detail: str) -> str:
    """What is wrong, in words.

    >>> health("alarm:service_down", "전화 서비스가 멈춤"), health("nobody_on_duty:3", "")
    ('전화 서비스가 멈춤', '알림을 받을 근무자가 없습니다')
    """
    if name.startswith("alarm:"):
        return detail
    return in_a_sentence(name, detail)


def tries(ends: Sequence[str]) -> str:
    """How finished attempts ended, counted.

    >>> tries(["no_answer", "no_answer", "busy"])
    '3번 걸었음: 받지 않음 2, 통화 중 1'
    """
    counted = Counter(ends)
    each = ", ".join(
        f"{word(end, 'attempt_end')} {n}" if len(ends) > 1 else word(end, "attempt_end") for end, n in counted.items()
    )
    return f"{len(ends)}번 걸었음: {each}" if ends else ""
