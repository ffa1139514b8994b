"""Programmes and ladders as a supervisor edits them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from callbot.schedule.due_contact import DueState
from callbot.schedule.ladder import DEFAULT, RetryLadder, read_ladder
from callbot.store.tables import due_contacts, persons, programmes, retry_ladders


@dataclass(frozen=True)
class ProgrammeRow:
    """As it is written down."""

    id: int
    name: str
    district: str
    caller_number: str
    window_from: str
    window_until: str
    holiday_rule: str
    holiday_rounds: tuple[str, ...]
    script_name: str
    ladder_id: int | None
    """None: the default ladder."""
    people: int
    ring_s: float | None = None
    """Seconds; None: the installation's setting `ring_s`."""


def programme_rows(connection: Connection, programme_id: int | None = None) -> list[ProgrammeRow]:
    """Active ones, or one."""
    people = select(func.count()).where(persons.c.programme_id == programmes.c.id, persons.c.active).scalar_subquery()
    asked = select(programmes, people.label("people")).where(programmes.c.active).order_by(programmes.c.id)
    if programme_id is not None:
        asked = asked.where(programmes.c.id == programme_id)
    return [
        ProgrammeRow(
            id=row.id,
            name=row.name,
            district=row.district,
            caller_number=row.caller_number,
            window_from=row.window_from,
            window_until=row.window_until,
            holiday_rule=row.holiday_rule,
            holiday_rounds=tuple(row.holiday_rounds or ()),
            script_name=row.script_name,
            ladder_id=row.retry_ladder_id,
            people=row.people,
            ring_s=row.ring_s,
        )
        for row in connection.execute(asked)
    ]


def change_programme(connection: Connection, programme_id: int, **values: Any) -> None:
    """Columns of the programme."""
    connection.execute(update(programmes).where(programmes.c.id == programme_id).values(**values))


@dataclass(frozen=True)
class LadderRow:
    """One version of one ladder."""

    id: int | None
    name: str
    version: int
    ladder: RetryLadder
    created_at: datetime | None
    used_by: tuple[str, ...]
    """Names of programmes."""


def ladder_rows(connection: Connection) -> list[LadderRow]:
    """Every version, by name, the newest first; before them the default that nobody has to write down."""
    used: dict[int | None, list[str]] = {}
    for row in connection.execute(select(programmes.c.name, programmes.c.retry_ladder_id).where(programmes.c.active)):
        used.setdefault(row.retry_ladder_id, []).append(row.name)
    written = connection.execute(select(retry_ladders).order_by(retry_ladders.c.name, retry_ladders.c.version.desc()))
    rows = [
        LadderRow(row.id, row.name, row.version, read_ladder(row.rungs), row.created_at, tuple(used.get(row.id, ())))
        for row in written
    ]
    return [LadderRow(None, DEFAULT.name, 0, DEFAULT, None, tuple(used.get(None, ()))), *rows]


def ladder_row(connection: Connection, ladder_id: int | None) -> LadderRow | None:
    """One version; None as id: the default."""
    return next((row for row in ladder_rows(connection) if row.id == ladder_id), None)


def use_script(connection: Connection, programme_id: int, old: str, new: str | None) -> int:
    """Contacts that are planned and not over are held by the new script; those of campaigns keep their own. How many."""
    it = due_contacts.c
    members = select(persons.c.id).where(persons.c.programme_id == programme_id)
    mine = (it.person_id.in_(members), it.state != DueState.ENDED, it.campaign_id.is_(None), it.script_name == old)
    return connection.execute(update(due_contacts).where(*mine).values(script_name=new)).rowcount


def put_in_force(connection: Connection, programme_id: int, ladder: RetryLadder) -> int:
    """Contacts by schedule that nobody has tried yet climb this ladder; those that have begun keep their own. How many."""
    it = due_contacts.c
    members = select(persons.c.id).where(persons.c.programme_id == programme_id)
    waiting = (it.state == DueState.PLANNED) & (it.attempts_used == 0) & it.schedule_id.is_not(None)
    changed = update(due_contacts).where(waiting, it.person_id.in_(members))
    return connection.execute(changed.values(ladder=ladder.model_dump(mode="json"))).rowcount
