"""Open a case, or join the one that is open; page in the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from callbot.escalate.case import CaseKind, CaseState, move
from callbot.store.case_rows import Case, add_event, change_case, insert_case, locked_case, open_case_of
from callbot.store.database import Store
from callbot.store.policy_rows import Programme, programme_of_person
from callbot.understand.meaning import Level
from callbot.workflows.next_step import first_step, page_again
from callbot.workflows.page_workers import Wording


@dataclass(frozen=True)
class Matter:
    """What a human has to know."""

    person_id: int
    kind: CaseKind
    level: Level
    wording: Wording
    """For the SMS."""
    summary: str
    """For the case card: one Korean sentence, encrypted at rest."""
    cause: str
    """What this is about, e.g. `due/17` or `call/4/suicide`: the same cause pages once."""
    due_contact_id: int | None = None
    call_id: int | None = None
    attempt_id: int | None = None
    page_when_joining: bool = True
    """False: joining at the same level is only noted, because the same thing was paged already."""


@dataclass(frozen=True)
class CaseChange:
    """What became of it."""

    case_id: int
    opened: bool
    raised: bool
    pages: int


def open_case(store: Store, matter: Matter, now: datetime) -> CaseChange:
    """The same, as a transaction of its own."""
    with store.write() as connection:
        return join_case(connection, matter, now)


def join_case(connection: Connection, matter: Matter, now: datetime) -> CaseChange:
    """Open the case, or add this to the open one of the same kind; a higher level raises it and pages again."""
    programme = programme_of_person(connection, matter.person_id)
    row = {
        "person_id": matter.person_id,
        "due_contact_id": matter.due_contact_id,
        "call_id": matter.call_id,
        "kind": matter.kind,
        "level": matter.level,
        "summary": matter.summary,
        "opened_at": now,
        "policy": programme.policy.model_dump(mode="json"),
    }
    new_id = insert_case(connection, row)
    if new_id is not None:
        _note(connection, new_id, "opened", matter, now)
        return CaseChange(
            new_id, True, False, _page(connection, locked_case(connection, new_id), programme, matter, now)
        )
    case = open_case_of(connection, matter.person_id, matter.kind)
    if case is None:  # closed between our insert and our look, by somebody who held its lock: try afresh
        return join_case(connection, matter, now)
    return _join(connection, case, programme, matter, now)


def _join(connection: Connection, case: Case, programme: Programme, matter: Matter, now: datetime) -> CaseChange:
    raised = matter.level.rank > case.level.rank
    _note(connection, case.id, "raised" if raised else "joined", matter, now)
    if raised:
        # Whoever acknowledged it took on something smaller: it is open again, from the first step.
        state = case.state if case.state is CaseState.TRIGGERED else move(case.state, CaseState.TRIGGERED)
        values = {"level": matter.level, "summary": matter.summary, "raised_at": now, "call_id": matter.call_id}
        change_case(connection, case, state=state, step=0, round=case.round + 1, **values)
        pages = _page(connection, locked_case(connection, case.id), programme, matter, now)
    else:
        change_case(connection, case)
        if not matter.page_when_joining:
            return CaseChange(case.id, False, False, 0)
        pages = page_again(connection, case, programme, matter.wording, matter.cause, now)
    return CaseChange(case.id, False, raised, pages)


def _page(connection: Connection, case: Case, programme: Programme, matter: Matter, now: datetime) -> int:
    return first_step(connection, case, programme, matter.wording, now)


def _note(connection: Connection, case_id: int, what: str, matter: Matter, now: datetime) -> None:
    more = {"level": matter.level, "call_id": matter.call_id, "attempt_id": matter.attempt_id}
    add_event(connection, case_id, what, now, detail=matter.summary, **more)
