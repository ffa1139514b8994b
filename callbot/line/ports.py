"""What the line needs of media and voice activity; adapters implement these."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from callbot.listen.utterance import Transcript

Pcm = NDArray[np.int16]
"""Mono, 8 kHz."""


@dataclass(frozen=True)
class Frame:
    """20 ms of the person's side."""

    alaw: bytes
    """160 bytes, G.711 A-law, 8 kHz."""


@dataclass(frozen=True)
class Digit:
    """A telephone key."""

    digit: str


@dataclass(frozen=True)
class MarkReached:
    """The clip played with this mark was played to its end; never comes for a flushed clip."""

    mark: str


class Leg(Protocol):
    """The bot's side of one call."""

    @property
    def key(self) -> str:
        """The attempt key given at origination."""

    def items(self) -> AsyncIterator[object]:
        """Frame, Digit and MarkReached as they come (others may be ignored); ends when the leg closes."""

    def play(self, alaw: bytes, mark: str) -> None:
        """Queue a whole clip behind what is queued; the exchange paces it."""

    def flush(self) -> None:
        """Drop what is not played yet, at once."""

    def played_s(self, mark: str) -> float:
        """Seconds of that clip that were sent to the person so far."""

    async def hang_up(self) -> None:
        """End the call."""


class Ears(Protocol):
    """Speech recognition."""

    async def transcribe(self, pcm: Pcm, *, topic: str = "") -> Transcript:
        """Words of one utterance, or a rejection. `topic`: what was asked; its usual answers are weighed against what was
        heard. Raises EarsDown."""

    def backlog(self) -> int:
        """Decodes waiting or running; admission control places no call while this is high."""


class EarsDown(RuntimeError):
    """Recognition is not available; the call goes on degraded."""


class VoiceActivity(Protocol):
    """Voice probability of a stream, with its own state per call."""

    def step(self, pcm: Pcm) -> float:
        """Feed 20 ms; the latest probability, 0..1."""


class Recorder(Protocol):
    """The two-channel recording of one call; the person's frames are its clock."""

    def person(self, alaw: bytes) -> None:
        """20 ms of the person."""

    def bot(self, alaw: bytes, mark: str) -> None:
        """A clip that starts to be played now."""

    def bot_stopped(self, mark: str, played_s: float) -> None:
        """That clip was cut short."""


class NoRecorder:
    """Before the answer there is nothing to record."""

    def person(self, alaw: bytes) -> None:
        """Dropped."""

    def bot(self, alaw: bytes, mark: str) -> None:
        """Dropped."""

    def bot_stopped(self, mark: str, played_s: float) -> None:
        """Dropped."""
