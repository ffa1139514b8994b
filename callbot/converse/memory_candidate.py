"""Something a person said that is worth asking about again: a proposal. What becomes of it is decided elsewhere."""

from dataclasses import dataclass
from enum import StrEnum

from callbot.understand.meaning import Topic


class MemoryKind(StrEnum):
    """What is remembered; it decides how long, and how it is asked about."""

    HEALTH = "health"  # 무릎, 수술: ask about change, not existence
    FAMILY = "family"  # 손주, 딸네
    EVENT = "event"  # something that is to come or has just been: 병원 예약, 잔치
    ACTIVITY = "activity"  # 텃밭, 경로당, 산책
    WORRY = "worry"  # something that weighs on the person
    LIKING = "liking"  # likes and dislikes


@dataclass(frozen=True)
class MemoryCandidate:
    """One thing, with the words it rests on. Never made up: the quote stands in the transcript."""

    kind: MemoryKind
    about: str
    """A few words naming it, for the question of next week: `무릎`, `손주 방문`."""
    quote: str
    """The person's own words, verbatim."""
    topic: Topic
    """The question it was an answer to."""
    turn: int = -1
    """Index of the person's turn in the transcript."""
    detector: str = "model"
    """`model` or the name of a rule."""
