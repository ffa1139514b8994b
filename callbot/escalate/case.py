"""The case: one open matter of one kind about one person, until a human has closed it with an outcome."""

from enum import StrEnum

from callbot.schedule.due_contact import ImpossibleTransition


class CaseKind(StrEnum):
    """What a case is about. At most one open case a person and kind; new evidence joins it."""

    DISTRESS = "distress"  # something alarming was said
    MISSED = "missed"  # nobody was reached, or too little was understood
    REPORT = "report"  # somebody told us: hospital, death, moved
    REFUSAL = "refusal"  # not today, or never again
    REQUEST = "request"  # a wish for a service
    REVIEW = "review"  # degraded contact: a human should look


class CaseState(StrEnum):
    """Acknowledged is not resolved: only a close with an outcome is."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """What the human found or did."""

    CONFIRMED_BY_PHONE = "confirmed_by_phone"
    VISITED = "visited"
    CALLED_119 = "called_119"
    HOSPITALISED = "hospitalised"
    DEAD = "dead"
    FALSE_ALARM = "false_alarm"
    SERVICE_ARRANGED = "service_arranged"
    NUMBER_CORRECTED = "number_corrected"
    NO_MORE_CALLS = "no_more_calls"
    OTHER = "other"


OUTCOME_KO: dict[CaseOutcome, str] = {
    CaseOutcome.CONFIRMED_BY_PHONE: "통화로 확인",
    CaseOutcome.VISITED: "방문",
    CaseOutcome.CALLED_119: "119 신고",
    CaseOutcome.HOSPITALISED: "입원",
    CaseOutcome.DEAD: "사망",
    CaseOutcome.FALSE_ALARM: "오경보",
    CaseOutcome.SERVICE_ARRANGED: "서비스 연계",
    CaseOutcome.NUMBER_CORRECTED: "번호 정정",
    CaseOutcome.NO_MORE_CALLS: "통화 중지",
    CaseOutcome.OTHER: "기타",
}

KIND_KO: dict[CaseKind, str] = {
    CaseKind.DISTRESS: "위험 신호",
    CaseKind.MISSED: "미응답",
    CaseKind.REPORT: "소식 전달",
    CaseKind.REFUSAL: "통화 거부",
    CaseKind.REQUEST: "서비스 요청",
    CaseKind.REVIEW: "확인 필요",
}

TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    # Closing without acknowledging is allowed: "I have just visited" is both.
    CaseState.TRIGGERED: frozenset({CaseState.ACKNOWLEDGED, CaseState.CLOSED}),
    # Back to triggered: the case was raised to a higher level, or its deadline passed without an outcome.
    CaseState.ACKNOWLEDGED: frozenset({CaseState.TRIGGERED, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset(),
}


def move(old: CaseState, new: CaseState, outcome: CaseOutcome | None = None) -> CaseState:
    """`new`, where the table allows it and an outcome is given exactly for `closed`. Raises ImpossibleTransition."""
    if new not in TRANSITIONS[old]:
        raise ImpossibleTransition(f"case: {old} -> {new}")
    if (new is CaseState.CLOSED) != (outcome is not None):
        raise ImpossibleTransition(f"case: {old} -> {new} with outcome {outcome}")
    return new
