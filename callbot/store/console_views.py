"""What the console's pages show: read models, filled by the queries of store/console_*.py. Times are aware, UTC."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from callbot.understand.meaning import AnswerValue, Category, Level, Topic


class Section(StrEnum):
    """Where a row of the board stands, worst first."""

    RISK = "risk"
    MISSED = "missed"
    REQUEST = "request"
    RUNNING = "running"
    DONE = "done"
    PLANNED = "planned"


@dataclass(frozen=True)
class Phone:
    """A number to ring."""

    national: str
    """With hyphens: 010-0000-0001."""
    relation: str
    """self, guardian, neighbour."""
    contact_name: str
    virtual: bool


@dataclass(frozen=True)
class Who:
    """A person as a list shows one."""

    id: int
    name: str
    age: int | None
    address_form: str
    """어르신, 선생님, 님."""
    address: str
    phones: tuple["Phone", ...] = ()
    """The person's own first; empty where the page needs none."""
    virtual: bool = False


@dataclass(frozen=True)
class SignalLine:
    """The finding that a list shows."""

    category: Category
    level: Level
    quote: str
    unconfirmed: bool


@dataclass(frozen=True)
class BoardRow:
    """One line of the board: a case, or a due contact of somebody without one."""

    section: Section
    who: Who
    case_id: int | None
    level: Level | None
    kind: str
    """The case's kind; else the due contact's disposition, or its state."""
    kind_state: str
    """The case's state; of a running call the attempt's; else the due contact's."""
    summary: str
    signal: SignalLine | None
    tried: tuple[str, ...]
    """How the finished attempts ended, in order."""
    since: datetime | None = None
    """Since when a human is waited for (case), or since when it rings or talks (running)."""
    at: datetime | None = None
    """The end (done), or the next attempt (planned)."""
    last_contact: datetime | None = None
    """When the person's own voice was last heard."""
    handler: str | None = None
    """Who acknowledged the case."""
    page_state: str | None = None
    """State of the newest page about it; None: no page."""
    in_call: bool = False
    """A call to this person runs at this moment."""


@dataclass(frozen=True)
class Board:
    """Today, worst first."""

    rows: tuple[BoardRow, ...]
    running: int
    """Calls on the line, those to people with an open case included."""
    unsent_pages: int

    def section(self, section: str) -> tuple[BoardRow, ...]:
        """The rows of one section, in order."""
        return tuple(row for row in self.rows if row.section == section)


@dataclass(frozen=True)
class SignalView:
    """One finding with its evidence."""

    category: Category
    level: Level
    rule: str
    rule_version: str
    quote: str
    reason: str
    call_id: int | None
    turn: int
    audio_offset_s: float | None
    unconfirmed: bool = False
    guards: tuple[str, ...] = ()


@dataclass(frozen=True)
class TurnView:
    """One line of the transcript."""

    index: int
    who: str
    """bot or person."""
    text: str
    topic: Topic | None
    audio_offset_s: float | None
    rejected: str | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class CallView:
    """One answered attempt with its words and sound."""

    id: int
    started: datetime
    ended: datetime | None
    """None: it runs."""
    spoke: str | None
    """Who was on the line, as far as is known: person, other_person, voicemail, ..."""
    seconds: float | None
    turns: tuple[TurnView, ...]
    has_recording: bool
    erased: datetime | None = None
    recording_cut: bool = False
    """The disk failed in mid-call: it ends before the call did."""
    without: tuple[str, ...] = ()
    """Outcome.without: the call was degraded."""
    answers: dict[Topic, AnswerValue] = field(default_factory=dict)


@dataclass(frozen=True)
class AttemptView:
    """One try to reach the person."""

    number: int
    state: str
    ended_as: str | None
    cause: int | None
    """Q.850 hang-up cause."""
    tech_cause: int | None
    """SIP status."""
    detail: str
    started: datetime | None
    ringing: datetime | None
    answered: datetime | None
    ended: datetime | None


@dataclass(frozen=True)
class EventView:
    """One line of the append-only history of a case."""

    at: datetime
    what: str
    level: str | None
    by: str
    """Empty: the system."""
    detail: str


@dataclass(frozen=True)
class PageView:
    """One message to one worker."""

    id: int
    case_id: int
    person_name: str
    recipient: str
    """The worker's name; empty: nobody in particular."""
    role: str
    channel: str
    severity: str
    body: str
    body_bytes: int
    """In cp949, as the provider counts."""
    state: str
    created: datetime
    sent: datetime | None
    amends: bool
    case_state: str


@dataclass(frozen=True)
class CaseCard:
    """Everything a caseworker needs to decide."""

    id: int
    who: Who
    kind: str
    level: Level
    state: str
    summary: str
    opened: datetime
    raised: datetime | None
    acknowledged: datetime | None
    acknowledged_by: str | None
    closed: datetime | None
    closed_by: str | None
    outcome: str | None
    note: str
    follow_up: date | None
    next_step: datetime | None
    """Of an acknowledged case: when it comes back without an outcome; of a triggered one: the next escalation step."""
    version: int
    signals: tuple[SignalView, ...]
    requests: tuple[tuple[str, str], ...]
    """Kind, and the person's own words."""
    call: CallView | None
    attempts: tuple[AttemptView, ...]
    events: tuple[EventView, ...]
    """Newest first."""
    pages: tuple[PageView, ...]
    weeks: tuple["WeekMark", ...]


@dataclass(frozen=True)
class WeekMark:
    """One past due contact, for the strip of eight."""

    due: date
    disposition: str | None
    level: Level | None
