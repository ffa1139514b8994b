"""Questions that are answered by a telephone key: 1 is fine, 2 is help wanted. The last resort of hearing, theirs or ours.

One implementation for whoever cannot hear us well and for a call in which we cannot hear. A key is an answer only where the
line before it said which keys there are and what they mean.
"""

from dataclasses import dataclass
from enum import Enum

from callbot.converse.attention import Exchange, ask, say
from callbot.converse.commands import Page
from callbot.converse.events import KeyPressed
from callbot.converse.exchange import Conversation, Talk
from callbot.converse.script import Script
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.understand.meaning import AnswerValue, Category, Level, Signal, Topic

KEYS = "repair.keys"
"""The line that names both keys."""
LISTEN_FOR_KEY = ListenFor(QuestionKind.CLOSED, silence_s=10.0)
"""Finding a key takes longer than saying yes."""
_ANSWERS = {"1": AnswerValue.OK, "2": AnswerValue.BAD}


class Pressed(Enum):
    """What came to a question by key."""

    FINE = "1"
    HELP = "2"
    OTHER = "other"  # a key that was not offered
    NONE = "none"  # words, noise or nothing: see the exchange


@dataclass(frozen=True)
class KeyReply:
    """A question by key and what came of it."""

    pressed: Pressed
    exchange: Exchange
    """Words instead of a key are here."""


def ask_by_key(call: Conversation, topic: Topic, line_id: str = KEYS) -> Talk[KeyReply]:
    """Ask once; an offered key is taken down as the answer to `topic`, and key 2 is told to a human before anything else is
    said. Raises Over or EmergencyHeard where words said instead end or turn the call."""
    exchange = yield from ask(call, line_id, topic, LISTEN_FOR_KEY)
    pressed = pressed_in(exchange)
    if pressed is not Pressed.NONE:
        yield from _take(call, topic, pressed)
    return KeyReply(pressed, exchange)


def pressed_in(exchange: Exchange) -> Pressed:
    """Which of the offered keys it was."""
    if not isinstance(exchange.reply, KeyPressed):
        return Pressed.NONE
    digit = exchange.reply.digit
    return Pressed(digit) if digit in _ANSWERS else Pressed.OTHER


def _take(call: Conversation, topic: Topic, pressed: Pressed) -> Talk[None]:
    call.notes.answer(topic, _ANSWERS.get(pressed.value, AnswerValue.UNSURE))
    call.notes.answered_by_key |= pressed is not Pressed.OTHER
    call.notes.said_how_by_key |= pressed is not Pressed.OTHER
    call.notes.fine_by_key |= pressed is Pressed.FINE
    if pressed is Pressed.HELP:
        yield from tell_help_wanted(call)


def tell_help_wanted(call: Conversation) -> Talk[None]:
    """A human hears of it now, once a call; the person is told so."""
    signal = _help_wanted(call.script)
    if signal in call.notes.signals:
        return
    call.notes.signals.append(signal)
    yield Page((signal,))
    yield from say(call, "repair.help_wanted")


def _help_wanted(script: Script) -> Signal:
    return Signal(
        category=Category.SERVICE,
        level=Level.HIGH,
        rule="keys.help",
        quote="(전화기 2번)",
        reason="도움이 필요하면 누르라고 안내한 번호를 눌렀습니다.",
        detector="key",
        rule_version=f"{script.script}/{script.version}",
    )
