"""Whether a predicate is denied, counted twice over: "안 아픈 데가 없어" is not a denial."""

from collections.abc import Sequence

from callbot.understand.units import Kind, Unit

_BEFORE = frozenset({"안", "못"})
_AFTER = frozenset({"않다", "못하다", "말다", "아니하다"})
_NOT_THERE = frozenset({"없다", "없이", "아니다", "모르다"})
_EMPTY_NOUNS = frozenset({
    "생각", "마음", "데", "곳", "적", "일", "것", "줄", "리", "수", "때", "정도", "날", "사람", "기색", "증상", "느낌", "맘",
})  # fmt: skip
"""Nouns that carry the clause before them: "죽고 싶은 생각은 없어"."""


def negations(units: Sequence[Unit], at: int) -> tuple[int, frozenset[int]]:
    """How often the predicate `units[at]` is denied, and which units do it."""
    used: set[int] = set()
    before = _denied_before(units, at)
    if before is not None:
        used.add(before)
    count = len(used)
    after = _denied_after(units, at)
    count += len(after)
    for place in after:
        used.update(place)
    return count, frozenset(used)


def is_negated(units: Sequence[Unit], at: int) -> bool:
    """True where an odd number of denials holds."""
    return negations(units, at)[0] % 2 == 1


def _denied_before(units: Sequence[Unit], at: int) -> int | None:
    for place in range(at - 1, max(at - 3, -1), -1):
        unit = units[place]
        if unit.kind is not Kind.ADVERB:
            return None
        if unit.names & _BEFORE:
            return place
    return None


def _denied_after(units: Sequence[Unit], at: int) -> list[tuple[int, ...]]:
    """One tuple of unit indices for each denial that follows."""
    found: list[tuple[int, ...]] = []
    place = _skip(units, at + 1, Kind.PREFINAL)
    while place < len(units):
        step = _denied_by_ending(units, place) or _denied_by_noun(units, place)
        if step is None:
            return found
        found.append(step)
        place = _skip(units, step[-1] + 1, Kind.PREFINAL)
    return found


def _denied_by_ending(units: Sequence[Unit], place: int) -> tuple[int, ...] | None:
    """-지 (는/도/를) 않다/못하다/말다/못 하다, and -기는커녕."""
    if not units[place].names & {"-지", "-지를", "-질", "-진", "-들"}:
        return None
    after = _skip(units, place + 1, Kind.FREE)
    if after < len(units) and units[after].names & _AFTER:
        return (place, after)
    if after + 1 < len(units) and units[after].names & _BEFORE and units[after + 1].names & {"하다"}:
        return (place, after, after + 1)
    return None


def _denied_by_noun(units: Sequence[Unit], place: int) -> tuple[int, ...] | None:
    """-ㄴ/-ㄹ (생각|데|적|것 ...) (이/은/도) 없다/아니다, and "-ㄴ 생각 안 해"."""
    if "-attributive" not in units[place].names and "-ㄹ" not in units[place].names:
        return None
    noun = place + 1
    while noun < len(units) and units[noun].names & {"그런", "같다"}:
        noun += 1
    if noun >= len(units) or not units[noun].names & _EMPTY_NOUNS:
        return None
    after = noun + 1
    while after < len(units) and units[after].kind in (Kind.FREE, Kind.ADVERB) and not units[after].names & _BEFORE:
        after += 1
    if after < len(units) and units[after].names & _NOT_THERE:
        return (place, noun, after)
    if after + 1 < len(units) and units[after].names & _BEFORE and units[after + 1].kind is Kind.PREDICATE:
        return (place, noun, after, after + 1)
    return None


def _skip(units: Sequence[Unit], place: int, kind: Kind) -> int:
    while place < len(units) and units[place].kind is kind:
        place += 1
    return place
