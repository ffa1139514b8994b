"""Cases that are to be looked at again on a day."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from callbot.escalate.case import CaseState
from callbot.store.case_rows import Case, locked_case
from callbot.store.tables import cases, pages
from callbot.store.tables_escalate import digest_items

LONGEST_LATE = timedelta(days=14)

_FOLLOW = (
    select(cases.c.id, cases.c.follow_up_on)
    .where(cases.c.state == CaseState.CLOSED, cases.c.follow_up_on <= bindparam("today"))
    .where(cases.c.follow_up_on > bindparam("too_late"))
    .order_by(cases.c.id)
)
"""Asked at every tick: built once."""


def cases_to_follow(connection: Connection, today: date) -> tuple[tuple[Case, str], ...]:
    """(case, dedup key) of closed cases whose day has come and that nobody was reminded of."""
    rows = connection.execute(_FOLLOW, {"today": today, "too_late": today - LONGEST_LATE}).all()
    if not rows:
        return ()
    keys = {row.id: f"{row.id}/follow_up/{row.follow_up_on.isoformat()}" for row in rows}
    reminded: set[Any] = set()
    for table in (pages, digest_items):
        like = table.c.dedup_key.like("%/follow_up/%")
        reminded |= set(connection.scalars(select(table.c.dedup_key).where(table.c.case_id.in_(keys), like)))
    return tuple(
        (locked_case(connection, case_id), key)
        for case_id, key in keys.items()
        if not any(str(known).startswith(key) for known in reminded)
    )
