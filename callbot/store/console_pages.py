"""The inbox: the newest pages, with what became of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from callbot.store.console_scope import Scope
from callbot.store.console_views import PageView
from callbot.store.tables import cases, pages, persons, workers

NEWEST = 200


def inbox(connection: Connection, scope: Scope, *, newer_than: datetime | None = None) -> tuple[PageView, ...]:
    """At most 200, newest first."""
    condition = scope.of_persons() if newer_than is None else scope.of_persons() & (pages.c.created_at > newer_than)
    return _pages(connection, condition, NEWEST)


def pages_of_case(connection: Connection, case_id: int) -> tuple[PageView, ...]:
    """Every page about one case, newest first. The caller has checked the case's scope."""
    return _pages(connection, pages.c.case_id == case_id, NEWEST)


def _pages(connection: Connection, condition: sa.ColumnElement[bool], most: int) -> tuple[PageView, ...]:
    asked = (
        sa.select(
            pages.c.id, pages.c.case_id, pages.c.body, pages.c.body_bytes, pages.c.channel, pages.c.severity,
            pages.c.state, pages.c.created_at, pages.c.sent_at, pages.c.amends_page_id, persons.c.name.label("person"),
            workers.c.name.label("worker"), workers.c.role.label("worker_role"), cases.c.state.label("case_state"),
        )
        .select_from(
            pages.join(cases, pages.c.case_id == cases.c.id)
            .join(persons, cases.c.person_id == persons.c.id)
            .outerjoin(workers, pages.c.worker_id == workers.c.id)
        )
        .where(condition)
        .order_by(pages.c.created_at.desc(), pages.c.id.desc())
        .limit(most)
    )  # fmt: skip
    return tuple(
        PageView(
            id=row.id, case_id=row.case_id, person_name=row.person, recipient=row.worker or "", role=row.worker_role or "",
            channel=row.channel, severity=row.severity, body=row.body, body_bytes=row.body_bytes, state=row.state,
            created=row.created_at, sent=row.sent_at, amends=row.amends_page_id is not None, case_state=row.case_state,
        )
        for row in connection.execute(asked)
    )  # fmt: skip
