"""Silero at native 8 kHz."""

import numpy as np
import pytest

from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.silero import SileroVad, shared_session
from callbot.bench_ears import on_the_line, speak
from callbot.settings import ROOT


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """ "여보세요." by the embedded voice, through the telephone; rendered once a machine."""
    return on_the_line(speak("여보세요.", "jf_nezumi", ROOT / ".state" / "test-cache" / "spoken", KokoroVoice()))


def test_frames_of_any_length_give_the_same_probability(voice: np.ndarray) -> None:
    """20 ms frames, whole windows or everything at once: the network sees the same windows."""
    sound = voice[:7680]
    whole = SileroVad().step(sound)
    frames = SileroVad()
    last = [frames.step(sound[start : start + 160]) for start in range(0, len(sound), 160)][-1]
    assert last == whole


def test_a_voice_is_told_from_silence_and_noise(voice: np.ndarray) -> None:
    """Above 0.8 for a word, below 0.2 for zeros and noise."""
    noise = (np.random.default_rng(1).standard_normal(8000) * 500).astype(np.int16)
    vad = SileroVad()
    assert max(vad.step(voice[start : start + 160]) for start in range(0, len(voice), 160)) > 0.8
    assert SileroVad().step(np.zeros(8000, dtype=np.int16)) < 0.2
    assert SileroVad().step(noise) < 0.2


def test_calls_do_not_share_state(voice: np.ndarray) -> None:
    """One network, two calls: what one hears does not change the other."""
    alone, first, second = SileroVad(), SileroVad(), SileroVad()
    sound = voice[:5120]
    expected = [alone.step(part) for part in np.split(sound, 10)]
    got = []
    for part in np.split(sound, 10):
        got.append(first.step(part))
        second.step(np.zeros(256, dtype=np.int16))
    assert got == expected
    assert shared_session() is shared_session()


def test_less_than_a_window_keeps_the_last_probability() -> None:
    """Nothing is decided until 32 ms have come."""
    vad = SileroVad()
    assert vad.step(np.zeros(160, dtype=np.int16)) == 0.0
    first = vad.step(np.zeros(96, dtype=np.int16))
    assert first > 0.0
    assert vad.step(np.zeros(100, dtype=np.int16)) == first
