"""Sounds of a telephone: clips, tones, line noise, two-channel recordings. 8 kHz int16 throughout."""

import audioop
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
RATE = 8000


@lru_cache(maxsize=512)
def read_alaw(path: Path) -> Pcm:
    """A clip of the voice cache. Raises FileNotFoundError."""
    return np.frombuffer(audioop.alaw2lin(path.read_bytes(), 2), np.int16)


def silence(seconds: float) -> Pcm:
    """Digital silence."""
    return np.zeros(int(seconds * RATE), np.int16)


def tone(hz: float, seconds: float, amplitude: int = 9000) -> Pcm:
    """A sine."""
    t = np.arange(int(seconds * RATE))
    return (amplitude * np.sin(2 * np.pi * hz * t / RATE)).astype(np.int16)


def line_noise(dbfs: float, seconds: float = 5.0, seed: int = 1) -> Pcm:
    """Low-passed noise like a room's, RMS `dbfs`; the same for the same seed."""
    white = np.random.default_rng(seed).standard_normal(int(seconds * RATE) + 8)
    low = np.convolve(white, np.ones(8) / 8, "valid")[: int(seconds * RATE)]
    scaled = low / np.sqrt(np.mean(low**2)) * 10 ** (dbfs / 20) * 32768
    return np.asarray(np.clip(scaled, -32768, 32767), np.int16)


def write_stereo(path: Path, left: Pcm, right: Pcm) -> None:
    """Two channels, the shorter one padded with silence."""
    both = np.zeros((max(len(left), len(right)), 2), "<i2")
    both[: len(left), 0], both[: len(right), 1] = left, right
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(both.tobytes())
