"""Whatever can happen in a call: events made up at random, and a record of what the dialogue did with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from callbot.converse.addressee import Addressee
from callbot.converse.background import Background, Recall
from callbot.converse.commands import Ask, AwaitPickup, Command, HangUp, Page, Say, Transfer, TransferStep
from callbot.converse.dialogue import welfare_call
from callbot.converse.events import (
    Connection,
    Event,
    Heard,
    HungUp,
    Interrupted,
    KeyPressed,
    PickedUp,
    Silence,
    Spoken,
    Unclear,
    WorkerState,
)
from callbot.converse.outcome import Outcome
from callbot.script_files import load_script
from callbot.understand.meaning import (
    AnswerValue,
    Category,
    Intent,
    Level,
    Meaning,
    MemoryKind,
    Reported,
    Request,
    Signal,
    Topic,
)

SCRIPT = load_script(Path(__file__).parents[2] / "prompts/scripts/weekly-checkin.yaml").script
KIM = Addressee("김순자", before=Background(Recall("knee", MemoryKind.CHRONIC, "무릎")))


WORKER = {
    TransferStep.LOOK: (WorkerState.REACHABLE, WorkerState.REACHABLE, WorkerState.NOBODY),
    TransferStep.RING: (WorkerState.RINGING,),
    TransferStep.WAIT: (WorkerState.RINGING, WorkerState.RINGING, WorkerState.JOINED, WorkerState.NOBODY),
    TransferStep.STAND_BY: (WorkerState.JOINED, WorkerState.SPOKE, WorkerState.RINGING, WorkerState.NOBODY),
    TransferStep.GIVE_UP: (WorkerState.NOBODY,),
}
"""What may come of each step of a transfer."""


class Choose(Protocol):
    """A source of arbitrary choices (hypothesis, or a seeded random)."""

    def one_of(self, options: Iterable[object]) -> object: ...

    def happens(self, percent: int) -> bool: ...


def signal(category: Category, level: Level, *, unconfirmed: bool = False) -> Signal:
    return Signal(category, level, f"{category}.{level}", "말", "까닭", "test", "1", unconfirmed=unconfirmed)


def any_heard(choose: Choose, topic: Topic, turn: int) -> Heard:
    intents = {intent for intent in Intent if choose.happens(25 if intent in {Intent.YES, Intent.NO} else 3)}
    machine = bool(intents & {Intent.MACHINE, Intent.ANNOUNCEMENT})
    signals: tuple[Signal, ...] = ()
    if not machine and choose.happens(15):
        category, level = choose.one_of(Category), choose.one_of([Level.WATCH, Level.HIGH, Level.EMERGENCY])
        signals = (signal(category, level, unconfirmed=choose.happens(30)),)  # type: ignore[arg-type]
    answer = choose.one_of([AnswerValue.OK, AnswerValue.BAD, AnswerValue.UNSURE])
    meaning = Meaning(
        topic,
        answer,  # type: ignore[arg-type]
        evidence="말" if choose.happens(80) else None,
        signals=signals,
        requests=(Request("rice", "쌀", turn),) if choose.happens(8) else (),
        intents=frozenset(intents),
        reported=choose.one_of(Reported) if choose.happens(2) else None,  # type: ignore[arg-type]
        said_name=choose.happens(8) and topic is Topic.IDENTITY,
    )
    confidence = 0.3 if choose.happens(10) else 0.9
    said_until = 0.2 if choose.happens(5) else None
    return Heard("말", meaning, confidence, turn, said_until_s=said_until)


def any_reply(choose: Choose, command: Command, turn: int) -> Event:
    match command:
        case AwaitPickup():
            return PickedUp(choose.happens(70))
        case Say(interruptible=interruptible):
            heard = any_heard(choose, Topic.NOTICE, turn) if choose.happens(75) else Unclear("loop", turn)
            if interruptible and choose.happens(10):
                return Interrupted(heard, 0.4)
            return Spoken((heard,) if choose.happens(6) else ())
        case Ask(topic=topic):
            kind = choose.one_of(["heard", "heard", "heard", "heard", "heard", "silence", "unclear", "key"])
            return {
                "heard": any_heard(choose, topic, turn),
                "silence": Silence(6.0),
                "unclear": Unclear("ears_down" if choose.happens(20) else "no_speech", turn),
                "key": KeyPressed(str(choose.one_of("12349#"))),
            }[str(kind)]
        case Transfer(step=step):
            overheard = (any_heard(choose, Topic.NOTICE, turn),) if choose.happens(20) else ()
            return Connection(choose.one_of(WORKER[step]), overheard)  # type: ignore[arg-type]
        case _:
            return None


@dataclass
class Played:
    """One call: what was commanded and what came back, in order."""

    steps: list[tuple[Command, Event]] = field(default_factory=list)
    outcome: Outcome | None = None
    hung_up_after: int | None = None


def play(choose: Choose, *, hang_up_percent: int = 1, at_most: int = 400) -> Played:
    """Hold one call with arbitrary events. Fails if it goes on for ever or speaks after the line has closed."""
    dialogue, played, event = welfare_call(SCRIPT, KIM), Played(), None
    try:
        for turn in range(at_most):
            command = dialogue.send(event)
            if choose.happens(hang_up_percent) and not isinstance(command, Page):
                played.hung_up_after = turn
                played.steps.append((command, None))
                _leave(dialogue, played)
            event = any_reply(choose, command, turn)
            played.steps.append((command, event))
    except StopIteration as stop:
        played.outcome = stop.value
        return played
    raise AssertionError(f"the call did not end within {at_most} commands")


def _leave(dialogue, played: Played) -> None:  # type: ignore[no-untyped-def]
    command = dialogue.throw(HungUp())
    while True:
        assert isinstance(command, Page | HangUp), f"{command} after the line was gone"
        played.steps.append((command, None))
        command = dialogue.send(None)


def heard_in(event: Event) -> tuple[Heard, ...]:
    """All that was understood as words in one event."""
    match event:
        case Heard():
            found: tuple[object, ...] = (*event.overheard, event)
        case Interrupted(heard, _, overheard):
            found = (*overheard, heard)
        case Spoken(overheard):
            found = overheard
        case _:
            found = ()
    return tuple(one for one in found if isinstance(one, Heard))
