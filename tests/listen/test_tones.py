"""Tones of the network, made here, with the telephone's noise on them; and speech, which is none."""

from pathlib import Path

import numpy as np
import pytest

from callbot.line.g711 import alaw_to_pcm
from callbot.listen.tones import Tone, ToneListener

RATE = 8000


def sound(*parts: tuple[tuple[float, ...], float], noise: float = 60.0) -> np.ndarray:
    """(frequencies, seconds) after each other; no frequency: silence."""
    pieces = []
    for tones, seconds in parts:
        time = np.arange(int(seconds * RATE)) / RATE
        pieces.append(sum((4000 * np.sin(2 * np.pi * hz * time) for hz in tones), np.zeros(len(time))))
    whole = np.concatenate(pieces)
    return np.asarray(whole + np.random.default_rng(3).normal(0, noise, len(whole)), np.int16)


def heard(pcm: np.ndarray) -> list[Tone]:
    listener = ToneListener()
    frames = (pcm[at : at + 160] for at in range(0, len(pcm) - 159, 160))
    return [tone for frame in frames if (tone := listener.step(frame)) is not None]


QUIET = ((), 0.5)
BUSY = (((480.0, 620.0), 0.5), ((), 0.5))
FAST = (((480.0, 620.0), 0.3), ((), 0.2))
RINGBACK = (((440.0, 480.0), 1.0), ((), 2.0))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((QUIET, ((1100.0,), 0.5), ((), 3.0), ((1100.0,), 0.5), QUIET), [Tone.FAX]),
        ((QUIET, ((2100.0,), 3.0), QUIET), [Tone.FAX]),
        ((QUIET, *BUSY, *BUSY, *BUSY, *BUSY), [Tone.BUSY]),
        ((QUIET, *FAST, *FAST, *FAST, *FAST), [Tone.BUSY]),
        ((QUIET, ((950.0,), 0.33), ((1400.0,), 0.33), ((1800.0,), 0.33), QUIET), [Tone.SPECIAL]),
        ((QUIET, ((1000.0,), 0.5), QUIET), [Tone.BEEP]),
        ((*RINGBACK, *RINGBACK, *RINGBACK), []),
        ((QUIET, ((440.0, 554.0, 659.0), 3.0), QUIET), []),
        ((QUIET, QUIET), []),
    ],
)
def test_what_is_recognised(parts: tuple[tuple[tuple[float, ...], float], ...], expected: list[Tone]) -> None:
    """Fax, busy and congestion, special information, a mailbox's beep; not ringback, not a chord, not silence."""
    assert heard(sound(*parts)) == expected


def test_speech_is_no_tone() -> None:
    """A third of the voice pack, four minutes of speech: no fax, busy or special tone in it, and at most one beep."""
    clips = sorted(Path("prompts/voice-pack").glob("*/*.alaw"))[::3]
    assert len(clips) >= 60
    found = {clip.name: heard(np.asarray(alaw_to_pcm(clip.read_bytes()))) for clip in clips}
    assert {name: tones for name, tones in found.items() if set(tones) - {Tone.BEEP}} == {}
    assert sum(bool(tones) for tones in found.values()) <= 1
