"""What a call knows before it begins, from the calls before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from callbot.people.consent import ConsentKind
from callbot.understand.meaning import AnswerValue, MemoryKind, Topic

ROTATING = frozenset({*(f"{topic.value}.ask" for topic in Topic), "closing.thanks", "closing.goodbye"})
"""Lines whose words change from call to call, by id."""


@dataclass(frozen=True)
class Recall:
    """The one thing from an earlier call that this one asks about."""

    topic: str
    kind: MemoryKind
    about: str


@dataclass(frozen=True)
class Background:
    """Empty: nothing is known, as in the first call."""

    recall: Recall | None = None
    memories: frozenset[str] = frozenset()
    """Topics and kinds of everything that is remembered; for conditions."""
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of earlier calls by line id (ROTATING), the latest first."""
    answers: Mapping[Topic, AnswerValue] = field(default_factory=dict)
    """Of the last call that came about."""
    consents: frozenset[ConsentKind] = frozenset()
    today: date | None = None
    """In Seoul; None: no season is known."""


NOTHING = Background()
