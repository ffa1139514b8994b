"""Who took, declined, was given or closed a case, and by what: append-only beside the case's history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from callbot.escalate.case import CaseState
from callbot.store.keys import Keyring
from callbot.store.tables import accounts, cases, pages, workers
from callbot.store.tables_escalate import case_workers, page_cases
from callbot.store.writing import insert


@dataclass(frozen=True)
class By:
    """Who acts, as far as is known, and through what."""

    worker_id: int | None = None
    account_id: int | None = None
    via: str = "console"
    """console, sms, link, voice, transfer (they came into the call)."""
    page_id: int | None = None


@dataclass(frozen=True)
class RepliedPage:
    """A page that somebody answers."""

    page_id: int
    case_ids: tuple[int, ...]
    """One; of a digest or a storm all that it lists."""
    worker_id: int | None
    created_at: datetime


def add_case_worker(connection: Connection, case_id: int, what: str, by: By, now: datetime) -> None:
    """`what`: acknowledged, declined, reassigned, closed."""
    row = {"case_id": case_id, "what": what, "at": now, "via": by.via, "page_id": by.page_id}
    insert(connection, case_workers, row | {"worker_id": by.worker_id, "account_id": by.account_id})


def worker_of_account(connection: Connection, account_id: int | None) -> int | None:
    """The worker whose account it is."""
    if account_id is None:
        return None
    return connection.scalar(select(accounts.c.worker_id).where(accounts.c.id == account_id))


def account_of_worker(connection: Connection, worker_id: int | None) -> int | None:
    """The worker's account, where there is one."""
    if worker_id is None:
        return None
    asked = select(accounts.c.id).where(accounts.c.worker_id == worker_id, accounts.c.active).order_by(accounts.c.id)
    return connection.scalar(asked.limit(1))


def worker_name(connection: Connection, worker_id: int) -> str:
    """In full."""
    name: str = connection.execute(select(workers.c.name).where(workers.c.id == worker_id)).scalar_one()
    return name


def phones_of(connection: Connection, worker_ids: tuple[int, ...]) -> dict[int, str]:
    """E.164 of those active workers that have a telephone."""
    asked = select(workers.c.id, workers.c.phone).where(workers.c.id.in_(worker_ids), workers.c.active)
    return {row.id: row.phone for row in connection.execute(asked) if row.phone}


def latest(connection: Connection, case_id: int, what: str) -> int | None:
    """The worker of the newest entry of that kind."""
    asked = select(case_workers.c.worker_id).where(case_workers.c.case_id == case_id, case_workers.c.what == what)
    return connection.scalar(asked.order_by(case_workers.c.id.desc()).limit(1))


def already_declined(connection: Connection, case_id: int, by: By) -> bool:
    """This worker has answered this very page so before."""
    asked = select(case_workers.c.id).where(
        case_workers.c.case_id == case_id, case_workers.c.what == "declined", case_workers.c.page_id == by.page_id
    )
    return by.page_id is not None and connection.scalar(asked.limit(1)) is not None


def workers_with_phone(connection: Connection, keys: Keyring, e164: str) -> tuple[int, ...]:
    """Active workers with this number, by blind index."""
    asked = select(workers.c.id).where(workers.c.phone_index == keys.blind(e164), workers.c.active)
    return tuple(connection.scalars(asked.order_by(workers.c.id)))


def page_answered(connection: Connection, page_id: int) -> RepliedPage | None:
    """By its id."""
    return _replied(connection, select(pages).where(pages.c.id == page_id))


def newest_open_page(connection: Connection, worker_ids: tuple[int, ...], case_id: int | None) -> RepliedPage | None:
    """What a reply without a reference means: the newest page to this worker about a case that waits for somebody.

    Of those that wait untaken the newest; else the newest of those not closed; else the newest of all. `case_id`: only
    pages about this case.
    """
    untaken = cases.c.state != CaseState.TRIGGERED
    closed = cases.c.state == CaseState.CLOSED
    asked = (
        select(pages)
        .join(cases, cases.c.id == pages.c.case_id)
        .where(pages.c.worker_id.in_(worker_ids))
        .order_by(untaken, closed, pages.c.id.desc())
        .limit(1)
    )
    if case_id is not None:
        listed = select(page_cases.c.page_id).where(page_cases.c.case_id == case_id)
        asked = asked.where((pages.c.case_id == case_id) | pages.c.id.in_(listed))
    return _replied(connection, asked)


def waiting_cases(connection: Connection, worker_ids: tuple[int, ...]) -> tuple[int, ...]:
    """Untaken cases that this worker was paged about, newest first."""
    asked = (
        select(cases.c.id)
        .join(pages, pages.c.case_id == cases.c.id)
        .where(pages.c.worker_id.in_(worker_ids), cases.c.state == CaseState.TRIGGERED)
        .group_by(cases.c.id)
        .order_by(func.max(pages.c.id).desc())
    )
    return tuple(connection.scalars(asked))


def _replied(connection: Connection, asked: Select[Any]) -> RepliedPage | None:
    row = connection.execute(asked).first()
    if row is None:
        return None
    listed = connection.scalars(
        select(page_cases.c.case_id).where(page_cases.c.page_id == row.id).order_by(page_cases.c.id)
    ).all()
    return RepliedPage(row.id, tuple(listed) or (row.case_id,), row.worker_id, row.created_at)
