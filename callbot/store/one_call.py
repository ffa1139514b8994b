"""What came of one due contact, for whoever placed that one call."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from callbot.store.tables import answers, attempts, calls, cases, due_contacts, pages, requests


@dataclass(frozen=True)
class CallResult:
    """Words are those of the stages' enums; nothing here names anybody."""

    end: str | None
    """Of the last attempt."""
    cause: int | None
    disposition: str | None
    who: str | None
    level: str | None
    seconds: float | None
    """Of the answered call."""
    answers: dict[str, str]
    requests: tuple[str, ...]
    cases: tuple[tuple[str, str], ...]
    """(kind, level) of the person's cases that are open now."""
    pages: tuple[str, ...]
    """States of the pages written since the contact was planned."""


def call_result(connection: Connection, due_id: int) -> CallResult:
    """As it stands."""
    due = connection.execute(select(due_contacts).where(due_contacts.c.id == due_id)).one()
    attempt = connection.execute(
        select(attempts).where(attempts.c.due_contact_id == due_id).order_by(attempts.c.number.desc()).limit(1)
    ).one()
    call: Any = connection.execute(
        select(calls.c.id, calls.c.who, calls.c.level, calls.c.seconds).where(calls.c.attempt_id == attempt.id)
    ).first()
    said = select(answers.c.topic, answers.c.value).where(answers.c.call_id == (call.id if call else 0))
    wished = select(requests.c.kind).where(requests.c.call_id == (call.id if call else 0)).order_by(requests.c.id)
    open_cases = connection.execute(
        select(cases.c.id, cases.c.kind, cases.c.level)
        .where(cases.c.person_id == due.person_id, cases.c.closed_at.is_(None))
        .order_by(cases.c.id)
    ).all()
    written = connection.scalars(
        select(pages.c.state)
        .where(pages.c.case_id.in_([case.id for case in open_cases]), pages.c.created_at >= due.created_at)
        .order_by(pages.c.id)
    )
    return CallResult(
        end=attempt.end,
        cause=attempt.cause,
        disposition=due.disposition,
        who=call.who if call else None,
        level=call.level if call else None,
        seconds=call.seconds if call else None,
        answers={row.topic: row.value for row in connection.execute(said.order_by(answers.c.id))},
        requests=tuple(connection.scalars(wished)),
        cases=tuple((case.kind, case.level) for case in open_cases),
        pages=tuple(written),
    )
