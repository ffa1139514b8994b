"""A request as a ticket: open until somebody has handed it on or closed it with what came of it. Nothing was promised."""

from enum import StrEnum

from callbot.escalate.case import CaseOutcome
from callbot.schedule.due_contact import ImpossibleTransition


class TicketState(StrEnum):
    """Handed on is not closed: whoever asked still waits."""

    OPEN = "open"
    HANDED = "handed"
    CLOSED = "closed"


class TicketOutcome(StrEnum):
    """What came of it."""

    PROVIDED = "provided"
    REFERRED = "referred"
    NOT_POSSIBLE = "not_possible"
    WITHDRAWN = "withdrawn"
    MISUNDERSTOOD = "misunderstood"
    WITH_THE_CASE = "with_the_case"


STATE_KO: dict[TicketState, str] = {
    TicketState.OPEN: "접수",
    TicketState.HANDED: "전달함",
    TicketState.CLOSED: "마침",
}
OUTCOME_KO: dict[TicketOutcome, str] = {
    TicketOutcome.PROVIDED: "해 드림",
    TicketOutcome.REFERRED: "다른 기관에 연계",
    TicketOutcome.NOT_POSSIBLE: "해 드릴 수 없음(알려 드림)",
    TicketOutcome.WITHDRAWN: "본인이 필요 없다고 함",
    TicketOutcome.MISUNDERSTOOD: "잘못 들음",
    TicketOutcome.WITH_THE_CASE: "사건과 함께 마침",
}
CHOSEN = tuple(outcome for outcome in TicketOutcome if outcome is not TicketOutcome.WITH_THE_CASE)
"""Those that a worker chooses from."""

_STEPS = {
    TicketState.OPEN: {TicketState.HANDED, TicketState.CLOSED},
    TicketState.HANDED: {TicketState.CLOSED, TicketState.OPEN},
    TicketState.CLOSED: {TicketState.OPEN},
}


def move_ticket(old: TicketState, new: TicketState) -> TicketState:
    """Raises ImpossibleTransition."""
    if new not in _STEPS[old]:
        raise ImpossibleTransition(f"a ticket cannot go from {old} to {new}")
    return new


def outcome_with_case(outcome: CaseOutcome) -> TicketOutcome:
    """Of tickets that were open when their case was closed."""
    return TicketOutcome.PROVIDED if outcome is CaseOutcome.SERVICE_ARRANGED else TicketOutcome.WITH_THE_CASE
