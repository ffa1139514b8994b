"""What the dialogue wants done; the counterpart of events.py. Imperative, performed one at a time by callbot.talk."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from callbot.listen.listen_for import ListenFor
from callbot.people.hearing_aid import NO_AID, HearingAid
from callbot.understand.meaning import Signal, Topic

if TYPE_CHECKING:
    from callbot.converse.advice import Situation


@dataclass(frozen=True)
class Line:
    """One thing the bot says, complete and final: this text is what is rendered, cached and spoken."""

    id: str
    """Where it comes from, e.g. `meals.ask`, `meals.simpler`, `crisis.suicide.1`."""
    text: str
    slow: bool = False
    """Rendered slower and louder: words for who did not catch the first ones."""
    aid: HearingAid = field(default=NO_AID, compare=False)
    """How this listener is spoken to; the line is the same."""


@dataclass(frozen=True)
class AwaitPickup:
    """After answer: wait for the callee's "여보세요" or for silence. Reply: PickedUp."""

    silence_s: float = 1.2


@dataclass(frozen=True)
class Say:
    """Speak, not expecting an answer. Reply: Spoken, or Interrupted when the person took the turn."""

    line: Line
    interruptible: bool = True
    topic: Topic = Topic.NOTICE
    """What words said over this line are read as: "네, 다행이에요." - "아니, 안 괜찮아" is about health."""


@dataclass(frozen=True)
class Ask:
    """Speak, then listen; the answer is read in the context of `topic`. Reply: Heard, Unclear, Silence or KeyPressed."""

    line: Line
    topic: Topic
    listen: ListenFor = field(default_factory=ListenFor)


@dataclass(frozen=True)
class Page:
    """Tell a human now, while the call goes on. Never blocks: the reply (None) comes at once."""

    signals: tuple[Signal, ...]


class TransferStep(StrEnum):
    """What is done next to bring a worker into the call."""

    LOOK = "look"  # can anybody be rung at all? Reply at once: REACHABLE or NOBODY
    RING = "ring"  # ring them, one after the other, until one takes it. Reply at once: RINGING
    WAIT = "wait"  # with the person, for news or their words, at most so long
    STAND_BY = "stand_by"  # in the room with both, until the worker has spoken, at most so long
    GIVE_UP = "give_up"  # ring nobody any more. Reply at once: NOBODY


@dataclass(frozen=True)
class Transfer:
    """Bring the worker on duty into the call; the person stays on the line. Reply: Connection."""

    step: TransferStep
    at_most_s: float = 0.0


@dataclass(frozen=True)
class HangUp:
    """End the call from our side; the generator returns its Outcome next. Reply: None."""

    reason: Literal["done", "refused", "busy", "not_the_person", "machine", "silent", "too_long"]


@dataclass(frozen=True)
class Consult:
    """Have a language model think about a reply while the call goes on. Never blocks. Reply: Consulted."""

    situation: "Situation"


@dataclass(frozen=True)
class TakeAdvice:
    """What it thought, if that is there by now, or within `wait_s`. Reply: Advised."""

    wait_s: float = 0.5
    """After a line of ours, so it is no dead air after the person's words."""


Command = AwaitPickup | Say | Ask | Page | Transfer | HangUp | Consult | TakeAdvice
