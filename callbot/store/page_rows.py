"""Writing pages into the outbox; how they leave it: outbox_rows.py."""

from typing import Any

from sqlalchemy import Connection, func, select, update

from callbot.escalate.page import PageText
from callbot.escalate.page_state import PageState
from callbot.store.tables import pages
from callbot.store.writing import insert_or_leave


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


def give_link(connection: Connection, page_id: int, text: PageText) -> None:
    """The text with the page's own link, which names the row: written in the same transaction as the row."""
    connection.execute(update(pages).where(pages.c.id == page_id).values(body=text.body, body_bytes=text.size))
