"""What a human does with a case, and what happens while nobody does anything."""

from datetime import date, datetime

from sqlalchemy import Connection

from callbot.escalate.case import OUTCOME_KO, CaseOutcome, CaseState, move
from callbot.escalate.ticket import outcome_with_case
from callbot.store.case_rows import (
    Case,
    StaleCase,
    add_event,
    case_due,
    cases_to_climb,
    change_case,
    how_often,
    locked_case,
)
from callbot.store.case_worker_rows import By, account_of_worker, add_case_worker, worker_name, worker_of_account
from callbot.store.database import Store
from callbot.store.policy_rows import programme_of_person
from callbot.store.ticket_rows import close_tickets_of_case
from callbot.workflows.next_step import first_step, next_step, outcome_due
from callbot.workflows.page_workers import Wording

VIA_KO = {"console": "", "sms": "문자 회신", "link": "문자 링크", "voice": "전화 버튼", "transfer": "통화 연결"}


def acknowledge(
    store: Store, case_id: int, account_id: int | None, now: datetime, *, version: int | None = None
) -> None:
    """Somebody takes it: the policy stops climbing. Raises StaleCase, ImpossibleTransition, LookupError."""
    with store.write() as connection:
        case = _as_shown(locked_case(connection, case_id), version)
        take_in(connection, case, By(worker_of_account(connection, account_id), account_id), now)


def take_in(connection: Connection, case: Case, by: By, now: datetime) -> None:
    """The same inside a transaction. Without an outcome by its deadline the case comes back."""
    account_id = by.account_id or account_of_worker(connection, by.worker_id)
    state = move(case.state, CaseState.ACKNOWLEDGED)
    due = outcome_due(case, now, how_often(connection, case.id, "came_back"))
    values = {"acknowledged_at": now, "acknowledged_by": account_id, "next_step_at": due}
    change_case(connection, case, state=state, **values)
    _record(connection, case.id, "acknowledged", by, now)


def decline(store: Store, case_id: int, account_id: int | None, now: datetime) -> None:
    """못 맡음: the next step is paged at once. Raises StaleCase, ImpossibleTransition, LookupError."""
    with store.write() as connection:
        case = locked_case(connection, case_id)
        decline_in(connection, case, By(worker_of_account(connection, account_id), account_id), now)


def decline_in(connection: Connection, case: Case, by: By, now: datetime) -> None:
    """The same inside a transaction; whoever had taken it gives it back."""
    if case.state is not CaseState.TRIGGERED:
        change_case(connection, case, state=move(case.state, CaseState.TRIGGERED))
        case = locked_case(connection, case.id)
    _record(connection, case.id, "declined", by, now)
    programme = programme_of_person(connection, case.person_id)
    next_step(connection, case, programme, Wording("앞사람 못맡음", at=case.since), now, None)


def reassign(
    store: Store, case_id: int, worker_id: int, now: datetime, *, account_id: int | None, version: int | None = None
) -> None:
    """Give it to another worker, who is paged at once and for whom the steps begin anew. Raises as above."""
    with store.write() as connection:
        case = _as_shown(locked_case(connection, case_id), version)
        if case.state is CaseState.ACKNOWLEDGED:
            change_case(connection, case, state=move(case.state, CaseState.TRIGGERED))
            case = locked_case(connection, case_id)
        elif case.state is CaseState.CLOSED:
            move(case.state, CaseState.TRIGGERED)
        add_case_worker(connection, case.id, "reassigned", By(worker_id, account_id), now)
        detail = worker_name(connection, worker_id)
        add_event(connection, case.id, "reassigned", now, account_id=account_id, detail=detail)
        _begin_anew(connection, case, Wording("다시 배정", at=case.since), now)


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
    on_behalf_of: int | None = None,
) -> None:
    """What was found or done; `on_behalf_of`: the worker who did it, where somebody else writes it down.

    Raises StaleCase, ImpossibleTransition, LookupError.
    """
    with store.write() as connection:
        case = _as_shown(locked_case(connection, case_id), version)
        by = By(on_behalf_of or worker_of_account(connection, account_id), account_id)
        if on_behalf_of is not None:
            note = f"{note} ({worker_name(connection, on_behalf_of)} 대신 기록)".strip()
        close_in(connection, case, outcome, note, by, now, follow_up_on=follow_up_on)


def close_in(
    connection: Connection,
    case: Case,
    outcome: CaseOutcome,
    note: str,
    by: By,
    now: datetime,
    *,
    follow_up_on: date | None = None,
) -> None:
    """The same inside a transaction."""
    account_id = by.account_id or account_of_worker(connection, by.worker_id)
    values = {"outcome": outcome, "note": note, "closed_at": now, "closed_by": account_id, "next_step_at": None}
    state = move(case.state, CaseState.CLOSED, outcome)
    change_case(connection, case, state=state, follow_up_on=follow_up_on, **values)
    close_tickets_of_case(connection, case.id, outcome_with_case(outcome), now)
    _record(connection, case.id, "closed", by, now, detail=note or OUTCOME_KO[outcome])


def note_on_case(store: Store, case_id: int, note: str, now: datetime, *, account_id: int | None = None) -> None:
    """A line of history."""
    with store.write() as connection:
        locked_case(connection, case_id)
        add_event(connection, case_id, "note", now, account_id=account_id, detail=note)


MOST_A_ROUND = 200


def climb(store: Store, now: datetime) -> int:
    """Page the next step of every case that nobody took in time, and bring back what was taken and never finished; how
    many cases that were. A transaction a case, critical ones first: an emergency that is spoken meanwhile does not wait."""
    for done in range(MOST_A_ROUND):
        with store.write() as connection:
            due = cases_to_climb(connection, now, most=1)
            if not due:
                return done
            _climb(connection, locked_case(connection, due[0]), now)
    return MOST_A_ROUND


def _climb(connection: Connection, case: Case, now: datetime) -> None:
    if case.state is CaseState.ACKNOWLEDGED:
        _come_back(connection, case, now)
        return
    programme = programme_of_person(connection, case.person_id)
    due = case_due(connection, case.id)
    next_step(connection, case, programme, Wording(f"{case.step}차 무응답", at=case.since), now, due)
    add_event(connection, case.id, "climbed", now, level=case.level)


def _come_back(connection: Connection, case: Case, now: datetime) -> None:
    """Acknowledged is not resolved: its deadline passed without an outcome."""
    change_case(connection, case, state=move(case.state, CaseState.TRIGGERED))
    add_event(connection, case.id, "came_back", now, level=case.level)
    _begin_anew(connection, locked_case(connection, case.id), Wording("맡은뒤 결과없음", at=case.since), now)


def _begin_anew(connection: Connection, case: Case, wording: Wording, now: datetime) -> None:
    change_case(connection, case, step=0, round=case.round + 1)
    case = locked_case(connection, case.id)
    first_step(connection, case, programme_of_person(connection, case.person_id), wording, now)


def _record(connection: Connection, case_id: int, what: str, by: By, now: datetime, detail: str | None = None) -> None:
    """The history, and who it was; a reply by telephone names the worker in words, because no account acted."""
    add_case_worker(connection, case_id, what, by, now)
    account_id = by.account_id or account_of_worker(connection, by.worker_id)
    if by.via != "console" and by.worker_id is not None:
        said = f"{worker_name(connection, by.worker_id)} · {VIA_KO.get(by.via, by.via)}"
        detail = f"{detail} · {said}" if detail else said
    add_event(connection, case_id, what, now, account_id=account_id, detail=detail)


def _as_shown(case: Case, version: int | None) -> Case:
    if version is not None and version != case.version:
        raise StaleCase("다른 담당자가 먼저 처리했습니다. 새로 고친 뒤 다시 확인해 주세요.")
    return case
