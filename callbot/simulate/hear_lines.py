"""Which of the bot's lines is this? Recognition by ear of known clips, as they come through the telephone.

The heard sound and the known clips are compared as spectra over time (20 ms steps, 16 bands), so a resampled, transcoded or
slightly lossy line is recognised too. Words are not understood: a line that nobody told us about is "unknown".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 8000
STEP = 160
"""Samples a step: 20 ms."""
LINE_OVER_S = 0.5
"""Silence after which a line is over; a voice's pause between two sentences is shorter (kokoro.py: about 0.4 s)."""

_WINDOW = 256
_BANDS = 16
_LOUD_RMS = 150.0
"""About -47 dBFS; the bot's line is digital silence between clips."""
_QUERY_STEPS = 50
_SHORTEST_STEPS = 8
_SAME = 0.8
"""Correlation of the spectra above which two sounds are the same clip; different sentences of one voice stay below 0.6."""
_AS_GOOD = 0.03
"""Of two lines that fit so nearly as well the longer one was said: the other is its end."""
_END_STEPS = 8
_HISTORY_STEPS = 1500
_SILENT_ENERGY = 1e-3
_FLOOR = 7.0
"""log10 of the band power below which all is silence; hides the codec's noise."""

Spectra = NDArray[np.float32]
"""(steps, bands)."""


@dataclass(frozen=True)
class Clip:
    """A known clip, with leading and trailing silence cut."""

    name: str
    spectra: Spectra


@dataclass(frozen=True)
class LineBegan:
    """The far end began to speak, `at_s` seconds after the first sample fed."""

    at_s: float


@dataclass(frozen=True)
class LineRecognised:
    """While it is still being spoken: which clip it is (or one that begins alike), and when it began."""

    name: str
    began_s: float


@dataclass(frozen=True)
class LineEnded:
    """The far end has been silent for LINE_OVER_S. `at_s`: when it fell silent."""

    name: str | None
    at_s: float
    whole: bool
    """False: the clip broke off before its end (barge-in), or `name` is None."""
    played_s: float
    """Seconds from its beginning to its silence."""


Heard = LineBegan | LineRecognised | LineEnded


def spectra(pcm: NDArray[np.int16]) -> Spectra:
    """Log power in bands from 200 to 3600 Hz, one row a 20 ms step. Loudness of a row is kept, so pauses count too."""
    steps = len(pcm) // STEP
    if steps == 0:
        return np.zeros((0, _BANDS), np.float32)
    padded = np.concatenate([pcm[: steps * STEP].astype(np.float32), np.zeros(_WINDOW - STEP, np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::STEP] * _HANN
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    return np.asarray(np.log10(power @ _BANK + 10**_FLOOR), np.float32)


def known_clip(name: str, pcm: NDArray[np.int16]) -> Clip:
    """A clip to listen for. `pcm`: 8 kHz."""
    rows = spectra(pcm)
    loud = np.flatnonzero(_loud(pcm))
    return Clip(name, rows[loud[0] : loud[-1] + 1] if loud.size else rows[:0])


class LineListener:
    """Fed with the sound of a call as it arrives."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        self._clips = [clip for clip in clips if len(clip.spectra) >= _SHORTEST_STEPS]
        self._rest = np.zeros(0, np.int16)
        self._rows = np.zeros((0, _BANDS), np.float32)
        self._fed = 0  # steps fed so far; self._rows holds the last of them
        self._step = 0  # steps looked at so far
        self._began: int | None = None
        self._last_loud = 0
        self._recognised: str | None = None
        self._wait_steps = 0  # silence to wait for inside a line known to pause

    def feed(self, pcm: NDArray[np.int16]) -> list[Heard]:
        """Any number of samples; what was heard in them."""
        self._rest = np.concatenate([self._rest, pcm])
        steps = max(0, len(self._rest) - (_WINDOW - STEP)) // STEP
        if not steps:
            return []
        taken = self._rest[: steps * STEP]
        rows = spectra(self._rest[: steps * STEP + _WINDOW - STEP])[:steps]
        self._rest = self._rest[steps * STEP :]
        self._rows = np.concatenate([self._rows, rows])[-_HISTORY_STEPS:]
        self._fed += steps
        heard: list[Heard] = []
        for loud in _loud(taken):
            heard += self._advance(bool(loud))
        return heard

    def _advance(self, loud: bool) -> list[Heard]:
        step = self._step
        self._step += 1
        if loud:
            self._last_loud, self._wait_steps = step, 0
            if self._began is None:
                self._began, self._recognised = step, None
                return [LineBegan(step * STEP / RATE)]
            if self._recognised is None and (step - self._began) in (30, 50, 80):
                return self._recognise()
            return []
        if self._began is not None and step - self._last_loud >= max(LINE_OVER_S * RATE / STEP, self._wait_steps):
            return self._ended()
        return []

    def _recognise(self) -> list[Heard]:
        rows = self._since(self._began or 0)[: self._step - (self._began or 0)]
        scored = [
            (similarity(rows, clip.spectra[: len(rows)]), clip)
            for clip in self._clips
            if len(clip.spectra) >= len(rows)
        ]
        score, clip = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        if clip is None or score < _SAME:
            return []
        self._recognised = clip.name
        return [LineRecognised(clip.name, (self._began or 0) * STEP / RATE)]

    def _ended(self) -> list[Heard]:
        began, last = self._began or 0, self._last_loud
        rows = self._since(began)[: last + 1 - began]
        name, whole, steps = self._identify(rows)
        if name and not whole and not self._wait_steps:
            pause = self._pause_after(name, steps)
            if (pause + _END_STEPS) * STEP > LINE_OVER_S * RATE:  # a long pause inside the line: it will go on
                self._wait_steps = pause + _END_STEPS
                return []
        self._began, self._recognised, self._wait_steps = None, None, 0
        return [LineEnded(name, (last + 1) * STEP / RATE, whole, (steps if name else len(rows)) * STEP / RATE)]

    def _pause_after(self, name: str, step: int) -> int:
        """Silent steps of a clip from `step` on; 0 at its end."""
        rest = next(clip.spectra for clip in self._clips if clip.name == name)[step:]
        sounding = np.flatnonzero(rest.max(axis=1) > _FLOOR + 1.0)
        return int(sounding[0]) if sounding.size else 0

    def _identify(self, rows: Spectra) -> tuple[str | None, bool, int]:
        """The longest known clip that `rows` ends with; else the clip whose beginning `rows` is (it broke off).

        One stretch of speech may hold several lines (said without a pause): the last one is what is asked.
        """
        ends = [
            (_best_end(rows, clip.spectra), clip) for clip in self._clips if len(clip.spectra) <= len(rows) + _END_STEPS
        ]
        best = max((score for score, _ in ends), default=0.0)
        if best >= _SAME:  # "밥은 잘 드세요?" and "약은 잘 드세요?" are both like either; one is nearly the same
            clip = max((clip for score, clip in ends if score >= best - _AS_GOOD), key=lambda clip: len(clip.spectra))
            return clip.name, True, len(clip.spectra)
        return self._broken_off(rows)

    def _broken_off(self, rows: Spectra) -> tuple[str | None, bool, int]:
        tail = rows[-_QUERY_STEPS:]
        if len(tail) < _SHORTEST_STEPS:
            return None, False, 0
        best, name, end = 0.0, "", 0
        for clip in self._clips:
            if len(clip.spectra) < len(tail):
                continue
            scores = _similarities(tail, clip.spectra)
            start = int(scores.argmax())
            if scores[start] > best:
                best, name, end = float(scores[start]), clip.name, start + len(tail)
        return (name, False, end) if best >= _SAME else (None, False, 0)

    def _since(self, step: int) -> Spectra:
        """Rows from `step` on, as far as they are still held."""
        oldest = self._fed - len(self._rows)
        return self._rows[max(0, step - oldest) :]


def similarity(left: Spectra, right: Spectra) -> float:
    """Correlation of two equally long spectra, 1 for the same sound, near 0 for unlike ones."""
    a, b = left - left.mean(axis=0), right - right.mean(axis=0)
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.sum(a * b)) / norm if norm > 0 else 0.0


def _similarities(query: Spectra, clip: Spectra) -> NDArray[np.float32]:
    """`similarity` of the query with every equally long stretch of the clip."""
    centred = query - query.mean(axis=0)
    windows = np.lib.stride_tricks.sliding_window_view(clip, len(query), axis=0)  # (starts, bands, steps)
    dots = np.einsum("sbt,tb->s", windows, centred)
    energy = np.sum(windows.var(axis=2), axis=1) * len(query)
    scores = dots / (np.linalg.norm(centred) * np.sqrt(energy) + 1e-9)
    return np.asarray(np.where(energy > _SILENT_ENERGY, scores, 0.0), np.float32)  # nothing is like silence


def _best_end(rows: Spectra, clip: Spectra) -> float:
    """Similarity of `clip` with the end of `rows`, give or take a few steps."""
    best = 0.0
    for shift in range(_END_STEPS):
        for left, right in ((rows[: len(rows) - shift or None], clip), (rows, clip[: len(clip) - shift or None])):
            length = min(len(left), len(right))
            if length >= _SHORTEST_STEPS and length >= len(clip) - _END_STEPS:
                best = max(best, similarity(left[-length:], right[-length:]))
    return best


def _loud(pcm: NDArray[np.int16]) -> NDArray[np.bool_]:
    steps = len(pcm) // STEP
    frames = pcm[: steps * STEP].astype(np.float32).reshape(steps, STEP)
    return np.asarray(np.sqrt(np.mean(frames**2, axis=1)) > _LOUD_RMS)


def _bank() -> NDArray[np.float32]:
    """Triangular bands, evenly spaced in mel, (bins, bands)."""
    mel = np.linspace(2595 * np.log10(1 + 200 / 700), 2595 * np.log10(1 + 3600 / 700), _BANDS + 2)
    centres = 700 * (10 ** (mel / 2595) - 1)
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    bank = np.zeros((len(bins), _BANDS), np.float32)
    for band in range(_BANDS):
        low, mid, high = centres[band : band + 3]
        bank[:, band] = np.clip(np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid)), 0, None)
    return bank


_BANK = _bank()
_HANN = np.hanning(_WINDOW).astype(np.float32)
