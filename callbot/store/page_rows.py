"""The outbox of pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, update

from callbot.escalate.page import PageText
from callbot.escalate.page_state import PageState, move
from callbot.escalate.policy import SEVERITY_ORDER, Severity
from callbot.store.tables import pages, workers
from callbot.store.writing import insert_or_leave

_FIRST_THINGS_FIRST = case(
    {severity.value: rank for rank, severity in enumerate(SEVERITY_ORDER)}, value=pages.c.severity
)


@dataclass(frozen=True)
class PageRow:
    """One claimed page, with the recipient's number."""

    id: int
    case_id: int
    token: int
    state: PageState
    severity: Severity
    channel: str
    body: str
    to: str | None
    """E.164; None: the worker has no number, or nobody was on duty."""
    reference: str
    """Our own name for it at the provider: the same at every try."""
    tries: int


def insert_page(connection: Connection, row: dict[str, Any], text: PageText) -> int | None:
    """Into the outbox; None where this very page (`dedup_key`) is already there."""
    full = row | {"state": PageState.PENDING, "body": text.body, "body_bytes": text.size}
    return insert_or_leave(connection, pages, full)


def pages_of_case(connection: Connection, case_id: int) -> int:
    """How many there are."""
    return connection.scalar(select(func.count()).where(pages.c.case_id == case_id)) or 0


def newest_page(connection: Connection, case_id: int) -> int | None:
    """Id of the newest page about a case: what an amendment amends."""
    newest: int | None = connection.scalar(select(func.max(pages.c.id)).where(pages.c.case_id == case_id))
    return newest


def claim_pages(connection: Connection, *, owner: str, lease_until: datetime, most: int) -> tuple[PageRow, ...]:
    """Take pending pages, the most urgent first."""
    ids = connection.scalars(
        select(pages.c.id)
        .where(pages.c.state == PageState.PENDING)
        .order_by(_FIRST_THINGS_FIRST, pages.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    if ids:
        connection.execute(
            update(pages)
            .where(pages.c.id.in_(ids))
            .values(
                state=move(PageState.PENDING, PageState.CLAIMED),
                lease_owner=owner,
                lease_until=lease_until,
                token=pages.c.token + 1,
                tries=pages.c.tries + 1,
            )
        )
    return tuple(sorted(_pages(connection, list(ids)), key=lambda page: (SEVERITY_ORDER.index(page.severity), page.id)))


def _pages(connection: Connection, ids: list[int]) -> list[PageRow]:
    rows = connection.execute(
        select(pages, workers.c.phone).outerjoin(workers, workers.c.id == pages.c.worker_id).where(pages.c.id.in_(ids))
    )
    return [_page(row) for row in rows]


def _page(row: Row[Any]) -> PageRow:
    return PageRow(
        row.id,
        row.case_id,
        row.token,
        PageState(row.state),
        Severity(row.severity),
        row.channel,
        row.body,
        row.phone,
        f"callbot-page-{row.id}",
        row.tries,
    )


def record_result(connection: Connection, page: PageRow, state: PageState, **values: Any) -> bool:
    """What became of it; False where the lease was lost to another sender meanwhile."""
    changed = connection.execute(
        update(pages)
        .where(pages.c.id == page.id, pages.c.token == page.token, pages.c.state == page.state)
        .values(state=move(page.state, state), lease_owner=None, lease_until=None, **values)
    )
    return changed.rowcount == 1


def doubt_stale_claims(connection: Connection, now: datetime) -> int:
    """Claims whose sender died become `unknown`: the message may have gone out, so it is asked about, not repeated."""
    changed = connection.execute(
        update(pages)
        .where(pages.c.state == PageState.CLAIMED, pages.c.lease_until <= now)
        .values(state=move(PageState.CLAIMED, PageState.UNKNOWN), lease_owner=None, lease_until=None)
    )
    return changed.rowcount


def doubtful_pages(connection: Connection, most: int) -> tuple[PageRow, ...]:
    """Pages in state `unknown`, oldest first."""
    ids = connection.scalars(
        select(pages.c.id).where(pages.c.state == PageState.UNKNOWN).order_by(pages.c.id).limit(most)
    )
    return tuple(_pages(connection, list(ids)))
