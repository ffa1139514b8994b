"""When the ledger next wants something done: one look, by indexes, however many people there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from callbot.dial.attempt import AttemptState
from callbot.escalate.case import CaseState
from callbot.escalate.page_state import PageState
from callbot.schedule.due_contact import DueState
from callbot.store.database import Store
from callbot.store.tables import attempts, cases, due_contacts, pages


@dataclass(frozen=True)
class Moments:
    """The earliest moment of each duty; None: it has nothing to do."""

    place: datetime | None = None
    expire: datetime | None = None
    recover: datetime | None = None
    climb: datetime | None = None
    pages: datetime | None = None
    """When the first page that waits may be sent."""
    doubts: datetime | None = None

    def due(self, now: datetime) -> frozenset[str]:
        """Names of the duties whose moment has come."""
        return frozenset(name for name, at in vars(self).items() if at is not None and at <= now)

    def wait_s(self, now: datetime, *, at_least_s: float = 1.0) -> float | None:
        """Seconds until the next moment that has not come yet; None: there is none."""
        ahead = [(at - now).total_seconds() for at in vars(self).values() if at is not None and at > now]
        return max(min(ahead), at_least_s) if ahead else None


def next_moments(store: Store) -> Moments:
    """Read in one statement."""
    with store.read() as connection:
        return _look(connection)


def _earliest(column: Any, *where: Any) -> Any:
    return select(func.min(column)).where(*where).scalar_subquery()


_LOOK = select(
    _earliest(due_contacts.c.next_attempt_at).label("place"),
    # One seek a state: an IN over both would read every planned contact.
    _earliest(due_contacts.c.expires_at, due_contacts.c.state == DueState.PLANNED).label("planned"),
    _earliest(due_contacts.c.expires_at, due_contacts.c.state == DueState.OPEN).label("open"),
    _earliest(attempts.c.lease_until, attempts.c.state != AttemptState.ENDED).label("recover"),
    _earliest(cases.c.next_step_at, cases.c.state == CaseState.TRIGGERED).label("climb"),
    _earliest(func.coalesce(pages.c.next_try_at, pages.c.created_at), pages.c.state == PageState.PENDING).label(
        "pages"
    ),
    _earliest(func.coalesce(pages.c.next_try_at, pages.c.created_at), pages.c.state == PageState.UNKNOWN).label(
        "doubts"
    ),
    _earliest(pages.c.lease_until, pages.c.state == PageState.CLAIMED).label("claims"),
)
"""Built once: it is asked after everything that happens."""


def _look(connection: Connection) -> Moments:
    row = connection.execute(_LOOK).one()
    return Moments(
        place=row.place,
        expire=min((at for at in (row.planned, row.open) if at is not None), default=None),
        recover=row.recover,
        climb=row.climb,
        pages=min((at for at in (row.pages, row.claims) if at is not None), default=None),
        doubts=row.doubts,
    )
