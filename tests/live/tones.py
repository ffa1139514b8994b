"""Tones, and how much of one is in a recording."""

import numpy as np
from numpy.typing import NDArray

from callbot.line.g711 import alaw_to_pcm, pcm_to_alaw

RATE = 8000
LEVEL = 8000
"""Amplitude of the tones sent."""


def tone(hertz: float, seconds: float) -> bytes:
    """A-law, continuous over its whole length."""
    at = np.arange(round(seconds * RATE)) / RATE
    return pcm_to_alaw((LEVEL * np.sin(2 * np.pi * hertz * at)).astype(np.int16))


def level(alaw: bytes, hertz: float) -> float:
    """Amplitude of that frequency (a tone of LEVEL gives about LEVEL)."""
    pcm: NDArray[np.float64] = alaw_to_pcm(alaw).astype(np.float64)
    if not pcm.size:
        return 0.0
    at = np.arange(pcm.size) / RATE
    return float(2 * abs(np.mean(pcm * np.exp(-2j * np.pi * hertz * at))))
