"""Saying and asking with attention: what is heard is minded before the script goes on. Emergency, then wish, then script."""

from dataclasses import dataclass

from callbot.converse.commands import Line, Say
from callbot.converse.crisis import ask_whose_wish, check_heard_right, emergencies, take_seriously
from callbot.converse.endings import EmergencyHeard, Ending, Over
from callbot.converse.events import Heard
from callbot.converse.exchange import CLOSED, Conversation, Hearing, Talk, mind_wishes, put, utter
from callbot.converse.notes import Reply
from callbot.listen.listen_for import ListenFor
from callbot.understand.meaning import Category, Intent, Level, Signal, Topic

MAX_ASKS = 32
"""A call that asks more often than this is going in circles. The longest sensible call asks about 25 times."""


@dataclass(frozen=True)
class Exchange:
    """A question and what came back."""

    reply: Reply
    serious: bool = False
    """A high signal was in it, and has been answered already."""
    misheard: bool = False
    """The person says we misheard: nothing rests on this reply."""

    def wants(self, intent: Intent) -> bool:
        """Whether words came back that mean this."""
        return isinstance(self.reply, Heard) and intent in self.reply.meaning.intents


def say(
    call: Conversation, line_id: str | Line, *, interruptible: bool = True, topic: Topic = Topic.NOTICE
) -> Talk[Heard | None]:
    """Speak. Gives what the person said where they took the turn. Raises Over or EmergencyHeard."""
    hearing = yield from utter(call, line_id, interruptible=interruptible, topic=topic)
    yield from _mind(call, hearing)
    if not isinstance(hearing.reply, Heard):
        return None
    if hearing.reply.meaning.requests:
        yield Say(call.line["acknowledge.request"], interruptible=False)
    return hearing.reply


def ask(call: Conversation, line_id: str | Line, topic: Topic, listen: ListenFor = CLOSED) -> Talk[Exchange]:
    """Speak and listen. Raises Over or EmergencyHeard where the reply ends or turns the call."""
    call.asks += 1
    if call.asks > MAX_ASKS:
        raise Over(Ending.TOO_LONG)
    hearing = yield from put(call, line_id, topic, listen)
    if hearing.reply is None:
        raise AssertionError("a question has a reply, be it silence")
    misheard = yield from _mind(call, hearing)
    if misheard:
        call.notes.doubt(topic)
    return Exchange(hearing.reply, serious=bool(hearing.grave) and not misheard, misheard=misheard)


def _mind(call: Conversation, hearing: Hearing) -> Talk[bool]:
    """True where grave words turned out to be misheard."""
    misheard = False
    reported = any(isinstance(heard, Heard) and heard.meaning.reported for heard in hearing.utterances)
    if emergencies(hearing.grave) or (hearing.grave and not reported):
        misheard = yield from _mind_signals(call, hearing)
    elif not reported:
        yield from ask_whose_wish(call, _guarded_wishes(hearing))
    mind_wishes(call, hearing.utterances)
    return misheard


def _guarded_wishes(hearing: Hearing) -> tuple[Signal, ...]:
    """Suicidal words at watch."""
    signals = [signal for heard in hearing.utterances if isinstance(heard, Heard) for signal in heard.meaning.signals]
    return tuple(each for each in signals if each.category is Category.SUICIDE and each.level is Level.WATCH)


def _mind_signals(call: Conversation, hearing: Hearing) -> Talk[bool]:
    sure = tuple(signal for signal in hearing.grave if not signal.unconfirmed)
    unsure = tuple(signal for signal in hearing.grave if signal.unconfirmed)
    if emergencies(sure):
        raise EmergencyHeard(emergencies(hearing.grave))
    if unsure and not (yield from check_heard_right(call, unsure)):
        yield from take_seriously(call, sure)
        return not sure
    yield from take_seriously(call, hearing.grave)
    return False
