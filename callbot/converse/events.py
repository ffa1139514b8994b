"""What happened; the counterpart of commands.py. Past tense, sent into the dialogue as the reply to its last command."""

from dataclasses import dataclass
from enum import StrEnum

from callbot.converse.advice import Advice
from callbot.understand.meaning import Meaning


@dataclass(frozen=True)
class Heard:
    """An utterance that was understood as words (whatever they mean)."""

    text: str
    meaning: Meaning
    confidence: float
    """0..1; below 0.5 a critical finding is 미확인 and earns a clarifying question."""
    turn: int
    """Index of this turn in the transcript."""
    audio_offset_s: float | None = None
    said_until_s: float | None = None
    """Seconds of the bot's line that had been played when the person took the turn; None: all of it."""
    overheard: tuple["Heard | Unclear", ...] = ()
    """Reply to Ask: what else was said during the line without taking the turn."""


@dataclass(frozen=True)
class Unclear:
    """There was speech, but no words could be made of it: never silence and never "fine"."""

    reason: str
    turn: int
    audio_offset_s: float | None = None
    overheard: tuple["Heard | Unclear", ...] = ()


@dataclass(frozen=True)
class Silence:
    """Nobody said anything for the time asked."""

    seconds: float
    overheard: tuple[Heard | Unclear, ...] = ()


@dataclass(frozen=True)
class KeyPressed:
    """A telephone key: 0-9, *, #."""

    digit: str
    overheard: tuple[Heard | Unclear, ...] = ()


@dataclass(frozen=True)
class PickedUp:
    """The line is open. What was said first is transcribed in the background and comes as `overheard` of the next reply."""

    spoke: bool
    """False: nobody had said anything when the wait ended."""
    advised: bool = False
    """A language model can be consulted in this call."""


@dataclass(frozen=True)
class Spoken:
    """The line was played to its end."""

    overheard: tuple[Heard | Unclear, ...] = ()
    """What was said before or during the line without taking the turn ("여보세요", a voicemail greeting)."""


@dataclass(frozen=True)
class Interrupted:
    """The person took the turn while the line was playing."""

    heard: Heard | Unclear
    said_until_s: float
    overheard: tuple[Heard | Unclear, ...] = ()


class WorkerState(StrEnum):
    """How far a worker is from the person."""

    NOBODY = "nobody"  # nobody can be rung, or nobody took it
    REACHABLE = "reachable"  # not rung yet
    RINGING = "ringing"  # a telephone rings, or the summary is being read out
    JOINED = "joined"  # in the room with the person, and has not spoken there yet
    SPOKE = "spoke"  # has spoken to the person


@dataclass(frozen=True)
class Connection:
    """Reply to Transfer."""

    worker: WorkerState
    overheard: tuple[Heard | Unclear, ...] = ()
    """What the person said meanwhile."""


class HungUp(Exception):
    """The person hung up, or the line broke. Thrown into the dialogue; answers survive."""

    def __init__(self, *, by: str = "person", overheard: tuple[Heard | Unclear, ...] = ()) -> None:
        super().__init__(by)
        self.by = by
        """`person` or `network`."""
        self.overheard = overheard
        """Words said last, understood only after the line had closed."""


@dataclass(frozen=True)
class Consulted:
    """A model was asked, or was not: it is away, or somebody else's call has found that out."""

    thinks: bool


@dataclass(frozen=True)
class Advised:
    """What a model made of the last reply; None: nothing, or not in time."""

    advice: Advice | None = None
    late: tuple[Advice, ...] = ()
    """Of earlier replies, whose time to be spoken is over; what they note still counts."""


Event = (
    Heard | Unclear | Silence | KeyPressed | PickedUp | Spoken | Interrupted | Connection | Consulted | Advised | None
)
