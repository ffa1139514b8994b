"""Our own voice, coming back from the person's telephone, is not the person speaking.

While a line plays, what is heard is held against what was played up to half a second before. An echo is the same waveform,
weaker and later: their normalised correlation is near 1. Somebody who speaks over the line shares nothing with it, and double
talk (their voice and our echo together) little: the correlation falls with the share of the echo's energy.
"""

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
RATE = 8000
HEARD_S = 0.4
"""How much of what was heard is compared. Shorter is sooner, and takes a vowel of one voice for another's."""
LATEST_S = 0.5
"""An echo later than this is not cancelled by anybody's telephone network, and not looked for."""
SAME = 0.55
"""Correlation from which it is an echo: it then holds most of the energy heard (docs/measurements/turn-taking.md)."""
_HEARD = round(HEARD_S * RATE)
_PLAYED = _HEARD + round(LATEST_S * RATE)
_SIZE = 8192
_LEAST_ENERGY = 1e4


class EchoGate:
    """One per call; `step` for every 20 ms heard."""

    def __init__(self) -> None:
        self._heard = np.zeros(_HEARD, np.float32)
        self._played = np.zeros(_PLAYED, np.float32)
        self._quiet_steps = _PLAYED

    def step(self, heard: Pcm, played: Pcm | None) -> None:
        """`played`: what was sent meanwhile; None: nothing."""
        self._heard = np.concatenate([self._heard[len(heard) :], heard.astype(np.float32)])
        now = np.zeros(len(heard), np.float32) if played is None else played.astype(np.float32)
        now = np.pad(now[: len(heard)], (0, len(heard) - len(now[: len(heard)])))
        self._quiet_steps = self._quiet_steps + len(heard) if played is None else 0
        self._played = np.concatenate([self._played[len(now) :], now])

    @property
    def is_echo(self) -> bool:
        """What was heard last is what we played. Costs about 0.3 ms while something was played, nothing otherwise."""
        return self._quiet_steps < _PLAYED and likeness(self._heard, self._played) >= SAME


def likeness(heard: NDArray[np.float32], played: NDArray[np.float32]) -> float:
    """The highest normalised correlation of `heard` with an equally long stretch of `played`, 0 to 1."""
    energy = float(heard @ heard)
    if energy < _LEAST_ENERGY * len(heard) / RATE:
        return 0.0
    spectrum = np.fft.rfft(played, _SIZE) * np.conj(np.fft.rfft(heard, _SIZE))
    count = len(played) - len(heard) + 1
    dots = np.fft.irfft(spectrum, _SIZE)[:count]
    sums = np.concatenate([[0.0], np.cumsum(played.astype(np.float64) ** 2)])
    energies = sums[len(heard) :] - sums[: -len(heard)]
    floor = _LEAST_ENERGY * len(heard) / RATE
    scores = np.where(energies > floor, np.abs(dots) / np.sqrt(np.maximum(energies, floor) * energy), 0.0)
    return float(scores.max(initial=0.0))
