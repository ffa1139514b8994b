"""The recording of one call: WAV, 8 kHz, 16 bit, left the person, right the bot; written as it grows."""

import contextlib
import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import structlog

from callbot.line.g711 import ALAW_SILENCE, alaw_to_pcm

log = structlog.get_logger()

RATE = 8000
BLOCK_S = 10
"""Held in memory before it is written."""
BYTES_A_SECOND = RATE * 4
HEADER_BYTES = 44
STREAM_BYTES = 0xFFFFFFFF - HEADER_BYTES
"""Length in a header that is written before the length is known; players take it for "to the end"."""


class Sink(Protocol):
    """Append-only plaintext in; encryption is its business."""

    def write(self, plain: bytes) -> None:
        """Append. Raises OSError: a full disk."""

    def close(self) -> None:
        """Make it durable. Raises OSError."""


@dataclass(frozen=True)
class Recording:
    """What was kept of a call."""

    path: Path
    seconds: float
    sha256: str
    """Of the plaintext as written, header included."""
    complete: bool
    """False: the disk failed at some point; what is there ends there."""


def wav_header(data_bytes: int = STREAM_BYTES) -> bytes:
    """The first 44 bytes.

    A recording starts with the header of unknown length. Whoever serves it puts that of its true length in its place:
    `wav_header(size - HEADER_BYTES)` for the first HEADER_BYTES.
    """
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, RATE, BYTES_A_SECOND, 4, 16)
    return struct.pack("<4sI4s", b"RIFF", data_bytes + 36, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)


class CallRecording:
    """The line's Recorder. The person's frames are the clock: a second in it is a second of the call, whatever the bot did.

    Nothing here raises for a failing disk: the recording stops, is marked incomplete, and the call goes on.
    """

    def __init__(self, open_sink: Callable[[], Sink], path: Path, *, attempt: str) -> None:
        """`open_sink` is called once, now; `path` is only passed on; `attempt` names the call in the log."""
        self._path = path
        self._attempt = attempt
        self._sha = hashlib.sha256()
        self._person = bytearray()
        self._bot = bytearray()
        """From the same moment as `_person`; may reach further, into what is queued to be played."""
        self._written = 0
        """Samples a channel that have left `_person` and `_bot`."""
        self._clips: dict[str, int] = {}
        """Mark -> first sample."""
        self._sink: Sink | None = None
        self._failed = False
        try:
            self._sink = open_sink()
        except OSError as error:
            self._fail(error)
        self._put(wav_header())

    def person(self, alaw: bytes) -> None:
        """The next frame of the person."""
        self._person += alaw
        if len(self._person) >= BLOCK_S * RATE:
            self._write_out()

    def bot(self, alaw: bytes, mark: str) -> None:
        """A clip whose play begins now, or when what is queued before it is over."""
        self._bot = self._bot.ljust(len(self._person), bytes([ALAW_SILENCE]))
        self._clips[mark] = self._written + len(self._bot)
        self._bot += alaw

    def bot_stopped(self, mark: str, played_s: float) -> None:
        """That clip was cut short, and what was queued behind it with it."""
        end = self._clips.get(mark, self._written) + round(played_s * RATE) - self._written
        del self._bot[max(end, 0) :]

    def close(self) -> Recording:
        """Write the rest and make it durable (an fsync: call it from a thread)."""
        self._write_out()
        sink, self._sink = self._sink, None
        if sink is not None:
            try:
                sink.close()
            except OSError as error:
                self._fail(error)
        return Recording(self._path, self._written / RATE, self._sha.hexdigest(), not self._failed)

    def _write_out(self) -> None:
        count = len(self._person)
        bot = bytes(self._bot[:count]).ljust(count, bytes([ALAW_SILENCE]))
        stereo = np.stack([alaw_to_pcm(bytes(self._person)), alaw_to_pcm(bot)], axis=1).astype("<i2")
        del self._bot[:count]
        self._person.clear()
        if self._put(stereo.tobytes()):
            self._written += count

    def _put(self, plain: bytes) -> bool:
        if self._sink is None:
            return False
        try:
            self._sink.write(plain)
        except OSError as error:
            self._fail(error)
            return False
        self._sha.update(plain)
        return True

    def _fail(self, error: OSError) -> None:
        sink, self._sink = self._sink, None
        self._failed = True
        log.error("recording.stopped", attempt=self._attempt, errno=error.errno)
        if sink is not None:
            with contextlib.suppress(OSError):
                sink.close()
