"""Tones of the telephone network in 20 ms frames: fax, busy, special information, and the beep of a mailbox.

Goertzel on the few frequencies that matter, at 8 kHz; a frame counts as a tone where nearly all of its energy lies on one or
two of them. Speech and music never hold a single frequency that long. Korean tones: ringback 440+480 Hz (1 s on, 2 s off), busy
480+620 Hz (0.5 s on, 0.5 s off), congestion the same faster; fax CNG 1100 Hz (0.5 s every 3.5 s), CED 2100 Hz (2.6 to 4 s);
special information 950, 1400 and 1800 Hz, a third of a second each (ITU-T E.180, T.30).
"""

import itertools
import math
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 8000
STEP_S = 0.02
QUIET_RMS = 200.0
"""About -44 dBFS: below it there is no tone that somebody means us to hear."""
PURE = 0.8
"""Share of a frame's energy on the tone; of speech it stays below 0.6 in nearly every frame."""
LISTEN_S = 20.0
"""A fax or a mailbox has said so by then; later a tone is somebody's microwave oven."""

_FAX_CNG, _FAX_CED = 1100.0, 2100.0
_SIT = (950.0, 1400.0, 1800.0)
_BUSY = (480.0, 620.0)
_BACK = (440.0, 480.0)
_BEEPS = tuple(float(hz) for hz in range(400, 2050, 50))
_CNG_S, _CED_S, _SIT_S, _BEEP_S = 0.38, 1.0, 0.2, 0.24
_BURST_S = (0.15, 0.7)
_BUSY_BURSTS = 3


class Tone(StrEnum):
    """What was recognised; each once a call."""

    FAX = "fax"
    BUSY = "busy"
    SPECIAL = "special"  # "the call could not be completed", before an announcement
    BEEP = "beep"  # one pure tone: a mailbox, or a toy; never believed alone


TELLING = frozenset({Tone.FAX, Tone.BEEP})
"""What matters once somebody, or something, has answered."""


@dataclass
class ToneListener:
    """One per line and phase (before the answer, after it). `step` for every 20 ms."""

    _at: float = 0.0
    _name: str = ""
    _since: float = 0.0
    _sit: list[float] = field(default_factory=list)
    _bursts: list[tuple[float, float]] = field(default_factory=list)
    told: set[Tone] = field(default_factory=set)

    def step(self, pcm: NDArray[np.int16]) -> Tone | None:
        """The tone that these 20 ms complete."""
        self._at += STEP_S
        name = _name_of(pcm)
        if name == self._name:
            found = self._lasting(name, self._at - self._since)
        else:
            found = self._ended(self._name, self._since, self._at - STEP_S)
            self._name, self._since = name, self._at - STEP_S
        if found is None or found in self.told:
            return None
        self.told.add(found)
        return found

    def _lasting(self, name: str, seconds: float) -> Tone | None:
        if name == "2100" and seconds >= _CED_S:
            return Tone.FAX
        return None

    def _ended(self, name: str, began: float, at: float) -> Tone | None:
        seconds = at - began
        if name == "1100" and _CNG_S <= seconds <= 2 * _CNG_S:
            return Tone.FAX
        if name in {f"{hz:.0f}" for hz in _SIT} and seconds >= _SIT_S:
            self._sit = [*self._sit[-2:], float(name)]
            return Tone.SPECIAL if tuple(self._sit) == _SIT else None
        if name == "busy" and _BURST_S[0] <= seconds <= _BURST_S[1]:
            self._bursts.append((began, at))
            return Tone.BUSY if _is_regular(self._bursts[-_BUSY_BURSTS:]) else None
        if name.startswith("beep") and seconds >= _BEEP_S and self._at < LISTEN_S:
            return Tone.BEEP
        return None


def _is_regular(bursts: list[tuple[float, float]]) -> bool:
    """Three of the same length with gaps about as long."""
    if len(bursts) < _BUSY_BURSTS:
        return False
    gaps = [after[0] - before[1] for before, after in itertools.pairwise(bursts)]
    return all(_BURST_S[0] <= gap <= _BURST_S[1] for gap in gaps)


def _name_of(pcm: NDArray[np.int16]) -> str:
    """`1100`, `2100`, ... , `busy`, `ringback`, `beep <hz>`, or empty."""
    samples = pcm.astype(np.float64)
    energy = float(np.dot(samples, samples))
    if energy < QUIET_RMS**2 * len(samples):
        return ""
    projected = _basis(len(samples)) @ samples
    half = len(_ALL)
    power = (projected[:half] ** 2 + projected[half:] ** 2) * (2.0 / len(samples) / energy)
    share = dict(zip(_ALL, power.tolist(), strict=True))
    for name, (low, high) in (("busy", _BUSY), ("ringback", _BACK)):
        if share[low] + share[high] >= PURE:
            return name
    for hz in (_FAX_CNG, _FAX_CED, *_SIT):
        if share[hz] >= PURE:
            return f"{hz:.0f}"
    best = max(_BEEPS, key=share.__getitem__)
    return f"beep {best:.0f}" if share[best] >= PURE else ""


_ALL = tuple(sorted({_FAX_CNG, _FAX_CED, *_SIT, *_BUSY, *_BACK, *_BEEPS}))


@cache
def _basis(count: int) -> NDArray[np.float64]:
    """Cosines, then sines, of all frequencies: one product a frame is Goertzel on each of them."""
    angle = 2 * math.pi * np.outer(np.array(_ALL), np.arange(count)) / RATE
    return np.concatenate((np.cos(angle), np.sin(angle)))
