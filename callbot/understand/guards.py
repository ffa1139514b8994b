"""What makes a finding weaker than its words: denial, another's story, television, the past, a supposition."""

from collections.abc import Sequence
from dataclasses import dataclass

from callbot.understand.lexicon import GuardFile
from callbot.understand.meaning import Category, Level
from callbot.understand.negation import is_negated
from callbot.understand.pattern import Match, parse_all
from callbot.understand.units import Kind, Unit
from callbot.understand.utterance import Utterance

_HEARSAY = frozenset(
    {
        "-대",
        "-대요",
        "-다더라",
        "-다던데",
        "-단다",
        "-다네요",
        "-다더라고",
        "-ㄴ대",
        "-는대",
        "-ㄴ다더라",
        "-더라",
        "-더라고",
    }
)
_SUBJECT_PARTICLES = frozenset({"이", "가", "은", "는", "도", "께서", "께서는", "도요"})


@dataclass(frozen=True)
class Span:
    """The place of a finding in the utterance."""

    start: int
    end: int
    first: int
    """Index of its first unit."""
    last: int
    """Index of its last unit."""
    predicate: int
    """Index of the predicate it hangs on."""
    negated: bool


def span_of_match(match: Match) -> Span:
    """For a finding made by stems."""
    return Span(match.start, match.end, min(match.units), max(match.units), match.predicate, match.negated)


def span_of_characters(utterance: Utterance, start: int, end: int) -> Span:
    """For a finding made by sound: its predicate is the last one that it touches."""
    touched = [place for place, unit in enumerate(utterance.units) if unit.start < end and unit.end > start]
    predicates = [place for place in touched if utterance.units[place].kind is Kind.PREDICATE]
    first = touched[0] if touched else 0
    predicate = predicates[-1] if predicates else (touched[-1] if touched else 0)
    last = touched[-1] if touched else 0
    return Span(start, end, first, last, predicate, bool(predicates) and is_negated(utterance.units, predicate))


class Guards:
    """Every guard, compiled from prompts/lexicon/guards.yaml."""

    def __init__(self, data: GuardFile, sets: dict[str, tuple[str, ...]]) -> None:
        self._data = data
        self._said = {name: parse_all(guard.means, sets) for name, guard in sorted(data.guards.items())}
        self._still = parse_all(data.still, sets)
        self._idioms = frozenset(data.idioms)
        subjects = data.subjects
        self._first_person = frozenset(subjects.first_person)
        self._household = frozenset(subjects.household)
        self._others = frozenset(subjects.others)

    def on(self, utterance: Utterance, span: Span, *, event: bool, ignores: frozenset[str]) -> tuple[str, ...]:
        """Names of the guards that hold for this finding, sorted."""
        found = self.said(utterance)
        if span.negated:
            found.add("negation")
        if self._is_supposed(utterance.units, span):
            found.add("hypothetical")
        if self._is_idiom(utterance.units, span):
            found.add("idiom")
        found |= self._person(utterance.units, span)
        found |= self._time(utterance, span, found, event=event)
        return tuple(sorted(name for name in found if name in self._data.guards and name not in ignores))

    def said(self, utterance: Utterance) -> set[str]:
        """Guards whose phrases stand anywhere in the utterance."""
        return {
            name
            for name, patterns in self._said.items()
            if any(not match.negated for _, match in patterns.matches(utterance.units))
        }

    def lowered(self, level: Level, guards: Sequence[str], category: Category) -> Level:
        """The level after guards: the lowest that any one of them gives; suicide never below watch."""
        levels = [level, *(self._data.guards[name].becomes.get(level, level) for name in guards)]
        lowest = min(levels, key=lambda each: each.rank)
        if category is Category.SUICIDE and lowest.rank < Level.WATCH.rank:
            return Level.WATCH
        return lowest

    def says(self, name: str) -> str:
        """Korean words for a guard."""
        return self._data.guards[name].says

    def _time(self, utterance: Utterance, span: Span, found: set[str], *, event: bool) -> set[str]:
        """A past tense makes a state past; for an event only words of time do."""
        still = any(True for _ in self._still.matches(utterance.units))
        if still:
            found -= {"recent", "distant"}
            return set()
        after = span.predicate + 1
        in_past = after < len(utterance.units) and "-었" in utterance.units[after].names
        wished = after + 1 < len(utterance.units) and "-면" in utterance.units[after + 1].names
        return {"past"} if in_past and not wished and not event else set()

    def _is_supposed(self, units: Sequence[Unit], span: Span) -> bool:
        place = _ending_after(units, span.predicate)
        if place is None or place <= span.last:
            return False
        names = units[place].names
        following = units[place + 1].names if place + 1 < len(units) else frozenset[str]()
        if names & {"-면", "-거든"}:
            return not following & {"좋다", "하다", "싶다"}
        return bool(names & {"-ㄹ까", "-ㄹ까봐"}) and bool(
            following & {"보다", "봐", "무섭다", "걱정", "걱정하다", "겁", "겁나다"}
        )

    def _is_idiom(self, units: Sequence[Unit], span: Span) -> bool:
        """ "심심해 죽겠다": 죽다 right after -어(서) and one of the stems that are used so."""
        for place in range(span.first, min(span.predicate + 1, len(units))):
            if "죽다" in units[place].names and place > 1:
                joined = units[place - 1].names & {"-어", "-어서"}
                if joined and units[place - 2].names & self._idioms:
                    return True
        return False

    def _person(self, units: Sequence[Unit], span: Span) -> set[str]:
        hearsay = any(unit.names & _HEARSAY for unit in units[span.predicate + 1 : span.predicate + 6])
        between = False
        for place in range(span.predicate - 1, -1, -1):
            unit = units[place]
            if unit.kind is Kind.SENTENCE_END:
                break
            if unit.names & self._first_person:
                return set()
            if unit.kind is Kind.PREDICATE and place < span.first:
                between = True
            who = self._whose(units, place)
            if who and (not between or hearsay or who == "third_person"):
                return {who}
        return {"third_person"} if hearsay and self._anyone(units, span.predicate) else set()

    def _whose(self, units: Sequence[Unit], place: int) -> str | None:
        names = units[place].names
        if not names & (self._household | self._others):
            return None
        following = place + 1
        while following < len(units) and units[following].names & {"들", "님", "네"}:
            following += 1
        if (
            following < len(units)
            and units[following].kind is Kind.FREE
            and not units[following].names & _SUBJECT_PARTICLES
        ):
            return None
        return "household" if names & self._household else "third_person"

    def _anyone(self, units: Sequence[Unit], before: int) -> bool:
        return any(unit.names & (self._household | self._others) for unit in units[:before])


def _ending_after(units: Sequence[Unit], predicate: int) -> int | None:
    for place in range(predicate + 1, len(units)):
        if units[place].kind in (Kind.ENDING, Kind.SENTENCE_END):
            return place
        if units[place].kind is not Kind.PREFINAL:
            return None
    return None
