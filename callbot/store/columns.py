"""The columns that every table of the ledger is made of, on one `metadata`.

Tables of an area of their own stand in `tables_<area>.py`; `tables.py` imports them, so that `metadata` is always whole.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Integer, Text

from callbot.store.crypto import EncryptedJson, EncryptedText, UtcTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def to(table: str, *, name: str | None = None, nullable: bool = False) -> Column[int]:
    """A foreign key to `table.id`, called after it unless named."""
    column = name or {"cases": "case_id"}.get(table, table.removesuffix("s") + "_id")
    return Column(column, Integer, ForeignKey(f"{table}.id"), nullable=nullable)


def word(name: str, *, nullable: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=nullable, server_default=default)


def moment(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, UtcTime, nullable=nullable)


def state_of(states: type[StrEnum]) -> tuple[Column[str], sa.CheckConstraint]:
    words = ", ".join(f"'{state}'" for state in states)
    return Column("state", Text, nullable=False), sa.CheckConstraint(f"state IN ({words})", name="state")


def hidden(table: str, name: str, *, nullable: bool = True) -> Column[str]:
    return Column(name, EncryptedText(f"{table}.{name}"), nullable=nullable)


def hidden_json(table: str, name: str) -> Column[object]:
    return Column(name, EncryptedJson(f"{table}.{name}"))


def flag(name: str, *, default: bool) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=sa.true() if default else sa.false())


def count(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(default))
