"""Synthesised speech made fit for the telephone: 8 kHz, a steady loudness, no long silences."""

import numpy as np
import soxr
from numpy.typing import NDArray

RATE = 8000
_LEVEL_DBFS = -20.0
"""RMS of the voiced parts, full scale = 0: what a telephone network expects of speech."""
_SLOW_LEVEL_DBFS = -17.0
"""For a line repeated after "뭐라고?"."""
_PEAK = 0.95
_EDGE_S = 0.04


def for_telephone(audio: NDArray[np.float32], rate: int, *, slow: bool = False) -> NDArray[np.int16]:
    """Mono speech of any level at `rate` to trimmed int16 at 8 kHz; `slow` is 3 dB louder."""
    speech = soxr.resample(trimmed(audio, rate), rate, RATE) if rate != RATE else trimmed(audio, rate)
    peak = float(np.abs(speech).max(initial=0.0))
    active = speech[np.abs(speech) > 0.1 * peak]
    rms = float(np.sqrt(np.mean(active**2))) if active.size else 0.0
    level = 10 ** ((_SLOW_LEVEL_DBFS if slow else _LEVEL_DBFS) / 20)
    gain = min(level / rms, _PEAK / peak) if rms > 0 else 1.0
    return np.asarray(np.round(speech * gain * 32767), np.int16)


def trimmed(audio: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Without the silence at both ends, save 40 ms."""
    loud = np.flatnonzero(np.abs(audio) > 0.01 * float(np.abs(audio).max(initial=0.0)) + 0.003)
    if not loud.size:
        return audio[:0]
    edge = int(_EDGE_S * rate)
    return audio[max(0, loud[0] - edge) : loud[-1] + edge]


def shorter_pauses(audio: NDArray[np.float32], rate: int, longest_s: float) -> NDArray[np.float32]:
    """No silence longer than `longest_s`."""
    hop = rate // 100
    frames = audio[: len(audio) // hop * hop].reshape(-1, hop)
    silent = np.abs(frames).max(axis=1, initial=0.0) < 0.02 * float(np.abs(audio).max(initial=1e-6))
    longest, run = round(longest_s * 100), 0
    kept = np.ones(len(frames), bool)
    for index, quiet in enumerate(silent):
        run = run + 1 if quiet else 0
        kept[index] = run <= longest
    return np.concatenate([frames[kept].ravel(), audio[len(frames) * hop :]])
