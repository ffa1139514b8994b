"""One conversation over one live line: performs the dialogue's commands, saves every turn, pages while it talks."""

import asyncio
from collections.abc import Generator
from dataclasses import replace
from typing import assert_never

import structlog

from callbot.converse.commands import Ask, AwaitPickup, Command, Consult, HangUp, Line, Page, Say, TakeAdvice, Transfer
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
from callbot.converse.notes import is_grave
from callbot.converse.outcome import Outcome
from callbot.converse.transcript import Turn
from callbot.line.happenings import LineClosed, Utterance
from callbot.listen.utterance import Transcript
from callbot.talk.advising import CallAdvice
from callbot.talk.aided_clip import Adjust, aided
from callbot.talk.backchannels import ask_through, say_through
from callbot.talk.line_ports import Connecting, LiveLine
from callbot.talk.ports import EarsDown, Hear, Record, Voice
from callbot.understand.meaning import Topic

LONGEST_CALL_S = 600.0
"""Hard limit (facts/korea.md, row 23); a dialogue ends itself long before."""
OVERHEARD_WAIT_S = 2.0
"""How long a reply waits for the words of something that was only overheard; later, they come with the next reply."""
LAST_WAIT_S = 10.0
"""The same once the line is closed: nobody is kept waiting any more."""

log = structlog.get_logger()


async def hold_call(
    dialogue: Generator[Command, Event, Outcome],
    line: LiveLine,
    voice: Voice,
    record: Record,
    hear: Hear,
    *,
    longest_s: float = LONGEST_CALL_S,
    advice: CallAdvice | None = None,
    connecting: Connecting | None = None,
    adjust: Adjust = aided,
) -> Outcome:
    """Hold the conversation to its end, whoever ends it. Leaves hanging up to the dialogue's HangUp.

    `connecting`: how a worker is brought in; None: nobody can be. `adjust`: makes a clip what this listener needs."""
    conversation = Conversation(line, voice, record, hear, advice, connecting, adjust)
    try:
        async with asyncio.timeout(longest_s):
            return await conversation.run(dialogue)
    except TimeoutError:
        log.warning("call_too_long", seconds=longest_s)
        await line.hang_up()
        return _throw(dialogue, HungUp(by="network"), record)
    finally:
        if connecting is not None:
            await connecting.close()


def _throw(dialogue: Generator[Command, Event, Outcome], what: HungUp, record: Record) -> Outcome:
    """Tell the dialogue that the line is gone. It may still page (a hang-up after a crisis signal), then returns."""
    try:
        command = dialogue.throw(what)
        while True:
            if isinstance(command, Page):
                record.page(command.signals)
            elif not isinstance(command, HangUp):
                message = f"the dialogue wanted {type(command).__name__} after the line was gone"
                raise RuntimeError(message)  # noqa: TRY004 - a broken promise of the dialogue
            command = dialogue.send(None)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


class Conversation:
    """The state of one conversation: the number of its next turn, and what was asked last."""

    def __init__(
        self,
        line: LiveLine,
        voice: Voice,
        record: Record,
        hear: Hear,
        advice: CallAdvice | None = None,
        connecting: Connecting | None = None,
        adjust: Adjust = aided,
    ) -> None:
        self._line = line
        self._advice = advice
        self._voice = voice
        self._record = record
        self._hear = hear
        self._connecting = connecting
        self._adjust = adjust
        self._turns = 0
        self._late: tuple[Utterance, ...] = ()
        """Overheard, and their words were not there in time."""

    async def run(self, dialogue: Generator[Command, Event, Outcome]) -> Outcome:
        """Resume the dialogue with what happened until it returns."""
        event: Event = None
        while True:
            try:
                command = dialogue.send(event)
            except StopIteration as stop:
                outcome: Outcome = stop.value
                await self._last_words()
                return outcome
            try:
                event = await self._perform(command)
            except LineClosed:
                overheard = await self._overheard(self._line.take_overheard(), LAST_WAIT_S)
                return _throw(dialogue, HungUp(overheard=overheard), self._record)

    async def _last_words(self) -> None:
        """What was said over the goodbye, or was understood too late for the dialogue: a crisis is still a crisis."""
        heard = await self._overheard(self._line.take_overheard(), LAST_WAIT_S)
        found = [signal for one in heard if isinstance(one, Heard) for signal in one.meaning.signals]
        if grave := tuple(signal for signal in found if is_grave(signal)):
            self._record.page(grave)

    async def _perform(self, command: Command) -> Event:
        match command:
            case AwaitPickup(silence_s=silence_s):
                spoke = await self._line.await_pickup(silence_s)
                return PickedUp(spoke, advised=self._advice is not None)
            case Say():
                return await self._say(command)
            case Ask():
                return await self._ask(command)
            case Page(signals=signals):
                self._record.page(signals)
                return None
            case HangUp():
                await self._line.hang_up()
                return None
            case Transfer() | Consult() | TakeAdvice():
                return await self._beside(command)
            case _:
                assert_never(command)

    async def _beside(self, command: Transfer | Consult | TakeAdvice) -> Connection | Consulted | Advised:
        """What others do for the call meanwhile: a worker on the way in, a model that thinks."""
        if isinstance(command, Consult):
            return Consulted(self._advice is not None and self._advice.consult(command.situation))
        if isinstance(command, TakeAdvice):
            return await self._advice.take(command.wait_s) if self._advice is not None else Advised()
        if self._connecting is None:
            return Connection(WorkerState.NOBODY)
        worker, heard = await self._connecting.perform(command, self._line)
        return Connection(worker, await self._overheard(heard))

    async def _say(self, command: Say) -> Spoken | Interrupted:
        index = self._bot_turn(command.line, None)
        said = await say_through(self._line, self._clip(command.line), interruptible=command.interruptible)
        overheard = await self._overheard(said.overheard)
        if said.took_turn is None:
            return Spoken(overheard)
        self._bot_turn(command.line, None, index=index, began_s=said.began_s, said_until_s=said.said_until_s)
        heard = await self._words(said.took_turn, command.topic, command.line.text, said.said_until_s)
        return Interrupted(heard, said.said_until_s or 0.0, overheard)

    async def _ask(self, command: Ask) -> Heard | Unclear | Silence | KeyPressed:
        index = self._bot_turn(command.line, command.topic)
        listen = replace(command.listen, topic=command.topic.value)
        answered = await ask_through(self._line, self._clip(command.line), listen)
        overheard = await self._overheard(answered.overheard)
        if answered.said_until_s is not None:
            began_s, until_s = answered.began_s, answered.said_until_s
            self._bot_turn(command.line, command.topic, index=index, began_s=began_s, said_until_s=until_s)
        if answered.digit is not None:
            return KeyPressed(answered.digit, overheard=overheard)
        if answered.utterance is not None:
            heard = await self._words(answered.utterance, command.topic, command.line.text, answered.said_until_s)
            return replace(heard, overheard=overheard)
        return Silence(answered.silence_s or 0.0, overheard=overheard)

    def _clip(self, line: Line) -> bytes:
        clip = self._voice.clip(line.text, slow=line.slow)
        if clip is None:  # admission renders every line of the script first: this is a fault of ours, not of the call
            log.error("line_not_rendered", line=line.id)
            return b""
        return self._adjust(clip, line.aid, slow=line.slow)

    def _bot_turn(
        self,
        line: Line,
        topic: Topic | None,
        *,
        index: int | None = None,
        began_s: float | None = None,
        said_until_s: float | None = None,
    ) -> int:
        if index is None:
            index = self._next_index()
        began_s = self._line.seconds() if began_s is None else began_s
        clip = self._clip(line)
        seconds = len(clip) / 8000 if clip else None
        self._record.turn(
            Turn(
                index,
                "bot",
                line.text,
                topic,
                audio_offset_s=began_s,
                seconds=seconds,
                said_until_s=said_until_s,
                line_id=line.id,
            )
        )
        return index

    def _next_index(self) -> int:
        self._turns += 1
        return self._turns - 1

    async def _overheard(
        self, utterances: tuple[Utterance, ...], wait_s: float = OVERHEARD_WAIT_S
    ) -> tuple[Heard | Unclear, ...]:
        if self._connecting is not None and self._connecting.in_room:
            self._late = ()
            return ()
        waiting = (*self._late, *utterances)
        await _known(waiting, wait_s)
        self._late = () if wait_s == LAST_WAIT_S else tuple(one for one in waiting if not one.words.done())
        return tuple([await self._words(one, Topic.NOTICE, "", None) for one in waiting if one not in self._late])

    async def _words(
        self,
        utterance: Utterance,
        topic: Topic,
        question: str,
        said_until_s: float | None,
    ) -> Heard | Unclear:
        """Save what was said and understand it."""
        index = self._next_index()
        offset = round(utterance.start_s, 2)
        transcript = await _transcript(utterance)
        self._record.turn(
            Turn(
                index,
                "person",
                transcript.text,
                topic,
                audio_offset_s=offset,
                seconds=round(utterance.end_s - utterance.start_s, 2),
                confidence=transcript.confidence,
                rejected=transcript.rejected,
            )
        )
        if transcript.rejected is not None:
            return Unclear(transcript.rejected, index, offset)
        meaning = await asyncio.to_thread(
            self._hear,
            transcript.text,
            topic,
            question=question,
            turn=index,
            audio_offset_s=offset,
            confidence=transcript.confidence,
            alternatives=transcript.alternatives,
            by_ear=True,
            weighed=transcript.weighed,
        )
        return Heard(transcript.text, meaning, transcript.confidence, index, offset, said_until_s)


async def _known(utterances: tuple[Utterance, ...], wait_s: float) -> None:
    """Wait for the words of all, together at most so long."""
    words = {one.words for one in utterances}
    if words:
        await asyncio.wait(words, timeout=wait_s)


async def _transcript(utterance: Utterance) -> Transcript:
    """Of what took the turn the words are there; of what was overheard perhaps not, when the line is closed."""
    if utterance.words.cancelled() or not utterance.words.done():
        return Transcript("", 0.0, rejected="ears_late")
    try:
        return utterance.words.result()
    except EarsDown:
        return Transcript("", 0.0, rejected="ears_down")
