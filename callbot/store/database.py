"""Opening the ledger: one engine, its keys, and short transactions on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError

from callbot.store.crypto import give_keys
from callbot.store.keys import Keyring

BUSY_TIMEOUT_S = 10
READ_ONLY = "callbot_read_only"
AWAY = (OperationalError, InterfaceError)
"""What a transaction raises whose database is restarting, unreachable, or locked for longer than BUSY_TIMEOUT_S."""


class DatabaseUnreachable(Exception):
    """The database cannot be opened; the message names the URL (without its password) and the mend."""


@dataclass(frozen=True)
class Store:
    """The ledger's database. Thread-safe: every transaction takes its own connection."""

    engine: Engine
    keys: Keyring

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write: all or nothing. SQLite takes its write lock at once (`BEGIN IMMEDIATE`), so
        two writers never fail half-way; PostgreSQL locks rows as they are touched."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look; on SQLite it neither waits for writers nor holds them up."""
        with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
            yield connection

    @property
    def on_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def database_url(text: str) -> URL:
    """The URL with our drivers filled in. Raises DatabaseUnreachable for one that is neither SQLite nor PostgreSQL."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise DatabaseUnreachable(f"database_url is no URL: {text!r}; e.g. sqlite:////srv/callbot.db") from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise DatabaseUnreachable(f"database_url {shown(url)}: only sqlite:/// and postgresql:// are supported")
    return url


def shown(url: URL) -> str:
    """The URL as it may stand in a message: without its password."""
    return url.render_as_string(hide_password=True)


def open_engine(text: str, keys: Keyring) -> Engine:
    """An engine with its pragmas, transactions and keys. Raises DatabaseUnreachable where nothing answers."""
    url = database_url(text)
    if url.get_backend_name() == "sqlite":
        engine = _sqlite_engine(url)
        mend = "check the path, its permissions and the disk"
    else:
        engine = sa.create_engine(
            url, pool_pre_ping=True, pool_size=10, connect_args={"connect_timeout": BUSY_TIMEOUT_S}
        )
        mend = "is it running?"
    give_keys(engine.dialect, keys)
    try:
        with engine.connect():
            pass
    except DatabaseError as error:
        engine.dispose()
        cause = str(error.orig).strip().splitlines()[0]
        raise DatabaseUnreachable(f"database {shown(url)} cannot be opened: {cause}; {mend}") from error
    return engine


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnreachable(
                f"database {shown(url)} cannot be opened: its folder cannot be made ({error.strerror}); choose another path"
            ) from error
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver's own transaction control is switched off; `_on_begin` says when a transaction starts.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        # A page must survive a power cut: every commit is synced, which WAL's usual NORMAL does not promise.
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
