"""What the conversation needs of the outside; adapters implement these, bootstrap hands them in."""

from typing import Protocol

from callbot.converse.transcript import Turn
from callbot.line.ports import Ears, EarsDown, Pcm
from callbot.listen.utterance import Weighed
from callbot.understand.meaning import Meaning, Signal, Topic

__all__ = ["Ears", "EarsDown", "Hear", "Pcm", "Record", "Voice"]


class Voice(Protocol):
    """Lines ready to be spoken."""

    def clip(self, text: str, *, slow: bool = False) -> bytes | None:
        """G.711 alaw at 8 kHz, or None where the line has not been rendered. Never renders."""


class Record(Protocol):
    """Where turns and signals go, in the order given; never blocks the conversation."""

    def turn(self, turn: Turn) -> None:
        """Save one turn; the same index again replaces it."""

    def page(self, signals: tuple[Signal, ...]) -> None:
        """Commit case and page now."""


class Hear(Protocol):
    """Understanding, bound to one person. Called in a thread."""

    def __call__(
        self,
        text: str,
        topic: Topic,
        *,
        question: str,
        turn: int,
        audio_offset_s: float | None,
        confidence: float,
        alternatives: tuple[str, ...],
        by_ear: bool,
        weighed: tuple[Weighed, ...],
    ) -> Meaning:
        """What the utterance meant as an answer to `question`."""
