"""A programme's paging: its settings, its storms, what waits for a digest, and its edited texts."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from callbot.escalate.bundling import Paging
from callbot.escalate.case import CaseKind, CaseState
from callbot.store.tables import cases, escalation_policies, pages, persons, programmes
from callbot.store.tables_escalate import digest_items, page_cases, programme_paging, sms_texts, storms
from callbot.store.writing import insert, insert_or_leave, upsert

_PAGING = select(programme_paging).where(programme_paging.c.programme_id == bindparam("of_programme"))
_OPEN_STORMS = select(storms).where(storms.c.ended_at.is_(None)).order_by(storms.c.id).with_for_update()
_DUE_ITEMS = (
    select(digest_items, cases.c.person_id, persons.c.programme_id)
    .select_from(
        digest_items.join(cases, digest_items.c.case_id == cases.c.id).join(persons, cases.c.person_id == persons.c.id)
    )
    .where(digest_items.c.page_id.is_(None), digest_items.c.due_at <= bindparam("now"))
    .where(cases.c.state != CaseState.CLOSED)
    .order_by(digest_items.c.id)
    .with_for_update(of=digest_items)
)
"""Asked at every tick: built once."""


def paging_of(connection: Connection, programme_id: int) -> Paging:
    """As set, or the defaults."""
    row = connection.execute(_PAGING, {"of_programme": programme_id}).one_or_none()
    if row is None:
        return Paging()
    return Paging(
        tuple(time.fromisoformat(text) for text in row.digest_times),
        row.storm_count,
        row.storm_minutes,
        row.page_budget,
        row.long_pages,
        row.notify_day_before,
        row.notify_missed,
    )


def set_paging(
    connection: Connection, programme_id: int, paging: Paging, now: datetime, *, account_id: int | None = None
) -> None:
    """In force from now on."""
    row = {
        "programme_id": programme_id,
        "digest_times": [f"{clock:%H:%M}" for clock in paging.digest_times],
        "storm_count": paging.storm_count,
        "storm_minutes": paging.storm_minutes,
        "page_budget": paging.page_budget,
        "long_pages": paging.long_pages,
        "notify_day_before": paging.notify_day_before,
        "notify_missed": paging.notify_missed,
        "changed_at": now,
        "changed_by": account_id,
    }
    upsert(connection, programme_paging, row, ("programme_id",))


# --- storms ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Storm:
    """Many missed at once."""

    id: int
    programme_id: int
    cause: str
    began_at: datetime
    last_at: datetime
    cases: int


def missed_since(connection: Connection, programme_id: int, since: datetime) -> int:
    """Missed cases of a programme that were opened or raised since then."""
    asked = (
        select(func.count())
        .select_from(cases.join(persons, cases.c.person_id == persons.c.id))
        .where(persons.c.programme_id == programme_id, cases.c.kind == CaseKind.MISSED)
        .where((cases.c.opened_at >= since) | (cases.c.raised_at >= since))  # each has its index
    )
    return connection.scalar(asked) or 0


def open_storm(connection: Connection, programme_id: int) -> Storm | None:
    """The one that goes on."""
    row = connection.execute(
        select(storms).where(storms.c.programme_id == programme_id, storms.c.ended_at.is_(None)).with_for_update()
    ).first()
    return None if row is None else _storm(row)


def open_storms(connection: Connection) -> tuple[Storm, ...]:
    """Of every programme."""
    rows = connection.execute(_OPEN_STORMS)
    return tuple(_storm(row) for row in rows)


def _storm(row: Any) -> Storm:
    return Storm(row.id, row.programme_id, row.cause, row.began_at, row.last_at, row.cases)


def begin_storm(connection: Connection, programme_id: int, cause: str, now: datetime) -> Storm:
    """From now on; the one that somebody else has begun at this very moment, where there is one."""
    row = {"programme_id": programme_id, "cause": cause, "began_at": now, "last_at": now}
    new_id = insert_or_leave(connection, storms, row)
    if new_id is not None:
        return Storm(new_id, programme_id, cause, now, now, 0)
    return open_storm(connection, programme_id) or begin_storm(connection, programme_id, cause, now)


def count_into(connection: Connection, storm: Storm, now: datetime) -> None:
    """One more case."""
    connection.execute(update(storms).where(storms.c.id == storm.id).values(last_at=now, cases=storms.c.cases + 1))


def end_storm(connection: Connection, storm: Storm, now: datetime) -> None:
    """It is over."""
    connection.execute(update(storms).where(storms.c.id == storm.id).values(ended_at=now))


def list_on_page(connection: Connection, page_id: int, case_id: int) -> bool:
    """The page is about this case too; False where it said so already."""
    return insert_or_leave(connection, page_cases, {"page_id": page_id, "case_id": case_id}) is not None


def page_of_key(connection: Connection, dedup_key: str) -> int | None:
    """The page that was written under this key."""
    return connection.scalar(select(pages.c.id).where(pages.c.dedup_key == dedup_key))


def recipients_of_storm(connection: Connection, storm_id: int) -> tuple[int | None, ...]:
    """Whoever was paged about it."""
    found = connection.scalars(
        select(pages.c.worker_id).where(pages.c.dedup_key.like(f"storm/{storm_id}/%")).distinct()
    )
    return tuple(found)


def cases_of_storm(connection: Connection, storm_id: int) -> tuple[tuple[int, int], ...]:
    """(case, person) of everybody on its list, in the order in which they were missed."""
    rows = connection.execute(
        select(cases.c.id, cases.c.person_id)
        .join(page_cases, page_cases.c.case_id == cases.c.id)
        .join(pages, pages.c.id == page_cases.c.page_id)
        .where(pages.c.dedup_key.like(f"storm/{storm_id}/%"))
        .group_by(cases.c.id, cases.c.person_id)
        .order_by(cases.c.id)
    )
    return tuple((row.id, row.person_id) for row in rows)


# --- digests ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DigestItem:
    """One line of somebody's next digest."""

    id: int
    case_id: int
    person_id: int
    programme_id: int
    worker_id: int | None
    what: str


def add_digest_item(connection: Connection, row: dict[str, Any]) -> int | None:
    """None where it waits or was told already."""
    return insert_or_leave(connection, digest_items, row)


def due_items(connection: Connection, now: datetime) -> tuple[DigestItem, ...]:
    """What is to be told now, of cases that nobody has closed meanwhile."""
    rows = connection.execute(_DUE_ITEMS, {"now": now})
    return tuple(
        DigestItem(row.id, row.case_id, row.person_id, row.programme_id, row.worker_id, row.what or "") for row in rows
    )


def told(connection: Connection, items: tuple[DigestItem, ...], page_id: int) -> None:
    """They stand in this page."""
    connection.execute(
        update(digest_items).where(digest_items.c.id.in_([item.id for item in items])).values(page_id=page_id)
    )


# --- texts -----------------------------------------------------------------------------------------------------------
def edited_text(connection: Connection, name: str) -> str:
    """The newest edited version of a template; empty: the shipped file."""
    asked = select(sms_texts.c.text).where(sms_texts.c.name == name).order_by(sms_texts.c.version.desc()).limit(1)
    return connection.scalar(asked) or ""


def text_versions(connection: Connection, name: str) -> tuple[Any, ...]:
    """Every version, newest first."""
    asked = select(sms_texts).where(sms_texts.c.name == name).order_by(sms_texts.c.version.desc())
    return tuple(connection.execute(asked))


def save_text(connection: Connection, name: str, text: str, now: datetime, *, account_id: int | None) -> int:
    """A new version; its number."""
    newest = connection.scalar(select(func.max(sms_texts.c.version)).where(sms_texts.c.name == name)) or 0
    row = {"name": name, "version": newest + 1, "text": text, "created_at": now, "created_by": account_id}
    insert(connection, sms_texts, row)
    return int(newest) + 1


# --- policies in force -----------------------------------------------------------------------------------------------
def use_policy(connection: Connection, programme_id: int, policy_id: int) -> None:
    """New cases of this programme snapshot it."""
    connection.execute(update(programmes).where(programmes.c.id == programme_id).values(escalation_policy_id=policy_id))


def policy_versions(connection: Connection, name: str) -> tuple[Any, ...]:
    """Newest first."""
    asked = select(escalation_policies).where(escalation_policies.c.name == name)
    return tuple(connection.execute(asked.order_by(escalation_policies.c.version.desc())))
