"""A worker is rung into a crisis call: whom, what they hear, and what came of it in the case's history."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from callbot.escalate.case import CaseKind, CaseState
from callbot.escalate.hours import hours_at
from callbot.escalate.policy import severity_of
from callbot.escalate.spoken_summary import what, who
from callbot.people.person import age_in
from callbot.schedule.window import SEOUL
from callbot.store.call_rows import call_row, categories_of_call
from callbot.store.case_rows import Case, add_event, locked_case, open_case_of
from callbot.store.case_worker_rows import By, phones_of, worker_name
from callbot.store.database import Store
from callbot.store.people_rows import name_and_team_facts
from callbot.store.policy_rows import Programme, programme_of_person
from callbot.store.roster_rows import holidays_near
from callbot.understand.meaning import Level
from callbot.workflows.handle_case import take_in
from callbot.workflows.page_workers import meant_for

RUNG, NO_ANSWER, DECLINED, JOINED, SPOKE, LEFT, NOBODY, PERSON_GONE = (
    "transfer_rung", "transfer_no_answer", "transfer_declined", "transfer_joined", "transfer_spoke", "transfer_left",
    "transfer_nobody", "transfer_person_gone",
)  # fmt: skip
"""What a case's history says of a transfer."""


@dataclass(frozen=True)
class OnDuty:
    """Somebody who can be rung."""

    worker_id: int
    phone: str
    """E.164."""


@dataclass(frozen=True)
class Summons:
    """Whom to ring about a case, in this order, and what they hear."""

    case_id: int
    call_id: int
    workers: tuple[OnDuty, ...]
    summary: tuple[str, ...]
    """Sentences; masked as the programme allows."""


def whom_to_ring(store: Store, call_id: int, now: datetime) -> Summons | None:
    """Everybody whom the case's policy means at this hour, in the order of its steps; None: no case, or no telephone."""
    with store.read() as connection:
        call = call_row(connection, call_id)
        case = open_case_of(connection, call.person_id, CaseKind.DISTRESS)
        if case is None:
            return None
        programme = programme_of_person(connection, case.person_id)
        workers = _in_order(connection, case, programme, now)
        return (
            Summons(case.id, call_id, workers, _summary(connection, case, programme, call_id, now)) if workers else None
        )


def _in_order(connection: Connection, case: Case, programme: Programme, now: datetime) -> tuple[OnDuty, ...]:
    hours = hours_at(now, holidays_near(connection, now))
    steps = case.policy.steps_for(severity_of(case.kind, case.level), hours)
    meant = [worker for step in steps for worker in meant_for(connection, programme.id, case, step.to, now).worker_ids]
    ids = tuple(dict.fromkeys(meant))
    phones = phones_of(connection, ids)
    return tuple(OnDuty(worker_id, phones[worker_id]) for worker_id in ids if worker_id in phones)


def _summary(connection: Connection, case: Case, programme: Programme, call_id: int, now: datetime) -> tuple[str, ...]:
    name, birth_year, _ = name_and_team_facts(connection, case.person_id)
    worst_first = sorted(categories_of_call(connection, call_id).items(), key=lambda one: -one[1].rank)
    grave = tuple(category for category, level in worst_first if level.rank >= Level.HIGH.rank)
    return (
        who(name, age_in(birth_year, now.astimezone(SEOUL).year), programme.district),
        what(grave, clinical=programme.clinical_words_in_sms),
    )


def note_transfer(
    store: Store, summons: Summons, what_happened: str, now: datetime, *, worker_id: int | None = None
) -> None:
    """One line of the case's history. Whoever came in has taken the case; the steps stop climbing."""
    with store.write() as connection:
        case = locked_case(connection, summons.case_id)
        name = worker_name(connection, worker_id) if worker_id is not None else None
        add_event(connection, case.id, what_happened, now, call_id=summons.call_id, level=case.level, detail=name)
        took = what_happened in {JOINED, PERSON_GONE} and case.state is CaseState.TRIGGERED
        if took and worker_id is not None:
            take_in(connection, case, By(worker_id, None, "transfer"), now)
