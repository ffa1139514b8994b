"""Another version of one rule over a call that was judged: what it finds there, and what level the call would have had.

The rest of the recorded judgement stands: its other signals (those made from other hypotheses, and by trend, among them), and its
answers but for what this rule's findings do to them. So the answer costs microseconds a call, and says what this change alone
would have done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callbot.assess.assessment import assess
from callbot.converse.transcript import Turn
from callbot.understand.analysis import Analysed, as_searched, may_hold, unpack
from callbot.understand.answers import TOPIC_CATEGORIES
from callbot.understand.guards import Guards
from callbot.understand.lexicon import Lexicon, SignalRule
from callbot.understand.meaning import AnswerValue, Category, Level, Signal, Topic
from callbot.understand.own_rules import only_rule
from callbot.understand.pattern import parse
from callbot.understand.signals import SignalDetectors
from callbot.understand.utterance import Utterance


@dataclass(frozen=True)
class TurnChange:
    """An utterance in which the two versions differ."""

    turn: int
    topic: Topic
    text: str
    """Normalised."""
    was: Signal | None
    would: Signal | None


def _no_reader(_text: str, _topic: Topic = Topic.NOTICE) -> Utterance:
    raise TypeError("a stored analysis has no other hypotheses")


class Trial:
    """Two versions of one rule, ready to be tried. None: there is no such rule in that version."""

    def __init__(self, lexicon: Lexicon, category: Category, old: SignalRule | None, new: SignalRule | None) -> None:
        guards = Guards(lexicon.guards, lexicon.sets.sets)
        self._old, self._new = (
            SignalDetectors(only_rule(lexicon, category, rule), guards, _no_reader)  # type: ignore[arg-type]
            for rule in (old, new)
        )
        self._wanted = _wanted(lexicon, old, new)
        self._searched = None if self._wanted is None else [_as_bytes(groups) for groups in self._wanted]

    def worth_reading(self, read: bytes) -> bool:
        """False: surely nothing differs in this call; `read`: analysis.plain."""
        return self._searched is None or any(may_hold(read, groups) for groups in self._searched)

    def changes_in(self, read: bytes) -> list[TurnChange]:
        """Where the two differ in level; `read`: analysis.plain. Only utterances in which they may are unpacked."""
        return self.changes(unpack(read, self._wanted))

    def changes(self, utterances: Sequence[Analysed]) -> list[TurnChange]:
        """Where the two differ in level."""
        found = []
        for each in utterances:
            utterance = each.utterance()
            was, would = (self._only(rules, utterance, each) for rules in (self._old, self._new))
            if _level(was) is not _level(would):
                found.append(TurnChange(each.turn, each.topic, each.text, was, would))
        return found

    def _only(self, rules: SignalDetectors, utterance: Utterance, said: Analysed) -> Signal | None:
        signals = rules.find(utterance, confidence=said.confidence, turn=said.turn)
        return signals[0] if signals else None


_PHRASES = {"means", "sounds", "unless", "examples", "own", "version", "reason"}


def differs_in_manner(old: SignalRule, new: SignalRule) -> bool:
    """In level, guards or tense, so that everything that it ever found may come out otherwise."""
    return old.model_dump(exclude=_PHRASES) != new.model_dump(exclude=_PHRASES)


def _level(signal: Signal | None) -> Level:
    return signal.level if signal is not None else Level.NONE


def _wanted(
    lexicon: Lexicon, old: SignalRule | None, new: SignalRule | None
) -> tuple[tuple[frozenset[str], ...], ...] | None:
    """Names without which no phrase that differs can be found: one tuple of groups a phrase; None: look at everything."""
    sources: set[str] = set()
    if old is None or new is None:
        whole = old or new
        if whole is None or whole.sounds:
            return None
        sources = set(whole.means)
    else:
        if old.sounds != new.sounds or differs_in_manner(old, new):
            return None
        sources = (set(old.means) ^ set(new.means)) | (set(old.unless) ^ set(new.unless))
    return tuple(
        tuple(
            element.names
            for element in sorted(pattern.elements, key=lambda element: (element.is_ending, len(element.names)))
        )
        for source in sorted(sources)
        for pattern in parse(source, lexicon.sets.sets)
    )


def _as_bytes(groups: Sequence[frozenset[str]]) -> tuple[tuple[bytes, ...], ...]:
    return tuple(tuple(as_searched(name) for name in sorted(group)) for group in groups)


@dataclass(frozen=True)
class Judged:
    """What was recorded of a call."""

    level: Level
    signals: tuple[Signal, ...]
    answers: Mapping[Topic, AnswerValue]


def judged(assessment: Mapping[str, Any]) -> Judged:
    """From the stored JSON of an assessment."""
    signals = [_signal(raw) for raw in assessment.get("signals") or ()]
    answers = {Topic(topic): AnswerValue(value) for topic, value in (assessment.get("answers") or {}).items()}
    return Judged(Level(assessment["level"]), tuple(signals), answers)


def _signal(raw: Mapping[str, Any]) -> Signal:
    given = {**raw, "category": Category(raw["category"]), "level": Level(raw["level"])}
    return Signal(**{**given, "guards": tuple(raw.get("guards") or ())})


def would_be(record: Judged, changes: Sequence[TurnChange], turns: Sequence[Turn]) -> Level:
    """The level of the whole call with the rule changed. `turns`: for what only the whole call shows."""
    replaced = {(change.was or change.would).rule: {each.turn for each in changes} for change in changes}  # type: ignore[union-attr]
    kept = [
        signal
        for signal in record.signals
        if signal.turn not in replaced.get(signal.rule, ()) and signal.detector != "whole_call"
    ]
    added = [change.would for change in changes if change.would is not None]
    answers = dict(record.answers)
    for change in changes:
        if change.would is not None and change.topic in answers:
            answers[change.topic] = _answer(answers[change.topic], change.topic, change.would)
    return assess(turns, [*kept, *added], answers, ()).level


def _answer(before: AnswerValue, topic: Topic, signal: Signal) -> AnswerValue:
    """What a finding does to the answer it stands in (understand/answers.py)."""
    if signal.category in TOPIC_CATEGORIES.get(topic, ()) and signal.level.rank >= Level.WATCH.rank:
        return AnswerValue.BAD
    return AnswerValue.UNSURE if signal.level.rank >= Level.HIGH.rank and before is AnswerValue.OK else before
