"""Where in an utterance a finding stands."""

from dataclasses import dataclass

from callbot.understand.negation import denials
from callbot.understand.pattern import Match
from callbot.understand.units import Kind
from callbot.understand.utterance import Utterance


@dataclass(frozen=True)
class Span:
    """The place of a finding in the utterance."""

    start: int
    end: int
    """Half-open range of characters of the normalised text."""
    first: int
    last: int
    """Index of its first and last unit."""
    predicate: int
    """Index of the predicate it hangs on."""
    negated: bool


def span_of_match(match: Match) -> Span:
    """For a finding made by stems."""
    return Span(match.start, match.end, min(match.units), max(match.units), match.predicate, match.negated)


def span_of_characters(utterance: Utterance, start: int, end: int) -> Span:
    """For a finding made by sound: its predicate is the last one that it touches, and denials inside belong to it."""
    units = utterance.units
    touched = [place for place, unit in enumerate(units) if unit.start < end and unit.end > start]
    if not touched:
        return Span(start, end, 0, 0, 0, negated=False)
    predicates = [place for place in touched if units[place].kind is Kind.PREDICATE]
    predicate = predicates[-1] if predicates else touched[-1]
    outside = [each for each in denials(units, predicate) if set(touched).isdisjoint(each)]
    return Span(start, end, touched[0], touched[-1], predicate, bool(predicates) and len(outside) % 2 == 1)
