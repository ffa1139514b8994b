"""What the line decided in the calls of a measurement, and when: read from its log, told apart by the number that was called."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from callbot.store.database import Store
from callbot.store.tables import attempts, due_contacts, persons

_LINE = re.compile(r"^(\S+) +\[\w+ *\] (barge_in|turn_over) +(.*)$")
_FACT = re.compile(r"(\w+)=(\S+)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Decisions:
    """Of one number; seconds since the epoch."""

    barge_ins: list[float] = field(default_factory=list)
    turns: list[tuple[float, float]] = field(default_factory=list)
    """(when, the pause that was waited for)."""


def read_decisions(log: Path, store: Store) -> dict[str, Decisions]:
    """By the last four digits of the number."""
    with store.read() as connection:
        asked = (
            select(attempts.c.key, persons.c.reference)
            .join(due_contacts, due_contacts.c.id == attempts.c.due_contact_id)
            .join(persons, persons.c.id == due_contacts.c.person_id)
        )
        number = {row.key: str(row.reference)[-4:] for row in connection.execute(asked)}
    found: defaultdict[str, Decisions] = defaultdict(Decisions)
    for line in log.read_text("utf-8").splitlines():
        decided = _LINE.match(_COLOUR.sub("", line))
        if decided is None:
            continue
        at, facts = datetime.fromisoformat(decided[1]).timestamp(), dict(_FACT.findall(decided[3]))
        of = found[number.get(facts.get("leg", "").partition(".")[0], "")]
        if decided[2] == "barge_in":
            of.barge_ins.append(at)
        else:
            of.turns.append((at, float(facts["pause_s"])))
    return dict(found)


def moment(event: dict[str, Any]) -> float:
    """When a phone's event happened, since the epoch: it is written a little later."""
    return float(event["at"]) - float(event.get("ago", 0.0))
