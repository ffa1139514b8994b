"""Small additions to a town, for tests of scheduling."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ledger_fixtures import TUESDAY, Town
from sqlalchemy import select, update

from callbot.people.consent import ConsentKind
from callbot.people.numbers import Relation
from callbot.schedule.ladder import RetryLadder
from callbot.store.database import Store
from callbot.store.invariants import violations
from callbot.store.people_rows import add_consents, add_number
from callbot.store.policy_rows import publish_ladder
from callbot.store.tables import due_contacts, persons, programmes


def use_ladder(town: Town, ladder: RetryLadder, **programme: Any) -> None:
    """The programme's ladder from now on; `programme`: other columns."""
    with town.store.write() as connection:
        values = {"retry_ladder_id": publish_ladder(connection, ladder, TUESDAY), **programme}
        connection.execute(update(programmes).where(programmes.c.id == town.programme_id).values(**values))


def befriend(town: Town, *relations: Relation, agreed: bool = True) -> list[int]:
    """Numbers of guardians and neighbours, 010-0000-09NN, and the person's consent to calling them."""
    person_id = town.person_ids[0]
    with town.store.write() as connection:
        ids = [
            add_number(
                connection, town.store.keys, person_id, f"+8210000009{n:02}", relation=relation, contact_name="김철수"
            )
            for n, relation in enumerate(relations)
        ]
        if agreed:
            add_consents(connection, person_id, [ConsentKind.THIRD_PARTY], given=True, now=TUESDAY, by="form")
    return [number for number in ids if number is not None]


def bounds(town: Town, **dates: Any) -> None:
    """starts_on, ends_on of the first person."""
    with town.store.write() as connection:
        connection.execute(update(persons).where(persons.c.id == town.person_ids[0]).values(**dates))


def dues(
    store: Store, now: datetime = TUESDAY, names: Iterable[str] = ("slot", "state", "disposition", "why")
) -> list[Any]:
    """Every due contact by its slot; and no broken promise."""
    with store.read() as connection:
        assert violations(connection, now) == []
        columns = [due_contacts.c[name] for name in names]
        return [
            tuple(row)
            for row in connection.execute(select(*columns).order_by(due_contacts.c.planned_at, due_contacts.c.id))
        ]
