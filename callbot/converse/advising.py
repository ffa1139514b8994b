"""Where a model's advice meets the script. It thinks while the script speaks; without it the call is the same call.

It can turn an unclear answer into a worrying one, add a sentence and a question to the script's own, and note requests and memories.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from callbot.converse.advice import Advice, Situation
from callbot.converse.attention import Exchange, ask, say
from callbot.converse.commands import Consult, Line, TakeAdvice
from callbot.converse.events import Advised, Consulted, Heard
from callbot.converse.exchange import OPEN, Conversation, Talk
from callbot.converse.guards import syllables
from callbot.converse.notes import TOPIC_OF
from callbot.converse.script_question import Question
from callbot.understand.meaning import AnswerValue, Intent, Level, Topic

MOST_WORDED = 3
"""Questions of a model in one call: it must not make the call longer than people like."""
SHORTEST_REPLY = 4
"""Syllables; "네" needs no second reading."""
EARLIER = 3
"""Replies before this one that a model is told."""

_ABOUT_THE_CALL = frozenset({
    Intent.REPEAT, Intent.WHO_IS_THIS, Intent.BUSY, Intent.REFUSE, Intent.DO_NOT_CALL, Intent.OTHER_PERSON, Intent.WRONG_NUMBER,
    Intent.NOT_HERE, Intent.FAREWELL, Intent.FORGET, Intent.MACHINE, Intent.ANNOUNCEMENT,
})  # fmt: skip


def consult(call: Conversation, question: Question, exchange: Exchange) -> Talk[bool]:
    """Ask the model about this reply; False: nobody thinks about it."""
    if not call.advised or not isinstance(exchange.reply, Heard) or not _is_worth_it(call, exchange):
        return False
    reply = exchange.reply
    situation = Situation(
        topic=question.id,
        question=question.ask,
        said=reply.text,
        turn=reply.turn,
        by_rules=call.notes.answers[question.id],
        earlier=tuple(call.earlier[-EARLIER:]),
        may_ask=call.worded < MOST_WORDED,
    )
    call.earlier.append(reply.text)
    event = yield Consult(situation)
    return isinstance(event, Consulted) and event.thinks


def _is_worth_it(call: Conversation, exchange: Exchange) -> bool:
    """Only the person's own words about themselves, and nothing once something grave was said."""
    reply, notes = exchange.reply, call.notes
    if not isinstance(reply, Heard) or exchange.serious or exchange.misheard or notes.grave:
        return False
    known = notes.identified_by is not None and not notes.somebody_else
    return known and syllables(reply.text) >= SHORTEST_REPLY and not reply.meaning.intents & _ABOUT_THE_CALL


def take_advice(call: Conversation, wait_s: float | None = None) -> Talk[Advice | None]:
    """Note what the model found; gives what it has to say about the last reply, where it may still be said."""
    event = yield TakeAdvice() if wait_s is None else TakeAdvice(wait_s)
    if not isinstance(event, Advised):
        return None
    _note(call, event.late)
    if event.advice is None:
        return None
    _note(call, (event.advice,))
    return None if call.notes.grave else event.advice


def _note(call: Conversation, advices: Iterable[Advice]) -> None:
    notes = call.notes
    for advice in advices:
        if advice.bad and notes.answers.get(advice.topic) is AnswerValue.UNSURE:
            notes.answer(advice.topic, AnswerValue.BAD)
        kinds = {request.kind for request in notes.requests}
        notes.requests += [request for request in advice.requests if request.kind not in kinds]
        notes.memories += advice.memories


@dataclass(frozen=True)
class Thought:
    """What a model was asked about one question: once, and only its advice on the last reply is spoken."""

    asked: bool = False
    spoke: bool = False
    """While it thought, the line for an unclear answer was said."""
    advice: Advice | None = None


def settle(call: Conversation, question: Question, exchange: Exchange) -> Talk[Thought]:
    """An unclear answer: say so much while the model thinks, then see whether it found a worry in it."""
    if call.notes.answers[question.id] is not AnswerValue.UNSURE:
        return Thought()
    if not (yield from consult(call, question, exchange)):
        return Thought()
    more = yield from say(call, f"{question.id.value}.unsure", topic=question.id)
    if more is not None and more.meaning.answer is AnswerValue.BAD:
        call.notes.answer(question.id, AnswerValue.BAD)
    return Thought(asked=True, spoke=True, advice=(yield from take_advice(call)))


def go_into(call: Conversation, topic: Topic, advice: Advice) -> Talk[bool]:
    """Speak what the model worded, sympathy only with a worry; False where it has no question, and the script's own is due."""
    if call.notes.answers[topic] is AnswerValue.BAD and _is_new(advice.say, call):
        yield from say(call, advice.say)
    if not _is_new(advice.ask, call) or call.worded >= MOST_WORDED:
        return False
    call.worded += 1
    # NOTICE: a bare "네" to a question that no rule knows must not become an answer to the script's.
    exchange = yield from ask(call, advice.ask, Topic.NOTICE, OPEN)
    if not isinstance(exchange.reply, Heard) or exchange.serious:
        return True
    _mind_worries(call, topic, exchange.reply)
    wish = bool(exchange.reply.meaning.requests)
    yield from say(call, "acknowledge.request" if wish else "acknowledge.more")
    return True


def _is_new(line: Line | None, call: Conversation) -> TypeGuard[Line]:
    """Nobody hears the same sentence of a model twice."""
    if line is None or line.text in call.told:
        return False
    call.told.add(line.text)
    return True


def _mind_worries(call: Conversation, topic: Topic, reply: Heard) -> None:
    """Asked once more, the person tells of a worry about the same thing: then the answer was not fine."""
    worries = [signal for signal in reply.meaning.signals if signal.level.rank >= Level.WATCH.rank]
    if any(TOPIC_OF.get(signal.category) is topic for signal in worries):
        call.notes.answers[topic] = AnswerValue.BAD
