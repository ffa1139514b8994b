"""Programmes with their ladders and policies, and the team."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from callbot.escalate.policy import DEFAULT as DEFAULT_POLICY
from callbot.escalate.policy import EscalationPolicy, read_policy
from callbot.people.team import Role, Worker
from callbot.schedule.festivals import RoundDay
from callbot.schedule.ladder import DEFAULT as DEFAULT_LADDER
from callbot.schedule.ladder import RetryLadder, read_ladder
from callbot.schedule.week import HolidayRule
from callbot.schedule.window import Window, read_window
from callbot.store.keys import Keyring
from callbot.store.tables import escalation_policies, persons, programmes, retry_ladders, workers
from callbot.store.writing import insert

_IN_FORCE = (
    select(programmes, retry_ladders.c.rungs, escalation_policies.c.steps)
    .outerjoin(retry_ladders, programmes.c.retry_ladder_id == retry_ladders.c.id)
    .outerjoin(escalation_policies, programmes.c.escalation_policy_id == escalation_policies.c.id)
)
_OF_ID = _IN_FORCE.where(programmes.c.id == bindparam("programme_id"))
_OF_PERSON = _IN_FORCE.where(
    programmes.c.id == select(persons.c.programme_id).where(persons.c.id == bindparam("person_id")).scalar_subquery()
)
_ACTIVE = _IN_FORCE.where(programmes.c.active).order_by(programmes.c.id)
_TEAM = (
    select(workers.c.id, workers.c.role, workers.c.active)
    .where((workers.c.programme_id == bindparam("programme_id")) | workers.c.programme_id.is_(None))
    .order_by(workers.c.id)
)
"""Asked several times a call: built once."""


@dataclass(frozen=True)
class Programme:
    """One municipal programme."""

    id: int
    name: str
    district: str
    caller_number: str
    window: Window | None
    """None: closed, because it could not be read."""
    holiday_rule: HolidayRule
    script_name: str
    ladder: RetryLadder
    policy: EscalationPolicy
    clinical_words_in_sms: bool
    holiday_rounds: tuple[RoundDay, ...] = ()


def programme_of(connection: Connection, programme_id: int) -> Programme:
    """With the ladder and policy in force, or the defaults where it names none."""
    return _programme(connection.execute(_OF_ID, {"programme_id": programme_id}).one())


def _programme(row: Row[Any]) -> Programme:
    return Programme(
        id=row.id,
        name=row.name,
        district=row.district,
        caller_number=row.caller_number,
        window=read_window(row.window_from, row.window_until),
        holiday_rule=HolidayRule(row.holiday_rule),
        script_name=row.script_name,
        ladder=read_ladder(row.rungs) if row.rungs else DEFAULT_LADDER,
        policy=read_policy(row.steps) if row.steps else DEFAULT_POLICY,
        clinical_words_in_sms=row.clinical_words_in_sms,
        holiday_rounds=tuple(RoundDay(each) for each in row.holiday_rounds or ()),
    )


def all_programmes(connection: Connection) -> dict[int, Programme]:
    """Active ones by id."""
    return {row.id: _programme(row) for row in connection.execute(_ACTIVE)}


def programme_of_person(connection: Connection, person_id: int) -> Programme:
    """The programme that a person is in."""
    row = connection.execute(_OF_PERSON, {"person_id": person_id}).one_or_none()
    if row is None:
        raise LookupError(f"no person {person_id}")
    return _programme(row)


def add_programme(connection: Connection, name: str, district: str, caller_number: str, **more: Any) -> int:
    """A programme; `more`: other columns. Its id."""
    return insert(connection, programmes, {"name": name, "district": district, "caller_number": caller_number, **more})


def programme_id_named(connection: Connection, name: str) -> int | None:
    """By name."""
    return connection.scalar(select(programmes.c.id).where(programmes.c.name == name))


def publish_ladder(connection: Connection, ladder: RetryLadder, now: datetime) -> int:
    """A new version under its name; open due contacts keep their snapshot."""
    version = _next_version(connection, retry_ladders, ladder.name)
    row = {"name": ladder.name, "version": version, "rungs": ladder.model_dump(mode="json"), "created_at": now}
    return insert(connection, retry_ladders, row)


def publish_policy(connection: Connection, policy: EscalationPolicy, now: datetime) -> int:
    """A new version under its name; open cases keep their snapshot."""
    version = _next_version(connection, escalation_policies, policy.name)
    row = {"name": policy.name, "version": version, "steps": policy.model_dump(mode="json"), "created_at": now}
    return insert(connection, escalation_policies, row)


def _next_version(connection: Connection, table: Any, name: str) -> int:
    newest = connection.scalar(select(func.max(table.c.version)).where(table.c.name == name))
    return int(newest or 0) + 1


def add_worker(
    connection: Connection,
    keys: Keyring,
    *,
    name: str,
    role: Role,
    phone: str | None = None,
    programme_id: int | None = None,
    email: str | None = None,
) -> int:
    """A member of the team; `phone` is E.164."""
    index = keys.blind(phone) if phone else None
    row = {
        "name": name,
        "role": role,
        "phone": phone,
        "phone_index": index,
        "programme_id": programme_id,
        "email": email,
    }
    return insert(connection, workers, row)


def team_of(connection: Connection, programme_id: int) -> tuple[Worker, ...]:
    """Everybody who answers for this programme: its own workers, and those of no programme (the duty room)."""
    rows = connection.execute(_TEAM, {"programme_id": programme_id})
    return tuple(Worker(row.id, Role(row.role), row.active) for row in rows)
