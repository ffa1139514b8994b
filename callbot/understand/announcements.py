"""Which machine is speaking: carrier, mailbox, call screening, menu. Matched by sound, in every hypothesis and piece there is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callbot.understand.lexicon import Announcement, AnnouncementFile
from callbot.understand.meaning import Intent
from callbot.understand.sounds import likeness

_SURE_AT = 86.0
_LIKELY_AT = 74.0
"""Before the answer nobody but a machine can speak: which one is all there is to find out."""
_CUE_AT = 84.0
_VOTES = 6
_KIND_FROM = 55.0
"""Where the way of speaking has shown that it is a machine, the nearest phrase names it."""


@dataclass(frozen=True)
class Announced:
    """A machine and how well it was recognised."""

    kind: str
    """A `kind` of prompts/lexicon/announcements.yaml."""
    intent: Intent
    score: float
    """0..100."""
    sure: bool
    """Well enough to be believed of somebody who has answered."""
    telling: int
    """See lexicon.Announcement."""


class AnnouncementReader:
    """prompts/lexicon/announcements.yaml."""

    def __init__(self, data: AnnouncementFile) -> None:
        self._machines = data.announcements
        self._cues = data.cues
        self._enough = data.enough

    def read(self, texts: Iterable[str]) -> Announced | None:
        """The machine that speaks on an answered line, or None: then it is taken for a person."""
        found = [one for text in texts for one in self._found(text, _SURE_AT, self._enough)]
        return max(found, key=lambda one: (one.telling, one.score), default=None)

    def read_early(self, texts: Iterable[str]) -> Announced | None:
        """What was said before any answer, from all pieces and hypotheses together. None: music, nothing that is known.

        What is certain in one piece counts before what several garbled ones resemble."""
        found = [one for text in texts for one in self._found(text, _LIKELY_AT, self._enough - 1)]
        votes = Counter(one.kind for one in found)

        def rank(one: Announced) -> tuple[bool, int, float]:
            return one.sure, one.telling, one.score + min(votes[one.kind], _VOTES)

        return max(found, key=rank, default=None)

    def _found(self, text: str, at_least: float, enough: float) -> Iterator[Announced]:
        for machine in self._machines:
            score = _score(machine, text, at_least)
            if score is not None:
                yield _announced(machine, score, sure=score >= _SURE_AT)
        if (by_manner := self._by_manner(text, enough)) is not None:
            yield by_manner

    def _by_manner(self, text: str, enough: float) -> Announced | None:
        """Nobody says "고객님", "연결", "주시기 바랍니다" in one breath. The kind is that of the telling words, else of the
        nearest phrase."""
        told: Counter[str] = Counter()
        total = 0.0
        for cue in self._cues:
            if any(likeness(word, text, _CUE_AT) is not None for word in cue.words):
                total += cue.weight
                told[cue.kind] += bool(cue.kind)
        if total < enough:
            return None

        def nearness(machine: Announcement) -> tuple[int, float]:
            return told[machine.kind] * (1 + machine.telling), _score(machine, text, _KIND_FROM) or 0.0

        machine = max(self._machines, key=nearness)
        return _announced(machine, _SURE_AT + 3 * told[machine.kind], sure=total >= self._enough)


def _announced(machine: Announcement, score: float, *, sure: bool) -> Announced:
    return Announced(machine.kind, machine.intent, score, sure, machine.telling)


def _score(machine: Announcement, text: str, at_least: float) -> float | None:
    score = _best(machine.phrases, text, at_least)
    if score is None or _best(machine.lookalikes, text, score) is not None:
        return None
    return score


def _best(phrases: Sequence[str], text: str, at_least: float) -> float | None:
    found = (likeness(phrase, text, at_least) for phrase in phrases)
    return max((hit.score for hit in found if hit is not None), default=None)
