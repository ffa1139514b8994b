"""What became of every due contact: the table of a demo, and of `serve --until-done --json`."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.engine import Connection

from callbot.store.tables import attempts, calls, cases, due_contacts, pages, persons, requests
from callbot.store.tables_escalate import digest_items, page_cases

WAITING = "waiting"
"""A routine matter whose digest is not due yet."""


@dataclass(frozen=True)
class DueSummary:
    """One due contact with everything that hangs on it. Words are those of the stages' enums."""

    due_contact_id: int
    person_id: int
    reference: str | None
    name: str
    state: str
    disposition: str | None
    attempt_states: tuple[str, ...]
    """Of every attempt in order: its end, or its state while it has none."""
    who: str | None
    """Who answered the last answered call."""
    level: str | None
    cases: tuple[tuple[str, str], ...]
    """(kind, level) of the person's open cases."""
    pages: tuple[str, ...]
    """States of the pages about those cases; `waiting`: it will stand in the next digest."""
    requests: tuple[str, ...]
    call_id: int | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON; without the name."""
        return {
            "person": self.reference or str(self.person_id),
            "state": self.state,
            "disposition": self.disposition,
            "attempts": list(self.attempt_states),
            "who": self.who,
            "level": self.level,
            "cases": [{"kind": kind, "level": level} for kind, level in self.cases],
            "pages": list(self.pages),
            "requests": list(self.requests),
        }


def week_summary(connection: Connection) -> list[DueSummary]:
    """Every due contact, oldest first. For a demo's dozens, not for a district's thousands."""
    tried = _grouped(
        connection, select(attempts).order_by(attempts.c.due_contact_id, attempts.c.number), "due_contact_id"
    )
    by_attempt = {row["attempt_id"]: row for row in connection.execute(select(calls)).mappings()}
    opened = _grouped(connection, select(cases).order_by(cases.c.id), "person_id")
    paged = _paged(connection)
    wished = _grouped(connection, select(requests.c.call_id, requests.c.kind).order_by(requests.c.id), "call_id")
    query = (
        select(due_contacts, persons.c.name, persons.c.reference)
        .join(persons, persons.c.id == due_contacts.c.person_id)
        .order_by(due_contacts.c.planned_at, due_contacts.c.id)
    )
    found = []
    for due in connection.execute(query).mappings():
        mine = tried[due["id"]]
        answered = [by_attempt[row["id"]] for row in mine if row["id"] in by_attempt]
        last = answered[-1] if answered else None
        theirs = opened[due["person_id"]]
        found.append(
            DueSummary(
                due["id"],
                due["person_id"],
                due["reference"],
                due["name"],
                due["state"],
                due["disposition"],
                tuple(row["end"] or row["state"] for row in mine),
                last["who"] if last else None,
                last["level"] if last else None,
                tuple((row["kind"], row["level"]) for row in theirs),
                tuple(page["state"] for row in theirs for page in paged[row["id"]]),
                tuple(row["kind"] for call in answered for row in wished[call["id"]]),
                last["id"] if last else None,
            )
        )
    return found


def _paged(connection: Connection) -> "defaultdict[int, list[Any]]":
    """By case: its own pages, those that name it among others, and what waits for a digest (state `waiting`)."""
    found = _grouped(connection, select(pages.c.case_id, pages.c.state).order_by(pages.c.id), "case_id")
    named = select(page_cases.c.case_id, pages.c.state).join(pages, pages.c.id == page_cases.c.page_id)
    for row in connection.execute(named.where(pages.c.case_id != page_cases.c.case_id)).mappings():
        found[row["case_id"]].append(row)
    waits = select(digest_items.c.case_id, literal(WAITING).label("state")).where(digest_items.c.page_id.is_(None))
    for row in connection.execute(waits).mappings():
        found[row["case_id"]].append(row)
    return found


def _grouped(connection: Connection, query: Any, key: str) -> "defaultdict[int, list[Any]]":
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        groups[row[key]].append(row)
    return groups
