"""One utterance as the detectors see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from callbot.understand.meaning import Topic
from callbot.understand.morphemes import MorphemeAnalyser
from callbot.understand.normalise import Normalised, Normaliser
from callbot.understand.units import Kind, Unit, units_of

_REMEMBERED = 4096
"""Utterances: questions and short answers come again and again."""


@dataclass(frozen=True)
class Utterance:
    """Text in its normal form, and its units."""

    normal: Normalised
    units: Sequence[Unit]

    @property
    def text(self) -> str:
        return self.normal.text

    @property
    def syllables(self) -> int:
        """Letters that are spoken."""
        return sum(character.isalnum() for character in self.normal.text)

    @property
    def words(self) -> int:
        """Content words: nouns and predicates."""
        return sum(unit.kind in (Kind.WORD, Kind.PREDICATE) for unit in self.units)

    def quote(self, start: int, end: int) -> str:
        return self.normal.quote(start, end)


class Reader:
    """Text to Utterance."""

    def __init__(self, normaliser: Normaliser, analyser: MorphemeAnalyser) -> None:
        self._normaliser = normaliser
        self._analyser = analyser
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._read)

    def __call__(self, text: str, topic: Topic = Topic.NOTICE) -> Utterance:
        """`topic`: what was asked; decides some words that sound alike."""
        return self._remembered(text, topic)

    def _read(self, text: str, topic: Topic) -> Utterance:
        normal = self._normaliser(text, topic)
        return Utterance(normal, units_of(self._analyser.analyse(normal.text), normal.text))
