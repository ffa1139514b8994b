"""Three-valued answers in the context of the question; what is not understood is `unsure`, never `ok`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from callbot.understand.accounting import plain_words, unaccounted
from callbot.understand.guards import Guards
from callbot.understand.intents import Wants
from callbot.understand.lexicon import AnswerFile
from callbot.understand.meaning import CHECK_IN_TOPICS, AnswerValue, Category, Intent, Level, Signal, Topic
from callbot.understand.negation import is_negated
from callbot.understand.pattern import Match, PatternSet, parse_all
from callbot.understand.questions import Polarity, Questions, opposite
from callbot.understand.span import span_of_match
from callbot.understand.units import Kind, Unit
from callbot.understand.utterance import Utterance

TOPIC_CATEGORIES: dict[Topic, frozenset[Category]] = {
    Topic.HEALTH: frozenset({Category.PAIN, Category.MEDICAL, Category.FALL}),
    Topic.MEMORY: frozenset({Category.PAIN, Category.MEDICAL, Category.FALL, Category.MOOD}),
    Topic.MEALS: frozenset({Category.FOOD}),
    Topic.SLEEP: frozenset({Category.SLEEP}),
    Topic.MEDICINE: frozenset({Category.MEDICINE}),
    Topic.MOOD: frozenset({Category.MOOD, Category.SUICIDE}),
    Topic.OUTING: frozenset(),
    Topic.NEEDS: frozenset({Category.HOUSING, Category.MONEY, Category.SERVICE}),
}
"""A finding of these categories makes the answer to this topic bad."""
_NOT_ABOUT_ME = frozenset({
    "idiom", "rhetorical", "third_person", "household", "television", "hypothetical", "saying", "simile", "not_yet", "conceded", "apart_from",
})  # fmt: skip
_DENIALS = frozenset({"안", "못", "없다", "않다", "못하다", "아니다"})
_TRAILING = frozenset({"-는데", "-지만", "-ㄴ데", "-는데요"})
_PLACEHOLDERS = frozenset({
    "데", "것", "곳", "점", "일", "말", "말씀", "문제", "이상", "별일", "지금", "요즘", "요새", "오늘", "아직", "전혀", "나", "저", "딱히",
    "아무것", "아무", "어디", "특별", "없음", "따로", "뭐", "그런", "이제", "현재", "부탁", "불만",
})  # fmt: skip
"""Beside "없어" these leave it the whole answer; any other noun may be a misheard one ("기운이 없어요" as "기온이 없어요")."""
_EATEN = frozenset({Topic.MEALS, Topic.MEDICINE})
_ACTS = frozenset({Topic.SLEEP, Topic.OUTING})
"""Topics whose answer is something done without an object: a verb that "못" or "안" would turn around."""
_BEFORE_ACTS = frozenset({
    "잠", "밤", "낮", "꿀", "단", "새", "산", "절", "장", "밖", "밭", "집", "논", "들", "앞", "곳", "데", "강", "길", "둘", "셋", "다", "말", "일", "날",
    "때", "번", "끼", "시", "것", "점", "국", "뭐", "나", "내",
})  # fmt: skip
"""Nouns of one syllable that may stand without a particle before such a verb; another one is likely a misheard "못" ("몸 나가요")."""
_SAYS_NOTHING_MORE = frozenset({
    "있다", "계시다", "보다", "주다", "지다", "버리다", "하다", "싶다", "같다", "이다", "지내다", "살다", "놓다", "두다", "가다", "오다", "다니다", "않다",
    "못하다", "없다", "아니다", "그렇다", "이렇다", "고맙다", "감사하다", "수고하다", "알다", "끊다", "드리다", "드시다", "맞다",
})  # fmt: skip
"""After what is understood as fine: auxiliaries, thanks, goodbyes. Any other predicate is the end of something we did not understand."""
_SHORT = 3
"""Content words; "없어" and "있어" decide only in utterances up to this."""


@dataclass(frozen=True)
class Answer:
    """The value, and the words that it rests on."""

    value: AnswerValue
    evidence: str | None = None


@dataclass
class _Evidence:
    ok: list[Match]
    bad: list[Match]
    trailing: bool = False
    """A denial that ends in "-은데": something is left unsaid."""


class AnswerReader:
    """prompts/lexicon/answers.yaml."""

    def __init__(
        self, answers: AnswerFile, sets: dict[str, tuple[str, ...]], questions: Questions, guards: Guards
    ) -> None:
        self._vague = parse_all(answers.vague, sets)
        self._edible = frozenset((*sets["food"], *sets["medicine"]))
        self._neither = parse_all(answers.neither, sets)
        self._questions = questions
        self._guards = guards
        self._nothing_more = _SAYS_NOTHING_MORE | _fine_words(questions)
        self._plain = plain_words(answers, sets)

    def read(
        self,
        utterance: Utterance,
        topic: Topic,
        question: str,
        signals: Sequence[Signal],
        wants: Wants,
        *,
        by_ear: bool = False,
    ) -> Answer:
        """`signals`: findings of this utterance; `wants`: holds a yes or no that is all that was said. `by_ear`: a recogniser
        may have made fine words of others; then fine is only what accounts for every word."""
        if topic is Topic.NOTICE:
            return Answer(AnswerValue.NOT_ASKED)
        for signal in signals:
            if signal.category in TOPIC_CATEGORIES.get(topic, ()) and signal.level.rank >= Level.WATCH.rank:
                return Answer(AnswerValue.BAD, signal.quote)
        polarity = self._questions.polarity(question, topic)
        if wants.bare is not None:
            value = polarity.yes if wants.bare is Intent.YES else polarity.no
            return _with(value, utterance.text.strip())
        strict = by_ear or topic is Topic.NEEDS
        answer = self._by_words(utterance, topic, polarity, strict=strict)
        if answer.value is AnswerValue.UNSURE and topic is Topic.CONFIRM and _only_agrees(utterance, wants):
            return Answer(polarity.yes, utterance.text.strip()) if polarity.yes is AnswerValue.BAD else answer
        grave = any(signal.level.rank >= Level.HIGH.rank for signal in signals)
        return Answer(AnswerValue.UNSURE) if grave and answer.value is AnswerValue.OK else answer

    def _by_words(self, utterance: Utterance, topic: Topic, polarity: Polarity, *, strict: bool) -> Answer:
        words = self._questions.words.get(topic)
        if words is None:
            return Answer(AnswerValue.UNSURE)
        evidence = self._weigh(utterance, words.ok, words.bad)
        if evidence.bad:
            return _with(AnswerValue.BAD, _quote(utterance, evidence.bad[0]))
        vague = any(True for _ in self._vague.matches(utterance.units))
        vague = vague or (topic in _EATEN and self._eats_something_else(utterance, topic))
        vague = vague or _may_be_denied(utterance, topic, evidence.ok) or self._goes_on(utterance, evidence.ok)
        vague = vague or _but(utterance, evidence.ok)
        if strict and evidence.ok:
            vague = vague or bool(unaccounted(utterance, evidence.ok, self._plain[topic]))
        if evidence.ok and not vague and not evidence.trailing and not self._unexplained(utterance, evidence.ok):
            return _with(AnswerValue.OK, _quote(utterance, evidence.ok[0]))
        if evidence.ok or vague:
            return Answer(AnswerValue.UNSURE)
        return self._by_existence(utterance, topic, polarity, strict=strict)

    def _weigh(self, utterance: Utterance, ok: PatternSet, bad: PatternSet) -> _Evidence:
        evidence = _Evidence([], [])
        neither = [set(match.units) for _, match in self._neither.matches(utterance.units)]
        hits = [
            (match, good)
            for patterns, good in ((bad, False), (ok, True))
            for _, match in patterns.matches(utterance.units)
            if not any(units & set(match.units) for units in neither) and self._is_about_me(utterance, match)
        ]
        for match, good in hits:
            if any(set(match.units) < set(other.units) for other, _ in hits):
                continue
            (evidence.ok if good is not match.negated else evidence.bad).append(match)
            if not good and match.negated:
                evidence.trailing = evidence.trailing or _trails_off(utterance)
        return evidence

    def _is_about_me(self, utterance: Utterance, match: Match) -> bool:
        span = span_of_match(match)
        return _NOT_ABOUT_ME.isdisjoint(self._guards.on(utterance, span))

    def _unexplained(self, utterance: Utterance, matches: Sequence[Match]) -> bool:
        """A denial that no phrase accounts for: it may belong to words that were misheard."""
        first = min(match.start for match in matches)
        last = max(match.end for match in matches)
        explained = any(match.negated for match in matches)
        for unit in utterance.units:
            if unit.names & _DENIALS and not explained and not first <= unit.start < last:
                return not self._questions.knows(utterance)
        return False

    def _eats_something_else(self, utterance: Utterance, topic: Topic) -> bool:
        """A noun that is no food runs into 먹다: "빼먹었어" heard as "태먹었어"."""
        for before, unit in pairwise(utterance.units):
            runs_in = before.kind is Kind.WORD and "먹다" in unit.names and unit.kind is Kind.PREDICATE
            near = before.end == unit.start or (topic is Topic.MEDICINE and before.end - before.start == 1)
            if runs_in and near and before.names.isdisjoint(self._edible):
                return True
        return False

    def _goes_on(self, utterance: Utterance, matches: Sequence[Match]) -> bool:
        """The last thing said is not among what was understood: "자다가 적을게요" (자다가 자꾸 깨요)."""
        last = max((max(match.units) for match in matches), default=len(utterance.units))
        return any(
            unit.kind is Kind.PREDICATE and unit.names.isdisjoint(self._nothing_more)
            for unit in utterance.units[last + 1 :]
        )

    def _by_existence(self, utterance: Utterance, topic: Topic, polarity: Polarity, *, strict: bool) -> Answer:
        """A bare "없어" or "있어"."""
        if utterance.words > _SHORT or topic is Topic.IDENTITY:
            return Answer(AnswerValue.UNSURE)
        for place, unit in enumerate(utterance.units):
            if unit.kind is not Kind.PREDICATE or not unit.names & {"없다", "있다", "계시다"}:
                continue
            absent = "없다" in unit.names or is_negated(utterance.units, place)
            value = polarity.nothing if absent else opposite(polarity.nothing)
            others = [other for other in utterance.units if other is not unit]
            doubtful = "없다" in unit.names and any(_says_what(other) for other in utterance.units[:place])
            strictly = strict or "없다" not in unit.names
            doubtful = doubtful or (
                strictly and any(other.names.isdisjoint(self._plain[topic]) for other in others if _says_what(other))
            )
            if doubtful and value is AnswerValue.OK:
                value = AnswerValue.UNSURE
            return _with(value, utterance.quote(unit.start, unit.end))
        return Answer(AnswerValue.UNSURE)


def _may_be_denied(utterance: Utterance, topic: Topic, matches: Sequence[Match]) -> bool:
    """What a misheard 못 or 안 leaves before a verb: no Korean ("온 나가요", "자란 먹어요"), or a stray syllable ("몸나가요")."""
    for match in matches:
        for place in match.units:
            if place == 0 or place - 1 in match.units or utterance.units[place].kind is not Kind.PREDICATE:
                continue
            before = utterance.units[place - 1]
            if "-attributive" in before.names or before.names & {"-ㄴ", "-ㄹ"}:
                return True
            stray = before.kind is Kind.WORD and before.end - before.start == 1
            if topic in _ACTS and stray and before.names.isdisjoint(_BEFORE_ACTS):
                return True
    return False


def _but(utterance: Utterance, matches: Sequence[Match]) -> bool:
    """Fine, but: what follows was not understood ("기침은 괜찮은데 ...")."""
    for match in matches:
        place = match.predicate + 1
        while place < len(utterance.units) and utterance.units[place].kind is Kind.PREFINAL:
            place += 1
        if place < len(utterance.units) and utterance.units[place].kind is Kind.ENDING:
            return bool(utterance.units[place].names & _TRAILING)
    return False


def _fine_words(questions: Questions) -> frozenset[str]:
    """Single words that are a good answer to some question: "잘 자고 잘 먹어" ends in another one."""
    patterns = [pattern for topic in CHECK_IN_TOPICS for pattern in questions.words[topic].ok.patterns]
    return frozenset().union(*(pattern.elements[0].plain for pattern in patterns if len(pattern.elements) == 1))


def _says_what(unit: Unit) -> bool:
    return unit.kind is Kind.PREDICATE or (unit.kind is Kind.WORD and not unit.names & _PLACEHOLDERS)


def _only_agrees(utterance: Utterance, wants: Wants) -> bool:
    """ "네" and words that mean nothing to us, no denial among them: whether it is so still, the yes decides."""
    denied = any(unit.names & _DENIALS for unit in utterance.units)
    return Intent.YES in wants.intents and Intent.NO not in wants.intents and not denied


def _with(value: AnswerValue, evidence: str) -> Answer:
    return Answer(value, evidence if value in (AnswerValue.OK, AnswerValue.BAD) else None)


def _quote(utterance: Utterance, match: Match) -> str:
    return utterance.quote(match.start, match.end)


def _trails_off(utterance: Utterance) -> bool:
    for unit in reversed(utterance.units):
        if unit.kind in (Kind.ENDING, Kind.SENTENCE_END):
            return bool(unit.names & _TRAILING)
        if unit.kind is not Kind.FREE:
            return False
    return False
