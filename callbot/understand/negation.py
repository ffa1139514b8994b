"""Whether a predicate is denied, counted twice over: "안 아픈 데가 없어" is not a denial."""

from collections.abc import Sequence

from callbot.understand.units import Kind, Unit

_BEFORE = frozenset({"안", "못"})
_AFTER = frozenset({"않다", "못하다", "말다", "아니하다"})
_NOT_THERE = frozenset({"없다", "없이", "아니다", "모르다"})
_AUXILIARIES = frozenset(
    {"싶다", "있다", "계시다", "버리다", "보다", "주다", "지다", "놓다", "두다", "가다", "오다", "나다", "그러다"}
)
_OR = frozenset({"-거나", "-다거나", "-ㄴ다거나", "-라거나"})
_SUCH = frozenset({"그러다", "그렇다", "하다", "이렇다"})
_LIST_REACH = 8
"""Units after "-거나" among which its denial is sought."""
_HAPPENS = frozenset({"오다", "있다", "하다", "되다", "들다", "당하다", "생기다", "걸리다", "느끼다"})
"""What a noun does when it comes about."""
_COMES_OUT = frozenset(
    {"냄새", "열", "피", "코피", "땀", "식은땀", "연기", "불", "소리", "두드러기", "사고", "가스냄새"}
)
"""With these 나다 is to come about; "감기가 안 나아" is no denial of the cold."""
_EMPTY_NOUNS = frozenset({
    "생각", "마음", "데", "곳", "적", "일", "것", "줄", "리", "수", "때", "정도", "날", "사람", "기색", "증상", "느낌", "맘", "새", "틈", "겨를", "점",
})  # fmt: skip
"""Nouns that carry the clause before them: "죽고 싶은 생각은 없어"."""


def denials(units: Sequence[Unit], at: int) -> frozenset[tuple[int, ...]]:
    """Each denial of the predicate `units[at]`, as the units that make it."""
    before = _denied_before(units, at)
    found = [] if before is None else [(before,)]
    return frozenset([*found, *_denied_after(units, at)])


def is_negated(units: Sequence[Unit], at: int) -> bool:
    """True where an odd number of denials holds."""
    return len(denials(units, at)) % 2 == 1


def is_absent(units: Sequence[Unit], at: int) -> bool:
    """The noun `units[at]` is said not to be: "저혈당은 없어", "치매는 아니고", "가스 냄새 안 나"."""
    if units[at].kind is not Kind.WORD:
        return False
    place = at + 1
    while place < len(units) and units[place].kind in (Kind.FREE, Kind.ADVERB) and not units[place].names & _NOT_THERE:
        place += 1
    if place >= len(units):
        return False
    if units[place].names & {"없다", "없이", "아니다"}:
        return not is_negated(units, place)
    while place < len(units) and units[place].names & _BEFORE:
        place += 1
    if place >= len(units) or not is_negated(units, place):
        return False
    return bool(units[place].names & _HAPPENS) or ("나다" in units[place].names and bool(units[at].names & _COMES_OUT))


def _denied_before(units: Sequence[Unit], at: int) -> int | None:
    """안 or 못 before the predicate, or before the first part of a compound ("안 빼먹다")."""
    for place in range(at - 1, max(at - 3, -1), -1):
        unit = units[place]
        if unit.names & _BEFORE:
            return place
        if unit.kind is not Kind.ADVERB:
            break
    if at > 1 and units[at - 1].names & {"-어", "-어다"} and units[at - 2].kind is Kind.PREDICATE:
        return _denied_before(units, at - 2) if units[at - 1].kind is Kind.ENDING else None
    return None


def _denied_after(units: Sequence[Unit], at: int) -> list[tuple[int, ...]]:
    """One tuple of unit indices for each denial that follows."""
    found: list[tuple[int, ...]] = []
    place = _skip(units, at + 1, Kind.PREFINAL)
    while place < len(units):
        step = _denied_by_ending(units, place) or _denied_by_noun(units, place) or _denied_by_list(units, place)
        if step is not None:
            found.append(step)
            place = _skip(units, step[-1] + 1, Kind.PREFINAL)
        elif _goes_on(units, place):
            place = _skip(units, _skip(units, place + 1, Kind.FREE) + 1, Kind.PREFINAL)
        else:
            return found
    return found


def _goes_on(units: Sequence[Unit], place: int) -> bool:
    """-고 싶다, -어 있다, -어 버리다, ...: what denies the auxiliary denies the predicate."""
    if not units[place].names & {"-고", "-어", "-게"}:
        return False
    after = _skip(units, place + 1, Kind.FREE)
    return after < len(units) and bool(units[after].names & _AUXILIARIES)


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


def _denied_by_list(units: Sequence[Unit], place: int) -> tuple[int, ...] | None:
    """ "-거나 그런 건 없다", "-거나 그러지는 않다"."""
    quoted = "-다" in units[place].names and place + 1 < len(units) and "거나" in units[place + 1].names
    loosely = (
        "-고" in units[place].names and place + 1 < len(units) and units[place + 1].names & {"그런", "그렇다", "그러다"}
    )
    if not quoted and not loosely and not units[place].names & _OR:
        return None
    for after in range(place + 1, min(place + _LIST_REACH, len(units))):
        if units[after].names & (_NOT_THERE | _AFTER):
            return (place, after)
        if units[after].kind is Kind.PREDICATE and units[after].names.isdisjoint(_SUCH):
            return None
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
    after = _past_fillers(units, noun + 1)
    if after < len(units) and units[after].names & _NOT_THERE:
        return (place, noun, after)
    if after + 1 < len(units) and units[after].names & _BEFORE and units[after + 1].kind is Kind.PREDICATE:
        return (place, noun, after, after + 1)
    return None


def _past_fillers(units: Sequence[Unit], place: int) -> int:
    """Past particles, adverbs and "같은 건"."""
    while place < len(units) and not units[place].names & (_BEFORE | _NOT_THERE):
        unit = units[place]
        filler = unit.names & {
            "같다",
            "것",
            "-attributive",
            "따위",
            "그런",
            "그렇다",
            "하나",
            "조금",
            "한나",
            "한",
            "번",
        }
        if unit.kind not in (Kind.FREE, Kind.ADVERB) and not filler:
            break
        place += 1
    return place


def _skip(units: Sequence[Unit], place: int, kind: Kind) -> int:
    while place < len(units) and units[place].kind is kind:
        place += 1
    return place
