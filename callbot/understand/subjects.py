"""Whose story it is: the speaker's own, one of the household's, or another's."""

from collections.abc import Sequence

from callbot.understand.lexicon import Subjects
from callbot.understand.span import Span
from callbot.understand.units import Kind, Unit

_HEARSAY = frozenset({
    "-대", "-다더라", "-다던데", "-단다", "-다네", "-다더라고", "-ㄴ대", "-는대", "-ㄴ다더라", "-더라", "-더라고", "-대라", "-더만", "-더구만",
    "-래", "-으래", "-다는구먼", "-라네", "-다는구만",
})  # fmt: skip
_TOLD = frozenset(
    {"-대", "-단다", "-다던데", "-ㄴ대", "-는대", "-다는구먼", "-다는구만", "-다더라", "-ㄴ다더라", "-다더라고"}
)
_REACH = 6
"""Units after the predicate in which such an ending is sought."""
_MARKS = frozenset({"이", "가", "은", "는", "도", "께서", "께서는"})
_THERE = frozenset({"에", "에서", "네"})
"""Where it happened, which is enough in what was heard: "형님 댁에 불이 났대"."""
_SOMEBODY = frozenset({"누구", "누군가"})
"""Another person only where the sentence tells what was heard: "누가 문을 두드려" happens here."""
_SOMEBODIES = frozenset(
    {"사람", "분", "양반", "노인", "할머니", "할아버지", "아저씨", "아주머니", "남자", "여자", "집", "친구"}
)
"""Nouns that a clause tells of: "사기를 당한 사람이 있대"."""
_PLURAL = frozenset({"들", "님", "네", "댁"})


class Storyteller:
    """Names the guard of person that holds for a finding: `third_person`, `household` or none."""

    def __init__(self, subjects: Subjects) -> None:
        self._first_person = frozenset(subjects.first_person)
        self._household = frozenset(subjects.household)
        self._others = frozenset(subjects.others)

    def is_hearsay(self, units: Sequence[Unit], span: Span) -> bool:
        """The finding itself ends in "-대": somebody said so, and not of the speaker."""
        after = span.predicate + 1
        while after < len(units) and units[after].kind is Kind.PREFINAL:
            after += 1
        told = after < len(units) and units[after].names & _TOLD
        return bool(told) and not any(unit.names & self._first_person for unit in units[: span.predicate])

    def names_household(self, units: Sequence[Unit]) -> bool:
        """A husband, wife or the like is spoken of."""
        return any(unit.names & self._household for unit in units)

    def guard(self, units: Sequence[Unit], span: Span) -> str | None:
        """Only the subject of the same clause counts, unless the sentence ends as hearsay: a guard that suppresses is
        the most dangerous part ("친구가 죽어서 외롭다")."""
        hearsay = any(unit.names & _HEARSAY for unit in units[span.predicate + 1 : span.predicate + _REACH])
        if hearsay and self._told_of_somebody(units, span):
            return "third_person"
        between = False
        for place in range(span.predicate - 1, -1, -1):
            unit = units[place]
            if unit.kind is Kind.SENTENCE_END:
                return None
            if unit.names & self._first_person:
                return None
            if unit.kind is Kind.PREDICATE and place < span.first:
                between = True
            who = self._subject(units, place, marked=not hearsay)
            if who is None:
                continue
            if not between or hearsay:
                return who
        return None

    def _told_of_somebody(self, units: Sequence[Unit], span: Span) -> bool:
        """The clause describes another person: "당한 사람이 있대", "아는 사람이 당했대"."""
        told = any(unit.names & _TOLD for unit in units[span.predicate + 1 :])
        if told and any(
            unit.names & _SOMEBODIES and units[place - 1].names & {"-attributive"}
            for place, unit in enumerate(units[: span.predicate])
            if place > 0
        ):
            return True
        after = units[span.predicate + 1 : span.predicate + 4]
        described = any("-attributive" in unit.names for unit in after)
        return described and any(unit.kind is Kind.WORD and unit.names & _SOMEBODIES for unit in after)

    def _subject(self, units: Sequence[Unit], place: int, *, marked: bool) -> str | None:
        names = units[place].names
        if not names & (self._household | self._others) and (marked or not names & _SOMEBODY):
            return None
        after = place + 1
        while after < len(units) and units[after].names & (_PLURAL | _SOMEBODIES):
            after += 1
        particle = units[after].names if after < len(units) and units[after].kind is Kind.FREE else frozenset[str]()
        if particle and not particle & (_MARKS if marked else _MARKS | _THERE):
            return None
        if marked and not particle:
            return None
        owned = place > 0 and bool(units[place - 1].names & self._others)
        return "household" if names & self._household and not owned else "third_person"
