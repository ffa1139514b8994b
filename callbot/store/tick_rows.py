"""When each tick ran last; the watch reads this."""

from datetime import datetime

from sqlalchemy import Connection, select

from callbot.store.tables import installation, ticks
from callbot.store.writing import upsert


def last_finished(connection: Connection, name: str) -> datetime | None:
    """When this tick last came to its end; None: never."""
    return connection.scalar(select(ticks.c.finished_at).where(ticks.c.name == name))


def tick_started(connection: Connection, name: str, now: datetime) -> None:
    """It runs."""
    _write(connection, name, {"started_at": now})


def tick_finished(
    connection: Connection, name: str, now: datetime, detail: str | None = None, *, ok: bool = True
) -> None:
    """It came to its end; `detail` is a word or a count, never personal."""
    _write(connection, name, {"finished_at": now, "ok": ok, "detail": detail})


def _write(connection: Connection, name: str, values: dict[str, object]) -> None:
    upsert(connection, ticks, {"name": name, **values}, ("name",))


def remember(connection: Connection, key: str, value: bytes) -> None:
    """Keep a fact of this installation (e.g. the offset of a demo's clock)."""
    upsert(connection, installation, {"key": key, "value": value}, ("key",))


def remembered(connection: Connection, key: str) -> bytes | None:
    """A fact of this installation."""
    return connection.scalar(select(installation.c.value).where(installation.c.key == key))
