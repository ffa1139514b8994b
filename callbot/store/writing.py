"""Inserts that both databases know: what conflicts is left alone."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_leave(connection: Connection, table: Table, row: dict[str, Any]) -> int | None:
    """Insert one row; its id, or None where a unique key already holds such a row."""
    return connection.execute(_insert(connection, table).values(**row).returning(table.c.id)).scalar()


def insert_many_or_leave(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert those that do not conflict; how many there were."""
    if not rows:
        return 0
    return len(connection.execute(_insert(connection, table).returning(table.c.id), rows).all())


def insert_unless_there(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert one row of a table that has no `id`; where a unique key already holds such a row, that one stays."""
    connection.execute(_insert(connection, table).values(**row))


def insert(connection: Connection, table: Table, row: dict[str, Any]) -> int:
    """Insert one row; its id."""
    number: int = connection.execute(table.insert().values(**row).returning(table.c.id)).scalar_one()
    return number


def upsert(connection: Connection, table: Table, row: dict[str, Any], key: tuple[str, ...]) -> None:
    """Insert, or where `key` is taken already, replace the columns given. Safe against another writer at that moment."""
    upsert_many(connection, table, [row], key)


def upsert_many(connection: Connection, table: Table, rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
    """The same for rows of the same columns; no two of them with one `key`."""
    if not rows:
        return
    statement = _dialect(connection).insert(table)
    changing = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changing), rows)


def _insert(connection: Connection, table: Table) -> Any:
    return _dialect(connection).insert(table).on_conflict_do_nothing()


def _dialect(connection: Connection) -> Any:
    return sqlite if connection.dialect.name == "sqlite" else postgresql
