"""The roster of a programme, and the public holidays that it and the policies go by."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select, update

from callbot.escalate.hours import Hours
from callbot.escalate.roster import Pattern, Roster, Shift, ShiftKind
from callbot.people.team import Role
from callbot.schedule.window import SEOUL
from callbot.store.policy_rows import team_of
from callbot.store.tables_escalate import public_days, roster_patterns, roster_shifts
from callbot.store.tables_schedule import own_holidays
from callbot.store.writing import insert, insert_or_leave

NEAR = timedelta(days=2)

_FIRST: BindParameter[date] = bindparam("first")
_LAST: BindParameter[date] = bindparam("last")
_PROGRAMME: BindParameter[int] = bindparam("programme_id")
_KNOWN_DAYS = select(public_days.c.day).where(public_days.c.day >= _FIRST, public_days.c.day <= _LAST)
_OWN_DAYS = select(own_holidays).where(own_holidays.c.day >= _FIRST, own_holidays.c.day <= _LAST)
_OURS = (
    (roster_shifts.c.programme_id == _PROGRAMME) | roster_shifts.c.programme_id.is_(None)
) & roster_shifts.c.cancelled_at.is_(None)
_SHIFTS = (
    select(roster_shifts)
    .where(_OURS, roster_shifts.c.starts_at <= bindparam("until"), roster_shifts.c.ends_at > bindparam("since"))
    .order_by(roster_shifts.c.starts_at, roster_shifts.c.id)
)
_DUTY_ROLES = select(roster_shifts.c.role).where(_OURS, roster_shifts.c.kind == ShiftKind.DUTY).distinct()
_STANDING = (
    select(roster_patterns)
    .where(
        (roster_patterns.c.programme_id == _PROGRAMME) | roster_patterns.c.programme_id.is_(None),
        roster_patterns.c.ended_at.is_(None),
    )
    .order_by(roster_patterns.c.id)
)
"""Asked at every page and every look at the duty: built once."""


def holidays_between(connection: Connection, first: date, last: date) -> frozenset[date]:
    """Public holidays as the calendar has them and as the office has corrected them, both ends included."""
    days = {"first": first, "last": last}
    own = connection.execute(_OWN_DAYS, days).all()
    known = set(connection.scalars(_KNOWN_DAYS, days)) | {row.day for row in own if row.free}
    return frozenset(known - {row.day for row in own if not row.free})


def holidays_near(connection: Connection, now: datetime) -> frozenset[date]:
    """Those that matter for an instant."""
    today = now.astimezone(SEOUL).date()
    return holidays_between(connection, today - NEAR, today + NEAR)


def keep_holidays(connection: Connection, days: Mapping[date, str]) -> int:
    """Write down what the calendar says; how many were new. A day once known stays."""
    return sum(insert_day(connection, day, name) for day, name in sorted(days.items()))


def insert_day(connection: Connection, day: date, name: str, source: str = "calendar") -> bool:
    """False where the day is known already."""
    known = connection.scalar(select(public_days.c.day).where(public_days.c.day == day))
    if known is None:
        connection.execute(public_days.insert().values(day=day, name=name, source=source))
    return known is None


def named_days(connection: Connection, first: date, last: date) -> dict[date, str]:
    """With their names."""
    asked = select(public_days).where(public_days.c.day >= first, public_days.c.day <= last)
    return {row.day: row.name for row in connection.execute(asked.order_by(public_days.c.day))}


def roster_of(connection: Connection, programme_id: int, since: datetime, until: datetime | None = None) -> Roster:
    """The team with its patterns and the shifts that reach into `since` to `until` (None: that instant only)."""
    until = until or since
    ours = {"programme_id": programme_id}
    found = connection.execute(_SHIFTS, ours | {"since": since, "until": until})
    kept = connection.scalars(_DUTY_ROLES, ours)
    standing = connection.execute(_STANDING, ours)
    return Roster(
        team_of(connection, programme_id),
        tuple(
            Pattern(row.worker_id, Role(row.role), frozenset(Hours(hours) for hours in row.hours)) for row in standing
        ),
        tuple(shift_of(row) for row in found),
        frozenset(Role(role) for role in kept if role),
    )


def shift_of(row: Any) -> Shift:
    """From a row of roster_shifts."""
    role = Role(row.role) if row.role else None
    return Shift(row.worker_id, ShiftKind(row.kind), row.starts_at, row.ends_at, role, row.covers_worker_id, row.id)


def add_pattern(
    connection: Connection, programme_id: int | None, worker_id: int, role: Role, hours: frozenset[Hours], now: datetime
) -> int:
    """Standing duty from now on; an earlier one of the same worker and role ends."""
    connection.execute(
        update(roster_patterns)
        .where(roster_patterns.c.worker_id == worker_id, roster_patterns.c.role == role)
        .where(roster_patterns.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    row = {"programme_id": programme_id, "worker_id": worker_id, "role": role, "created_at": now}
    return insert(connection, roster_patterns, row | {"hours": sorted(hours)})


def end_pattern(connection: Connection, pattern_id: int, now: datetime) -> bool:
    """It holds no longer; the row stays."""
    ended = connection.execute(
        update(roster_patterns)
        .where(roster_patterns.c.id == pattern_id, roster_patterns.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return ended.rowcount == 1


def add_shift(connection: Connection, programme_id: int | None, shift: Shift, now: datetime, **more: Any) -> int | None:
    """`more`: source, uid, note, created_by. None where a shift of this uid is there already."""
    row = {
        "programme_id": programme_id,
        "worker_id": shift.worker_id,
        "role": shift.role,
        "kind": shift.kind,
        "covers_worker_id": shift.covers,
        "starts_at": shift.starts,
        "ends_at": shift.ends,
        "created_at": now,
    }
    return insert_or_leave(connection, roster_shifts, row | more)


def cancel_shift(connection: Connection, shift_id: int, now: datetime) -> bool:
    """It does not count any more; the row stays."""
    cancelled = connection.execute(
        update(roster_shifts)
        .where(roster_shifts.c.id == shift_id, roster_shifts.c.cancelled_at.is_(None))
        .values(cancelled_at=now, uid=None)
    )
    return cancelled.rowcount == 1
