"""Understanding one utterance: answer, findings, wishes, all from one reading."""

from collections.abc import Sequence
from dataclasses import replace

from callbot.listen.utterance import Weighed
from callbot.understand.announcements import Announced, AnnouncementReader
from callbot.understand.answers import TOPIC_CATEGORIES, Answer, AnswerReader
from callbot.understand.call_wish import asks_for_another_time
from callbot.understand.guards import Guards
from callbot.understand.intents import IntentReader, Wants
from callbot.understand.lexicon import Lexicon
from callbot.understand.meaning import (
    CHECK_IN_TOPICS,
    AnswerValue,
    Category,
    Intent,
    Level,
    Meaning,
    Mention,
    Reported,
    Request,
    Signal,
    Topic,
)
from callbot.understand.memories import MemoryReader
from callbot.understand.morphemes import MorphemeAnalyser
from callbot.understand.names import says_name
from callbot.understand.normalise import Normaliser, Respelling
from callbot.understand.questions import Questions
from callbot.understand.requests import RequestReader
from callbot.understand.rivals import Rivals, expected_answers
from callbot.understand.settling import CLEAR, settle
from callbot.understand.signals import SignalDetectors
from callbot.understand.spoken_digits import spoken_number
from callbot.understand.utterance import Reader, Utterance
from callbot.understand.weighed_signals import weighed_signals

SURE_OF_OK = 0.4
"""A garbled "fine" is asked again: of nine bad answers that were recorded as ok in two live runs of 140, three lay below; so
did 16 of 179 right ones (docs/measurements.md, the audio path)."""
SURE_OF_EXPECTED = 0.25
"""The same where it is a usual answer that was weighed against its denials."""
_MUST_BE_SURE = frozenset({*CHECK_IN_TOPICS, Topic.CONFIRM})
_ABOUT_THE_CALL = frozenset({Intent.REPEAT, Intent.WHO_IS_THIS, Intent.BUSY, Intent.REFUSE, Intent.DO_NOT_CALL})
"""Said of the call, not of oneself: no answer is made of it."""
_OVER = frozenset({"resolved", "checked", "mended"})
_OPENING = frozenset({Topic.IDENTITY, Topic.GOOD_TIME, Topic.NOTICE, Topic.SEEN})
_REPORTED = {
    Reported.DEAD: (Level.HIGH, "통화 중 '{quote}'라고 하셔서, 돌아가셨다는 말씀으로 판단했습니다."),
    Reported.IN_HOSPITAL: (Level.HIGH, "통화 중 '{quote}'라고 하셔서, 입원 중이신 것으로 판단했습니다."),
    Reported.MOVED: (Level.WATCH, "통화 중 '{quote}'라고 하셔서, 거처를 옮기신 것으로 판단했습니다."),
}


class Understander:
    """All understanding by rules; the same for a call as it happens and for its transcript. Safe in any thread."""

    def __init__(self, lexicon: Lexicon, analyser: MorphemeAnalyser) -> None:
        sets = lexicon.sets.sets
        respellings = [
            Respelling(said, standard)
            for table in lexicon.dialects.dialects.values()
            for said, standard in table.items()
        ]
        self.files = lexicon
        """As the files have it; `lexicon`: with what the district added (`take`)."""
        self.lexicon = lexicon
        self.analyser = analyser
        self.reader = Reader(Normaliser(respellings, lexicon.dialects.fillers, lexicon.dialects.misheard), analyser)
        self.guards = Guards(lexicon.guards, sets)
        self.detectors = SignalDetectors(lexicon, self.guards, self.reader)
        self._questions = Questions(lexicon.answers, sets, self.reader)
        self._answers = AnswerReader(lexicon.answers, sets, self._questions, self.guards)
        self._machines = AnnouncementReader(lexicon.announcements)
        self._intents = IntentReader(lexicon.intents, self._machines, sets, self.guards)
        self._expected = Rivals(expected_answers(lexicon.expected))
        self._requests = RequestReader(lexicon.requests, sets, self.guards)
        self._memories = MemoryReader(lexicon.memories, sets, self.guards)

    def take(self, lexicon: Lexicon) -> None:
        """From the next utterance on, other rules for signals (understand/own_rules.py); all else is as it was."""
        self.detectors = SignalDetectors(lexicon, self.guards, self.reader, like=self.detectors)
        self.lexicon = lexicon

    def topic_of(self, bot_text: str) -> Topic:
        """What the last question of a bot's turn is about, from its words alone; NOTICE where nothing known is asked."""
        return self._questions.topic_of(bot_text)

    def announced(self, texts: Sequence[str]) -> Announced | None:
        """Which machine spoke before any answer; `texts`: all pieces and hypotheses of the recogniser."""
        return self._machines.read_early([self.reader(text).text for text in texts])

    def hear(
        self,
        text: str,
        topic: Topic,
        *,
        question: str = "",
        turn: int = -1,
        audio_offset_s: float | None = None,
        confidence: float = 1.0,
        alternatives: Sequence[str] = (),
        name: str | None = None,
        by_ear: bool = False,
        weighed: Sequence[Weighed] = (),
    ) -> Meaning:
        """`question`: the bot's own words, whose polarity decides what "네" means. `alternatives`: other hypotheses
        of the recogniser, best first. `name`: the person's, to notice when it is said. `by_ear`: a recogniser wrote the text;
        `weighed`: what else it held against the same sound."""
        utterance = self.reader(text, topic)
        wants = self._wants(utterance, alternatives, topic)
        detectors = self.detectors  # one set for this utterance, whatever is taken in meanwhile
        signals = detectors.once(
            detectors.find(
                utterance, alternatives=alternatives, confidence=confidence, turn=turn, audio_offset_s=audio_offset_s
            )
        )
        heard_too = weighed_signals(self.detectors, self.reader, weighed, signals)
        signals = (*signals, *(_at(signal, turn, audio_offset_s) for signal in heard_too))
        if wants.announcement is not None:
            return Meaning(
                topic, _unanswered(topic), signals=signals, intents=wants.intents, announcement=wants.announcement
            )
        requests = (*self._requests.read(utterance, turn), *_new_number(text, turn))
        answer = self._answers.read(utterance, topic, question, signals, wants, by_ear=by_ear)
        expected = bool(weighed) and self._expected.expects(topic.value, text)
        sure = SURE_OF_EXPECTED if expected else SURE_OF_OK
        if answer.value is AnswerValue.OK and confidence < sure and topic in _MUST_BE_SURE:
            answer = Answer(AnswerValue.UNSURE)
        if by_ear and topic in _MUST_BE_SURE and not wants.intents & _ABOUT_THE_CALL:
            answer = settle(answer, self._rivals(weighed, topic, question), expected=expected)
        if topic is Topic.NEEDS and requests:
            answer = Answer(AnswerValue.BAD, requests[0].quote)
        reported = None if self.guards.names_acquaintance(utterance) else self._reported(wants, topic)
        more = [
            *self._confirmed(topic, question, wants, answer, signals),
            *self._in_context(topic, answer, signals, self.guards.said(utterance) & _OVER),
            *(_for_request(request.quote, request.kind) for request in requests),
            *_for_report(reported, text),
        ]
        more = [_at(signal, turn, audio_offset_s) for signal in more]
        return Meaning(
            topic=topic,
            answer=answer.value,
            evidence=answer.evidence,
            signals=tuple(
                sorted([*signals, *more], key=lambda signal: (-signal.level.rank, signal.rule, signal.quote))
            ),
            requests=requests,
            mentions=self._mentions(utterance, wants, turn),
            intents=wants.intents,
            reported=reported,
            said_name=self._said_name(utterance, name, wants),
        )

    def _mentions(self, utterance: Utterance, wants: Wants, turn: int) -> tuple[Mention, ...]:
        """Asked not to speak of something, it is enough that it is named."""
        if Intent.FORGET in wants.intents:
            return self._memories.named(utterance)
        return self._memories.read(utterance, turn)

    def _wants(self, utterance: Utterance, alternatives: Sequence[str], topic: Topic) -> Wants:
        """ "다섯 시에 전화해 줘" is as good as "바빠요"."""
        wants = self._intents.read(utterance, alternatives, topic)
        if wants.announcement is None and topic in _OPENING and asks_for_another_time(utterance.normal.original):
            return replace(wants, intents=wants.intents | {Intent.BUSY}, bare=None)
        return wants

    def _rivals(self, weighed: Sequence[Weighed], topic: Topic, question: str) -> list[tuple[Answer, float]]:
        """How those that are near enough to matter would have been read."""
        found = []
        for other in weighed:
            if other.against < -CLEAR:
                continue
            utterance = self.reader(other.text, topic)
            signals, wants = self.detectors.find(utterance), self._wants(utterance, (), topic)
            answer = self._answers.read(utterance, topic, question, signals, wants, by_ear=True)
            found.append((answer, other.against))
        return found

    def _said_name(self, utterance: Utterance, name: str | None, wants: Wants) -> bool:
        if wants.intents & {Intent.OTHER_PERSON, Intent.WRONG_NUMBER, Intent.WHO_IS_THIS}:
            return False
        return says_name(utterance.normal.original, name, self.lexicon.intents.self_words)

    def _reported(self, wants: Wants, topic: Topic) -> Reported | None:
        """Only who answers for the person can report, and does so at once; later it is the person who tells of others."""
        if wants.reported is Reported.IN_HOSPITAL or topic in _OPENING:
            return wants.reported
        return None

    def _confirmed(
        self, topic: Topic, question: str, wants: Wants, answer: Answer, signals: Sequence[Signal]
    ) -> list[Signal]:
        """ "네", or "응 아파" when asked again; "네" to "가슴이 아프세요?" says that the chest hurts."""
        agrees = wants.bare is Intent.YES or (topic is Topic.CONFIRM and Intent.YES in wants.intents)
        if not agrees or answer.value is not AnswerValue.BAD or not question:
            return []
        detectors = self.detectors
        asked = detectors.once(detectors.find(self.reader(self._questions.last_question(question))))
        quote = f"{self._questions.last_question(question)} — {answer.evidence or '네'}"
        known = {signal.rule for signal in signals}
        return [
            _context(signal.rule, signal.category, signal.level, quote, f"'{quote}' 물음에 그렇다고 답하셨습니다.")
            for signal in asked
            if signal.level.rank >= Level.WATCH.rank and signal.rule not in known and not signal.guards
        ]

    def _in_context(self, topic: Topic, answer: Answer, signals: Sequence[Signal], over: set[str]) -> list[Signal]:
        """`over`: guards that say it is past and gone, of the utterance as a whole."""
        rule = self.lexicon.answers.topics.get(topic)
        if rule is None or not rule.wrong or answer.value is not AnswerValue.BAD:
            return []
        covered = TOPIC_CATEGORIES.get(topic, frozenset())
        if any(signal.category in covered and signal.level.rank >= Level.WATCH.rank for signal in signals):
            return []
        quote = answer.evidence or ""
        level = Level.NONE if over else Level.WATCH
        found = _context(
            f"context.{topic.value}", Category(rule.wrong), level, quote, rule.reason.replace("{quote}", quote)
        )
        return [replace(found, guards=tuple(sorted(over)))]


def _new_number(text: str, turn: int) -> tuple[Request, ...]:
    """A number said aloud is for a human to confirm; it is never dialled by itself."""
    return (Request("new_number", text.strip(), turn),) if spoken_number(text) else ()


def _unanswered(topic: Topic) -> AnswerValue:
    return AnswerValue.NOT_ASKED if topic is Topic.NOTICE else AnswerValue.UNSURE


def _context(rule: str, category: Category, level: Level, quote: str, reason: str) -> Signal:
    return Signal(category, level, rule, quote, reason, "context", "1")


def _for_request(quote: str, kind: str) -> Signal:
    return _context(
        f"service.{kind}", Category.SERVICE, Level.WATCH, quote, f"'{quote}'라고 하셔서 도움 요청으로 적었습니다."
    )


def _for_report(reported: Reported | None, text: str) -> list[Signal]:
    if reported is None:
        return []
    level, reason = _REPORTED[reported]
    category = Category.SERVICE if reported is Reported.MOVED else Category.MEDICAL
    quote = text.strip()
    return [_context(f"reported.{reported.value}", category, level, quote, reason.replace("{quote}", quote))]


def _at(signal: Signal, turn: int, audio_offset_s: float | None) -> Signal:
    return Signal(**{**signal.__dict__, "turn": turn, "audio_offset_s": audio_offset_s})
