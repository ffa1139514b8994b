"""Bringing the worker on duty into a crisis call: offered, rung, waited for together, and left once they have spoken (ADR 0034).

The person is never alone in silence: while a telephone rings something is said at least every WAIT_S, and what they say
meanwhile is listened to, paged and answered.
"""

from callbot.converse.commands import Transfer, TransferStep
from callbot.converse.events import Connection, Heard, KeyPressed, WorkerState
from callbot.converse.exchange import CLOSED, Conversation, Talk, put, take_down, utter
from callbot.converse.notes import Reply
from callbot.understand.meaning import AnswerValue, Intent, Topic

WAIT_S = 7.0
"""Between two lines while a telephone rings; with the line itself the person is never in silence for ten seconds."""
MOST_WAITS = 20
"""A bound against a desk that never says that nobody came: about four minutes."""
STAND_BY_S = 15.0
MOST_STAND_BYS = 4
"""So often both are told that they are connected; then the worker is taken for one who cannot speak to them."""


def offer_worker(call: Conversation) -> Talk[None]:
    """Offer, and where it is not declined, ring and wait. Returns with a worker in the conversation, or without one."""
    if call.script.crisis.connect is None or call.offered_worker:
        return
    call.offered_worker = True
    if (yield from _step(call, TransferStep.LOOK)).worker is not WorkerState.REACHABLE:
        return
    if not (yield from _wanted(call)):
        yield from utter(call, "crisis.connect.declined")
        return
    yield from _step(call, TransferStep.RING)
    worker = yield from _wait(call)
    while worker is WorkerState.JOINED:
        worker = yield from _stand_by(call)
        if worker is WorkerState.RINGING:  # whoever came in went away before a word; the next one is rung
            worker = yield from _wait(call)
    call.with_worker = worker is WorkerState.SPOKE
    if worker is WorkerState.REACHABLE:
        yield from utter(call, "crisis.connect.declined")
    elif not call.with_worker:
        yield from utter(call, "crisis.connect.nobody")


def _wanted(call: Conversation) -> Talk[bool]:
    """A clear no is a no; a second question for an answer that is none; and no answer at all connects."""
    for line_id in ("crisis.connect.offer.ask", "crisis.connect.offer.simpler"):
        hearing = yield from put(call, line_id, Topic.CONFIRM, CLOSED)
        wanted = _read(hearing.reply)
        if wanted is not None:
            return wanted
    return True


def _read(reply: Reply | None) -> bool | None:
    """None: neither yes nor no."""
    if isinstance(reply, KeyPressed):
        return {"1": True, "2": False}.get(reply.digit)
    if not isinstance(reply, Heard):
        return None
    meaning = reply.meaning
    yes = Intent.YES in meaning.intents
    # To this question "괜찮아요" is "no, thank you".
    no = bool(meaning.intents & {Intent.NO, Intent.REFUSE}) or meaning.answer is AnswerValue.OK
    return None if yes == no else yes


def _wait(call: Conversation) -> Talk[WorkerState]:
    """Until somebody has come in or nobody will; REACHABLE: the person does not want to wait any longer."""
    line_id = "crisis.connect.ringing"
    for _ in range(MOST_WAITS):
        yield from utter(call, line_id)
        news = yield from _step(call, TransferStep.WAIT, WAIT_S)
        if news.worker is not WorkerState.RINGING:
            return news.worker
        if _wants_out(news):
            yield from _step(call, TransferStep.GIVE_UP)
            return WorkerState.REACHABLE
        line_id = "crisis.connect.listening" if news.overheard else "crisis.connect.waiting"
    return (yield from _step(call, TransferStep.GIVE_UP)).worker


def _wants_out(news: Connection) -> bool:
    """They do not want to wait any longer: nobody is held on the line."""
    return any(
        isinstance(heard, Heard) and heard.meaning.intents & {Intent.REFUSE, Intent.FAREWELL}
        for heard in news.overheard
    )


def _stand_by(call: Conversation) -> Talk[WorkerState]:
    """In the room with both, until the worker has spoken or gone away; NOBODY: they were never heard."""
    for _ in range(MOST_STAND_BYS):
        yield from utter(call, "crisis.connect.joined", interruptible=False)
        news = yield from _step(call, TransferStep.STAND_BY, STAND_BY_S)
        if news.worker is not WorkerState.JOINED:
            return news.worker
    return WorkerState.NOBODY


def _step(call: Conversation, step: TransferStep, at_most_s: float = 0.0) -> Talk[Connection]:
    event = yield Transfer(step, at_most_s)
    if not isinstance(event, Connection):
        return Connection(WorkerState.NOBODY)
    yield from take_down(call, None, event.overheard)  # an emergency is what this call is about already
    return event
