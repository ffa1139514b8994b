"""What somebody may be asked about again next week, found in what they said."""

from callbot.understand.guards import Guards
from callbot.understand.lexicon import MemoryFile
from callbot.understand.meaning import MemoryKind, Mention
from callbot.understand.pattern import PatternSet, parse_all
from callbot.understand.span import span_of_match
from callbot.understand.utterance import Utterance

_NOT_THEIRS = frozenset({"television", "hypothetical", "saying", "idiom", "news", "joke", "advised", "almost"})
_SOMEBODY_ELSES = frozenset({"third_person", "household", "hearsay", "others_told"})
"""Another's knee is none of ours; that another comes to see them is."""
_OVER = frozenset({"negation", "resolved", "mended", "past"})
_OF_THE_BODY = frozenset({MemoryKind.CHRONIC, MemoryKind.ILLNESS})


def _nouns(about: str, means: PatternSet) -> frozenset[str]:
    """What the matter may be called: our word, and what its first phrase begins with, unless that is a day."""
    begins = means.patterns[0].elements[0].plain
    return frozenset({about}) if "내일" in begins else begins | {about}


class MemoryReader:
    """prompts/lexicon/memories.yaml."""

    def __init__(self, data: MemoryFile, sets: dict[str, tuple[str, ...]], guards: Guards) -> None:
        self._rules = tuple(
            (rule, parse_all(rule.means, sets), parse_all(rule.done, sets), parse_all(rule.unless, sets))
            for rule in data.topics
        )
        self._guards = guards

    def read(self, utterance: Utterance, turn: int = -1) -> tuple[Mention, ...]:
        """At most one of a topic, in the order of the lexicon."""
        found = []
        for rule, means, done, unless in self._rules:
            if any(not match.negated for _, match in unless.matches(utterance.units)):
                continue
            quote, over = self._find(utterance, means, rule.kind), False
            if (past := self._find(utterance, done, rule.kind)) is not None:
                quote, over = past, True
            if quote is not None:
                words, denied = quote
                found.append(Mention(rule.topic, rule.kind, rule.about, words, turn, over or denied))
        return tuple(found)

    def named(self, utterance: Utterance) -> tuple[Mention, ...]:
        """Topics whose noun stands in it, whatever is said of it: "무릎 얘기는 하지 마"."""
        names = frozenset[str]().union(*(unit.names for unit in utterance.units))
        return tuple(
            Mention(rule.topic, rule.kind, rule.about, utterance.text.strip(), over=True)
            for rule, means, _, _ in self._rules
            if names & _nouns(rule.about, means)
        )

    def _find(self, utterance: Utterance, patterns: PatternSet, kind: MemoryKind) -> tuple[str, bool] | None:
        """The words, and whether they say that it is over."""
        of_the_body = kind in _OF_THE_BODY
        told = (
            of_the_body or kind is MemoryKind.APPOINTMENT
        )  # "날짜가 잡혔어": what is past is the making of it; see `done`
        barred = _NOT_THEIRS | _SOMEBODY_ELSES if of_the_body else _NOT_THEIRS
        for _, match in patterns.matches(utterance.units):
            held = set(self._guards.on(utterance, span_of_match(match), event=told))
            if held.isdisjoint(barred):
                return utterance.quote(match.start, match.end), bool(held & _OVER)
        return None
