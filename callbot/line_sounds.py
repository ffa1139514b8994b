"""What a telephone line carries when nobody speaks: silence, noise, tones, keys, music. Synthesised, through G.711 alaw."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from callbot.speech_measures import RATE, Pcm, alaw, band, to_pcm

Samples = NDArray[np.float64]


def _time(seconds: float) -> Samples:
    return np.arange(round(seconds * RATE)) / RATE


def _tones(seconds: float, hertz: tuple[float, ...], level: float = 0.1) -> Samples:
    at = _time(seconds)
    total: Samples = level * np.sum([np.sin(2 * np.pi * pitch * at) for pitch in hertz], axis=0)
    return total


def _gated(samples: Samples, on_s: float, off_s: float) -> Samples:
    at = np.arange(len(samples)) / RATE
    return samples * (at % (on_s + off_s) < on_s)


def silence(seconds: float) -> Samples:
    """Digital zeros."""
    return np.zeros(round(seconds * RATE))


def noise(seconds: float, dbfs: float) -> Samples:
    """White noise of this loudness (RMS)."""
    return np.random.default_rng(7).standard_normal(round(seconds * RATE)) * 10 ** (dbfs / 20)


def hum(seconds: float) -> Samples:
    """Mains hum and its overtones."""
    return _tones(seconds, (60, 120, 180, 240, 300), 0.05)


def dtmf(seconds: float) -> Samples:
    """The twelve keys, 120 ms each, over and over."""
    keys = [(low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477)]
    one_round = np.concatenate([np.concatenate((_tones(0.12, key), silence(0.13))) for key in keys])
    return np.resize(one_round, round(seconds * RATE))


def music(seconds: float) -> Samples:
    """Hold music: chords of plucked harmonics and a tune above them, two notes a second."""
    roots, tune, out = (220.0, 174.6, 261.6, 196.0), (0, 4, 7, 12, 11, 7, 4, 2), []
    at = _time(0.5)
    for beat in range(round(seconds * 2)):
        root = roots[(beat // 4) % 4]
        notes = [root, root * 5 / 4, root * 3 / 2, 2 * root * 2 ** (tune[beat % 8] / 12)]
        harmonics = [np.sin(2 * np.pi * note * n * at) / n**1.5 for note in notes for n in (1, 2, 3, 4)]
        out.append(0.05 * np.sum(harmonics, axis=0) * np.exp(-3 * at) * np.minimum(1, at * 200))
    return np.concatenate(out)


SOUNDS: dict[str, Callable[[float], Samples]] = {
    "silence": silence,
    "white noise -40 dB": lambda seconds: noise(seconds, -40),
    "white noise -25 dB": lambda seconds: noise(seconds, -25),
    "hum": hum,
    "ringback (440+480, 2 s on 4 s off)": lambda seconds: _gated(_tones(seconds, (440, 480)), 2, 4),
    "Korean ringback (440+480, 1 s on 2 s off)": lambda seconds: _gated(_tones(seconds, (440, 480)), 1, 2),
    "Korean busy tone (480+620, 0.5 s on 0.5 s off)": lambda seconds: _gated(_tones(seconds, (480, 620)), 0.5, 0.5),
    "congestion (480+620, 0.3 s on 0.2 s off)": lambda seconds: _gated(_tones(seconds, (480, 620)), 0.3, 0.2),
    "voicemail beep": lambda seconds: _gated(_tones(seconds, (1000,), 0.2), 0.5, 9.5),
    "special information tone": lambda seconds: np.resize(
        np.concatenate([_tones(0.33, (pitch,)) for pitch in (950, 1400, 1800)] + [silence(1)]), round(seconds * RATE)
    ),
    "keys": dtmf,
    "music": music,
}


def on_the_line(name: str, seconds: float) -> Pcm:
    """One of SOUNDS as it arrives: 300-3400 Hz, G.711 alaw, its own loudness."""
    return alaw(to_pcm(band(SOUNDS[name](seconds), 300, 3400)))
