"""What a question asks about, and what a bare "네" or "없어" to it would mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callbot.understand.lexicon import AnswerFile
from callbot.understand.meaning import AnswerValue, Topic
from callbot.understand.pattern import PatternSet, parse_all
from callbot.understand.utterance import Reader, Utterance

_SENTENCE = re.compile(r"[^.?!\n]+[.?!]*")
_ASKS = re.compile(r"(\?|까요?|나요|가요|세요|어때요?|시죠|지요|죠|시고요|래요)[.?! ]*$")


@dataclass(frozen=True)
class Polarity:
    """How short answers to a question are to be read."""

    yes: AnswerValue
    no: AnswerValue
    nothing: AnswerValue
    """A bare "없어"; a bare "있어" is its opposite."""


@dataclass(frozen=True)
class TopicWords:
    """Phrases that tell a good state from a bad one, for one topic."""

    ok: PatternSet
    bad: PatternSet


class Questions:
    """Reads the bot's own words."""

    def __init__(self, answers: AnswerFile, sets: dict[str, tuple[str, ...]], reader: Reader) -> None:
        self._answers = answers
        self._reader = reader
        self._asked = tuple((topic, parse_all(rule.asked, sets)) for topic, rule in answers.topics.items())
        self.words = {
            topic: TopicWords(
                parse_all((*rule.ok, *_general(topic, answers.ok)), sets),
                parse_all((*rule.bad, *_general(topic, answers.bad)), sets),
            )
            for topic, rule in answers.topics.items()
        }

    def topic_of(self, bot_text: str) -> Topic:
        """The topic of the last question in it; NOTICE where nothing known is asked."""
        for sentence in reversed(_questions(bot_text)):
            topic = self._topic(self._reader(sentence))
            if topic is not None:
                return topic
        return Topic.NOTICE

    def polarity(self, question: str, topic: Topic) -> Polarity:
        """From the last question that has a pole; else what the lexicon says of the topic."""
        rule = self._answers.topics.get(topic)
        if rule is None:
            return Polarity(AnswerValue.UNSURE, AnswerValue.UNSURE, AnswerValue.UNSURE)
        for sentence in reversed(_questions(question)):
            found = self._pole(self._reader(sentence), topic)
            if found is not None:
                return found
        return Polarity(rule.yes, opposite(rule.yes), rule.nothing)

    def last_question(self, bot_text: str) -> str:
        """The last sentence that asks; the whole text where none does."""
        questions = _questions(bot_text)
        return questions[-1] if questions else bot_text

    def knows(self, utterance: Utterance) -> bool:
        """True where a denial in the utterance belongs to a phrase of some topic."""
        return any(
            match.negated
            for words in self.words.values()
            for patterns in (words.bad, words.ok)
            for _, match in patterns.matches(utterance.units)
        )

    def _topic(self, sentence: Utterance) -> Topic | None:
        best: tuple[int, Topic] | None = None
        for topic, patterns in self._asked:
            for pattern, _ in patterns.matches(sentence.units):
                if best is None or len(pattern.elements) > best[0]:
                    best = (len(pattern.elements), topic)
        return None if best is None else best[1]

    def _pole(self, sentence: Utterance, topic: Topic) -> Polarity | None:
        words = self.words[topic]
        bad = [match.negated for _, match in words.bad.matches(sentence.units)]
        ok = [match.negated for _, match in words.ok.matches(sentence.units)]
        says_bad = False in bad or True in ok
        says_ok = False in ok
        denies_bad = True in bad
        if (says_bad or denies_bad) and says_ok:
            return Polarity(AnswerValue.UNSURE, AnswerValue.UNSURE, AnswerValue.UNSURE)
        if denies_bad:
            return Polarity(AnswerValue.UNSURE, AnswerValue.UNSURE, AnswerValue.OK)
        if says_bad:
            return Polarity(AnswerValue.BAD, AnswerValue.OK, AnswerValue.OK)
        if says_ok:
            return Polarity(AnswerValue.OK, AnswerValue.BAD, AnswerValue.BAD)
        return None


def opposite(value: AnswerValue) -> AnswerValue:
    """OK for BAD and the other way; the rest stays."""
    return {AnswerValue.OK: AnswerValue.BAD, AnswerValue.BAD: AnswerValue.OK}.get(value, value)


def _general(topic: Topic, phrases: Sequence[str]) -> Sequence[str]:
    """ "괜찮아요" to "… 맞으세요?" declines something; it says nothing of who is speaking."""
    return () if topic is Topic.IDENTITY else phrases


def _questions(text: str) -> list[str]:
    sentences = [match.group().strip() for match in _SENTENCE.finditer(text)]
    asking = [sentence for sentence in sentences if _ASKS.search(sentence)]
    return asking or [sentence for sentence in sentences if sentence]
