"""The 일정 section's lists: holds by their end, and the names of persons in a list of ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.store.console_people import PERSON_COLUMNS, who_of
from callbot.store.console_scope import Scope
from callbot.store.console_views import Who
from callbot.store.tables import holds, persons


@dataclass(frozen=True)
class HoldLine:
    """One hold in force, or to come."""

    who: Who
    reason: str
    starts_at: datetime
    until: datetime | None
    note: str
    by: str
    to_come: bool


def hold_lines(connection: Connection, scope: Scope, now: datetime) -> list[HoldLine]:
    """The first to end first, those without an end last."""
    it = holds.c
    asked = (
        sa.select(*PERSON_COLUMNS, it.reason, it.starts_at, it.until, it.note, it.by)
        .join(persons, persons.c.id == it.person_id)
        .where(scope.of_persons(), persons.c.active, it.lifted_at.is_(None), sa.or_(it.until.is_(None), it.until > now))
        .order_by(it.until.is_(None), it.until, it.starts_at)
    )
    return [
        HoldLine(
            who_of(row, now), row.reason, row.starts_at, row.until, row.note or "", row.by or "", row.starts_at > now
        )
        for row in connection.execute(asked)
    ]


def whos(connection: Connection, scope: Scope, person_ids: Iterable[int], now: datetime) -> dict[int, Who]:
    """Those of them in scope, by id."""
    asked = sa.select(*PERSON_COLUMNS).where(scope.of_persons(), persons.c.id.in_(list(person_ids)))
    found = [who_of(row, now) for row in connection.execute(asked)]
    return {who.id: who for who in found}


def programme_of(connection: Connection, person_id: int) -> int | None:
    """The programme's id."""
    return connection.scalar(sa.select(persons.c.programme_id).where(persons.c.id == person_id))
