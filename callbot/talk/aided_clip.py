"""A rendered line made slower and louder for one listener, in a few milliseconds: nothing is rendered anew.

Slower by overlapping pieces where they fit best (WSOLA), so that the voice keeps its pitch; louder with a soft limit, because a line at
-20 dBFS plus 6 dB has peaks that G.711 cannot carry.
"""

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from callbot.line.g711 import alaw_to_pcm, pcm_to_alaw
from callbot.people.hearing_aid import NO_AID, HearingAid

Samples = NDArray[np.float32]
PIECE = 240
"""30 ms: two to six periods of a voice."""
HOP = PIECE // 2
SEARCH = 80
"""10 ms either way: one period of a low voice."""
KNEE = 0.5
"""Of full scale; below it nothing is bent."""
SLOW_SPEED, SLOW_DB = 0.8, 3.0
"""What the voice renders into a line that is marked slow (adapters/kokoro.py): not done twice."""
_KEPT = 128


class Adjust(Protocol):
    """A clip as one listener needs it."""

    def __call__(self, alaw: bytes, aid: HearingAid, *, slow: bool = False) -> bytes:
        """`slow`: it was rendered slow already."""


def aided(alaw: bytes, aid: HearingAid, *, slow: bool = False) -> bytes:
    """The clip as this listener needs it. `slow`: it was rendered slow and 3 dB louder already."""
    if aid == NO_AID or not alaw:
        return alaw
    speed = min(1.0, aid.speed / SLOW_SPEED) if slow else aid.speed
    louder_db = max(0.0, aid.louder_db - SLOW_DB) if slow else aid.louder_db
    return _aided(alaw, speed, louder_db)


@lru_cache(_KEPT)
def _aided(alaw: bytes, speed: float, louder_db: float) -> bytes:
    samples = alaw_to_pcm(alaw).astype(np.float32) / np.float32(32768)
    if speed != 1.0:
        samples = stretched(samples, speed)
    if louder_db:
        samples = limited(samples * np.float32(10 ** (louder_db / 20)))
    return pcm_to_alaw(np.asarray(np.round(samples * 32767), np.int16))


def stretched(samples: Samples, speed: float) -> Samples:
    """`1 / speed` times as long, at the same pitch."""
    count = max(1, round((len(samples) / speed - PIECE) / HOP) + 1)
    padded = np.concatenate([np.zeros(SEARCH, np.float32), samples, np.zeros(PIECE + 2 * SEARCH + HOP, np.float32)])
    window = np.hanning(PIECE + 1)[:PIECE].astype(np.float32)
    out = np.zeros(count * HOP + PIECE, np.float32)
    weight = np.zeros_like(out)
    wanted = padded[SEARCH : SEARCH + PIECE]
    for index in range(count):
        start = _best(padded, SEARCH + round(index * HOP * speed), wanted)
        at = index * HOP
        out[at : at + PIECE] += window * padded[start : start + PIECE]
        weight[at : at + PIECE] += window
        wanted = padded[start + HOP : start + HOP + PIECE]
    length = round(len(samples) / speed)
    return np.asarray((out / np.maximum(weight, 0.1))[:length], np.float32)


def _best(padded: Samples, near: int, wanted: Samples) -> int:
    """Where within SEARCH of `near` the sound is most like what would have followed."""
    near = min(near, len(padded) - PIECE - SEARCH)
    region = padded[near - SEARCH : near + SEARCH + PIECE]
    likeness = np.correlate(region, wanted[: len(wanted)], "valid")
    return near - SEARCH + int(likeness.argmax())


def limited(samples: Samples) -> Samples:
    """Peaks above KNEE bent to stay below full scale; the rest untouched."""
    over = np.abs(samples) > KNEE
    bent = np.sign(samples) * (KNEE + (1 - KNEE) * np.tanh((np.abs(samples) - KNEE) / (1 - KNEE)))
    return np.asarray(np.where(over, bent, samples), np.float32)
