"""What a call that came to us leaves behind: the contact goes on as if it had not been, or it was one."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from callbot.escalate.case import CaseKind, CaseOutcome, CaseState, move
from callbot.schedule.due_contact import Disposition
from callbot.schedule.ladder import RetryCause, next_call_at
from callbot.store.case_rows import add_event, change_case, locked_case, open_case_of, open_distress
from callbot.store.due_rows import DueContact, call_again_at
from callbot.store.incoming_rows import Incoming
from callbot.understand.meaning import Level
from callbot.workflows.open_case import Matter, join_case
from callbot.workflows.page_workers import Wording
from callbot.workflows.settle import Settled, finish_due, give_up
from callbot.workflows.take_incoming import CALLED_IN

SOON = timedelta(minutes=10)
"""A call-back that came to nothing puts the next call off by so much at least: they have just put the phone down."""


def go_on(connection: Connection, due: DueContact, incoming: Incoming, now: datetime) -> Settled:
    """It was no contact: the ladder stands where it stood. A call that nobody owed ends quietly, with nothing to follow."""
    if incoming.slot.startswith(CALLED_IN):
        return finish_due(connection, due, Disposition.SUSPENDED, "called_in", now)
    wished = max(incoming.resume_at or now, now + SOON)
    at = next_call_at(wished, due.expires_at, due.window)
    if at is None:
        return give_up(connection, due, RetryCause.DEFAULT, now)
    call_again_at(connection, due, at)
    return Settled(next_attempt_at=at)


def close_missed(
    connection: Connection, person_id: int, level: Level | None, call_id: int, now: datetime
) -> int | None:
    """The person was heard: a case that was opened only because they were not is closed; its id.

    Stays open, and is only annotated, where there is risk: this call was high or worse, or a distress case is open. One
    that somebody has taken stays theirs: they are told, and close it with what they know.
    """
    case = open_case_of(connection, person_id, CaseKind.MISSED)
    if case is None:
        return None
    risk = (level is not None and level.rank >= Level.HIGH.rank) or open_distress(connection, person_id).rank > 0
    words = "본인과 통화됨, 확인 필요" if risk else "본인과 통화됨"
    heard = Matter(
        person_id=person_id,
        kind=CaseKind.MISSED,
        level=case.level,
        wording=Wording(words),
        summary=f"{words}.",
        cause=f"heard/{call_id}",
        call_id=call_id,
    )
    join_case(connection, heard, now)
    case = locked_case(connection, case.id)
    if risk or case.state is CaseState.ACKNOWLEDGED:
        return None
    state = move(case.state, CaseState.CLOSED, CaseOutcome.CONFIRMED_BY_PHONE)
    note = "본인과 통화하여 자동으로 닫았습니다."
    change_case(
        connection,
        case,
        state=state,
        outcome=CaseOutcome.CONFIRMED_BY_PHONE,
        note=note,
        closed_at=now,
        next_step_at=None,
    )
    add_event(connection, case.id, "closed", now, call_id=call_id, detail=note)
    return case.id
