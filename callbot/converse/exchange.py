"""One exchange with the person. What is heard is noted and paged before anything else is said."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

from callbot.converse.addressee import Addressee
from callbot.converse.commands import Ask, Command, Line, Page, Say
from callbot.converse.endings import REPORTED, WISHES, Ending, Over
from callbot.converse.events import Event, Heard, Interrupted, KeyPressed, Silence, Spoken, Unclear
from callbot.converse.lines import Wording
from callbot.converse.notes import BEEP_TONE, EARS, FAX_TONE, VOICE, Notes, Reply, is_grave, is_tone
from callbot.converse.outcome import WhoAnswered
from callbot.converse.script import Script
from callbot.listen.listen_for import ListenFor, QuestionKind
from callbot.people.hearing_aid import more
from callbot.understand.meaning import Intent, Reported, Signal, Topic

T = TypeVar("T")
Talk = Generator[Command, Event, T]
"""Yields what is wanted, is sent what happened, returns what it came to."""

CLOSED = ListenFor(QuestionKind.CLOSED)
OPEN = ListenFor(QuestionKind.OPEN)


class Conversation:
    """What all parts of one call share."""

    def __init__(self, script: Script, addressee: Addressee) -> None:
        self.script = script
        self.line = Wording(script, addressee)
        self.background = addressee.before
        self.notes = Notes(script.topics, script.mandatory, today=addressee.before.today)
        self.asks = 0
        self.asking: Topic | None = None
        """What was asked and has had no reply yet."""
        self.at_s = 0.0
        """Seconds into the call at which something was said last."""
        self.lost = 0
        """Questions in a row to which no words and no key came."""
        self.told: set[str] = set()
        """Crisis lines that were said; none is said twice."""
        self.advised = False
        """A language model can be consulted (converse/advising.py)."""
        self.earlier: list[str] = []
        """What the person answered so far, oldest first."""
        self.worded = 0
        """Questions that a model has worded."""
        self.lost_by_ears = 0
        """Utterances in a row that our own ears lost."""
        self.by_keys = False
        """We cannot hear: answers come by key (converse/by_keys.py)."""
        if addressee.unnamed:
            self.notes.without.add(VOICE)
        self.grave_at_ask: int | None = None
        """How many questions had been asked when something grave was said last."""
        self.offered_worker = False
        self.with_worker = False
        """A worker has come in and talks with the person."""


@dataclass(frozen=True)
class Hearing:
    """What came back when we spoke."""

    reply: Reply | None = None
    """None: nothing was asked and nobody took the turn."""
    utterances: tuple[Heard | Unclear, ...] = ()
    """All that was heard, the reply included."""
    grave: tuple[Signal, ...] = ()
    """New signals, high or emergency; already paged."""


def _line(call: Conversation, line: str | Line) -> Line:
    """By its id; one that is no script's is given whole."""
    return call.line[line] if isinstance(line, str) else line


def utter(
    call: Conversation, line_id: str | Line, *, interruptible: bool = True, topic: Topic = Topic.NOTICE
) -> Talk[Hearing]:
    """Speak; note and page what is heard meanwhile."""
    event = yield Say(_line(call, line_id), interruptible, topic)
    match event:
        case Spoken(overheard):
            return (yield from take_down(call, None, overheard))
        case Interrupted(heard, _, overheard):
            return (yield from take_down(call, heard, (*overheard, heard)))
        case _:
            return Hearing()


def put(call: Conversation, line_id: str | Line, topic: Topic, listen: ListenFor = CLOSED) -> Talk[Hearing]:
    """Put a question and listen; note and page the reply."""
    call.asking = topic
    event = yield Ask(_line(call, line_id), topic, listen)
    call.asking = None
    reply = _as_reply(event)
    call.notes.reply(topic, reply)
    if isinstance(reply, Heard) and Intent.REPEAT in reply.meaning.intents:
        call.line.aid = more(call.line.aid)
    heard = (reply,) if isinstance(reply, Heard | Unclear) else ()
    return (yield from take_down(call, reply, (*reply.overheard, *heard)))


def _as_reply(event: Event) -> Reply:
    match event:
        case Heard() | Unclear() | Silence() | KeyPressed():
            return event
        case Interrupted(heard):
            return heard
        case _:
            return Silence(0.0)


def take_down(call: Conversation, reply: Reply | None, utterances: tuple[Heard | Unclear, ...]) -> Talk[Hearing]:
    """Note and page what was heard."""
    _mind_ears(call, utterances)
    _are_no_machine(call, utterances)
    call.at_s = max(call.at_s, *(heard.audio_offset_s or 0.0 for heard in utterances), 0.0)
    fresh = call.notes.hear(utterances)
    grave = tuple(signal for signal in fresh if is_grave(signal))
    if grave:
        call.grave_at_ask = call.asks
        yield Page(grave)
    return Hearing(reply, utterances, grave)


EARS_LOST = frozenset({"ears_down", "ears_late"})
"""Reasons of an Unclear that is our fault."""
DEAF_AFTER = 2


def _mind_ears(call: Conversation, utterances: tuple[Heard | Unclear, ...]) -> None:
    for heard in utterances:
        ours = isinstance(heard, Unclear) and heard.reason in EARS_LOST
        call.lost_by_ears = call.lost_by_ears + 1 if ours else 0
        if call.lost_by_ears >= DEAF_AFTER:
            call.by_keys = True
            call.notes.without.add(EARS)


_MACHINES = {Intent.MACHINE: WhoAnswered.VOICEMAIL, Intent.ANNOUNCEMENT: WhoAnswered.ANNOUNCEMENT}


def _are_no_machine(call: Conversation, utterances: tuple[Heard | Unclear, ...]) -> None:
    """A machine is believed only until a person was recognised; after that it is the television."""
    if call.notes.identified_by or call.notes.grave:
        return
    _mind_tones(call, utterances)
    intents = {intent for heard in utterances if isinstance(heard, Heard) for intent in heard.meaning.intents}
    for intent in intents & _MACHINES.keys():
        call.notes.machine = _MACHINES[intent]
        call.notes.told = next(heard.meaning.announcement for heard in utterances if _means(heard, intent))
    if call.notes.machine and not call.notes.closing:
        raise Over(Ending.MACHINE)


_OF_OTHERS = frozenset({Reported.DEAD, Reported.MOVED})
"""Said by the person themselves it is about somebody else, or (moved) no reason not to ask how they are."""


def _mind_tones(call: Conversation, utterances: tuple[Heard | Unclear, ...]) -> None:
    """A fax is a fax. A beep tells a mailbox only where what was said before it meant nothing that a person means."""
    tones = {heard.reason for heard in utterances if isinstance(heard, Unclear)}
    said = call.notes.heard_intents | {
        intent for h in utterances if isinstance(h, Heard) for intent in h.meaning.intents
    }
    spoke = call.notes.somebody_spoke or any(not is_tone(heard) for heard in utterances)
    if FAX_TONE in tones:
        call.notes.machine, call.notes.told = WhoAnswered.ANNOUNCEMENT, "fax"
    elif BEEP_TONE in tones and spoke and not said:
        call.notes.machine, call.notes.told = WhoAnswered.VOICEMAIL, "voicemail"


def _means(heard: Heard | Unclear, intent: Intent) -> TypeGuard[Heard]:
    return isinstance(heard, Heard) and intent in heard.meaning.intents


def mind_wishes(call: Conversation, utterances: tuple[Heard | Unclear, ...]) -> None:
    """Raises Over where somebody wants the call to end, or tells what ends it."""
    for heard in utterances:
        if not isinstance(heard, Heard):
            continue
        reported, notes = heard.meaning.reported, call.notes
        if reported and not (notes.identified_by and reported in _OF_OTHERS):
            notes.reported = reported
            raise Over(REPORTED[reported])
        for intent, ending in WISHES.items():
            if intent in heard.meaning.intents:
                raise Over(ending)
