"""What the network plays before anybody answers: 컬러링, ringback, an announcement. Never the person."""

import asyncio

import numpy as np

from callbot.line.decoding import Decoding
from callbot.line.g711 import alaw_to_pcm
from callbot.line.ports import VoiceActivity
from callbot.listen.decisions import Overheard
from callbot.listen.tones import Tone, ToneListener
from callbot.listen.turn import STEP_S, TurnReducer
from callbot.listen.utterance import Transcript

KEEP_S = 60.0
"""An announcement repeats itself; nobody rings longer."""
LONGEST_S = 8.0
"""An announcement without a pause is decoded in pieces of this length,"""
OVERLAP_S = 3.0
"""which overlap by so much: what is cut in two in one piece is whole in another."""
AGAIN_S = 12.0
"""At the end, as much of what was said last is decoded once more in one piece: a small recogniser hears other words then."""
MOST_PIECES = 12
"""An announcement has repeated itself by then; music with a voice in it must not keep the ears busy."""


class EarlyMedia:
    """Listens before the answer; its words tell an announcement from plain ringing."""

    def __init__(self, decoding: Decoding, voice_activity: VoiceActivity) -> None:
        self._decoding = decoding
        self._vad = voice_activity
        self._reducer = TurnReducer()
        self._tones = ToneListener()
        self._heard = bytearray()
        self._frames = 0
        self._began: float | None = None
        self._first: float | None = None
        self._last = 0.0
        self.words: list[asyncio.Future[Transcript]] = []
        """Of everything that sounded like speech, in order."""

    @property
    def tones(self) -> frozenset[Tone]:
        """Of the network, so far."""
        return frozenset(self._tones.told)

    def hear(self, alaw: bytes) -> None:
        """20 ms of early media."""
        if self._frames * STEP_S > KEEP_S:
            return
        self._heard += alaw
        self._frames += 1
        at = self._frames * STEP_S
        pcm = alaw_to_pcm(alaw)
        self._tones.step(pcm)
        for decision in self._reducer.step(at, self._vad.step(pcm), playing=False):
            if isinstance(decision, Overheard):
                self._decode(decision.start_s, decision.end_s)
                self._began = None
        if self._reducer.speaking:
            self._began = at if self._began is None else self._began
            if at - self._began >= LONGEST_S:
                self._decode(self._began, at)
                self._began = at - OVERLAP_S

    def finish(self) -> None:
        """The call ended without an answer: what was being said counts too."""
        if self._began is not None:
            self._decode(self._began, self._frames * STEP_S)
            self._began = None
        if self._first is not None and len(self.words) > 1:
            self._decode(max(self._first, self._last - AGAIN_S), self._last, again=True)

    def _decode(self, start_s: float, end_s: float, *, again: bool = False) -> None:
        if len(self.words) >= MOST_PIECES and not again:
            return
        self._first = start_s if self._first is None else self._first
        self._last = end_s
        heard = bytes(self._heard[int(start_s * 8000) : int(end_s * 8000)])
        self.words.append(self._decoding.aside(np.asarray(alaw_to_pcm(heard))))
