"""Edit a person's numbers, tags and script."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from callbot.people.numbers import Relation
from callbot.store.audit_rows import add_audit
from callbot.store.database import Store
from callbot.store.people_rows import add_number
from callbot.store.schedule_rows import change_number, number_lines, put_first, set_tags
from callbot.store.tables import persons


class NumberKnown(ValueError):
    """The person has this number already; the message is Korean."""


def new_number(
    store: Store,
    person_id: int,
    e164: str,
    now: datetime,
    *,
    relation: Relation,
    contact_name: str | None,
    by: str,
) -> int:
    """Behind the others. Its id. Raises NumberKnown. One that was given up before is taken up again."""
    with store.write() as connection:
        known = next((each for each in number_lines(connection, person_id) if each.e164 == e164), None)
        if known is not None and known.active:
            raise NumberKnown("이미 등록된 번호입니다.")
        values: dict[str, Any] = {"relation": relation, "contact_name": contact_name}
        if known is not None:
            change_number(connection, person_id, known.id, active=True, **values)
            number_id = known.id
        else:
            number_id = add_number(connection, store.keys, person_id, e164, **values) or 0
        add_audit(
            connection, now, by, "add_number", subject="person", subject_id=person_id, detail=f"{relation} {e164}"
        )
        return number_id


def edit_number(store: Store, person_id: int, number_id: int, what: str, now: datetime, *, by: str) -> bool:
    """`first`, `off`, `on`. False: no such number of this person."""
    with store.write() as connection:
        if number_id not in {each.id for each in number_lines(connection, person_id)}:
            return False
        if what == "first":
            put_first(connection, person_id, number_id)
        else:
            change_number(connection, person_id, number_id, active=what == "on")
        detail = f"{what} {number_id}"
        add_audit(connection, now, by, "edit_number", subject="person", subject_id=person_id, detail=detail)
        return True


def edit_script(store: Store, person_id: int, name: str | None, now: datetime, *, by: str) -> None:
    """Another script than the programme's; None: the programme's. From the next call on."""
    with store.write() as connection:
        connection.execute(update(persons).where(persons.c.id == person_id).values(script_name=name))
        add_audit(connection, now, by, "edit_script", subject="person", subject_id=person_id, detail=name or "-")


def edit_tags(store: Store, person_id: int, tags: tuple[str, ...], now: datetime, *, by: str) -> None:
    """These and no others."""
    with store.write() as connection:
        set_tags(connection, store.keys, person_id, tags)
        detail = ", ".join(tags)
        add_audit(connection, now, by, "edit_tags", subject="person", subject_id=person_id, detail=detail)
