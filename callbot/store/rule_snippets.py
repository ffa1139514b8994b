"""A few of the utterances that a changed rule would find, for those who may read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from callbot.store.console_scope import Scope
from callbot.store.tables import calls, persons, turns


@dataclass(frozen=True)
class Snippet:
    """One utterance. Not masked yet."""

    call_id: int
    turn: int
    at: datetime
    name: str
    """Of the person, to be masked."""
    text: str


def snippets(connection: Connection, scope: Scope, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Snippet]:
    """By (call, turn), of those in scope."""
    if not places:
        return {}
    asked = (
        select(turns.c.call_id, turns.c.position, turns.c.text, calls.c.answered_at, persons.c.name)
        .join(calls, calls.c.id == turns.c.call_id)
        .join(persons, persons.c.id == calls.c.person_id)
        .where(scope.of_persons(), tuple_(turns.c.call_id, turns.c.position).in_(list(places)))
    )
    return {
        (row.call_id, row.position): Snippet(row.call_id, row.position, row.answered_at, row.name, row.text)
        for row in connection.execute(asked)
    }
