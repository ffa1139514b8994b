"""How to listen for one answer: what the dialogue asks of the turn reducer."""

from dataclasses import dataclass
from enum import StrEnum


class QuestionKind(StrEnum):
    """Chooses the pause after which a turn is over."""

    OPENING = "opening"  # "여보세요": short, then greet at once
    CLOSED = "closed"  # yes/no
    OPEN = "open"  # "어떻게 지내셨어요?"


@dataclass(frozen=True)
class ListenFor:
    """Times in seconds."""

    kind: QuestionKind = QuestionKind.OPEN
    pause_s: float | None = None
    """Silence that ends a turn; None: by kind and person."""
    silence_s: float = 6.0
    """With no speech at all for this long after the line was spoken, the answer is Silence."""
    at_most_s: float = 20.0
    """A turn longer than this is cut."""
    topic: str = ""
    """What was asked: the ears know its usual answers."""
