"""Column types: encrypted text and JSON, and aware UTC times.

The keys belong to one engine, not to the process: `store.database.open_store` hangs them on its dialect, which SQLAlchemy
hands to every conversion. So two databases with different keys live in one process (tests, restore), without a global.
"""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from callbot.store.keys import Keyring

KEYRING_ATTRIBUTE = "callbot_keyring"


def give_keys(dialect: Dialect, keyring: Keyring) -> None:
    """Let this engine's columns be read and written."""
    setattr(dialect, KEYRING_ATTRIBUTE, keyring)


def _keyring(dialect: Dialect) -> Keyring:
    keyring = getattr(dialect, KEYRING_ATTRIBUTE, None)
    if not isinstance(keyring, Keyring):
        raise TypeError("this engine has no keys; open it with callbot.store.database.open_store")
    return keyring


class EncryptedText(TypeDecorator[str]):
    """Text, AES-256-GCM, bound to its `table.column`: a ciphertext copied into another column does not open."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        """`table.column`; part of what is authenticated, so renaming a column means re-encrypting it."""

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keyring(dialect).seal(value.encode(), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else _keyring(dialect).open(value, self.place).decode()


class EncryptedJson(TypeDecorator[Any]):
    """Any JSON value, encrypted like EncryptedText."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return _keyring(dialect).seal(json.dumps(value, ensure_ascii=False).encode(), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(_keyring(dialect).open(value, self.place))


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes, encrypted like EncryptedText."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keyring(dialect).seal(value, self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keyring(dialect).open(value, self.place)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. SQLite has no time type: there it is text that sorts like time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value.isoformat()}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
