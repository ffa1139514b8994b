"""One question about something from an earlier call: for change, never for whether it is there; to the person alone."""

import re

from callbot.converse.attention import Exchange, ask, say
from callbot.converse.events import Heard
from callbot.converse.exchange import OPEN, Conversation, Talk
from callbot.understand.meaning import AnswerValue, Intent, Topic

_PAST = re.compile(r"다\s?(?:나았|낫|나앗)|안\s?아[프파픈]|이젠?\s?괜찮|이제는?\s?괜찮|멀쩡|말끔")
"""Beside an answer understood as fine: healed, not merely better."""


def recall(call: Conversation) -> Talk[None]:
    """Ask, where it may be asked; whatever comes back is heard out, and nothing is asked twice."""
    about = call.background.recall
    if about is None or call.script.memory is None or not _may_be_spoken_of(call, about.topic):
        return
    call.notes.recalled = about.topic
    exchange = yield from ask(call, "memory.ask", Topic.MEMORY, OPEN)
    if exchange.wants(Intent.REPEAT):
        exchange = yield from ask(call, "memory.simpler", Topic.MEMORY, OPEN)
    if not isinstance(exchange.reply, Heard):
        return
    call.notes.recall_answered = True
    call.notes.recall_over = exchange.reply.meaning.answer is AnswerValue.OK and bool(_PAST.search(exchange.reply.text))
    if not exchange.serious:
        yield from _respond(call, exchange)


def _may_be_spoken_of(call: Conversation, topic: str) -> bool:
    """Only to the person, recognised by voice, with nobody else on the line; never beside something grave."""
    notes = call.notes
    sure = notes.identified_by == "voice" and not notes.somebody_else
    spoken_of = any(mention.topic == topic for mention in notes.mentions) or notes.forget
    return sure and not notes.grave and not spoken_of


def _respond(call: Conversation, exchange: Exchange) -> Talk[None]:
    if not isinstance(exchange.reply, Heard):
        return
    meaning = exchange.reply.meaning
    if Intent.FORGET in meaning.intents:
        yield from say(call, "memory.forgotten")
    elif meaning.requests:
        yield from say(call, "acknowledge.request")
    elif meaning.answer is AnswerValue.BAD:
        yield from say(call, "memory.bad")
    else:
        yield from say(call, "memory.heard")
