"""The call to a guardian or neighbour of somebody who was not reached. Their word is at most a report, never contact.

They hear that the check-in could not be made, and nothing else: not why the person is called, not what was said before.
"""

from callbot.converse.addressee import Addressee
from callbot.converse.attention import Exchange, ask, say
from callbot.converse.commands import AwaitPickup, HangUp, Say
from callbot.converse.dialogue import hold
from callbot.converse.endings import Ending, Over
from callbot.converse.events import Heard, PickedUp
from callbot.converse.exchange import OPEN, Conversation, Talk
from callbot.converse.opening import introduce
from callbot.converse.outcome import ContactResult, Outcome
from callbot.converse.script import Script
from callbot.understand.meaning import Intent, Level, Request, Topic

_NOT_THEM = frozenset({Intent.NO, Intent.WRONG_NUMBER})


def contact_call(script: Script, addressee: Addressee) -> Talk[Outcome]:
    """`addressee`: the person who was not reached. Needs the script's section `contact`."""
    return (yield from hold(Conversation(script, addressee), _course))


def _course(call: Conversation) -> Talk[None]:
    picked_up = yield AwaitPickup()
    call.notes.somebody_else = True
    if isinstance(picked_up, PickedUp) and picked_up.spoke:
        call.notes.somebody_spoke = True
    yield from introduce(call)
    yield from _is_the_contact(call)
    yield from say(call, "contact.why")
    seen = yield from _asked(call, "contact.seen", Topic.SEEN)
    if _is_well(seen):
        # No `reported`: nothing has happened to the person. For a human to look at, like every report.
        call.notes.result = ContactResult.REPORTED
        yield from _part(call, "contact.fine")
        return
    if seen.wants(Intent.WORRIED):
        _note(call, seen, "worried")
    will = yield from _asked(call, "contact.look_in", Topic.NOTICE)
    if will.wants(Intent.YES) and not will.wants(Intent.NO):
        _note(call, will, "look_in")
        yield from _part(call, "contact.will_look")
        return
    yield from _part(call, "contact.cannot")


def _is_the_contact(call: Conversation) -> Talk[None]:
    """Raises Over where it is somebody who has nothing to do with the person, or nobody says a word."""
    heard = False
    for line_id in ("contact.ask.ask", "contact.ask.simpler"):
        exchange = yield from ask(call, line_id, Topic.NOTICE)
        if any(exchange.wants(intent) for intent in _NOT_THEM) and not exchange.wants(Intent.YES):
            raise Over(Ending.WRONG_NUMBER)
        if exchange.wants(Intent.BUSY):
            raise Over(Ending.BUSY)
        if exchange.wants(Intent.WHO_IS_THIS):
            yield from say(call, "opening.who")
        elif exchange.wants(Intent.YES) or exchange.wants(Intent.OTHER_PERSON):
            return
        heard = heard or isinstance(exchange.reply, Heard)
    raise Over(Ending.UNHEARD if heard else Ending.SILENT)


def _asked(call: Conversation, line: str, topic: Topic) -> Talk[Exchange]:
    """The question, and once more in simpler words where nothing was understood."""
    exchange = yield from ask(call, f"{line}.ask", topic, OPEN)
    if not isinstance(exchange.reply, Heard) or exchange.wants(Intent.REPEAT):
        exchange = yield from ask(call, f"{line}.simpler", topic, OPEN)
    return exchange


def _is_well(seen: Exchange) -> bool:
    """They met or talked, and nothing in it is a worry."""
    against = (Intent.NOT_SEEN, Intent.WORRIED, Intent.NO)
    if not isinstance(seen.reply, Heard) or any(seen.wants(intent) for intent in against):
        return False
    if any(signal.level.rank >= Level.WATCH.rank for signal in seen.reply.meaning.signals):
        return False
    return seen.wants(Intent.SEEN_WELL) or seen.wants(Intent.YES)


def _note(call: Conversation, exchange: Exchange, kind: str) -> None:
    if isinstance(exchange.reply, Heard):
        call.notes.requests.append(Request(kind, exchange.reply.text, exchange.reply.turn))


def _part(call: Conversation, line_id: str) -> Talk[None]:
    call.notes.closing = True
    yield Say(call.line[line_id], interruptible=False)
    yield HangUp("done")
