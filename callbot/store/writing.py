"""Inserts that both databases know: what conflicts is left alone. Statements are built once: building costs more than running."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_leave(connection: Connection, table: Table, row: dict[str, Any]) -> int | None:
    """Insert one row; its id, or None where a unique key already holds such a row."""
    return connection.execute(_or_leave_returning(connection.dialect.name, table), row).scalar()


def insert_many_or_leave(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert those that do not conflict; how many there were."""
    if not rows:
        return 0
    return len(connection.execute(_or_leave_returning(connection.dialect.name, table), rows).all())


def insert_unless_there(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert one row of a table that has no `id`; where a unique key already holds such a row, that one stays."""
    connection.execute(_or_leave(connection.dialect.name, table), row)


def insert(connection: Connection, table: Table, row: dict[str, Any]) -> int:
    """Insert one row; its id."""
    number: int = connection.execute(_returning(table), row).scalar_one()
    return number


def upsert(connection: Connection, table: Table, row: dict[str, Any], key: tuple[str, ...]) -> None:
    """Insert, or where `key` is taken already, replace the columns given. Safe against another writer at that moment."""
    upsert_many(connection, table, [row], key)


def upsert_many(connection: Connection, table: Table, rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
    """The same for rows of the same columns; no two of them with one `key`."""
    if not rows:
        return
    connection.execute(_upserting(connection.dialect.name, table, tuple(rows[0]), key), rows)


@cache
def _upserting(dialect: str, table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Any:
    statement = _dialect(dialect).insert(table)
    changing = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changing)


@cache
def _returning(table: Table) -> Any:
    return table.insert().returning(table.c.id)


@cache
def _or_leave(dialect: str, table: Table) -> Any:
    return _dialect(dialect).insert(table).on_conflict_do_nothing()


@cache
def _or_leave_returning(dialect: str, table: Table) -> Any:
    return _or_leave(dialect, table).returning(table.c.id)


def _dialect(name: str) -> Any:
    return sqlite if name == "sqlite" else postgresql
