"""What the console's pages about people show; see console_views.py."""

from dataclasses import dataclass
from datetime import datetime

from callbot.store.console_views import WeekMark, Who
from callbot.understand.meaning import Level


@dataclass(frozen=True)
class HoldView:
    """Nobody calls this person."""

    reason: str
    since: datetime
    until: datetime | None
    note: str


@dataclass(frozen=True)
class PersonRow:
    """One line of the list of people."""

    who: Who
    weeks: tuple[WeekMark, ...]
    """The last eight ended due contacts, oldest first."""
    hold: HoldView | None
    consent: bool
    """Every consent that a call needs is in force."""
    open_case_id: int | None
    last_contact: datetime | None


@dataclass(frozen=True)
class ConsentView:
    """The entry of one kind that is in force; `given` None: never asked."""

    kind: str
    given: bool | None
    at: datetime | None


@dataclass(frozen=True)
class CaseLine:
    """One of a person's cases."""

    id: int
    kind: str
    level: Level
    state: str
    opened: datetime
    outcome: str | None


@dataclass(frozen=True)
class PersonCard:
    """One person's page."""

    row: PersonRow
    worker: str
    memo: str
    consents: tuple[ConsentView, ...]
    hold: HoldView | None
    schedule: str
    cases: tuple[CaseLine, ...]
