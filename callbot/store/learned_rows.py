"""Attempts by hour and person: what proposals of other hours are learned from."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, select

from callbot.dial.attempt import OUR_FAULT
from callbot.dial.attempt_end import AttemptEnd
from callbot.people.numbers import Relation
from callbot.schedule.learned_hours import LEAST_ANSWERED, Proposal, Tried, propose
from callbot.schedule.window import SEOUL, read_time
from callbot.store.console_scope import Scope
from callbot.store.due_rows import personal_window
from callbot.store.policy_rows import all_programmes
from callbot.store.tables import attempts, due_contacts, persons, schedules
from callbot.store.tables_schedule import hour_decisions

LEARNED_FROM = timedelta(weeks=26)
ASK_AGAIN = timedelta(days=90)
"""After a worker has declined."""


@dataclass(frozen=True)
class Proposed:
    """One person's proposal."""

    person_id: int
    now: str
    """The present preferred time, HH:MM."""
    proposal: Proposal


def proposals(connection: Connection, scope: Scope, now: datetime, *, person_id: int | None = None) -> list[Proposed]:
    """Everybody in scope for whom another hour is clearly better, the surest first; nothing encrypted is read."""
    who = and_(scope.of_persons(), persons.c.active, *([persons.c.id == person_id] if person_id is not None else []))
    rows = connection.execute(
        select(schedules, persons.c.programme_id)
        .join(persons, persons.c.id == schedules.c.person_id)
        .where(schedules.c.active, who)
    ).all()
    tries = _tries(connection, who, now)
    decided = set(connection.scalars(select(hour_decisions.c.person_id).where(hour_decisions.c.at >= now - ASK_AGAIN)))
    programmes = all_programmes(connection)
    found = []
    for row in rows:
        programme = programmes.get(row.programme_id)
        if programme is None or row.person_id in decided:
            continue
        window = personal_window(programme.window, row.window_from, row.window_until)
        proposal = propose(tries.get(row.person_id, ()), read_time(row.preferred_time), window)
        if proposal is not None:
            found.append(Proposed(row.person_id, row.preferred_time, proposal))
    return sorted(found, key=lambda one: (-one.proposal.answered / one.proposal.tried, one.person_id))


def _tries(connection: Connection, who: object, now: datetime) -> dict[int, list[Tried]]:
    it = attempts.c
    asked = (
        select(due_contacts.c.person_id, it.dialling_at, it.end)
        .join(due_contacts, it.due_contact_id == due_contacts.c.id)
        .join(persons, persons.c.id == due_contacts.c.person_id)
        .where(it.relation == Relation.SELF, it.dialling_at >= now - LEARNED_FROM, it.end.not_in(list(OUR_FAULT)))
        .where(who)  # type: ignore[arg-type]
    )
    found: dict[int, list[Tried]] = defaultdict(list)
    for row in connection.execute(asked):
        found[row.person_id].append(Tried(row.dialling_at.astimezone(SEOUL).hour, row.end == AttemptEnd.PERSON))
    return {person: tries for person, tries in found.items() if sum(one.answered for one in tries) >= LEAST_ANSWERED}
