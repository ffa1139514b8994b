"""Spelling brought to one form before analysis, with the way back to the words that were said."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from callbot.understand.lexicon import Misheard
from callbot.understand.meaning import Topic

_PARTICLES = "이|은|도|을|만|부터|이나|이랑"
_ADVERBS = "다|좀|점|또|지금|하나도|거의|이제|벌써|조금|빨리|요새|그만"


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

    def __init__(
        self, respellings: Sequence[Respelling], fillers: Sequence[str], misheard: Sequence[Misheard] = ()
    ) -> None:
        ordered = sorted(respellings, key=lambda entry: (-len(entry.said), entry.said))
        ordered += [Respelling(f"^{filler}$", "") for filler in fillers]
        fixed = [(_as_regex(entry.said), entry.standard) for entry in ordered]
        self._rules = {
            topic: _Replacing([*((_heard(word, topic), word.standard) for word in misheard), *fixed]) for topic in Topic
        }

    def __call__(self, text: str, topic: Topic = Topic.NOTICE) -> Normalised:
        return self._rules[topic](unicodedata.normalize("NFC", text))


class _Replacing:
    """Regular expressions and what stands for each; the first that holds at a place is taken."""

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        self._standards = {f"r{number}": standard for number, (_, standard) in enumerate(entries)}
        joined = "|".join(f"(?P<r{number}>{regex})" for number, (regex, _) in enumerate(entries))
        self._pattern = re.compile(joined) if entries else None

    def __call__(self, original: str) -> Normalised:
        out: list[str] = []
        origin: list[int] = []
        at = 0
        for match in self._pattern.finditer(original) if self._pattern else ():
            out.append(original[at : match.start()])
            origin.extend(range(at, match.start()))
            standard = self._standards[match.lastgroup or ""]
            out.append(standard)
            width = match.end() - match.start()
            origin.extend(match.start() + min(i, width - 1) for i in range(len(standard)))
            at = match.end()
        out.append(original[at:])
        origin.extend(range(at, len(original)))
        return Normalised("".join(out), original, tuple(origin))


def _heard(word: Misheard, topic: Topic) -> str:
    """The word, and ahead of it particles, adverbs and one of its frames."""
    between = rf"(?:{_PARTICLES})?[\s,.]*(?:(?:{_ADVERBS})[\s,.]*){{0,2}}"
    frames = [*word.frames, *(word.in_topic if topic in word.topics else ())]
    ahead = "|".join(_spaced(frame) for frame in frames)
    never = rf"(?!{between}(?:{'|'.join(_spaced(frame) for frame in word.unless)}))" if word.unless else ""
    return rf"(?<![가-힣]){re.escape(word.heard)}{never}(?={between}(?:{ahead}))"


def _spaced(frame: str) -> str:
    return r"\s?".join(re.escape(part) for part in frame.split(" "))


def _as_regex(said: str) -> str:
    start, said = (r"(?<![가-힣])", said[1:]) if said.startswith("^") else ("", said)
    end, said = (r"(?![가-힣])", said[:-1]) if said.endswith("$") else ("", said)
    return start + r"\s?".join(re.escape(word) for word in said.split(" ")) + end
