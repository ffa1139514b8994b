"""When each tick ran last; the watch reads this."""

from datetime import datetime

from sqlalchemy import Connection, select

from callbot.store.tables import installation, ticks


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
    changed = connection.execute(ticks.update().where(ticks.c.name == name).values(**values))
    if not changed.rowcount:
        connection.execute(ticks.insert().values(name=name, **values))


def remember(connection: Connection, key: str, value: bytes) -> None:
    """Keep a fact of this installation (e.g. the offset of a demo's clock)."""
    changed = connection.execute(installation.update().where(installation.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(installation.insert().values(key=key, value=value))


def remembered(connection: Connection, key: str) -> bytes | None:
    """A fact of this installation."""
    return connection.scalar(select(installation.c.value).where(installation.c.key == key))
