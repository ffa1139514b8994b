"""The record of who said what."""

from dataclasses import dataclass
from typing import Literal

from callbot.understand.meaning import Topic


@dataclass(frozen=True)
class Turn:
    """One line of the transcript."""

    index: int
    who: Literal["bot", "person"]
    text: str
    """Empty where `rejected` is set."""
    topic: Topic | None = None
    """bot: what it asked about (None: nothing); person: the question this answers."""
    audio_offset_s: float | None = None
    """Seconds from the start of the recording to the first sound of this turn."""
    seconds: float | None = None
    confidence: float | None = None
    rejected: str | None = None
    """Why speech yielded no words: `no_speech`, `loop`, `phrase`, ... (listen/gates.py)."""
    said_until_s: float | None = None
    """bot: seconds that were really played, where the person interrupted."""
    line_id: str | None = None
