"""Morphemes as the units that rules speak of: stems in dictionary form, endings in one spelling."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from callbot.understand.morphemes import Morpheme


class Kind(Enum):
    """What a unit can do in a pattern."""

    WORD = auto()  # nouns, pronouns, numerals, roots
    PREDICATE = auto()  # verbs, adjectives, copulas
    ADVERB = auto()
    ENDING = auto()
    PREFINAL = auto()  # 었, 겠, 시
    SENTENCE_END = auto()
    FREE = auto()  # particles, interjections, punctuation


@dataclass(frozen=True)
class Unit:
    """One element that patterns match."""

    names: frozenset[str]
    """Everything this unit may be called in a pattern: "아프다"; "답답하다" and "답답"; "-고"."""
    kind: Kind
    start: int
    end: int


_PREDICATE_TAGS = frozenset({"VV", "VA", "VX", "VCP", "VCN"})
_DERIVING_TAGS = frozenset({"XSV", "XSA"})
_ENDINGS = {
    "아": "어", "아서": "어서", "으면": "면", "으니까": "니까", "은": "ㄴ", "을": "ㄹ", "은데": "는데", "ㄴ데": "는데", "으려고": "려고",
    "을까": "ㄹ까", "아야": "어야", "아도": "어도", "으니": "니", "아라": "어라", "을게": "ㄹ게", "을래": "ㄹ래", "다가": "다", "던데": "는데",
    "어야지": "어야지", "아야지": "어야지", "아야죠": "어야지", "어야죠": "어야지", "으러": "러", "라고": "다고", "으라고": "다고",
    "으며": "며", "으면서": "면서", "을지": "ㄹ지", "은지": "ㄴ지", "는지": "ㄴ지", "ㄴ다": "다", "는다": "다", "던": "ㄴ",
    "을라고": "려고", "ㄹ라고": "려고", "을라구": "려고", "ㄹ라구": "려고", "으려구": "려고", "려": "려고", "으려": "려고", "려구": "려고", "을려고": "려고", "ㄹ려고": "려고", "을라": "려고", "ㄹ라": "려고", "을지도": "ㄹ지도",
    "을란다": "려고", "ㄹ란다": "려고", "을수록": "ㄹ수록", "을테니": "ㄹ테니", "습니다": "ㅂ니다",
}  # fmt: skip
_ATTRIBUTIVE = frozenset({"ㄴ", "는", "ㄹ"})
_CONJOINING = str.maketrans({"\u11ab": "ㄴ", "\u11af": "ㄹ", "\u11b7": "ㅁ", "\u11b8": "ㅂ"})
_JOINING = frozenset({"-어", "-어다", "-고", "-다"})
_LOST_IN_COMPOUND = frozenset({"빼먹다", "까먹다", "잊어먹다", "떼먹다", "갉아먹다", "부려먹다"})
"""Compounds of 먹다 that have nothing to do with eating."""
_THING = {"거": "것", "게": "것", "건": "것", "걸": "것"}


def units_of(morphemes: Sequence[Morpheme], text: str) -> tuple[Unit, ...]:
    """Units in order; a root and its 하다/되다 become one unit that answers to both names, and the last part of a
    compound ("비밀" "번호"; "알려" "주다") answers to the whole as well."""
    units: list[Unit] = []
    for morpheme in morphemes:
        before = units[-1] if units else None
        if morpheme.tag in _DERIVING_TAGS and before is not None and before.kind in (Kind.WORD, Kind.ADVERB):
            derived = frozenset(f"{name}{morpheme.form}다" for name in before.names)
            units[-1] = Unit(before.names | derived, Kind.PREDICATE, before.start, morpheme.end)
        else:
            unit = _unit(morpheme)
            whole = _compound_noun(units, morpheme, unit) | _compound_verb(units, morpheme, text)
            names = whole if whole & _LOST_IN_COMPOUND else unit.names | whole
            units.append(Unit(names, unit.kind, unit.start, unit.end))
    return tuple(units)


def _compound_noun(units: Sequence[Unit], morpheme: Morpheme, unit: Unit) -> frozenset[str]:
    before = units[-1] if units else None
    if before is None or before.kind is not Kind.WORD or before.end != morpheme.start:
        return frozenset()
    if unit.kind is not Kind.WORD and morpheme.tag != "XSN":
        return frozenset()
    return frozenset(f"{name}{morpheme.form}" for name in before.names)


def _compound_verb(units: Sequence[Unit], morpheme: Morpheme, text: str) -> frozenset[str]:
    """The first verb as it stands in the text, joined to the stem of the second: "도와줬" is 도와주다."""
    if not morpheme.tag.startswith("V") or len(units) <= 1 or not units[-1].names & _JOINING:
        return frozenset()
    first = units[-2]
    said = text[first.start : morpheme.start].replace(" ", "")
    return frozenset({f"{said}{morpheme.form}다"}) if first.kind is Kind.PREDICATE and said else frozenset()


def _unit(morpheme: Morpheme) -> Unit:
    form, tag = morpheme.form, morpheme.tag
    kind = _kind(tag)
    if kind is Kind.PREDICATE or tag in _DERIVING_TAGS:
        names = {f"{form}다"}
    elif kind in (Kind.ENDING, Kind.SENTENCE_END, Kind.PREFINAL):
        names = _ending_names(form, tag)
    else:
        names = {_THING.get(form, form) if tag == "NNB" else form}
    return Unit(frozenset(names), kind, morpheme.start, morpheme.end)


def _ending_names(form: str, tag: str) -> set[str]:
    plain = form.translate(_CONJOINING).removesuffix("요") or "요"
    if tag == "EP":
        return {"-었" if plain == "았" else "-겠" if plain == "겄" else f"-{plain}"}
    plain = _ENDINGS.get(plain, plain)
    if tag == "ETM" and plain in _ATTRIBUTIVE:
        return {f"-{plain}", "-attributive"} | ({"-ㄴ", "-는"} if plain != "ㄹ" else set())
    return {f"-{plain}"}


def standard_ending(name: str) -> str:
    """The one spelling under which an ending ("-으면") is known ("-면")."""
    return f"-{_ENDINGS.get(name[1:], name[1:])}"


def _kind(tag: str) -> Kind:  # noqa: PLR0911 - one line a class of tags
    if tag in _PREDICATE_TAGS or tag in _DERIVING_TAGS:
        return Kind.PREDICATE
    if tag == "EF":
        return Kind.SENTENCE_END
    if tag == "EP":
        return Kind.PREFINAL
    if tag.startswith("E"):
        return Kind.ENDING
    if tag in ("MAG", "MAJ"):
        return Kind.ADVERB
    if tag.startswith("N") or tag in ("XR", "SL", "SN", "MM", "UN", "XPN"):
        return Kind.WORD
    return Kind.FREE
