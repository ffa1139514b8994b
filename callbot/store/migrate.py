"""Key file, schema and key check: what has to be true before anything else runs."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from callbot.store.database import Store, open_engine
from callbot.store.keys import CannotOpen, KeyFileMissing, Keyring, WrongKeys, make_key_file, new_keyring, read_key_file
from callbot.store.tables import installation

ROOT = Path(__file__).resolve().parent.parent.parent
CHECK_TEXT = b"callbot"


class NotMigrated(Exception):
    """The database has no schema yet, or an older one; run `callbot migrate`."""


@dataclass(frozen=True)
class Migrated:
    """What `migrate` did."""

    store: Store
    made_key_file: bool
    from_revision: str | None
    to_revision: str


def migrate(url: str, key_file: Path, now: datetime) -> Migrated:
    """Make what is missing: key file, database, newest schema, key check. Safe to repeat.

    Raises KeyFileMissing and changes nothing where the database already holds encrypted rows but the key file is gone.
    """
    made = False
    if not key_file.exists():
        _refuse_orphaned_rows(url, key_file)
        make_key_file(key_file, now)
        made = True
    keys = read_key_file(key_file)
    engine = open_engine(url, keys)
    before = current_revision(engine)
    with engine.begin() as connection:
        _upgrade(connection)
    after = current_revision(engine)
    if after is None:
        raise NotMigrated("the migration left no revision")
    store = Store(engine, keys)
    with store.write() as connection:
        _check_keys(connection, keys, key_file, write_missing=True)
    return Migrated(store, made, before, after)


def open_store(url: str, key_file: Path) -> Store:
    """The store of a migrated database. Raises NotMigrated, KeyFileError or DatabaseUnreachable."""
    if not key_file.exists():
        _refuse_orphaned_rows(url, key_file)
    keys = read_key_file(key_file)
    engine = open_engine(url, keys)
    revision = current_revision(engine)
    if revision != newest_revision():
        engine.dispose()
        raise NotMigrated(f"the database is at revision {revision}, not {newest_revision()}; run `callbot migrate`")
    store = Store(engine, keys)
    with store.read() as connection:
        _check_keys(connection, keys, key_file, write_missing=False)
    return store


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, on the connection given (online) or none (for listing revisions)."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def current_revision(engine: Engine) -> str | None:
    """Where this database stands; None: no schema."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return revision


@cache
def newest_revision() -> str:
    """Where the code stands."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - slow to import, needed at start only

    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise NotMigrated("there are no migrations")
    return head


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


def _refuse_orphaned_rows(url: str, key_file: Path) -> None:
    engine = open_engine(url, new_keyring())
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("installation"):
                return
            sealed = connection.scalar(sa.select(installation.c.value).where(installation.c.key == "key_check"))
    finally:
        engine.dispose()
    if sealed is not None:
        raise KeyFileMissing(
            f"key file {key_file} is missing, but the database holds data encrypted with it; restore the key file from "
            "its backup. A new one is not made, because it could not read anything."
        )


def _check_keys(connection: Connection, keys: Keyring, key_file: Path, *, write_missing: bool) -> None:
    rows = {row.key: row.value for row in connection.execute(sa.select(installation))}
    if "key_check" not in rows and write_missing:
        rows = {"key_check": keys.seal(CHECK_TEXT, "installation.key_check"), "index_check": keys.blind("callbot")}
        connection.execute(installation.insert(), [{"key": key, "value": value} for key, value in rows.items()])
    try:
        right = keys.open(rows.get("key_check", b""), "installation.key_check") == CHECK_TEXT
    except (CannotOpen, IndexError):
        right = False
    if not right or rows.get("index_check") != keys.blind("callbot"):
        raise WrongKeys(f"key file {key_file} does not belong to this database; restore the right one from its backup")
