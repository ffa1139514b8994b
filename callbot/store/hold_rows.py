"""Holds: which end, which ended, which nobody has looked at for long."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from callbot.people.hold import HoldReason
from callbot.store.tables import holds


@dataclass(frozen=True)
class HoldRow:
    """One hold."""

    id: int
    person_id: int
    reason: HoldReason
    starts_at: datetime
    until: datetime | None


def ending_before(connection: Connection, now: datetime, horizon: datetime, long_ago: datetime) -> list[HoldRow]:
    """Holds in force that nobody was reminded of: ending before `horizon`, or without an end and last looked at before
    `long_ago`. Whoever has died or does not want to be called is not asked about again and again."""
    it = holds.c
    asked_rarely = and_(
        it.until.is_(None),
        it.reason.not_in([HoldReason.DEAD, HoldReason.DO_NOT_CALL]),
        or_(it.reminded_at < long_ago, and_(it.reminded_at.is_(None), it.starts_at < long_ago)),
    )
    ending = and_(it.until > now, it.until <= horizon, it.reminded_at.is_(None))
    found = select(holds).where(it.lifted_at.is_(None), it.starts_at <= now, or_(ending, asked_rarely)).order_by(it.id)
    return [
        HoldRow(row.id, row.person_id, HoldReason(row.reason), row.starts_at, row.until)
        for row in connection.execute(found.with_for_update(skip_locked=True))
    ]


def run_out(connection: Connection, now: datetime, most: int = 200) -> list[HoldRow]:
    """Holds whose time is over and that are not marked as lifted yet; locked."""
    it = holds.c
    found = select(holds).where(it.lifted_at.is_(None), it.until <= now).order_by(it.id).limit(most)
    return [
        HoldRow(row.id, row.person_id, HoldReason(row.reason), row.starts_at, row.until)
        for row in connection.execute(found.with_for_update(skip_locked=True))
    ]


def mark_reminded(connection: Connection, hold_id: int, now: datetime) -> None:
    """The caseworker was told."""
    connection.execute(holds.update().where(holds.c.id == hold_id).values(reminded_at=now))


def mark_lifted(connection: Connection, hold_id: int, at: datetime) -> None:
    """Over."""
    connection.execute(holds.update().where(holds.c.id == hold_id, holds.c.lifted_at.is_(None)).values(lifted_at=at))


def change_until(connection: Connection, person_id: int, until: datetime | None, now: datetime) -> int:
    """Give every hold in force (or to come) of this person another end; how many. Its reminder comes again."""
    it = holds.c
    mine = and_(it.person_id == person_id, it.lifted_at.is_(None), or_(it.until.is_(None), it.until > now))
    return connection.execute(holds.update().where(mine).values(until=until, reminded_at=None)).rowcount
