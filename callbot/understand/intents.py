"""What the speaker wants of the conversation, and which machine is speaking."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callbot.understand.announcements import AnnouncementReader
from callbot.understand.guards import Guards
from callbot.understand.lexicon import IntentFile, IntentRule
from callbot.understand.meaning import Intent, Reported, Topic
from callbot.understand.pattern import parse_all
from callbot.understand.sounds import likeness
from callbot.understand.span import span_of_match
from callbot.understand.utterance import Utterance

_SOUNDS_AT = 88.0
_NOT_OF_THE_PERSON = frozenset({"negation", "television", "hypothetical", "hearsay"})
_STRONGER = frozenset({
    Intent.BUSY, Intent.REFUSE, Intent.DO_NOT_CALL, Intent.WRONG_NUMBER, Intent.OTHER_PERSON, Intent.NOT_HERE, Intent.REPEAT, Intent.WHO_IS_THIS,
})  # fmt: skip
"""Beside one of these, a yes or no that the utterance merely begins with says nothing."""


@dataclass(frozen=True)
class Wants:
    """Intents of one utterance."""

    intents: frozenset[Intent]
    bare: Intent | None
    """YES or NO, where the utterance is nothing else."""
    announcement: str | None
    reported: Reported | None


class _Rule:
    def __init__(self, data: IntentRule, sets: dict[str, tuple[str, ...]]) -> None:
        self.data = data
        self.means = parse_all(data.means, sets)
        words = sorted({_bare(phrase) for phrase in data.whole}, key=lambda word: (-len(word), word))
        self.whole = re.compile("(?:" + "|".join(re.escape(word) for word in words) + ")+") if words else None

        self.begins = frozenset(word + mark for word in data.begins for mark in ("", ",", ".", "!"))

    def is_whole(self, utterance: Utterance) -> bool:
        return self.whole is not None and bool(self.whole.fullmatch(_bare(utterance.normal.original)))

    def is_sought(self, topic: Topic) -> bool:
        return not self.data.topics or topic in self.data.topics

    def holds(self, utterance: Utterance) -> bool:
        if self.is_whole(utterance):
            return True
        if self.begins.intersection(utterance.normal.original.split()[:1]):
            return True
        if utterance.syllables > self.data.at_most:
            return False
        if any(not match.negated for _, match in self.means.matches(utterance.units)):
            return True
        return any(likeness(phrase, utterance.text, _SOUNDS_AT) for phrase in self.data.sounds)


class IntentReader:
    """prompts/lexicon/intents.yaml and announcements.yaml."""

    def __init__(
        self, intents: IntentFile, machines: AnnouncementReader, sets: dict[str, tuple[str, ...]], guards: Guards
    ) -> None:
        self._rules = tuple(_Rule(rule, sets) for rule in intents.rules)
        self._reported = tuple((rule.reported, parse_all(rule.means, sets)) for rule in intents.reported)
        self._machines = machines
        self._guards = guards

    def read(self, utterance: Utterance, alternatives: Sequence[str] = (), topic: Topic = Topic.NOTICE) -> Wants:
        machine = self._machines.read((utterance.text, *alternatives))
        if machine is not None:
            return Wants(frozenset({machine.intent}), None, machine.kind, None)
        rules = [rule for rule in self._rules if rule.is_sought(topic)]
        held = [rule.data for rule in rules if rule.holds(utterance)]
        found = {rule.intent for rule in held}
        bare = next((rule.data.intent for rule in rules if self._is_bare(rule, utterance)), None)
        waits = topic is Topic.IDENTITY and Intent.WAIT in found
        if bare is None and (found & _STRONGER or waits):
            found -= {Intent.YES, Intent.NO} - {rule.intent for rule in held if rule.firm}
        return Wants(frozenset(found), bare, None, self._report(utterance))

    def _is_bare(self, rule: _Rule, utterance: Utterance) -> bool:
        return not rule.data.firm and rule.data.intent in (Intent.YES, Intent.NO) and rule.is_whole(utterance)

    def _report(self, utterance: Utterance) -> Reported | None:
        for reported, patterns in self._reported:
            for _, match in patterns.matches(utterance.units):
                if self._guards.names_household(utterance):
                    continue
                if _NOT_OF_THE_PERSON.isdisjoint(self._guards.on(utterance, span_of_match(match))):
                    return reported
        return None


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z가-힣]", "", text)
