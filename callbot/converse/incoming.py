"""Somebody calls us: the person themselves (the same check-in), or anybody else (who we are, and a message to pass on)."""

from callbot.converse.addressee import Addressee
from callbot.converse.attention import ask, say
from callbot.converse.commands import AwaitPickup, HangUp, Say
from callbot.converse.dialogue import check_in, goodbye, hold
from callbot.converse.endings import Ending, Over
from callbot.converse.events import Heard, PickedUp
from callbot.converse.exchange import OPEN, Conversation, Talk
from callbot.converse.opening import introduce, mind_strangers, settle_who
from callbot.converse.outcome import ContactResult, Outcome
from callbot.converse.script import Script
from callbot.understand.meaning import Intent, Topic

_NO_MESSAGE = frozenset({Intent.NO, Intent.FAREWELL, Intent.REFUSE, Intent.WRONG_NUMBER, Intent.GREETING})


def incoming_call(script: Script, addressee: Addressee) -> Talk[Outcome]:
    """From a number of the person: by name, then the check-in. Needs the script's section `incoming`."""
    return (yield from hold(Conversation(script, addressee), _from_the_person))


def stranger_call(script: Script, addressee: Addressee) -> Talk[Outcome]:
    """From any other number, or about somebody who may not be asked: nobody is named, nothing is asked but a message.

    What was said stands in the turns; `requests` holds it once more as `message`.
    """
    return (yield from hold(Conversation(script, addressee), _from_a_stranger))


def _from_the_person(call: Conversation) -> Talk[None]:
    yield from _answer(call)
    yield from introduce(call)
    yield from mind_strangers(call)
    yield from settle_who(call)
    yield from _may_we_ask(call)
    yield from check_in(call)
    yield from goodbye(call)


def _may_we_ask(call: Conversation) -> Talk[None]:
    """A call-back is no promise to talk now. Not being understood is not a no: they called."""
    exchange = yield from ask(call, "incoming.wish.ask", Topic.GOOD_TIME)
    if not isinstance(exchange.reply, Heard) or exchange.wants(Intent.REPEAT):
        exchange = yield from ask(call, "incoming.wish.simpler", Topic.GOOD_TIME)
    declined = exchange.wants(Intent.NO) and not exchange.wants(Intent.YES)
    if (exchange.wants(Intent.BUSY) or declined) and not exchange.serious:
        raise Over(Ending.BUSY)


def _from_a_stranger(call: Conversation) -> Talk[None]:
    yield from _answer(call)
    call.notes.somebody_else = True
    yield Say(call.line["opening.hello"], interruptible=False)
    yield from say(call, "incoming.unknown", interruptible=False)
    exchange = yield from ask(call, "incoming.message.ask", Topic.NOTICE, OPEN)
    if not isinstance(exchange.reply, Heard) or exchange.wants(Intent.REPEAT) or exchange.wants(Intent.WHO_IS_THIS):
        exchange = yield from ask(call, "incoming.message.simpler", Topic.NOTICE, OPEN)
    call.notes.closing = True
    reply = exchange.reply
    if isinstance(reply, Heard) and not reply.meaning.intents & _NO_MESSAGE:
        call.notes.take_message(reply)
        call.notes.result = ContactResult.NO_CONTACT
        yield Say(call.line["incoming.taken"], interruptible=False)
    else:
        yield Say(call.line["incoming.goodbye"], interruptible=False)
    yield HangUp("done")


def _answer(call: Conversation) -> Talk[None]:
    """Who calls waits for us to speak; a "여보세요" that is on its way is let out first."""
    picked_up = yield AwaitPickup(silence_s=0.6)
    if isinstance(picked_up, PickedUp):
        call.notes.somebody_spoke |= picked_up.spoke
        call.advised = picked_up.advised
