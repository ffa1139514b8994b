"""What is said to a grave signal: fixed lines approved by people, never generated, never a promise."""

from dataclasses import replace
from enum import Enum

from callbot.converse.commands import Page
from callbot.converse.endings import EmergencyHeard
from callbot.converse.events import Heard
from callbot.converse.exchange import Conversation, Hearing, Talk, mind_wishes, put, utter
from callbot.converse.transfer import offer_worker
from callbot.understand.meaning import AnswerValue, Category, Intent, Level, Signal, Topic

_KINDS = {
    Category.SUICIDE: "suicide",
    Category.MEDICAL: "medical",
    Category.FALL: "medical",
    Category.PAIN: "medical",
    Category.MEDICINE: "medical",
    Category.ALCOHOL: "medical",
    Category.ABUSE: "abuse",
}
_ORDER = ("medical", "suicide", "abuse", "generic")
"""A body in danger first: 119 before 109."""

_ENDS_CALLS = frozenset({Category.SUICIDE, Category.MEDICAL, Category.ABUSE, Category.FALL})
"""High signals of these kinds may be why the line closed."""

_ONE_LOWER = {Level.EMERGENCY: Level.HIGH, Level.HIGH: Level.WATCH}


class Clarified(Enum):
    """What the person said to a clarifying question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def emergencies(signals: tuple[Signal, ...] | list[Signal]) -> tuple[Signal, ...]:
    """Those that need a human within minutes."""
    return tuple(signal for signal in signals if signal.level is Level.EMERGENCY)


def kinds_of(signals: tuple[Signal, ...]) -> tuple[str, ...]:
    """Which lines these signals need, the most urgent first."""
    found = {_KINDS.get(signal.category, "generic") for signal in signals}
    return tuple(kind for kind in _ORDER if kind in found)


def attend(call: Conversation, signals: tuple[Signal, ...], *, confirmed: bool) -> Talk[None]:
    """An emergency: from here to the end only crisis lines; the routine is not taken up again."""
    kinds = kinds_of(signals)
    first = kinds[0]
    yield from _tell(call, f"crisis.{first}.heard")
    for kind in kinds:
        yield from _tell(call, f"crisis.{kind}.number")
    if not confirmed:
        hearing = yield from put(call, f"crisis.{first}.confirm.ask", Topic.CONFIRM)
        if not isinstance(hearing.reply, Heard):
            yield from put(call, f"crisis.{first}.confirm.simpler", Topic.CONFIRM)
    for kind in kinds_of(emergencies(call.notes.signals)):
        yield from _tell(call, f"crisis.{kind}.number")
    yield from offer_worker(call)
    if not call.with_worker:
        yield from _tell(call, f"crisis.{first}.close")


def hung_up_in_crisis(call: Conversation) -> tuple[Signal, ...]:
    """A hang-up after a crisis signal is a crisis: what was said, raised to an emergency.

    After an emergency always; after a high signal where the line closes before another question was answered.
    """
    notes = call.notes
    if notes.closing or call.with_worker:
        return ()
    fresh = call.grave_at_ask is not None and call.asks - call.grave_at_ask <= 1
    worst = emergencies(notes.signals) or tuple(
        signal for signal in notes.signals if fresh and signal.level is Level.HIGH and signal.category in _ENDS_CALLS
    )
    if not worst:
        return ()
    return (
        replace(
            worst[0],
            level=Level.EMERGENCY,
            rule="hang_up_after_crisis",
            reason="위기 신호를 말씀하신 뒤 통화가 끊어졌습니다.",
            detector="hang_up",
            unconfirmed=False,
        ),
    )


def take_seriously(call: Conversation, signals: tuple[Signal, ...]) -> Talk[None]:
    """A high signal: say that it was heard and that a human is being told; then the call goes on gently.

    A wish to be dead is asked about once, in fixed words; a yes makes it an emergency.
    """
    high = tuple(signal for signal in signals if signal.level is Level.HIGH)
    for kind in kinds_of(high):
        heard = yield from _tell(call, f"crisis.{kind}.serious")
        if heard:
            raise EmergencyHeard(heard)
    suicidal = tuple(signal for signal in high if signal.category is Category.SUICIDE)
    if not suicidal or "crisis.suicide.confirm.ask" in call.told:
        return
    call.told.add("crisis.suicide.confirm.ask")
    clarified = yield from _clarify(call, "crisis.suicide.confirm.ask", "crisis.suicide.confirm.simpler")
    if clarified is Clarified.YES:
        reason = "살고 싶지 않다는 말씀에 되물었을 때, 지금도 죽고 싶은 생각이 든다고 답했습니다."
        raised = tuple(replace(signal, level=Level.EMERGENCY, reason=reason, detector="asked") for signal in suicidal)
        call.notes.amend(suicidal, raised)
        yield Page(raised)
        raise EmergencyHeard(raised, confirmed=True)
    heard = yield from _tell(call, "acknowledge.more")
    if heard:
        raise EmergencyHeard(heard)


def ask_whose_wish(call: Conversation, signals: tuple[Signal, ...]) -> Talk[None]:
    """A suicidal word that guards brought down to watch (denied, another's, long ago): asked about once all the same.

    A yes makes it an emergency; an answer that is none makes it high; a no leaves it at watch. Raises EmergencyHeard.
    """
    if not signals or "crisis.suicide.confirm.ask" in call.told:
        return
    call.told.add("crisis.suicide.confirm.ask")
    clarified = yield from _clarify(call, "crisis.suicide.confirm.ask", "crisis.suicide.confirm.simpler")
    if clarified is not Clarified.NO:
        yes = clarified is Clarified.YES
        level = Level.EMERGENCY if yes else Level.HIGH
        said = "그렇다고 답했습니다" if yes else "분명히 답하지 않았습니다"
        reason = f"죽음을 말씀하셔서 지금도 죽고 싶은 생각이 드는지 되물었을 때, {said}."
        raised = tuple(replace(signal, level=level, reason=reason, detector="asked") for signal in signals)
        call.notes.amend(signals, raised)
        yield Page(raised)
        if yes:
            raise EmergencyHeard(raised, confirmed=True)
    heard = yield from _tell(call, "acknowledge.more")
    if heard:
        raise EmergencyHeard(heard)


def check_heard_right(call: Conversation, signals: tuple[Signal, ...]) -> Talk[bool]:
    """Something grave was hardly heard and is already paged as 미확인: ask, and amend the page.

    False where the person says it was misheard; the signal is then one level lower, never gone.
    Raises EmergencyHeard unless an emergency is denied: no answer is no denial.
    """
    line_id = f"crisis.{kinds_of(signals)[0]}.heard_right"
    clarified = yield from _clarify(call, line_id, line_id)
    if clarified is Clarified.NO:
        lower = tuple(_denied(signal) for signal in signals)
        call.notes.amend(signals, lower)
        yield Page(lower)
        hearing = yield from utter(call, "repair.misheard")
        if emergencies(hearing.grave):
            raise EmergencyHeard(emergencies(hearing.grave))
        return False
    if clarified is Clarified.YES:
        sure = tuple(replace(signal, unconfirmed=False) for signal in signals)
        call.notes.amend(signals, sure)
        yield Page(sure)
        signals = sure
    if emergencies(signals):
        raise EmergencyHeard(emergencies(signals), confirmed=True)
    return True


def _denied(signal: Signal) -> Signal:
    guards = (*signal.guards, "denied_when_asked")
    return replace(signal, level=_ONE_LOWER[signal.level], unconfirmed=False, guards=guards)


def _clarify(call: Conversation, line_id: str, simpler_id: str) -> Talk[Clarified]:
    """Ask yes or no; once more where nothing was understood. Raises EmergencyHeard where the reply holds a new one."""
    for asked in (line_id, simpler_id):
        hearing = yield from put(call, asked, Topic.CONFIRM)
        if emergencies(hearing.grave):
            raise EmergencyHeard(emergencies(hearing.grave), confirmed=read(hearing) is Clarified.YES)
        mind_wishes(call, hearing.utterances)
        clarified = read(hearing)
        if clarified is not Clarified.UNKNOWN:
            return clarified
    return Clarified.UNKNOWN


def read(hearing: Hearing) -> Clarified:
    """Yes means: it is so (the clarifying questions are worded that way)."""
    if not isinstance(hearing.reply, Heard):
        return Clarified.UNKNOWN
    meaning = hearing.reply.meaning
    if meaning.answer in (AnswerValue.OK, AnswerValue.BAD):
        return Clarified.YES if meaning.answer is AnswerValue.BAD else Clarified.NO
    yes, no = Intent.YES in meaning.intents, Intent.NO in meaning.intents
    if yes == no:
        return Clarified.UNKNOWN
    return Clarified.YES if yes else Clarified.NO


def _tell(call: Conversation, line_id: str) -> Talk[tuple[Signal, ...]]:
    """Say a crisis line once; where the person spoke over it, listen, then say it to its end. Gives new emergencies."""
    if line_id in call.told:
        return ()
    call.told.add(line_id)
    hearing = yield from utter(call, line_id)
    found = emergencies(hearing.grave)
    if hearing.reply is not None and not found:
        hearing = yield from utter(call, line_id, interruptible=False)
        found = emergencies(hearing.grave)
    return found
