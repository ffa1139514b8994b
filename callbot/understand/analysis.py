"""The morphological analysis of what a person said in a call, packed: a rule is tried on it without analysing again.

Kept are the normalised text (for rules by sound) and its units (for rules by stems), which is all that detectors and guards
look at. Analysing takes milliseconds an utterance, reading this back microseconds.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callbot.understand.lexicon import Lexicon
from callbot.understand.meaning import Topic
from callbot.understand.morphemes import MorphemeAnalyser
from callbot.understand.normalise import Normalised
from callbot.understand.units import Kind, Unit
from callbot.understand.utterance import Utterance

FORMAT = 1
"""Of the packed form and of units.py: raise it where either changes what is found, and everything is analysed anew."""
_LEVEL = 6


@dataclass(frozen=True)
class Analysed:
    """One utterance."""

    turn: int
    """Index in the transcript."""
    topic: Topic
    confidence: float
    """0..1; 1 where nobody measured it."""
    text: str
    """Normalised."""
    units: tuple[Unit, ...]

    def utterance(self) -> Utterance:
        """As the detectors take it; quotes are words of the normalised text."""
        return Utterance(Normalised(self.text, self.text, tuple(range(len(self.text)))), self.units)


def analysed(turn: int, topic: Topic, confidence: float | None, utterance: Utterance) -> Analysed:
    """From a reading."""
    sure = 1.0 if confidence is None else confidence
    return Analysed(turn, topic, sure, utterance.text, tuple(utterance.units))


def analyser_version(lexicon: Lexicon, analyser: MorphemeAnalyser) -> str:
    """Of everything that an analysis depends on: format, analyser, and the tables that bring words to one spelling."""
    spelling = hashlib.sha256(lexicon.dialects.model_dump_json().encode()).hexdigest()[:8]
    return f"{FORMAT} {analyser.version} {spelling}"


def pack(utterances: Iterable[Analysed]) -> bytes:
    """Compressed; about 90 bytes an utterance."""
    rows = [
        [
            each.turn,
            each.topic.value,
            round(each.confidence, 3),
            each.text,
            [[sorted(unit.names), unit.kind.name, unit.start, unit.end] for unit in each.units],
        ]
        for each in utterances
    ]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)


def plain(packed: bytes) -> bytes:
    """For `may_hold` and `unpack`."""
    return zlib.decompress(packed)


def may_hold(read: bytes, wanted: Sequence[Sequence[bytes]]) -> bool:
    """False: no utterance of this call holds one name of each group, so that no phrase over these can be found. Looks at the
    bytes only, which is some hundred times cheaper than reading them."""
    return all(any(name in read for name in group) for group in wanted)


def as_searched(name: str) -> bytes:
    """A unit's name as it stands in the packed form."""
    return json.dumps(name, ensure_ascii=False).encode()


_KINDS = {kind.name: kind for kind in Kind}
_TOPICS = {topic.value: topic for topic in Topic}


def unpack(read: bytes, wanted: Sequence[Sequence[frozenset[str]]] | None = None) -> tuple[Analysed, ...]:
    """From `plain`. `wanted`: only utterances that hold, of one of these phrases, one name of each group; None: all."""
    return tuple(
        Analysed(
            turn,
            _TOPICS.get(topic, Topic.NOTICE),
            confidence,
            text,
            tuple(Unit(frozenset(names), _KINDS[kind], start, end) for names, kind, start, end in units),
        )
        for turn, topic, confidence, text, units in json.loads(read)
        if wanted is None or _holds_any(units, wanted)
    )


def _holds_any(units: Sequence[Sequence[Sequence[str]]], wanted: Sequence[Sequence[frozenset[str]]]) -> bool:
    names = {name for unit in units for name in unit[0]}
    return any(all(not names.isdisjoint(group) for group in groups) for groups in wanted)
