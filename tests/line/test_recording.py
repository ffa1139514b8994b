"""The two-channel recording of a call."""

import errno
import hashlib
import io
import wave
from pathlib import Path

import numpy as np
import pytest
import structlog
from numpy.typing import NDArray

from callbot.line.g711 import alaw_to_pcm, pcm_to_alaw
from callbot.line.recording import HEADER_BYTES, CallRecording, Recording, wav_header

FRAME = 160


class Memory:
    """A sink in memory that fails as a full disk does, once it holds `room` bytes."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.plain = bytearray()
        self.room = room
        self.closed = False
        self.largest = 0

    def write(self, plain: bytes) -> None:
        if len(self.plain) + len(plain) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.plain += plain
        self.largest = max(self.largest, len(plain))

    def close(self) -> None:
        self.closed = True


def level(value: int, frames: int) -> bytes:
    return pcm_to_alaw(np.full(frames * FRAME, value, np.int16))


def recorder(sink: Memory) -> CallRecording:
    return CallRecording(lambda: sink, Path("call.wav"), attempt="a1")


def samples(sink: Memory) -> NDArray[np.int16]:
    return np.frombuffer(bytes(sink.plain[HEADER_BYTES:]), "<i2").reshape(-1, 2)


def test_person_left_bot_right_where_it_was_played() -> None:
    """A clip played after 1 s of listening begins at exactly 1 s on the right channel."""
    sink = Memory()
    recording = recorder(sink)
    for _ in range(50):
        recording.person(level(1000, 1))
    recording.bot(level(-2000, 25), "m1")
    for _ in range(50):
        recording.person(level(1000, 1))
    kept = recording.close()
    left, right = samples(sink).T
    assert set(left) == set(alaw_to_pcm(level(1000, 1)))
    spoken = int(alaw_to_pcm(level(-2000, 1))[0])
    assert np.flatnonzero(right == spoken).tolist() == list(range(8000, 12000))
    assert kept == Recording(Path("call.wav"), 2.0, hashlib.sha256(bytes(sink.plain)).hexdigest(), complete=True)
    assert sink.closed


def test_a_flushed_clip_ends_where_it_was_cut() -> None:
    """Barge-in: what was not played is not in the recording, nor what was queued behind it."""
    sink = Memory()
    recording = recorder(sink)
    recording.bot(level(-2000, 100), "m1")
    recording.bot(level(-2000, 100), "ack")
    for _ in range(25):
        recording.person(level(0, 1))
    recording.bot_stopped("m1", 0.5)
    for _ in range(300):
        recording.person(level(0, 1))
    recording.close()
    right = samples(sink)[:, 1]
    assert np.flatnonzero(np.abs(right) > 1000).tolist() == list(range(4000))


def test_clips_queue_behind_each_other() -> None:
    """A second clip given while the first plays is recorded after it, not over it."""
    sink = Memory()
    recording = recorder(sink)
    recording.bot(level(2000, 10), "m1")
    recording.bot(level(-4000, 10), "m2")
    for _ in range(20):
        recording.person(level(0, 1))
    recording.close()
    right = samples(sink)[:, 1]
    assert (right[:1600] > 1000).all()
    assert (right[1600:3200] < -3000).all()


def test_memory_is_bounded() -> None:
    """What is held and written at once is 10 s, however long the call."""
    sink = Memory()
    recording = recorder(sink)
    recording.bot(level(2000, 2000), "long")
    for _ in range(3000):
        recording.person(level(0, 1))
    kept = recording.close()
    assert sink.largest == 10 * 8000 * 4
    assert kept.seconds == 60.0
    right = samples(sink)[:, 1]
    assert np.count_nonzero(right > 1000) == 40 * 8000


def test_a_full_disk_stops_the_recording_and_not_the_call() -> None:
    """Incomplete, the sha256 of what is there, one log line with no word of the call."""
    sink = Memory(room=400_000)
    recording = recorder(sink)
    with structlog.testing.capture_logs() as logs:
        for _ in range(3000):
            recording.person(level(0, 1))
        recording.bot(level(2000, 10), "m")
        recording.bot_stopped("m", 0.1)
        kept = recording.close()
    assert not kept.complete
    assert kept.seconds == 10.0
    assert kept.sha256 == hashlib.sha256(bytes(sink.plain)).hexdigest()
    assert logs == [{"event": "recording.stopped", "attempt": "a1", "errno": errno.ENOSPC, "log_level": "error"}]
    assert sink.closed


def test_a_sink_that_cannot_be_opened() -> None:
    """The call goes on without a recording."""

    def full() -> Memory:
        raise OSError(errno.ENOSPC, "No space left on device")

    recording = CallRecording(full, Path("x"), attempt="a1")
    recording.person(level(0, 1))
    kept = recording.close()
    assert (kept.complete, kept.seconds) == (False, 0.0)


@pytest.mark.parametrize("repair", [True, False])
def test_the_header_is_a_wav_header(repair: bool) -> None:
    """Python's wave module reads it: rate, width, channels; with the length put right, exactly the frames there are."""
    sink = Memory()
    recording = recorder(sink)
    for _ in range(10):
        recording.person(level(500, 1))
    recording.close()
    plain = bytes(sink.plain)
    if repair:
        plain = wav_header(len(plain) - HEADER_BYTES) + plain[HEADER_BYTES:]
    with wave.open(io.BytesIO(plain)) as reader:
        assert reader.getparams()[:3] == (2, 2, 8000)
        if repair:
            assert reader.getnframes() == 1600
        assert len(reader.readframes(1600)) == 6400
