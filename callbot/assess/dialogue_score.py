"""Scores a transcript: every utterance in the context of the bot's words before it, then the call."""

from collections.abc import Sequence

from callbot.assess.assessment import Assessment, assess
from callbot.converse.transcript import Turn
from callbot.understand.meaning import AnswerValue, Request, Signal, Topic
from callbot.understand.understander import Understander

_WEIGHT = {AnswerValue.BAD: 3, AnswerValue.OK: 2, AnswerValue.UNSURE: 1, AnswerValue.NOT_ASKED: 0}


def score_dialogue(turns: Sequence[Turn], understander: Understander) -> Assessment:
    """`topic` of a turn is used where it is set, else found from the bot's text. Bad outweighs ok outweighs unsure."""
    answers: dict[Topic, AnswerValue] = {}
    signals: list[Signal] = []
    requests: list[Request] = []
    question, topic = "", Topic.NOTICE
    for turn in turns:
        if turn.who == "bot":
            question, topic = turn.text, turn.topic or understander.topic_of(turn.text)
            answers.setdefault(topic, AnswerValue.UNSURE)
            continue
        if turn.rejected or not turn.text.strip():
            continue
        meaning = understander.hear(
            turn.text,
            turn.topic or topic,
            question=question,
            turn=turn.index,
            audio_offset_s=turn.audio_offset_s,
            confidence=1.0 if turn.confidence is None else turn.confidence,
        )
        before = answers.get(meaning.topic, AnswerValue.NOT_ASKED)
        answers[meaning.topic] = max(before, meaning.answer, key=_WEIGHT.__getitem__)
        signals.extend(meaning.signals)
        requests.extend(meaning.requests)
    return assess(turns, signals, answers, requests, versions={"lexicon": understander.lexicon.digest})
