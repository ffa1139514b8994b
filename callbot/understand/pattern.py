"""The little language of phrases in prompts/lexicon: stems in order, with room for particles and a word between.

가슴 아프다            the noun, then the predicate in any form; particles, adverbs and one other word may stand between
죽다 -고 싶다          `-고` is an ending, directly after what stands before it
@chest (조이다|막히다)  a named set; either of several
~먹다                  denied in any way: 안 먹다, 못 먹다, 먹지 않다, 먹지를 못하다
밥 .. 모래             `..` leaves room for up to five words
숨 차다 & 가슴 아프다   both, in any order, anywhere in the utterance; neither denied
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from callbot.understand.negation import denials, is_absent
from callbot.understand.units import Kind, Unit, standard_ending

NEAR = 1.0
"""Words that may stand between two elements."""
FAR = 5.0
_COST = {
    Kind.WORD: 1.0, Kind.PREDICATE: 1.0, Kind.ADVERB: 0.0, Kind.ENDING: 0.0, Kind.PREFINAL: 0.0, Kind.SENTENCE_END: 1.0, Kind.FREE: 0.0,
}  # fmt: skip


class PatternError(ValueError):
    """A phrase of the lexicon cannot be read; the message names it."""


@dataclass(frozen=True)
class Element:
    """One word of a pattern."""

    plain: frozenset[str]
    """Names that match as they stand."""
    denied: frozenset[str]
    """Names that match only where the predicate is denied."""
    room: float
    """Words that may stand between this element and the one before it."""

    @cached_property
    def names(self) -> frozenset[str]:
        return self.plain | self.denied

    @cached_property
    def is_ending(self) -> bool:
        return any(name.startswith("-") for name in self.plain)


@dataclass(frozen=True)
class Pattern:
    """A phrase ready to match."""

    source: str
    elements: tuple[Element, ...]
    beside: tuple[tuple[Element, ...], ...] = ()
    """What must stand somewhere else in the utterance."""

    @property
    def everything(self) -> tuple[Element, ...]:
        """All elements, in no order."""
        return (*self.elements, *(element for phrase in self.beside for element in phrase))


@dataclass(frozen=True)
class Match:
    """Where a pattern was found."""

    units: tuple[int, ...]
    """Index of the unit of each element."""
    start: int
    """With the words that deny it."""
    end: int
    negated: bool
    """A predicate of the phrase is denied though the phrase does not ask for it."""
    predicate: int
    """Index of the last predicate of the phrase, or of its last unit."""


_WORD = re.compile(r"\([^)]*\)|\S+")
_ONLY_PARTICLE = frozenset({"이"})
"""As a noun this is a tooth, as a particle nothing."""
_PRONOUNS = {"누가": "누구", "내가": "나", "제가": "저", "아무도": "아무"}
"""Forms that hold a particle, to those that the analyser gives."""
_ALSO_DENIED = {"하다": "못하다", "되다": "안되다"}
"""Denials that are written as one word."""


def parse(source: str, sets: Mapping[str, Sequence[str]]) -> tuple[Pattern, ...]:
    """One pattern, or several where a choice in parentheses has more than one word. Raises PatternError."""
    phrases = [_variants(phrase, sets, source) for phrase in source.split(" & ")]
    return tuple(Pattern(source, first, tuple(others)) for first, *others in product(*phrases))


def _variants(phrase: str, sets: Mapping[str, Sequence[str]], source: str) -> list[tuple[Element, ...]]:
    if re.search(r"\([^)]*\(", phrase) or phrase.count("(") != phrase.count(")"):
        raise PatternError(f"phrase {source!r}: parentheses must be closed, and none may stand inside another")
    variants: list[list[str]] = [[]]
    for word in _WORD.findall(phrase):
        choices = [choice.strip() for choice in word.strip("()").split("|")]
        single = "|".join(choice for choice in choices if " " not in choice)
        options = [[single]] if single else []
        options += [choice.split() for choice in choices if " " in choice]
        variants = [[*before, *option] for before in variants for option in options]
    if variants == [[]]:
        raise PatternError(f"phrase {source!r} is empty")
    return [tuple(_elements(words, sets, source)) for words in variants]


def parse_all(sources: Sequence[str], sets: Mapping[str, Sequence[str]]) -> "PatternSet":
    """Every phrase of a list. Raises PatternError."""
    return PatternSet([pattern for source in sources for pattern in parse(source, sets)])


def _elements(words: Sequence[str], sets: Mapping[str, Sequence[str]], source: str) -> Iterator[Element]:
    room = NEAR
    for word in words:
        if word == "..":
            room = FAR
            continue
        plain: set[str] = set()
        denied: set[str] = set()
        for choice in word.split("|"):
            names = _names(choice.lstrip("~"), sets, source)
            (denied if choice.startswith("~") else plain).update(names)
        plain.update(_ALSO_DENIED[name] for name in denied if name in _ALSO_DENIED)
        yield Element(frozenset(plain), frozenset(denied), room)
        room = NEAR


def _names(choice: str, sets: Mapping[str, Sequence[str]], source: str) -> Sequence[str]:
    if not choice:
        raise PatternError(f"phrase {source!r} has an empty word")
    if choice.startswith("@"):
        if choice[1:] not in sets:
            raise PatternError(f"phrase {source!r}: there is no set {choice!r}; sets are in prompts/lexicon/sets.yaml")
        return sets[choice[1:]]
    return (standard_ending(choice),) if choice.startswith("-") else (_PRONOUNS.get(choice, choice),)


def find(pattern: Pattern, units: Sequence[Unit]) -> Match | None:
    """The first match from the left that is not denied, else the first that is, else None."""
    found = _find(pattern.elements, units)
    for phrase in pattern.beside:
        other = _find(phrase, units) if found is not None else None
        if found is None or other is None or found.negated or other.negated:
            return None
        places = (*found.units, *other.units)
        found = Match(
            places, min(found.start, other.start), max(found.end, other.end), negated=False, predicate=found.predicate
        )
    return found


def _find(elements: tuple[Element, ...], units: Sequence[Unit]) -> Match | None:
    denied: Match | None = None
    for places in _placements(elements, units, 0, -1):
        match = _as_match(elements, units, places)
        if match is None:
            continue
        if not match.negated:
            return match
        denied = denied or match
    return denied


def _placements(
    elements: tuple[Element, ...], units: Sequence[Unit], depth: int, last: int
) -> Iterator[tuple[int, ...]]:
    if depth == len(elements):
        yield ()
        return
    for place in _candidates(elements[depth], units, last):
        for rest in _placements(elements, units, depth + 1, place):
            yield (place, *rest)


def _candidates(element: Element, units: Sequence[Unit], last: int) -> Iterator[int]:
    left = element.room if last >= 0 else float("inf")
    for place in range(last + 1, len(units)):
        unit = units[place]
        if unit.names & element.names and not (unit.kind is Kind.FREE and unit.names <= _ONLY_PARTICLE):
            yield place
        if element.is_ending and last >= 0 and unit.kind is not Kind.PREFINAL:
            return
        left -= 0.0 if last < 0 else _COST[unit.kind]
        if left < 0:
            return


def _as_match(elements: tuple[Element, ...], units: Sequence[Unit], places: tuple[int, ...]) -> Match | None:
    against: set[tuple[int, ...]] = set()
    said = set(places)
    for element, place in zip(elements, places, strict=True):
        names = units[place].names
        if units[place].kind is not Kind.PREDICATE:
            if names.isdisjoint(element.plain):
                return None
            continue
        found = denials(units, place)
        said.update(*found)
        if len(found) % 2 == 1 and names & element.denied:
            continue
        if names.isdisjoint(element.plain):
            return None
        against |= {each for each in found if set(places).isdisjoint(each)}
    predicates = [place for place in places if units[place].kind is Kind.PREDICATE]
    start = min(units[place].start for place in said)
    end = max(units[place].end for place in said)
    negated = (len(against) + (not predicates and is_absent(units, places[-1]))) % 2 == 1
    return Match(places, start, end, negated, predicates[-1] if predicates else places[-1])


class _Names:
    """The names in the utterance at hand: hundreds of sets ask for those of the same one. Another thread only makes it work again."""

    last: tuple[Sequence[Unit], frozenset[str]] = ((), frozenset())


def all_names(units: Sequence[Unit]) -> frozenset[str]:
    """Of all units."""
    last = _Names.last
    if last[0] is not units:
        last = (units, frozenset[str]().union(*(unit.names for unit in units)))
        _Names.last = last
    return last[1]


class PatternSet:
    """Patterns indexed by what they need, so that few are tried on an utterance."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._by_name: dict[str, list[int]] = {}
        for number, pattern in enumerate(self.patterns):
            rarest = min(pattern.everything, key=lambda element: (element.is_ending, len(element.names)))
            for name in rarest.names:
                self._by_name.setdefault(name, []).append(number)

    @property
    def needed(self) -> Iterable[str]:
        """Names without any of which nothing can be found; each pattern needs one of them."""
        return self._by_name

    def matches(self, units: Sequence[Unit]) -> Iterator[tuple[Pattern, Match]]:
        """Every pattern that is found, in the order given."""
        if not units or not self.patterns:
            return
        names = all_names(units)
        worth_trying = sorted({number for name in names & self._by_name.keys() for number in self._by_name[name]})
        for pattern in (self.patterns[number] for number in worth_trying):
            if any(names.isdisjoint(element.names) for element in pattern.everything):
                continue
            match = find(pattern, units)
            if match is not None:
                yield pattern, match
