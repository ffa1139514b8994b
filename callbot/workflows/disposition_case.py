"""The case that a due contact's disposition opens or joins, in words."""

from sqlalchemy import Connection

from callbot.assess.missed import judge_missed
from callbot.dial.announced import BAD_NUMBER_KO
from callbot.dial.attempt_end import AttemptEnd
from callbot.escalate.case import CaseKind
from callbot.escalate.page import REPORTED_KO
from callbot.people.numbers import masked
from callbot.schedule.due_contact import QUIET, Disposition
from callbot.store.attempt_rows import ends_of
from callbot.store.case_rows import open_distress
from callbot.store.due_rows import DueContact
from callbot.store.missed_rows import missed_in_a_row
from callbot.understand.meaning import Level, Reported
from callbot.workflows.open_case import Matter
from callbot.workflows.page_workers import Wording

VISIT = "visit_request"
"""Why a due contact was given up: the ladder's last word was to ask for a visit."""
TOLD_BY_CONTACT = "told_by_contact"
"""Why it was reported: a guardian or neighbour said that all is well, which is not the person's own word."""


def matter_of(
    connection: Connection, due: DueContact, disposition: Disposition, why: str, *, call_id: int | None
) -> Matter | None:
    """The case of a due contact that has just ended; None for contacted and suspended."""
    tried = len([end for end in ends_of(connection, due.id) if end is not AttemptEnd.WINDOW_CLOSED])
    if disposition in QUIET:
        return None
    judgement = judge_missed(
        max(missed_in_a_row(connection, due.person_id), 1), open_distress(connection, due.person_id)
    )
    match disposition:
        case Disposition.NOT_REACHED if why == VISIT:
            words, level = f"방문 요청({tried}회 시도)", max(judgement.level, Level.HIGH, key=lambda one: one.rank)
            kind = CaseKind.MISSED
            summary = f"방문 요청: {judgement.reason} ({tried}회 시도) 찾아가 확인해 주세요."
        case Disposition.NOT_REACHED:
            words = BAD_NUMBER_KO.get(why, f"{tried}회 시도")
            kind, level, summary = CaseKind.MISSED, judgement.level, f"{judgement.reason} ({words})"
        case Disposition.FAILED_BY_US:
            words = "시스템 장애"
            kind, level = CaseKind.MISSED, judgement.level
            summary = f"우리 쪽 사정으로 통화하지 못했습니다 (시도 {tried}회). 직접 확인해 주세요."
        case Disposition.REPORTED if why == TOLD_BY_CONTACT:
            words, kind, level = "보호자·이웃이 안부 전함", CaseKind.REPORT, Level.WATCH
            summary = "본인과는 통화하지 못했고, 보호자나 이웃이 잘 지낸다고 전했습니다. 확인해 주세요."
        case Disposition.REPORTED:
            words = REPORTED_KO[Reported(why)]
            kind, level, summary = CaseKind.REPORT, Level.HIGH, f"통화 중 전해 들음: {words}. 사실 확인이 필요합니다."
        case Disposition.REFUSED:
            words = "전화 그만 요청" if why == "do_not_call" else _asked_for(why)
            kind, level, summary = CaseKind.REFUSAL, Level.WATCH, f"{words}."
        case _:
            words = "버튼으로만 응답"
            kind, level, summary = CaseKind.REVIEW, Level.WATCH, "말소리 없이 버튼으로만 응답했습니다. 확인해 주세요."
    return Matter(
        person_id=due.person_id,
        kind=kind,
        level=level,
        wording=Wording(words, clinical=kind is CaseKind.REPORT, our_fault=disposition is Disposition.FAILED_BY_US),
        summary=summary,
        cause=f"due/{due.id}",
        due_contact_id=due.id,
        call_id=call_id,
    )


def _asked_for(why: str) -> str:
    """`asked_for_11-25`: the new due contact is planned already."""
    day = why.removeprefix("asked_for_") if why.startswith("asked_for_") and why != "asked_for_later" else ""
    return f"{day} 통화 요청(예약됨)" if day else "오늘 통화 거절"


def number_to_correct(due: DueContact, e164: str, why: str) -> Matter:
    """One of several numbers is of no use: the calls go on with the next, and somebody has to correct it."""
    words = BAD_NUMBER_KO[why]
    return Matter(
        person_id=due.person_id,
        kind=CaseKind.REVIEW,
        level=Level.WATCH,
        wording=Wording(f"번호 확인({words})"),
        summary=f"{masked(e164)}: {words}입니다. 번호를 확인해 고쳐 주세요. 다른 번호로 계속 전화합니다.",
        cause=f"due/{due.id}/number/{due.number_position}",
        due_contact_id=due.id,
    )
