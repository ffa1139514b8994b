"""A call held without a telephone: the real dialogue and understanding, with somebody's typed or scripted answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from callbot.assess.assessment import Assessment, assess
from callbot.converse.addressee import Addressee
from callbot.converse.advice import Advice, Situation
from callbot.converse.commands import Ask, AwaitPickup, Command, Consult, HangUp, Line, Page, Say, TakeAdvice, Transfer
from callbot.converse.dialogue import welfare_call
from callbot.converse.events import (
    Advised,
    Connection,
    Consulted,
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
from callbot.converse.script import Script
from callbot.converse.transcript import Turn
from callbot.simulate.answering import Answer, Answering, KnownLine
from callbot.simulate.persona import Persona, Pickup
from callbot.understand.meaning import Signal, Topic
from callbot.understand.understander import Understander

Advise = Callable[[Situation], Advice | None]
"""A model's advice on one reply, waited for; None: there is none."""


@dataclass(frozen=True)
class Did:
    """What the person did at a line."""

    text: str = ""
    """Empty, with no key: silence."""
    key: str = ""
    confidence: float = 1.0
    unclear: bool = False
    hangs_up: bool = False
    """After having spoken, or at once where there is nothing to say."""


class Recipient(Protocol):
    """Somebody on the other end."""

    def pickup(self) -> str:
        """What is said on picking up; empty: nothing."""

    def over(self, line: Line, topic: Topic) -> Did | None:
        """What is done while a line that asks nothing is spoken; None: nothing."""

    def answer(self, line: Line, topic: Topic) -> Did:
        """What is done when a question has been put."""


@dataclass
class Rehearsal:
    """A call that was rehearsed."""

    turns: list[Turn] = field(default_factory=list)
    pages: list[tuple[Signal, ...]] = field(default_factory=list)
    outcome: Outcome | None = None
    assessment: Assessment | None = None


@dataclass
class _Stage:
    addressee: Addressee
    understander: Understander
    recipient: Recipient
    show: Callable[[str, str], None]
    advise: Advise | None = None
    advice: Advice | None = None
    rehearsal: Rehearsal = field(default_factory=Rehearsal)
    picked_up_with: str = ""

    def perform(self, command: Command) -> Event:
        match command:
            case AwaitPickup():
                self.picked_up_with = self.recipient.pickup()
                return PickedUp(bool(self.picked_up_with), advised=self.advise is not None)
            case Say(line=line, topic=topic):
                self._speak(line, None)
                return self._over(line, topic)
            case Ask(line=line, topic=topic):
                self._speak(line, topic)
                return self._answered(self.recipient.answer(line, topic), line, topic)
            case Page(signals=signals):
                self.rehearsal.pages.append(signals)
                for signal in signals:
                    mark = " 미확인" if signal.unconfirmed else ""
                    self.show("page", f"{signal.category}/{signal.level}{mark}: {signal.reason}")
                return None
            case HangUp(reason=reason):
                self.show("end", reason)
                return None
            case Consult() | TakeAdvice() | Transfer():
                return self._consider(command)
            case _:
                assert_never(command)

    def _consider(self, command: Consult | TakeAdvice | Transfer) -> Consulted | Advised | Connection:
        if isinstance(command, Transfer):
            return Connection(WorkerState.NOBODY)  # a rehearsal rings nobody
        if isinstance(command, Consult):
            self.advice = self.advise(command.situation) if self.advise else None
            return Consulted(self.advice is not None)
        advice, self.advice = self.advice, None
        return Advised(advice)

    def _speak(self, line: Line, topic: Topic | None) -> None:
        self.rehearsal.turns.append(Turn(len(self.rehearsal.turns), "bot", line.text, topic, line_id=line.id))
        self.show("bot", line.text)

    def _over(self, line: Line, topic: Topic) -> Event:
        if self.picked_up_with:
            first, self.picked_up_with = self.picked_up_with, ""
            return Spoken((self._heard(first, Topic.NOTICE, "", 1.0),))
        did = self.recipient.over(line, topic)
        if did is None:
            return Spoken()
        if did.hangs_up and not did.text:
            raise HungUp
        heard = self._heard(did.text, topic, line.text, did.confidence)
        if did.hangs_up:
            raise HungUp(overheard=(heard,))
        return Interrupted(heard, 0.5)

    def _answered(self, did: Did, line: Line, topic: Topic) -> Event:
        if did.key:
            return KeyPressed(did.key[0])
        if did.unclear:
            turn = Turn(len(self.rehearsal.turns), "person", "", topic, rejected="no_speech")
            self.rehearsal.turns.append(turn)
            return Unclear("no_speech", turn.index)
        if not did.text:
            if did.hangs_up:
                raise HungUp
            return Silence(6.0)
        heard = self._heard(did.text, topic, line.text, did.confidence)
        if did.hangs_up:
            raise HungUp(overheard=(heard,))
        return heard

    def _heard(self, text: str, topic: Topic, question: str, confidence: float) -> Heard:
        index = len(self.rehearsal.turns)
        self.rehearsal.turns.append(Turn(index, "person", text, topic, confidence=confidence))
        self.show("person", text)
        name = self.addressee.name
        meaning = self.understander.hear(text, topic, question=question, turn=index, confidence=confidence, name=name)
        return Heard(text, meaning, confidence, index)


def rehearse(
    script: Script,
    addressee: Addressee,
    understander: Understander,
    recipient: Recipient,
    show: Callable[[str, str], None],
    advise: Advise | None = None,
) -> Rehearsal:
    """Hold the call to its end. `show` is told (who, text) of everything: bot, person, page, end. `advise`: a model."""
    stage = _Stage(addressee, understander, recipient, show, advise)
    dialogue, event = welfare_call(script, addressee), None
    try:
        while True:
            command = dialogue.send(event)
            try:
                event = stage.perform(command)
            except HungUp as hung_up:
                show("end", "hung_up")
                command = dialogue.throw(hung_up)
                while True:
                    stage.perform(command)
                    command = dialogue.send(None)
    except StopIteration as stop:
        outcome: Outcome = stop.value
    rehearsal = stage.rehearsal
    rehearsal.outcome = outcome
    rehearsal.assessment = assess(rehearsal.turns, outcome.signals, outcome.answers, outcome.requests)
    return rehearsal


class PersonaRecipient:
    """A virtual recipient (prompts/personas), by what it would say on the telephone."""

    def __init__(self, persona: Persona, call: int = 0) -> None:
        self.persona = persona
        self.met = persona.met_by(call)
        self._answering = Answering(persona, self.met)

    @property
    def answers(self) -> bool:
        """Whether a call gets as far as a conversation."""
        return self.met in {Pickup.ANSWER, Pickup.OTHER_ANSWERS, Pickup.VOICEMAIL}

    def pickup(self) -> str:
        """The first words on the line."""
        return self.persona.voicemail.greeting if self.met is Pickup.VOICEMAIL else self._answering.speaker.pickup

    def over(self, line: Line, topic: Topic) -> Did | None:
        """Barge-in."""
        known = KnownLine(line.id, line.text, topic.value, "")
        return self._give(self._answering.over(known))

    def answer(self, line: Line, topic: Topic) -> Did:
        """The entry of `says` for this line."""
        if self.met is Pickup.VOICEMAIL:
            return Did()
        # A question put under NOTICE ("들리세요?") still waits for an answer; what the persona says to it is its default.
        asked = topic.value if topic is not Topic.NOTICE else line.id
        return self._give(self._answering.plan(KnownLine(line.id, line.text, asked, ""))) or Did()

    def _give(self, planned: Answer | None) -> Did | None:
        if planned is None:
            return None
        self._answering.given(planned)
        utterance = planned.utterance
        return Did(utterance.say, utterance.press, hangs_up=self._answering.hangs_up_now(planned))
