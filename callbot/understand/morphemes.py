"""Morphemes of an utterance, and who can find them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Morpheme:
    """One morpheme with its place in the analysed text."""

    form: str
    """Dictionary form of the stem ("아프" for "아파"), or the ending with vowel harmony undone ("어")."""
    tag: str
    """Sejong tag without regularity mark: NNG, VV, VA, VX, EC, EF, JKS, MAG, ..."""
    start: int
    end: int
    """Half-open range of characters; a contracted ending may share its stem's last character."""


class MorphemeAnalyser(Protocol):
    """Splits Korean text into morphemes, tolerating misspelling; safe to call from any thread."""

    @property
    def version(self) -> str:
        """Of program, model and settings: with the same one the same text gives the same morphemes."""

    def analyse(self, text: str) -> tuple[Morpheme, ...]:
        """Morphemes in order of their place. Never raises for any string."""
