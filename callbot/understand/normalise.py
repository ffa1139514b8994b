"""Spelling brought to one form before analysis, with the way back to the words that were said."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Normalised:
    """Text for the detectors; `origin[i]` is the place in `original` that character i came from."""

    text: str
    original: str
    origin: tuple[int, ...]

    def quote(self, start: int, end: int) -> str:
        """The words of the original behind `text[start:end]`, widened to whole words."""
        if start >= end or not self.origin:
            return self.original.strip()
        first = self.origin[min(start, len(self.origin) - 1)]
        last = self.origin[min(end, len(self.origin)) - 1]
        while first > 0 and not self.original[first - 1].isspace():
            first -= 1
        while last + 1 < len(self.original) and not self.original[last + 1].isspace():
            last += 1
        return self.original[first : last + 1].strip(" .,!?…~")


@dataclass(frozen=True)
class Respelling:
    """`said` is replaced by `standard`; `^` and `$` in `said` mark the start and end of a word."""

    said: str
    standard: str


class Normaliser:
    """NFC, fillers out, dialect words to standard ones; keeps offsets."""

    def __init__(self, respellings: Sequence[Respelling], fillers: Sequence[str]) -> None:
        table: dict[str, str] = {}
        alternatives: list[str] = []
        ordered = sorted(respellings, key=lambda entry: (-len(entry.said), entry.said))
        for number, entry in enumerate([*ordered, *(Respelling(f"^{filler}$", "") for filler in fillers)]):
            name = f"r{number}"
            table[name] = entry.standard
            alternatives.append(f"(?P<{name}>{_as_regex(entry.said)})")
        self._table = table
        self._pattern = re.compile("|".join(alternatives)) if alternatives else None

    def __call__(self, text: str) -> Normalised:
        original = unicodedata.normalize("NFC", text)
        if self._pattern is None:
            return Normalised(original, original, tuple(range(len(original))))
        out: list[str] = []
        origin: list[int] = []
        at = 0
        for match in self._pattern.finditer(original):
            out.append(original[at : match.start()])
            origin.extend(range(at, match.start()))
            standard = self._table[match.lastgroup or ""]
            out.append(standard)
            width = match.end() - match.start()
            origin.extend(match.start() + min(i, width - 1) for i in range(len(standard)))
            at = match.end()
        out.append(original[at:])
        origin.extend(range(at, len(original)))
        return Normalised("".join(out), original, tuple(origin))


def _as_regex(said: str) -> str:
    start, said = (r"(?<![가-힣])", said[1:]) if said.startswith("^") else ("", said)
    end, said = (r"(?![가-힣])", said[:-1]) if said.endswith("$") else ("", said)
    return start + r"\s?".join(re.escape(word) for word in said.split(" ")) + end
