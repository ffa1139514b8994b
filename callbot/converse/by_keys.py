"""A call that our ears do not hear: from here on by keys (ADR 0035). The course stays the script's; only the way to answer changes.

Two utterances in a row that recognition lost, not the line, decide it: at the beginning, or in the middle when it falls
behind or dies. What the person says all the same is recorded, and a human is told to listen unless key 1 said that all is well.
"""

from callbot.converse.attention import Exchange, ask, say
from callbot.converse.commands import Page
from callbot.converse.events import Heard, KeyPressed, Silence
from callbot.converse.exchange import Conversation, Talk
from callbot.converse.key_question import LISTEN_FOR_KEY, Pressed, ask_by_key
from callbot.converse.notes import is_grave
from callbot.converse.script_question import Question
from callbot.understand.meaning import Category, Level, Signal, Topic

TRIES = 2
_EXPLAINED = "repair.by_keys"
IDENTITY = "opening.identity.keys"


def settle_who_by_key(call: Conversation) -> Talk[bool]:
    """True: key 1, asked for with the name, was pressed (or they were recognised by voice before)."""
    for _ in range(TRIES):
        if call.notes.identified_by:
            return True
        exchange = yield from ask(call, IDENTITY, Topic.IDENTITY, LISTEN_FOR_KEY)
        if isinstance(exchange.reply, KeyPressed) and exchange.reply.digit == "1":
            call.notes.identified_by, call.notes.answered_by_key = "key", True
    return call.notes.identified_by is not None


def ask_question_by_key(call: Conversation, question: Question) -> Talk[Exchange]:
    """The simplest words, then which keys there are; twice at most. What is optional is left out: each question is long."""
    if not question.mandatory:
        return Exchange(KeyPressed(""))
    call.notes.begin(question.id)
    if _EXPLAINED not in call.told:
        call.told.add(_EXPLAINED)
        yield from say(call, _EXPLAINED)
    exchange = Exchange(Silence(0.0))
    for _ in range(TRIES):
        yield from say(call, f"{question.id.value}.simpler")
        reply = yield from ask_by_key(call, question.id)
        exchange = reply.exchange
        if reply.pressed is Pressed.FINE:
            yield from say(call, "acknowledge.neutral")
        if reply.pressed in {Pressed.FINE, Pressed.HELP} or isinstance(exchange.reply, Heard):
            break
    return exchange


def tell_unanswered(call: Conversation) -> Talk[None]:
    """Somebody was there, we could not hear them, and no key said that all is well: a human is told, now."""
    notes = call.notes
    there = notes.somebody_spoke or notes.identified_by is not None
    told = any(is_grave(signal) for signal in notes.signals)
    if not call.by_keys or not there or notes.fine_by_key or told or notes.machine:
        return
    signal = _unheard(call)
    notes.signals.append(signal)
    yield Page((signal,))


def _unheard(call: Conversation) -> Signal:
    return Signal(
        category=Category.SERVICE,
        level=Level.HIGH,
        rule="keys.unanswered",
        quote="(말소리, 알아듣지 못함)",
        reason="음성 인식이 되지 않아 번호로 여쭈었으나 괜찮다는 번호를 누르지 않았습니다. 녹음을 듣고 확인해 주세요.",
        detector="key",
        rule_version=f"{call.script.script}/{call.script.version}",
    )
