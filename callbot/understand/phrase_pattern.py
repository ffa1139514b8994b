"""A phrase as it is spoken to a phrase of the lexicon: "약을 다 모아 놨어" is `약 모으다 -어 놓다`."""

from collections.abc import Sequence

from callbot.understand.negation import denials
from callbot.understand.own_rules import BadChange
from callbot.understand.pattern import FAR, PatternError, find, parse
from callbot.understand.units import Kind, Unit
from callbot.understand.utterance import Reader

WRITTEN = "="
"""A line that begins so is in the language of the lexicon already."""
FEWEST_LETTERS = 2
_EMPTY = frozenset({"이다", "것", "나", "저", "내", "제"})
"""Say nothing by themselves; who speaks is for the guards."""
_JOINED = frozenset({Kind.ENDING})


def pattern_of(line: str, reader: Reader, sets: dict[str, tuple[str, ...]]) -> str:
    """One line of the form. Raises BadChange, naming the line."""
    if line.startswith(WRITTEN):
        source = line[1:].strip()
        try:
            parse(source, sets)
        except PatternError as error:
            raise BadChange(f"찾을 말 ‘{line}’: 규칙의 글로 읽을 수 없습니다 ({error}).") from error
        return source
    units = reader(line).units
    source = " ".join(_words(units))
    letters = sum(each.isalnum() for each in source)
    if not source or letters < FEWEST_LETTERS:
        raise BadChange(f"찾을 말 ‘{line}’: 뜻이 있는 낱말이 없습니다. 어르신이 하실 말을 그대로 적어 주세요.")
    if not any(True for pattern in parse(source, sets) if (hit := find(pattern, units)) and not hit.negated):
        raise BadChange(
            f"찾을 말 ‘{line}’: 뽑은 규칙 ‘{source}’이(가) 이 말을 도로 찾지 못합니다. 더 짧게 나누어 적어 주세요."
        )
    return source


def _words(units: Sequence[Unit]) -> list[str]:
    """Nouns and predicates in order, the endings that join predicates, `~` where one is denied, `..` where much stands
    between."""
    taken = [place for place, unit in enumerate(units) if _tells(unit)]
    denying: set[int] = set()
    denied: set[int] = set()
    for place in taken:
        found = denials(units, place) if units[place].kind is Kind.PREDICATE and place not in denying else frozenset()
        denying |= {each for denial in found for each in denial}
        if len(found) % 2 == 1:
            denied.add(place)
    words: list[str] = []
    last: int | None = None
    for place in taken:
        if place in denying:
            continue
        if last is not None:
            words += _between(units, last, place, denied)
        words.append(("~" if place in denied else "") + _name(units[place]))
        last = place
    return words


def _between(units: Sequence[Unit], last: int, place: int, denied: set[int]) -> list[str]:
    after = units[last + 1] if last + 1 < place else None
    predicates = units[last].kind is Kind.PREDICATE and units[place].kind is Kind.PREDICATE
    if predicates and last not in denied and after is not None and after.kind in _JOINED and place == last + 2:
        return [_ending(after)]
    return [".."] if place - last > FAR else []


def _tells(unit: Unit) -> bool:
    return unit.kind in (Kind.WORD, Kind.PREDICATE) and not unit.names <= _EMPTY


def _name(unit: Unit) -> str:
    """By its own dictionary form and not its compound's, whose first part stands before it."""
    names = [name for name in unit.names if unit.kind is not Kind.PREDICATE or name.endswith("다")]
    return min(names or unit.names, key=lambda name: (len(name), name))


def _ending(unit: Unit) -> str:
    return min(unit.names, key=lambda name: (len(name), name))
