"""One question of the script: asked, asked again in other words, answered with empathy, or given up as unsure."""

from dataclasses import replace

from callbot.converse.advice import Advice
from callbot.converse.advising import Thought, consult, go_into, settle, take_advice
from callbot.converse.attention import Exchange, ask, say
from callbot.converse.by_keys import ask_question_by_key
from callbot.converse.endings import Ending, Over
from callbot.converse.events import Heard, KeyPressed, Silence
from callbot.converse.exchange import OPEN, Conversation, Talk
from callbot.converse.key_question import KEYS, ask_by_key
from callbot.converse.notes import is_grave
from callbot.converse.opening import is_it_you
from callbot.converse.script_question import Question
from callbot.listen.listen_for import ListenFor
from callbot.understand.meaning import AnswerValue, Intent, Topic

LOST_QUESTIONS = 2
"""After so many questions in a row without a word or a key: ask whether they still hear us."""

_YES_NO = "repair.yes_no"
"""Said before the simplest words are asked again: a yes or a no is all we need."""


def ask_question(call: Conversation, question: Question) -> Talk[None]:
    """Ask until answered or given up, and answer kindly. The answer stands in the notes."""
    if call.by_keys:
        yield from _still_there(call, (yield from ask_question_by_key(call, question)))
        return
    call.notes.begin(question.id)
    tried: list[str] = []
    line_id: str | None = f"{question.id.value}.ask"
    exchange, thought = Exchange(Silence(0.0)), Thought()
    while line_id is not None:
        tried.append(line_id)
        thought = Thought(asked=thought.asked)
        if line_id == _YES_NO:
            yield from say(call, _YES_NO)
            exchange = yield from ask(call, f"{question.id.value}.simpler", question.id, _listen(question, line_id))
        elif line_id == KEYS:
            exchange = (yield from ask_by_key(call, question.id)).exchange
        else:
            exchange = yield from ask(call, line_id, question.id, _listen(question, line_id))
        yield from _mind_manners(call, exchange)
        if not thought.asked:
            thought = yield from settle(call, question, exchange)
        line_id = _next_line(call, question, exchange, tried)
    yield from _respond(call, question, exchange, thought)
    if exchange.wants(Intent.FAREWELL) and call.notes.answers[question.id] is AnswerValue.UNSURE:
        # Twice, and no answer beside it: a goodbye. "잘 먹어요, 고맙습니다" is an answer and thanks.
        raise Over(Ending.CUT_SHORT)
    yield from _still_there(call, exchange)


def _listen(question: Question, line_id: str) -> ListenFor:
    return question.listen_for(simpler=line_id.endswith(".simpler") or line_id == _YES_NO)


def _next_line(call: Conversation, question: Question, exchange: Exchange, tried: list[str]) -> str | None:
    """What to say after this reply; None: go on. Never a line that was tried, never back to a harder one."""
    reprompt, simpler = f"{question.id.value}.reprompt", f"{question.id.value}.simpler"
    order = (f"{question.id.value}.ask", reprompt, "repair.not_heard", simpler, _YES_NO, KEYS)
    match exchange.reply:
        case Silence():
            ladder: tuple[str, ...] = (KEYS,) if call.notes.key_pressed else (reprompt, simpler)
        case Heard(meaning=meaning):
            if meaning.intents & {Intent.REPEAT, Intent.WHO_IS_THIS}:
                ladder = (simpler, _YES_NO, KEYS)  # each louder and slower than the one before (exchange.put)
            elif exchange.serious or call.notes.answers[question.id] is not AnswerValue.UNSURE:
                return None
            else:
                ladder = (simpler,)
        case KeyPressed() if tried[-1] == KEYS:
            return None
        case _:
            # Somebody who once had to answer by key is offered the keys sooner.
            ladder = (KEYS,) if call.notes.key_pressed or call.by_keys else ("repair.not_heard", simpler, KEYS)
    furthest = max(order.index(line_id) for line_id in tried)
    return next((line_id for line_id in ladder if order.index(line_id) > furthest), None)


def _mind_manners(call: Conversation, exchange: Exchange) -> Talk[None]:
    """What is meant for the conversation, not for the question."""
    if not isinstance(exchange.reply, Heard):
        return
    meaning = exchange.reply.meaning
    if meaning.intents & {Intent.OTHER_PERSON, Intent.WRONG_NUMBER} and "is_it_you" not in call.told:
        call.told.add("is_it_you")
        call.notes.not_the_person()
        yield from is_it_you(call)
    elif Intent.BUSY in meaning.intents and meaning.answer is AnswerValue.UNSURE:
        raise Over(Ending.CUT_SHORT if call.notes.spoke_of_themselves else Ending.BUSY)
    elif Intent.WHO_IS_THIS in meaning.intents:
        yield from say(call, "opening.who")
    elif Intent.FORGET in meaning.intents and call.script.memory is not None:
        yield from say(call, "memory.forgotten")


def _respond(call: Conversation, question: Question, exchange: Exchange, thought: Thought) -> Talk[None]:
    reply = exchange.reply
    if isinstance(reply, KeyPressed):
        if call.notes.answers[question.id] is not AnswerValue.BAD:
            yield from say(call, "acknowledge.neutral")
        return
    if not isinstance(reply, Heard):
        yield from say(call, "repair.go_on")
        return
    thinking = not thought.asked and (yield from consult(call, question, exchange))
    wished = len(call.notes.requests)
    unclear = call.notes.answers[question.id] is AnswerValue.UNSURE
    if not exchange.serious and not (thought.spoke and unclear):
        yield from _acknowledge(call, question, reply)
    advice = (yield from take_advice(call)) if thinking else thought.advice
    if reply.meaning.requests or len(call.notes.requests) > wished or (advice is not None and advice.requests):
        yield from say(call, "acknowledge.request")
    elif not exchange.serious:
        yield from _ask_more(call, question, advice)


def _ask_more(call: Conversation, question: Question, advice: Advice | None) -> Talk[None]:
    """About something worrying, in the model's words or the script's; about something fine only in the model's."""
    value = call.notes.answers[question.id]
    if value is AnswerValue.UNSURE:
        return
    if advice is not None and (yield from go_into(call, question.id, advice)):
        return
    if value is AnswerValue.BAD and question.bad.ask:
        yield from _follow_up(call, question.id, f"{question.id.value}.bad.ask")


def _acknowledge(call: Conversation, question: Question, reply: Heard) -> Talk[None]:
    """Empathy for bad, nothing but a plain word for unsure; glad only about words that were understood as fine."""
    topic = question.id.value
    match call.notes.answers[question.id]:
        case AnswerValue.BAD:
            yield from say(call, f"{topic}.bad.say")
        case AnswerValue.OK if may_be_glad(call, reply):
            heard = yield from say(call, f"{topic}.ok", topic=question.id)
            if heard is not None and _takes_back(call, question.id, heard):
                yield from say(call, f"{topic}.bad.say")
        case AnswerValue.OK:
            yield from say(call, "acknowledge.neutral")
        case _:
            yield from say(call, f"{topic}.unsure")


def may_be_glad(call: Conversation, reply: Heard) -> bool:
    """Understood as fine with words to show for it, well heard, and nothing worrying said in the call so far."""
    meaning = reply.meaning
    worrying = any(signal.level.rank >= 1 for signal in meaning.signals) or bool(meaning.requests)
    understood = meaning.answer is AnswerValue.OK and bool(meaning.evidence)
    return understood and not worrying and not call.notes.grave and reply.confidence >= GLAD_CONFIDENCE


GLAD_CONFIDENCE = 0.5
"""Being glad about something misheard is the worst mistake a welfare call has made in public (facts/korea.md, 0.3)."""


_NODS = frozenset({Intent.YES, Intent.GREETING, Intent.FAREWELL})


def _takes_back(call: Conversation, topic: Topic, heard: Heard) -> bool:
    """ "네, 다행이에요." - "아니, 안 괜찮아": we understood wrongly. True where it is bad after all."""
    meaning = heard.meaning
    if meaning.answer is AnswerValue.BAD or any(signal.level.rank > 0 for signal in meaning.signals):
        call.notes.answers[topic] = AnswerValue.BAD
        return not any(is_grave(signal) for signal in meaning.signals)
    if meaning.answer is not AnswerValue.OK and not (meaning.intents and meaning.intents <= _NODS):
        call.notes.doubt(topic)
    return False


def _follow_up(call: Conversation, topic: Topic, line_id: str) -> Talk[None]:
    """One question more about something worrying; any answer will do."""
    exchange = yield from ask(call, line_id, topic, replace(OPEN, silence_s=5.0))
    if not isinstance(exchange.reply, Heard) or exchange.serious:
        return
    if exchange.reply.meaning.requests:
        yield from say(call, "acknowledge.request")
    else:
        yield from say(call, "acknowledge.more")


def _still_there(call: Conversation, exchange: Exchange) -> Talk[None]:
    """Raises Over where the line has gone silent or nothing can be understood any more."""
    if isinstance(exchange.reply, Heard | KeyPressed):
        call.lost = 0
        return
    call.lost += 1
    if call.lost < LOST_QUESTIONS:
        return
    call.lost = 0
    check = yield from ask(call, "opening.are_you_there", Topic.NOTICE)
    if isinstance(check.reply, Silence):
        raise Over(Ending.SILENT)
    if not isinstance(check.reply, Heard | KeyPressed):
        raise Over(Ending.UNHEARD)
