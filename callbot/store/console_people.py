"""The people pages' questions: the list, one person, the strip of the last eight due contacts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.people.consent import REQUIRED_TO_CALL, ConsentKind
from callbot.people.numbers import Relation, is_virtual, national
from callbot.people.person import age_in
from callbot.schedule.due_contact import DueState
from callbot.schedule.window import SEOUL
from callbot.store.console_people_views import CaseLine, ConsentView, HoldView, PersonCard, PersonRow
from callbot.store.console_scope import Scope
from callbot.store.console_views import Phone, WeekMark, Who
from callbot.store.tables import (
    attempts,
    calls,
    cases,
    consents,
    due_contacts,
    holds,
    person_numbers,
    persons,
    schedules,
    workers,
)
from callbot.understand.meaning import Level

AnyRow = sa.Row[*tuple[Any, ...]]
WEEKS = 8
PERSON_COLUMNS = (persons.c.id, persons.c.name, persons.c.address, persons.c.birth_year, persons.c.address_form)


def who_of(row: AnyRow, now: datetime, phones: tuple[Phone, ...] = ()) -> Who:
    """From a row that holds PERSON_COLUMNS."""
    at = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Who(
        id=at[persons.c.id],
        name=at[persons.c.name],
        age=age_in(at[persons.c.birth_year], now.astimezone(SEOUL).year),
        address_form=at[persons.c.address_form],
        address=at[persons.c.address] or "",
        phones=phones,
        virtual=any(phone.virtual for phone in phones),
    )


def phones_of(connection: Connection, person_ids: Iterable[int]) -> dict[int, tuple[Phone, ...]]:
    """Active numbers by person: the person's own in dialling order, then guardians and neighbours."""
    found: dict[int, list[Phone]] = defaultdict(list)
    asked = sa.select(person_numbers).where(person_numbers.c.person_id.in_(list(person_ids)), person_numbers.c.active)
    own_first = person_numbers.c.relation != Relation.SELF
    for row in connection.execute(asked.order_by(own_first, person_numbers.c.position, person_numbers.c.id)):
        phone = Phone(national(row.e164), row.relation, row.contact_name or "", is_virtual(row.e164))
        found[row.person_id].append(phone)
    return {person_id: tuple(phones) for person_id, phones in found.items()}


def last_contacts(connection: Connection, person_ids: Iterable[int]) -> dict[int, datetime]:
    """When each person's own voice was last heard."""
    asked = (
        sa.select(calls.c.person_id, sa.func.max(calls.c.answered_at, type_=calls.c.answered_at.type).label("at"))
        .where(calls.c.person_id.in_(list(person_ids)), calls.c.who == "person")
        .group_by(calls.c.person_id)
    )
    return {row.person_id: row.at for row in connection.execute(asked)}


def weeks_of(connection: Connection, person_ids: Iterable[int]) -> dict[int, tuple[WeekMark, ...]]:
    """The last eight ended due contacts of each person, oldest first, with the worst level of their calls."""
    newest_first = sa.func.row_number().over(
        partition_by=due_contacts.c.person_id, order_by=(due_contacts.c.planned_at.desc(), due_contacts.c.id.desc())
    )
    ranked = (
        sa.select(due_contacts.c.id, newest_first.label("place"))
        .where(due_contacts.c.person_id.in_(list(person_ids)), due_contacts.c.state == DueState.ENDED)
        .subquery()
    )
    asked = (
        sa.select(due_contacts.c.id, due_contacts.c.person_id, due_contacts.c.planned_at, due_contacts.c.disposition)
        .join(ranked, ranked.c.id == due_contacts.c.id)
        .where(ranked.c.place <= WEEKS)
        .order_by(due_contacts.c.planned_at, due_contacts.c.id)
    )
    rows = connection.execute(asked).all()
    levels = call_levels(connection, [row.id for row in rows])
    found: dict[int, list[WeekMark]] = defaultdict(list)
    for row in rows:
        due = row.planned_at.astimezone(SEOUL).date()
        found[row.person_id].append(WeekMark(due, row.disposition, levels.get(row.id)))
    return {person_id: tuple(marks) for person_id, marks in found.items()}


def call_levels(connection: Connection, due_ids: Iterable[int]) -> dict[int, Level]:
    """The worst level of the calls of each due contact."""
    worst: dict[int, Level] = {}
    asked = (
        sa.select(attempts.c.due_contact_id, calls.c.level)
        .join(attempts, calls.c.attempt_id == attempts.c.id)
        .where(attempts.c.due_contact_id.in_(list(due_ids)), calls.c.level.is_not(None))
    )
    for row in connection.execute(asked):
        level = Level(row.level)
        known = worst.get(row.due_contact_id)
        if known is None or level.rank > known.rank:
            worst[row.due_contact_id] = level
    return worst


def people(connection: Connection, scope: Scope, now: datetime, *, active: bool = True) -> tuple[PersonRow, ...]:
    """Everybody in scope who is still in the service, or (`active` False) has left it, by name."""
    stand_in = persons.c.reference.like("unknown-caller-%")
    asked = sa.select(*PERSON_COLUMNS).where(
        scope.of_persons(), persons.c.active == active, sa.or_(persons.c.reference.is_(None), ~stand_in)
    )
    found = _rows(connection, connection.execute(asked).all(), now)
    return tuple(sorted(found, key=lambda row: (row.who.name, row.who.id)))


def person(connection: Connection, scope: Scope, person_id: int, now: datetime) -> PersonCard | None:
    """One person's page; None: unknown, or not in scope."""
    asked = sa.select(*PERSON_COLUMNS, persons.c.memo, workers.c.name.label("worker")).select_from(
        persons.outerjoin(workers, persons.c.worker_id == workers.c.id)
    )
    rows = connection.execute(asked.where(scope.of_persons(), persons.c.id == person_id)).all()
    if not rows:
        return None
    return PersonCard(
        row=_rows(connection, rows, now)[0],
        worker=rows[0].worker or "",
        memo=rows[0].memo or "",
        consents=_consents(connection, person_id),
        hold=_holds(connection, [person_id], now).get(person_id),
        schedule=_schedule(connection, person_id),
        cases=_cases(connection, person_id),
    )


def _rows(connection: Connection, rows: Sequence[AnyRow], now: datetime) -> list[PersonRow]:
    ids = [row._mapping[persons.c.id] for row in rows]  # noqa: SLF001
    phones, weeks, last = phones_of(connection, ids), weeks_of(connection, ids), last_contacts(connection, ids)
    held, missing = _holds(connection, ids, now), _without_consent(connection, ids)
    open_cases = _open_cases(connection, ids)
    return [
        PersonRow(
            who=who_of(row, now, phones.get(person_id, ())),
            weeks=weeks.get(person_id, ()),
            hold=held.get(person_id),
            consent=person_id not in missing,
            open_case_id=open_cases.get(person_id),
            last_contact=last.get(person_id),
        )
        for person_id, row in zip(ids, rows, strict=True)
    ]


def _holds(connection: Connection, person_ids: Sequence[int], now: datetime) -> dict[int, HoldView]:
    asked = sa.select(holds).where(
        holds.c.person_id.in_(person_ids), holds.c.starts_at <= now, holds.c.lifted_at.is_(None),
        sa.or_(holds.c.until.is_(None), holds.c.until > now),
    )  # fmt: skip
    return {
        row.person_id: HoldView(row.reason, row.starts_at, row.until, row.note or "")
        for row in connection.execute(asked.order_by(holds.c.id))
    }


def _latest_consents(connection: Connection, person_ids: Sequence[int]) -> dict[int, dict[str, ConsentView]]:
    latest: dict[int, dict[str, ConsentView]] = {person_id: {} for person_id in person_ids}
    asked = sa.select(consents).where(consents.c.person_id.in_(person_ids)).order_by(consents.c.at, consents.c.id)
    for row in connection.execute(asked):
        latest[row.person_id][row.kind] = ConsentView(row.kind, row.given, row.at)
    return latest


def _without_consent(connection: Connection, person_ids: Sequence[int]) -> set[int]:
    return {
        person_id
        for person_id, by_kind in _latest_consents(connection, person_ids).items()
        if not all(kind in by_kind and by_kind[kind].given for kind in REQUIRED_TO_CALL)
    }


def _consents(connection: Connection, person_id: int) -> tuple[ConsentView, ...]:
    by_kind = _latest_consents(connection, [person_id])[person_id]
    return tuple(by_kind.get(kind, ConsentView(kind, None, None)) for kind in ConsentKind)


def _open_cases(connection: Connection, person_ids: Sequence[int]) -> dict[int, int]:
    asked = sa.select(cases.c.person_id, cases.c.id, cases.c.level).where(
        cases.c.person_id.in_(person_ids), cases.c.state != "closed"
    )
    worst: dict[int, tuple[int, int]] = {}
    for row in connection.execute(asked.order_by(cases.c.id)):
        rank = Level(row.level).rank
        if row.person_id not in worst or rank > worst[row.person_id][0]:
            worst[row.person_id] = (rank, row.id)
    return {person_id: case_id for person_id, (_, case_id) in worst.items()}


def _cases(connection: Connection, person_id: int) -> tuple[CaseLine, ...]:
    asked = sa.select(cases.c.id, cases.c.kind, cases.c.level, cases.c.state, cases.c.opened_at, cases.c.outcome)
    rows = connection.execute(asked.where(cases.c.person_id == person_id).order_by(cases.c.opened_at.desc()).limit(20))
    return tuple(CaseLine(row.id, row.kind, Level(row.level), row.state, row.opened_at, row.outcome) for row in rows)


def _schedule(connection: Connection, person_id: int) -> str:
    row = connection.execute(
        sa.select(schedules).where(schedules.c.person_id == person_id, schedules.c.active).order_by(schedules.c.id)
    ).first()
    if row is None:
        return "정해진 일정이 없습니다"
    if row.every_days:
        return f"{row.every_days}일마다 {row.preferred_time}"
    days = "·".join("월화수목금토일"[day - 1] for day in row.weekdays)
    every = "매주" if row.every_weeks == 1 else f"{row.every_weeks}주마다"
    return f"{every} {days}요일 {row.preferred_time}"
