"""A telephone line in numbers, and what it costs the ears: band limit, G.711, noise, loss; character error rate."""

import re
import unicodedata
import warnings
from collections.abc import Iterable

import numpy as np
import soxr
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop  # Python 3.11 and 3.12, which is what we support; gone in 3.13

Pcm = NDArray[np.int16]
"""Mono, 8 kHz."""
RATE = 8000
LEVEL_DBFS = -23.0
"""Loudness of speech on a line (RMS)."""


def through_telephone(
    samples: NDArray[np.float32],
    rate: int,
    *,
    snr_db: float | None = None,
    lost: float = 0.0,
    level_dbfs: float | None = LEVEL_DBFS,
    seed: int = 0,
) -> Pcm:
    """What arrives of `samples` (mono, -1..1): 8 kHz, levelled, noise, 300-3400 Hz, G.711 alaw, lost packets repeated.

    `snr_db`: low-passed random noise under the active speech. `lost`: share of 20 ms packets, in bursts of about three.
    `level_dbfs` None: as loud as it is.
    """
    random = np.random.default_rng(seed)
    heard: NDArray[np.float64] = (soxr.resample(samples, rate, RATE) if rate != RATE else samples).astype(np.float64)
    if level_dbfs is not None:
        heard = heard * (10 ** (level_dbfs / 20) / (np.sqrt(np.mean(heard**2)) + 1e-9))
    if snr_db is not None:
        active = heard[np.abs(heard) > 0.1 * np.abs(heard).max()]
        noise = _dull(random.standard_normal(len(heard)))
        heard = heard + noise * np.sqrt(np.mean(active**2) / np.mean(noise**2)) / 10 ** (snr_db / 20)
    pcm = alaw(to_pcm(band(heard, 300, 3400)))
    return _lose(pcm, lost, random) if lost else pcm


def band(samples: NDArray[np.float64], low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Only what lies between the two frequencies; flanks of 100 Hz."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    flank = 100.0
    gain = np.clip((hertz - low_hz) / flank + 1, 0, 1) * np.clip((high_hz - hertz) / flank + 1, 0, 1)
    passed: NDArray[np.float64] = np.fft.irfft(spectrum * gain, n=len(samples))
    return passed


def _dull(samples: NDArray[np.float64], corner_hz: float = 800.0) -> NDArray[np.float64]:
    """First-order low pass: noise shaped roughly like speech."""
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    dull: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(samples) / (1 + 1j * hertz / corner_hz), n=len(samples))
    return dull


def to_pcm(samples: NDArray[np.float64] | NDArray[np.float32]) -> Pcm:
    """-1..1 to 16 bit, clipped."""
    return (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)


def alaw(pcm: Pcm) -> Pcm:
    """There and back through G.711 A-law."""
    return np.frombuffer(audioop.alaw2lin(audioop.lin2alaw(pcm.tobytes(), 2), 2), dtype=np.int16)


def _lose(pcm: Pcm, share: float, random: np.random.Generator, burst: int = 3, packet: int = 160) -> Pcm:
    """Gilbert's two states; a lost packet is the one before it, weaker."""
    heard, good = pcm.copy(), True
    begins = share / (burst * (1 - share))
    for at in range(packet, len(heard) - packet, packet):
        good = random.random() >= begins if good else random.random() < 1 / burst
        if not good:
            heard[at : at + packet] = (heard[at - packet : at] * 0.6).astype(np.int16)
    return heard


def comparable(text: str) -> str:
    """Hangul syllables, letters and digits only, lower case: spaces and punctuation are matters of taste.

    >>> comparable("네, 밥 먹었어요.")
    '네밥먹었어요'
    """
    return re.sub(r"[^0-9a-z가-힣]", "", unicodedata.normalize("NFC", text).lower())


def character_errors(said: str, heard: str) -> tuple[int, int]:
    """(edits, characters said).

    >>> character_errors("밥 먹었어요", "밤 먹었어요.")
    (1, 5)
    """
    reference = comparable(said)
    return Levenshtein.distance(reference, comparable(heard)), len(reference)


def character_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Edits over characters of (said, heard) pairs, all together; may exceed 1. 0 characters said: 0."""
    edits = said = 0
    for reference, hypothesis in pairs:
        one, length = character_errors(reference, hypothesis)
        edits, said = edits + one, said + length
    return edits / said if said else 0.0
