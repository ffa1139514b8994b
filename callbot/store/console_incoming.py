"""The list of calls that came to us: call-backs, and callers whom nobody knows."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.store.console_people import PERSON_COLUMNS, who_of
from callbot.store.console_scope import Scope
from callbot.store.console_views import Who
from callbot.store.tables import calls, persons
from callbot.store.tables_incoming import incoming_calls
from callbot.understand.meaning import Level

MOST = 200


@dataclass(frozen=True)
class IncomingLine:
    """One call."""

    at: datetime
    who: Who | None
    """Whose number it is; None: nobody in the programme has it, or it is two persons' of whom neither was called."""
    e164: str | None
    """None: withheld."""
    outcome: str | None
    """check_in, in_call, message, nothing, ...; None: it is on the line, or its end was never written."""
    ended: datetime | None
    cancelled_retry: bool
    """A call of ours that was planned for later was not needed any more."""
    case_id: int | None
    level: Level | None
    """Of the check-in that it became."""


def incoming_lines(connection: Connection, scope: Scope, now: datetime) -> list[IncomingLine]:
    """The newest first. An unknown caller may be anybody's: whoever may see the list sees that they called."""
    it = incoming_calls.c
    asked = (
        sa.select(*PERSON_COLUMNS, it.at, it.number, it.outcome, it.ended_at, it.resume_at, it.case_id, calls.c.level)
        .select_from(
            incoming_calls.outerjoin(persons, persons.c.id == it.person_id).outerjoin(
                calls, calls.c.attempt_id == it.attempt_id
            )
        )
        .where(sa.or_(it.person_id.is_(None), scope.of_persons()))
        .order_by(it.at.desc(), it.id.desc())
        .limit(MOST)
    )
    return [
        IncomingLine(
            at=row.at,
            who=None if row._mapping[persons.c.id] is None else who_of(row, now),  # noqa: SLF001
            e164=row.number,
            outcome=row.outcome,
            ended=row.ended_at,
            cancelled_retry=row.resume_at is not None and row.outcome == "check_in",
            case_id=row.case_id,
            level=Level(row.level) if row.level else None,
        )
        for row in connection.execute(asked)
    ]
