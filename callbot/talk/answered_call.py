"""The bot's leg from ringing to the last word: early media, recording, conversation."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from callbot.converse.addressee import Addressee
from callbot.converse.exchange import Talk
from callbot.converse.outcome import Outcome
from callbot.converse.script import Script
from callbot.converse.transcript import Turn
from callbot.line.decoding import Decoding
from callbot.line.early_media import EarlyMedia
from callbot.line.live_line import LiveLine
from callbot.line.ports import Ears, Leg, VoiceActivity
from callbot.line.recording import CallRecording
from callbot.listen.pause_model import policy_for
from callbot.listen.turn import TurnReducer
from callbot.people.numbers import Relation
from callbot.store.database import AWAY, Store
from callbot.store.sealed_file import SealedWriter
from callbot.talk.advising import Advising
from callbot.talk.call_record import CallRecord
from callbot.talk.early_words import announcement_in
from callbot.talk.flight import Flight
from callbot.talk.hold_call import hold_call
from callbot.talk.ports import Voice
from callbot.talk.spoken_ending import EndingByMorphemes
from callbot.talk.transfer_desk import TransferDesk
from callbot.talk.which_dialogue import ACKNOWLEDGEMENT, dialogue_for
from callbot.understand.meaning import Signal
from callbot.understand.understander import Understander
from callbot.workflows.answer_call import record_turn, start_recording
from callbot.workflows.raise_signals import raise_signals

log = structlog.get_logger()


@dataclass(frozen=True)
class Senses:
    """What a call hears, understands and speaks with."""

    ears: Ears
    voice: Voice
    understander: Understander
    voice_activity: Callable[[], VoiceActivity]
    """A fresh state for each call."""
    advising: Advising | None = None
    """A language model beside the calls; None: rules and script alone."""


Shown = Callable[[str, Turn | tuple[Signal, ...]], None]
"""(attempt key, turn or paged signals), as they happen; for a terminal."""


class AnsweredCall:
    """Serves one leg."""

    def __init__(
        self,
        flight: Flight,
        senses: Senses,
        store: Store,
        *,
        now: Callable[[], datetime],
        data_dir: Path,
        show: Shown,
        transfers: TransferDesk | None = None,
    ) -> None:
        self._flight = flight
        self._senses = senses
        self._store = store
        self._now = now
        self._data_dir = data_dir
        self._show = show
        self._transfers = transfers

    async def serve(
        self, leg: Leg, script: Script, addressee: Addressee, dialogue: Talk[Outcome] | None = None
    ) -> None:
        """Until the leg is over. What came of it is in the flight. `dialogue`: other than who is called decides."""
        dialogue = dialogue or dialogue_for(script, addressee, self._flight.order.callee.relation)
        senses = self._senses
        line = LiveLine(
            leg,
            Decoding(senses.ears, EndingByMorphemes(senses.understander.analyser)),
            senses.voice_activity(),
            reducer=TurnReducer(policy_for(self._own_pauses())),
            acknowledgement=senses.voice.clip(ACKNOWLEDGEMENT),
        )
        self._flight.pauses_s = line.pauses.pauses_s
        hearing = asyncio.create_task(line.run(), name="line")
        answered = self._flight.answered
        try:
            either: list[asyncio.Future[Any]] = [hearing, answered]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done():
                await self._read_early_media(line.early_media)
                return
            if not answered.cancelled():  # somebody else holds the attempt: they called us at this very moment
                await self._converse(line, dialogue, addressee, answered.result())
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    def _own_pauses(self) -> tuple[float, ...]:
        """Of the person; a guardian who is called is a stranger."""
        callee = self._flight.order.callee
        return callee.person.pauses_s if callee.relation is Relation.SELF else ()

    async def _converse(self, line: LiveLine, dialogue: Talk[Outcome], addressee: Addressee, call_id: int) -> None:
        recording = await self._recording(call_id)
        line.answered(recording)
        record = CallRecord(partial(self._save_turn, call_id), partial(self._raise_signals, call_id), self._shown)
        writing = asyncio.create_task(record.run(), name="call_record")
        senses = self._senses
        advice = senses.advising.for_call(addressee.name) if senses.advising else None
        voice = advice.voice if advice else senses.voice
        try:
            hear = partial(senses.understander.hear, name=addressee.name)
            connecting = self._transfers.of_call(self._flight.order.key, call_id) if self._transfers else None
            self._flight.outcome = await hold_call(
                dialogue, line, voice, record, hear, advice=advice, connecting=connecting
            )
        finally:
            if advice:
                await advice.close()
            await record.drain()
            writing.cancel()
            self._flight.recording = await asyncio.to_thread(recording.close)

    async def _recording(self, call_id: int) -> CallRecording:
        """A recording that cannot be started is no reason not to talk."""
        order = self._flight.order
        relative = Path("recordings") / f"{self._now():%Y-%m}" / f"call-{call_id}.sealed"
        path = self._data_dir / relative
        key: bytes | None = None
        with contextlib.suppress(OSError, *AWAY):
            path.parent.mkdir(parents=True, exist_ok=True)
            key = await asyncio.to_thread(start_recording, self._store, call_id, order.token, str(relative))

        def open_sink() -> SealedWriter:
            if key is None:
                raise OSError
            return SealedWriter(path, key)

        return await asyncio.to_thread(CallRecording, open_sink, relative, attempt=order.key)

    def _shown(self, what: Turn | tuple[Signal, ...]) -> None:
        if isinstance(what, Turn):
            self._flight.turns[what.index] = what
        else:
            self._flight.signals += what
        self._show(self._flight.order.key, what)

    def _save_turn(self, call_id: int, turn: Turn) -> None:
        record_turn(self._store, call_id, self._flight.order.token, turn, self._now())

    def _raise_signals(self, call_id: int, signals: tuple[Signal, ...]) -> None:
        raise_signals(self._store, call_id, signals, self._now())

    async def _read_early_media(self, early: EarlyMedia | None) -> None:
        self._flight.announcement = await announcement_in(early, self._senses.understander) if early else None
