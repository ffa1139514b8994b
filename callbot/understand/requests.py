"""Wishes for a service: tickets with the person's own words, never a promise."""

from callbot.understand.guards import Guards
from callbot.understand.lexicon import RequestFile
from callbot.understand.meaning import Request
from callbot.understand.pattern import parse_all
from callbot.understand.span import span_of_match
from callbot.understand.utterance import Utterance

_NOT_A_WISH = frozenset({"negation", "third_person", "television", "hypothetical", "saying", "resolved", "distant"})


class RequestReader:
    """prompts/lexicon/requests.yaml."""

    def __init__(self, data: RequestFile, sets: dict[str, tuple[str, ...]], guards: Guards) -> None:
        self._rules = tuple(
            (
                rule,
                parse_all(rule.means, sets),
                parse_all(rule.unless, sets),
            )
            for rule in data.requests
        )
        self._guards = guards

    def read(self, utterance: Utterance, turn: int = -1) -> tuple[Request, ...]:
        """At most one of a kind, in the order of the lexicon."""
        found = []
        for rule, means, unless in self._rules:
            if any(not match.negated for _, match in unless.matches(utterance.units)):
                continue
            for _, match in means.matches(utterance.units):
                span = span_of_match(match)
                if _NOT_A_WISH.isdisjoint(self._guards.on(utterance, span)):
                    found.append(Request(rule.kind, utterance.quote(match.start, match.end), turn))
                    break
        return tuple(found)
