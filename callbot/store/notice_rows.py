"""The outbox of SMS to care recipients. Who gets which text is decided in workflows; sending is the pages' machinery."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from callbot.escalate.page import PageText
from callbot.escalate.page_state import PageState
from callbot.store.tables_sending import notices
from callbot.store.writing import insert_or_leave


def insert_notice(
    connection: Connection,
    *,
    person_id: int,
    template: str,
    text: PageText,
    dedup_key: str,
    now: datetime,
    person_number_id: int | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> int | None:
    """Into the outbox; None where this very notice (`dedup_key`) is already there.

    `person_number_id` None: the first active number of the person. At night (21:00 to 08:00 in Seoul) nothing is sent whatever
    `not_before` says; one that could not be sent until `not_after` fails unsent: it would come too late to be of use.
    """
    row: dict[str, Any] = {
        "person_id": person_id,
        "person_number_id": person_number_id,
        "template": template,
        "dedup_key": dedup_key,
        "body": text.body,
        "body_bytes": text.size,
        "state": PageState.PENDING,
        "created_at": now,
        "next_try_at": not_before,
        "not_after": not_after,
    }
    return insert_or_leave(connection, notices, row)
