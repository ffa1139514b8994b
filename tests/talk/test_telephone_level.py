"""Speech made fit for the telephone."""

import numpy as np
import pytest

from callbot.talk.telephone_level import for_telephone, shorter_pauses, trimmed

TONE = np.sin(np.arange(24_000) * 2 * np.pi * 300 / 24_000).astype(np.float32)
NOTHING = np.zeros(12_000, np.float32)


@pytest.mark.parametrize("amplitude", [0.01, 0.3, 1.0])
def test_level(amplitude: float) -> None:
    """Whatever the engine's level, the telephone gets -20 dBFS."""
    pcm = for_telephone(TONE * np.float32(amplitude), 24_000)
    assert 20 * np.log10(np.sqrt(np.mean((pcm / 32768) ** 2))) == pytest.approx(-20, abs=0.5)


def test_peaks_are_not_clipped() -> None:
    """A peaky sound stays below full scale, even where it is then too quiet."""
    peaky = np.concatenate([TONE * np.float32(0.15), TONE[:24]]).astype(np.float32)
    assert np.abs(for_telephone(peaky, 24_000, slow=True)).max() < 32_767


def test_ends_are_trimmed() -> None:
    """A line begins when it is played, not half a second later."""
    assert len(trimmed(np.concatenate([NOTHING, TONE, NOTHING]), 24_000)) < 24_000 * 1.1


def test_silence_stays_silence() -> None:
    """Nothing in, nothing out: no division by zero."""
    assert for_telephone(NOTHING, 24_000).size == 0


def test_pauses_are_shortened() -> None:
    """A second of pause becomes a fifth; the speech around it is untouched."""
    joined = np.concatenate([TONE, NOTHING, NOTHING, TONE])
    assert len(shorter_pauses(joined, 24_000, 0.2)) == pytest.approx(24_000 * 2.2, abs=500)
