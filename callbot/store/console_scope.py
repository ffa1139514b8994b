"""Whose data an account may see: applied inside every query, so that a page cannot forget it."""

from dataclasses import dataclass

import sqlalchemy as sa

from callbot.store.tables import persons


@dataclass(frozen=True)
class Scope:
    """One programme, or (None) every programme."""

    programme_id: int | None

    def of_persons(self) -> sa.ColumnElement[bool]:
        """The condition on `persons`."""
        return sa.true() if self.programme_id is None else persons.c.programme_id == self.programme_id


EVERYTHING = Scope(None)
NOTHING = Scope(-1)
"""Fails closed: a caseworker's account that is tied to no programme."""
