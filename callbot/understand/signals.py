"""Findings of risk in one utterance, each with its evidence: stems first, sounds as a second, independent net."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callbot.understand.guards import Guards
from callbot.understand.lexicon import Lexicon, SignalRule
from callbot.understand.meaning import Category, Level, Signal
from callbot.understand.pattern import Match, PatternSet, all_names, parse_all
from callbot.understand.sounds import Likeness, likeness, weakest_word
from callbot.understand.span import Span, span_of_characters, span_of_match
from callbot.understand.utterance import Reader, Utterance

SOUNDS_SURE = 90.0
"""Sounds as alike as this fire any rule (0..100)."""
SOUNDS_MAYBE = 82.0
"""Between the two only an emergency fires, as 미확인."""
WEAKEST_WORD = 76.0
"""Below SOUNDS_SURE every word of the phrase must be found this well."""
SHORT_SOUND = 6
"""Syllables; a shorter phrase is half ending ("맞고 있어요", "조심하고 있어요"): unsure, it must be liker and begin a word."""
SHORT_MAYBE = 88.0
_LIKER = 0.01
SHORTEST_SOUND = 4
"""Syllables; a shorter phrase is found in anything."""
NEARBY = 5
"""Units between a finding and what tells that its words mean something else."""
LOW_CONFIDENCE = 0.5
"""An emergency heard with less is 미확인 (converse/events.py)."""


@dataclass(frozen=True)
class _Rule:
    data: SignalRule
    category: Category
    means: PatternSet
    unless: PatternSet
    unless_near: PatternSet
    other_words: PatternSet


def _compiled(rule: SignalRule, category: Category, sets: dict[str, tuple[str, ...]]) -> _Rule:
    return _Rule(
        rule,
        category,
        parse_all(rule.means, sets),
        parse_all(rule.unless, sets),
        parse_all(rule.unless_near, sets),
        parse_all((*rule.unless, *rule.other_words), sets),
    )


@dataclass(frozen=True)
class _Finding:
    level: Level
    guards: tuple[str, ...]
    quote: str
    detector: str
    unconfirmed: bool = False


class SignalDetectors:
    """All rules of prompts/lexicon/signals-*.yaml."""

    def __init__(self, lexicon: Lexicon, guards: Guards, reader: Reader, like: "SignalDetectors | None" = None) -> None:
        """`like`: has most of these rules already; reading one takes milliseconds, and there are hundreds."""
        sets = lexicon.sets.sets
        known = {id(rule.data): rule for rule in (like.compiled if like else ())}
        self.compiled: tuple[_Rule, ...] = tuple(
            known.get(id(rule)) or _compiled(rule, file.category, sets)
            for file in lexicon.signals
            for rule in file.rules
        )
        self._by_name: dict[str, set[int]] = {}
        for number, rule in enumerate(self.compiled):
            for name in rule.means.needed:
                self._by_name.setdefault(name, set()).add(number)
        self._order = {rule.data.id: place for place, rule in enumerate(self.compiled)}
        self._guards = guards
        self._reader = reader

    def find(
        self,
        utterance: Utterance,
        *,
        alternatives: Sequence[str] = (),
        confidence: float = 1.0,
        turn: int = -1,
        audio_offset_s: float | None = None,
    ) -> tuple[Signal, ...]:
        """At most one signal a rule, worst first; guards may have brought one down to `none`."""
        signals = []
        worth_trying = self._worth_trying(utterance)
        for number, rule in enumerate(self.compiled):
            by_stems = self._by_stems(rule, utterance) if number in worth_trying else None
            finding = by_stems or self._by_sounds(rule, utterance, alternatives)
            if finding is None:
                continue
            unsure = finding.unconfirmed or (confidence < LOW_CONFIDENCE and finding.level is Level.EMERGENCY)
            signals.append(
                Signal(
                    category=rule.category,
                    level=finding.level,
                    rule=rule.data.id,
                    quote=finding.quote,
                    reason=self._reason(rule.data, finding),
                    detector=finding.detector,
                    rule_version=rule.data.stated_version,
                    guards=finding.guards,
                    turn=turn,
                    audio_offset_s=audio_offset_s,
                    unconfirmed=unsure,
                )
            )
        return tuple(sorted(signals, key=lambda signal: (-signal.level.rank, signal.rule)))

    def once(self, signals: Sequence[Signal]) -> tuple[Signal, ...]:
        """One signal for one thing said: where rules of a category found the same words at one level, the first of the
        lexicon that needs no confirmation (files of further wording, `signals-*_more.yaml`, come last). What guards
        lowered stays beside what they did not."""
        kept: list[Signal] = []
        for signal in sorted(signals, key=lambda each: (each.unconfirmed, self._order[each.rule])):
            if not any(_same_thing(signal, other) for other in kept):
                kept.append(signal)
        return tuple(sorted(kept, key=lambda each: (-each.level.rank, each.rule)))

    def _worth_trying(self, utterance: Utterance) -> set[int]:
        """Rules of which something stands in it; the others, nearly all, are not even asked."""
        names = all_names(utterance.units)
        return set[int]().union(*(self._by_name[name] for name in names & self._by_name.keys()))

    def _by_stems(self, rule: _Rule, utterance: Utterance) -> _Finding | None:
        hits = [match for _, match in rule.means.matches(utterance.units)]
        if not hits:
            return None
        other = [set(match.units) for _, match in rule.unless.matches(utterance.units)]
        near = [match for _, match in rule.unless_near.matches(utterance.units) if not match.negated]
        best: _Finding | None = None
        for match in hits:
            if any(units & set(match.units) for units in other) or any(_is_near(match, each) for each in near):
                continue
            finding = self._guarded(rule, utterance, span_of_match(match), "morphology")
            if best is None or finding.level.rank > best.level.rank:
                best = finding
        return best

    def _by_sounds(self, rule: _Rule, utterance: Utterance, alternatives: Sequence[str]) -> _Finding | None:
        if not rule.data.sounds:
            return None
        at_least = SOUNDS_MAYBE if rule.data.level is Level.EMERGENCY else SOUNDS_SURE
        for text in (utterance.text, *alternatives):
            found = self._sound(rule.data, text, at_least)
            if found is None:
                continue
            heard = utterance if text == utterance.text else self._reader(text)
            if any(
                match.start < found.end and match.end > found.start
                for _, match in rule.other_words.matches(heard.units)
            ):
                continue
            finding = self._guarded(rule, heard, span_of_characters(heard, found.start, found.end), "jamo")
            unsure = found.score < SOUNDS_SURE or heard is not utterance
            emergency = finding.level is Level.EMERGENCY
            return _Finding(finding.level, finding.guards, finding.quote, "jamo", unconfirmed=unsure and emergency)
        return None

    def _sound(self, rule: SignalRule, text: str, at_least: float) -> Likeness | None:
        """The likest phrase, unless a harmless lookalike is liker, or sounds no different at all."""
        found = [hit for hit in (_hit(phrase, text, at_least) for phrase in rule.sounds) if hit is not None]
        if not found:
            return None
        best = max(found, key=lambda hit: hit.score)
        harmless = (likeness(phrase, text, min(best.score + _LIKER, 100.0)) for phrase in rule.lookalikes)
        return None if any(hit is not None for hit in harmless) else best

    def _guarded(self, rule: _Rule, utterance: Utterance, span: Span, detector: str) -> _Finding:
        guards = self._guards.on_rule(utterance, span, rule.data, rule.category)
        level = self._guards.lowered(rule.data.level, guards, rule.category)
        return _Finding(level, guards, utterance.quote(span.start, span.end), detector)

    def _reason(self, rule: SignalRule, finding: _Finding) -> str:
        reason = rule.reason.replace("{quote}", finding.quote)
        lowering = [self._guards.says(name) for name in finding.guards]
        return (
            f"{reason} 다만 {', '.join(lowering)}(으)로 보아 낮추었습니다."
            if finding.level is not rule.level and lowering
            else reason
        )

    def rules(self) -> Iterator[tuple[Category, SignalRule]]:
        """Every rule, for the tests of its examples and for showing them."""
        return ((rule.category, rule.data) for rule in self.compiled)


def _is_near(finding: Match, other: Match) -> bool:
    first, last = min(finding.units), max(finding.units)
    return min(other.units) <= last + NEARBY and max(other.units) >= first - NEARBY


def _same_thing(one: Signal, other: Signal) -> bool:
    alike = one.category is other.category and one.level is other.level and bool(one.guards) == bool(other.guards)
    return alike and (one.quote in other.quote or other.quote in one.quote)


def _hit(phrase: str, text: str, at_least: float) -> Likeness | None:
    hit = likeness(phrase, text, at_least)
    if hit is None or hit.score >= SOUNDS_SURE:
        return hit
    if len(phrase.replace(" ", "")) < SHORT_SOUND and (
        hit.score < SHORT_MAYBE or (hit.start > 0 and text[hit.start - 1].isalnum())
    ):
        return None
    return hit if weakest_word(phrase, text[hit.start : hit.end]) >= WEAKEST_WORD else None
