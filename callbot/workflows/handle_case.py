"""What a human does with a case, and what happens while nobody does anything."""

from datetime import date, datetime

from callbot.escalate.case import CaseOutcome, CaseState, move
from callbot.escalate.policy import severity_of
from callbot.store.case_rows import Case, StaleCase, add_event, cases_to_climb, change_case, locked_case
from callbot.store.database import Store
from callbot.store.policy_rows import programme_of_person
from callbot.workflows.page_workers import Wording, page_step


def acknowledge(
    store: Store, case_id: int, account_id: int | None, now: datetime, *, version: int | None = None
) -> None:
    """Somebody takes it: the policy stops climbing. Raises StaleCase, ImpossibleTransition, LookupError."""
    with store.write() as connection:
        case = _as_shown(locked_case(connection, case_id), version)
        state = move(case.state, CaseState.ACKNOWLEDGED)
        change_case(connection, case, state=state, acknowledged_at=now, acknowledged_by=account_id, next_step_at=None)
        add_event(connection, case_id, "acknowledged", now, account_id=account_id)


def close_case(
    store: Store,
    case_id: int,
    outcome: CaseOutcome,
    note: str,
    now: datetime,
    *,
    account_id: int | None = None,
    follow_up_on: date | None = None,
    version: int | None = None,
) -> None:
    """What was found or done. Raises StaleCase, ImpossibleTransition, LookupError."""
    with store.write() as connection:
        case = _as_shown(locked_case(connection, case_id), version)
        values = {"outcome": outcome, "note": note, "closed_at": now, "closed_by": account_id, "next_step_at": None}
        state = move(case.state, CaseState.CLOSED, outcome)
        change_case(connection, case, state=state, follow_up_on=follow_up_on, **values)
        add_event(connection, case_id, "closed", now, account_id=account_id, detail=note)


def note_on_case(store: Store, case_id: int, note: str, now: datetime, *, account_id: int | None = None) -> None:
    """A line of history."""
    with store.write() as connection:
        locked_case(connection, case_id)
        add_event(connection, case_id, "note", now, account_id=account_id, detail=note)


def climb(store: Store, now: datetime) -> int:
    """Page the next step of every case that nobody took in time; how many cases climbed."""
    with store.write() as connection:
        ids = cases_to_climb(connection, now)
        for case_id in ids:
            case = locked_case(connection, case_id)
            programme = programme_of_person(connection, case.person_id)
            cause = f"round/{case.round}"
            page_step(
                connection, case, programme, Wording(f"{case.step}차 무응답"), step=case.step, cause=cause, now=now
            )
            following = case.policy.step_due(severity_of(case.kind, case.level), case.step + 1, case.since)
            change_case(connection, case, step=case.step + 1, next_step_at=following[1] if following else None)
            add_event(connection, case_id, "climbed", now, level=case.level)
        return len(ids)


def _as_shown(case: Case, version: int | None) -> Case:
    if version is not None and version != case.version:
        raise StaleCase("다른 담당자가 먼저 처리했습니다. 새로 고친 뒤 다시 확인해 주세요.")
    return case
