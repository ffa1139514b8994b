"""The welfare call as one generator: yields commands, is sent events, returns the Outcome. Reads as the call goes."""

from collections.abc import Callable
from dataclasses import replace

from callbot.converse.addressee import Addressee
from callbot.converse.advising import take_advice
from callbot.converse.attention import say
from callbot.converse.by_keys import tell_unanswered
from callbot.converse.commands import HangUp, Page
from callbot.converse.condition import is_asked
from callbot.converse.crisis import attend, emergencies, hung_up_in_crisis
from callbot.converse.endings import EmergencyHeard, Ending, Over
from callbot.converse.events import HungUp
from callbot.converse.exchange import Conversation, Talk, utter
from callbot.converse.notes import is_grave
from callbot.converse.opening import open_call
from callbot.converse.outcome import Outcome
from callbot.converse.question import ask_question
from callbot.converse.recall import recall
from callbot.converse.script import Script
from callbot.understand.meaning import Topic


def welfare_call(script: Script, addressee: Addressee) -> Talk[Outcome]:
    """One call. HungUp may be thrown in at any time; what is known by then is the outcome."""
    return (yield from hold(Conversation(script, addressee), _weekly))


def _weekly(call: Conversation) -> Talk[None]:
    yield from open_call(call)
    yield from check_in(call)
    yield from goodbye(call)


def hold(call: Conversation, course: Callable[[Conversation], Talk[None]]) -> Talk[Outcome]:
    """Any call: its course, and what may cut it short at any moment."""
    try:
        yield from _hold(call, course)
    except HungUp as hung_up:
        call.notes.hung_up = not call.notes.closing
        yield from last_words(call, hung_up)
        if hung_up.by == "person" and (crisis := hung_up_in_crisis(call)):
            call.notes.signals += crisis
            yield Page(crisis)
    yield from tell_unanswered(call)
    return replace(call.notes.outcome(), aid=call.line.aid)


def last_words(call: Conversation, hung_up: HungUp) -> Talk[None]:
    """What was said last is understood after the line has closed: it may be an answer, and a crisis is still a crisis."""
    for heard in hung_up.overheard:
        call.notes.reply(call.asking or Topic.NOTICE, heard)
    grave = tuple(signal for signal in call.notes.hear(hung_up.overheard) if is_grave(signal))
    if grave:
        yield Page(grave)


def _hold(call: Conversation, course: Callable[[Conversation], Talk[None]]) -> Talk[None]:
    try:
        try:
            yield from course(call)
        except Over as over:
            grave = emergencies(call.notes.signals)
            if grave:
                # "죽고 싶다고 하셨어요?" - "끊어요": the wish is respected, but not with a routine closing line.
                raise EmergencyHeard(grave, confirmed=True) from over
            yield from part(call, over.ending)
    except EmergencyHeard as heard:
        yield from attend(call, heard.signals, confirmed=heard.confirmed)
        call.notes.closing = True
        yield HangUp("done")


def check_in(call: Conversation) -> Talk[None]:
    """The script owns the order; every question whose condition holds is asked, unless the call has become too long.

    What is remembered of an earlier call is asked about after the first.
    """
    for number, question in enumerate(call.script.questions):
        if call.at_s > call.script.longest_s:
            raise Over(Ending.TOO_LONG)
        if is_asked(question.only_if, question.unless, call.notes.answers, call.background):
            yield from ask_question(call, question)
        if number == 0:
            yield from recall(call)


def goodbye(call: Conversation) -> Talk[None]:
    """Thanks, the number to call back, and that we never ask for money."""
    if call.advised:
        yield from take_advice(call, 0.0)
    for line_id in ("closing.thanks", "closing.callback", "closing.phishing", "closing.goodbye"):
        call.notes.closing = True
        yield from say(call, line_id)
    yield HangUp("done")


def part(call: Conversation, ending: Ending) -> Talk[None]:
    """End early: one line, then hang up."""
    notes, how = call.notes, ending.value
    notes.result, notes.otherwise, notes.closing = how.result, how.otherwise, True
    if ending is Ending.WRONG_NUMBER:
        notes.told = "wrong_number"
    if how.line is not None:
        hearing = yield from utter(call, how.line, interruptible=False)
        if emergencies(hearing.grave):
            raise EmergencyHeard(emergencies(hearing.grave))
    yield HangUp(how.reason)
