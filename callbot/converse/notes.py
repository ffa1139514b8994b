"""What is known so far in a call; becomes the Outcome however the call ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from callbot.converse.events import Heard, KeyPressed, Silence, Unclear
from callbot.converse.memory import EVERYTHING, worth_keeping
from callbot.converse.memory import Heard as HeardOfMemory
from callbot.converse.memory_candidate import MemoryCandidate
from callbot.converse.orientation import ORIENTATION, judged, wrong
from callbot.converse.outcome import ContactResult, Outcome, WhoAnswered
from callbot.understand.call_wish import CallWish, call_wish
from callbot.understand.meaning import (
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

Reply = Heard | Unclear | Silence | KeyPressed

LOW_CONFIDENCE = 0.5
"""Below this a critical finding is 미확인 (events.Heard)."""
FAX_TONE, BEEP_TONE = "tone_fax", "tone_beep"
"""Reasons of an Unclear that is no speech at all (listen/tones.py)."""
EARS, VOICE = "ears", "voice"
"""What a call can do without (Outcome.without)."""
NAME_SPOKEN_S = 1.0
"""A `네` said over our question sooner than this answers something else: the name or the verb was not out yet."""

_TALK_ABOUT_THE_CALL = frozenset(Intent) - {Intent.YES, Intent.NO, Intent.GREETING}
TOPIC_OF = {
    Category.MEDICAL: Topic.HEALTH,
    Category.FALL: Topic.HEALTH,
    Category.PAIN: Topic.HEALTH,
    Category.FOOD: Topic.MEALS,
    Category.SLEEP: Topic.SLEEP,
    Category.MEDICINE: Topic.MEDICINE,
    Category.SUICIDE: Topic.MOOD,
    Category.MOOD: Topic.MOOD,
}


@dataclass
class Notes:
    """Written at once when something is heard, before anything else is done with it: a hang-up loses nothing."""

    topics: tuple[Topic, ...]
    mandatory: frozenset[Topic]
    today: date | None = None
    """In Seoul; None: not known."""
    answers: dict[Topic, AnswerValue] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    memories: list[MemoryCandidate] = field(default_factory=list)
    reported: Reported | None = None
    identified_by: Literal["voice", "key"] | None = None
    somebody_else: bool = False
    machine: WhoAnswered | None = None
    told: str | None = None
    """See Outcome."""
    somebody_spoke: bool = False
    spoke_of_themselves: bool = False
    key_pressed: bool = False
    """Any key: somebody who likes keys is offered them sooner."""
    answered_by_key: bool = False
    """A key that was asked for."""
    said_how_by_key: bool = False
    """A key that answered how they are, not only who they are."""
    fine_by_key: bool = False
    """Key 1, where it was said to mean that all is well."""
    without: set[str] = field(default_factory=set)
    """What the call had to do without: see Outcome."""
    heard_intents: set[Intent] = field(default_factory=set)
    result: ContactResult | None = None
    """Set where the ending alone decides (do not call, reported)."""
    otherwise: ContactResult = ContactResult.NO_CONTACT
    """What the call came to if it was no contact (refused, call again)."""
    call_wish: CallWish | None = None
    """When to call instead, as it was said."""
    mentions: list[Mention] = field(default_factory=list)
    forget: set[str] = field(default_factory=set)
    """Topics that are not to be spoken of again."""
    recalled: str | None = None
    """What was asked about from an earlier call."""
    recall_answered: bool = False
    recall_over: bool = False
    """It is past: not to be asked about again."""
    closing: bool = False
    hung_up: bool = False

    @property
    def grave(self) -> bool:
        """Something high or worse was said: from here on the bot is not glad about anything."""
        return any(is_grave(signal) for signal in self.signals)

    def begin(self, topic: Topic) -> None:
        """A question is being asked; until an answer is understood it is `unsure`."""
        self.answers.setdefault(topic, AnswerValue.UNSURE)

    def reply(self, topic: Topic, reply: Reply) -> None:
        """Take down the reply to a question about `topic`."""
        if isinstance(reply, Heard | Unclear):
            self.somebody_spoke = True
        if isinstance(reply, KeyPressed):
            self.key_pressed = True
        if not isinstance(reply, Heard):
            return
        meaning = reply.meaning
        if topic in ORIENTATION and topic in self.topics:
            self._judge(topic, reply)
        if topic is Topic.IDENTITY and confirms_identity(reply):
            self.identified_by = "voice"
        if topic in self.topics and meaning.answer is not AnswerValue.NOT_ASKED and not answered_too_early(reply):
            self.answer(topic, meaning.answer)
        if self.identified_by and topic is not Topic.GOOD_TIME and _is_about_themselves(topic, meaning):
            self.spoke_of_themselves = True

    def _judge(self, topic: Topic, heard: Heard) -> None:
        """A question with one right answer."""
        value = judged(topic, heard.text, self.today)
        self.answer(topic, value)
        if value is AnswerValue.BAD:
            self._adds(wrong(topic, heard.text.strip(), heard.turn, heard.audio_offset_s))

    def answer(self, topic: Topic, value: AnswerValue) -> None:
        """`bad` stays bad for the rest of the call, and `unsure` never replaces an understood answer."""
        known = self.answers.get(topic, AnswerValue.NOT_ASKED)
        if known is AnswerValue.BAD or (known is AnswerValue.OK and value is AnswerValue.UNSURE):
            return
        self.answers[topic] = value

    def doubt(self, topic: Topic) -> None:
        """The answer rested on words that were misheard."""
        if topic in self.answers:
            self.answers[topic] = AnswerValue.UNSURE

    def hear(self, utterances: Iterable[Heard | Unclear]) -> tuple[Signal, ...]:
        """Take down signals and requests; gives the signals that are new, marked 미확인 where hardly heard."""
        fresh: list[Signal] = []
        for heard in utterances:
            self.somebody_spoke = self.somebody_spoke or not is_tone(heard)
            if not isinstance(heard, Heard):
                continue
            self.heard_intents |= heard.meaning.intents
            if Intent.BUSY in heard.meaning.intents:
                self.call_wish = call_wish(heard.text) or self.call_wish
            self.requests += [request for request in heard.meaning.requests if request not in self.requests]
            self._take_memories(heard.meaning)
            for signal in heard.meaning.signals:
                unconfirmed = signal.unconfirmed or heard.confidence < LOW_CONFIDENCE
                found = replace(signal, unconfirmed=unconfirmed)
                if self._adds(found):
                    fresh.append(found)
        return tuple(fresh)

    def _take_memories(self, meaning: Meaning) -> None:
        """What may be asked about again, and what must not: the topic named, else the one just asked about, else all."""
        if Intent.FORGET in meaning.intents:
            named = {mention.topic for mention in meaning.mentions}
            self.forget |= named or {self.recalled or EVERYTHING}
        else:
            self.mentions += worth_keeping(meaning.mentions, meaning.signals)

    def _adds(self, signal: Signal) -> bool:
        """Whether it is worth telling: new in kind, or sure where it was unsure."""
        known = [
            old
            for old in self.signals
            if (old.category, old.level, old.rule) == (signal.category, signal.level, signal.rule)
        ]
        if any(not old.unconfirmed or signal.unconfirmed for old in known):
            return False
        self.signals = [old for old in self.signals if old not in known]
        self.signals.append(signal)
        topic = TOPIC_OF.get(signal.category)
        if topic in self.answers and is_grave(signal):
            self.answers[topic] = AnswerValue.BAD
        return True

    def amend(self, old: Iterable[Signal], new: Iterable[Signal]) -> None:
        """Put what is known after asking in the place of what was heard first."""
        for before, after in zip(old, new, strict=True):
            self.signals = [after if signal == before else signal for signal in self.signals]

    def take_message(self, heard: Heard) -> None:
        """Something to pass on, in the caller's own words."""
        self.requests.append(Request("message", heard.text, heard.turn))

    def not_the_person(self) -> None:
        """Somebody else is speaking: what was understood as fine was not said by the person."""
        self.somebody_else = True
        self.identified_by = None
        self.mentions.clear()
        self.forget.clear()
        self.answers = {
            topic: AnswerValue.UNSURE if value is AnswerValue.OK else value for topic, value in self.answers.items()
        }

    def outcome(self) -> Outcome:
        """What the call came to."""
        return Outcome(
            who=self._who(),
            result=self._result(),
            answers={topic: self.answers.get(topic, AnswerValue.NOT_ASKED) for topic in self.topics},
            signals=tuple(self.signals),
            requests=tuple(self.requests),
            memories=tuple(dict.fromkeys(self.memories)),
            reported=self.reported,
            told=self.told,
            call_wish=self.call_wish,
            memory=self._memory(),
            hung_up=self.hung_up,
            completed=self.mandatory <= self.answers.keys(),
            without=tuple(sorted(self.without)),
        )

    def _memory(self) -> HeardOfMemory:
        """Of the person alone; of a call in which there was an emergency nothing is kept."""
        if not self.identified_by:
            return HeardOfMemory()
        crisis = any(signal.level is Level.EMERGENCY for signal in self.signals)
        mentions = () if crisis else tuple(self.mentions)
        return HeardOfMemory(mentions, frozenset(self.forget), self.recalled, self.recall_answered, self.recall_over)

    def _who(self) -> WhoAnswered:
        if self.machine:
            return self.machine
        if self.identified_by:
            return WhoAnswered.PERSON
        # A voice that was never shown to be the person's is somebody else's until proven otherwise.
        return WhoAnswered.OTHER_PERSON if self.somebody_spoke else WhoAnswered.SILENT

    def _result(self) -> ContactResult:
        if self.result:
            return self.result
        if self.identified_by and self.spoke_of_themselves:
            # Nobody was asked for by name: a human looks at it.
            return ContactResult.CONTACTED_DEGRADED if VOICE in self.without else ContactResult.CONTACTED
        key = self.said_how_by_key if EARS in self.without else self.answered_by_key
        if self.otherwise is ContactResult.NO_CONTACT and self.identified_by and key:
            return ContactResult.CONTACTED_DEGRADED
        return self.otherwise


def is_tone(heard: Heard | Unclear) -> bool:
    """A tone of the network stands where an utterance would: nobody has spoken."""
    return isinstance(heard, Unclear) and heard.reason in {FAX_TONE, BEEP_TONE}


def is_grave(signal: Signal) -> bool:
    """High or emergency: a human hears of it while the call goes on."""
    return signal.level.rank >= Level.HIGH.rank


def answered_too_early(heard: Heard) -> bool:
    """A bare yes or no while the question had hardly begun is a backchannel, not an answer."""
    bare = not heard.meaning.signals and bool(heard.meaning.intents & {Intent.YES, Intent.NO})
    return bare and heard.said_until_s is not None and heard.said_until_s < NAME_SPOKEN_S


def confirms_identity(heard: Heard) -> bool:
    """The name was said, or yes to "… 맞으세요?" and nothing against it."""
    meaning = heard.meaning
    against = {Intent.NO, Intent.WRONG_NUMBER, Intent.OTHER_PERSON, Intent.MACHINE, Intent.ANNOUNCEMENT}
    if meaning.intents & against:
        return False
    if meaning.said_name:
        return True
    if answered_too_early(heard) or Intent.WHO_IS_THIS in meaning.intents or Intent.REPEAT in meaning.intents:
        return False
    return Intent.YES in meaning.intents or meaning.answer is AnswerValue.OK


def _is_about_themselves(topic: Topic, meaning: Meaning) -> bool:
    if meaning.signals or meaning.requests:
        return True
    if topic in {Topic.IDENTITY, Topic.NOTICE}:
        return False
    understood = meaning.answer in {AnswerValue.OK, AnswerValue.BAD}
    return understood or not meaning.intents & _TALK_ABOUT_THE_CALL
