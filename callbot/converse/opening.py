"""Until it is clear who is speaking and that they have time. Nothing personal is said here but the name, once asked for."""

from callbot.converse.attention import Exchange, ask, say
from callbot.converse.by_keys import settle_who_by_key
from callbot.converse.commands import AwaitPickup
from callbot.converse.endings import Ending, Over
from callbot.converse.events import Heard, KeyPressed, PickedUp, Silence
from callbot.converse.exchange import CLOSED, Conversation, Talk
from callbot.converse.key_question import LISTEN_FOR_KEY
from callbot.understand.meaning import AnswerValue, Intent, Topic

HANDOVER_S = 20.0
"""How long fetching somebody to the telephone may take."""

_LADDERS = {
    "silence": ("opening.are_you_there", "opening.are_you_there", "opening.identity.keys"),
    "unclear": ("repair.not_heard", "opening.identity.simpler", "opening.identity.keys"),
    "again": ("opening.identity.simpler", "opening.identity.simpler", "opening.identity.keys"),
}
"""What is said next when the identity question got no answer, by what came instead."""

MAX_IDENTITY_ASKS = 7


def open_call(call: Conversation) -> Talk[None]:
    """Greet, say who calls, settle who is there. Returns only with the person on the line, and willing."""
    picked_up = yield AwaitPickup()
    if isinstance(picked_up, PickedUp):
        call.notes.somebody_spoke |= picked_up.spoke
        call.advised = picked_up.advised
    yield from introduce(call)
    yield from mind_strangers(call)
    yield from settle_who(call)
    yield from good_time(call)


def introduce(call: Conversation) -> Talk[None]:
    """The AI and recording notices are heard in full: they are the law, and short."""
    yield from say(call, "opening.hello", interruptible=False)
    yield from say(call, "opening.recording", interruptible=False)


def settle_who(call: Conversation) -> Talk[None]:
    """Ask by name until the person is recognised. Raises Over where it is nobody or somebody else."""
    steps = dict.fromkeys(_LADDERS, 0)
    line_id, topic, kind = "opening.identity.ask", Topic.IDENTITY, "silence"
    for _ in range(MAX_IDENTITY_ASKS):
        if call.notes.identified_by or (call.by_keys and (yield from settle_who_by_key(call))):
            return
        if call.by_keys:
            kind = "unclear"
            break
        listen = LISTEN_FOR_KEY if line_id.endswith(".keys") else CLOSED
        exchange = yield from ask(call, line_id, topic, listen)
        if _pressed_one(exchange, line_id):
            call.notes.identified_by = "key"
            call.notes.answered_by_key = True
        if not call.notes.identified_by:
            yield from _mind_who_it_is_not(call, exchange, topic)
        kind = _kind(exchange)
        if steps[kind] >= len(_LADDERS[kind]):
            break
        line_id = _LADDERS[kind][steps[kind]]
        steps[kind] += 1
        # "들리세요?" - "네": that is no yes to "김순자 어르신 맞으세요?"
        topic = Topic.NOTICE if line_id == "opening.are_you_there" else Topic.IDENTITY
    if not call.notes.identified_by:
        raise Over(Ending.UNHEARD if call.notes.somebody_spoke and kind != "silence" else Ending.SILENT)


def _pressed_one(exchange: Exchange, line_id: str) -> bool:
    return line_id.endswith(".keys") and isinstance(exchange.reply, KeyPressed) and exchange.reply.digit == "1"


def _kind(exchange: Exchange) -> str:
    match exchange.reply:
        case Silence():
            return "silence"
        case Heard():
            return "again"
        case _:
            return "unclear"


def _mind_who_it_is_not(call: Conversation, exchange: Exchange, topic: Topic) -> Talk[None]:
    yield from mind_strangers(call)
    if exchange.wants(Intent.BUSY):
        raise Over(Ending.BUSY)
    if topic is Topic.IDENTITY and exchange.wants(Intent.NO) and not exchange.wants(Intent.YES):
        yield from somebody_else(call, not_here=False)
    elif exchange.wants(Intent.WHO_IS_THIS) and not call.notes.identified_by:
        yield from say(call, "opening.who")
        yield from mind_strangers(call)


def mind_strangers(call: Conversation) -> Talk[None]:
    """Whatever was heard so far, asked for or not: before the name is said again, is it somebody else's telephone?"""
    heard = call.notes.heard_intents
    if call.notes.identified_by:
        return
    if Intent.WRONG_NUMBER in heard:
        call.notes.somebody_else = True
        raise Over(Ending.WRONG_NUMBER)
    if heard & {Intent.OTHER_PERSON, Intent.NOT_HERE}:
        yield from somebody_else(call, not_here=bool(heard & {Intent.NO, Intent.NOT_HERE}))


def somebody_else(call: Conversation, *, not_here: bool) -> Talk[None]:
    """Somebody else answered: ask for the person, without a name. Raises Over unless the person takes the phone."""
    call.notes.not_the_person()
    call.notes.heard_intents.clear()
    if not_here:
        raise Over(Ending.NOT_HERE)
    exchange = yield from ask(call, "opening.handover.ask", Topic.NOTICE)
    if not isinstance(exchange.reply, Heard) or exchange.wants(Intent.REPEAT):
        exchange = yield from ask(call, "opening.handover.simpler", Topic.NOTICE)
    if exchange.wants(Intent.WRONG_NUMBER):
        raise Over(Ending.WRONG_NUMBER)
    if not exchange.wants(Intent.YES) or exchange.wants(Intent.NO) or exchange.wants(Intent.NOT_HERE):
        raise Over(Ending.NOT_HERE)
    yield AwaitPickup(silence_s=HANDOVER_S)
    yield from introduce(call)
    yield from is_it_you(call)


def is_it_you(call: Conversation) -> Talk[None]:
    """Ask whoever has the phone now, without a name. Raises Over unless they say yes."""
    for line_id in ("opening.is_it_you.ask", "opening.is_it_you.simpler"):
        exchange = yield from ask(call, line_id, Topic.IDENTITY)
        if call.notes.identified_by:
            return
        if exchange.wants(Intent.NO) or exchange.wants(Intent.OTHER_PERSON):
            break
    raise Over(Ending.NOT_HERE)


def good_time(call: Conversation) -> Talk[None]:
    """Ask whether now is convenient; not being understood is not a no."""
    for line_id in ("opening.good_time.ask", "opening.good_time.simpler"):
        if call.by_keys:  # whoever pressed a key has time for a few more
            return
        exchange = yield from ask(call, line_id, Topic.GOOD_TIME)
        if not isinstance(exchange.reply, Heard):
            continue
        meaning = exchange.reply.meaning
        if Intent.BUSY in meaning.intents or meaning.answer is AnswerValue.BAD:
            raise Over(Ending.BUSY)
        if Intent.NO in meaning.intents and Intent.YES not in meaning.intents and not exchange.serious:
            raise Over(Ending.BUSY)
        if not meaning.intents & {Intent.REPEAT, Intent.WHO_IS_THIS}:
            return
        if Intent.WHO_IS_THIS in meaning.intents:
            yield from say(call, "opening.who")
