"""The audit: who changed what, in the transaction of the change. What it was and became is encrypted: it may name a person."""

from datetime import datetime

from sqlalchemy import Connection

from callbot.store.tables import audit
from callbot.store.writing import insert


def add_audit(
    connection: Connection,
    now: datetime,
    actor: str,
    action: str,
    *,
    subject: str | None = None,
    subject_id: int | None = None,
    detail: str | None = None,
) -> None:
    """One line. `actor`: a console login, or the name of a command; `action`: a word."""
    row = {"at": now, "actor": actor, "action": action, "subject": subject, "subject_id": subject_id, "detail": detail}
    insert(connection, audit, row)
