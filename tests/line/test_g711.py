"""G.711 A-law."""

import numpy as np

from callbot.line.g711 import ALAW_SILENCE, alaw_to_pcm, pcm_to_alaw


def test_known_levels() -> None:
    """Levels named by ITU-T G.711 table 1a, scaled to 16 bits."""
    assert alaw_to_pcm(bytes([0xD5, 0x55, 0xAA, 0x2A, 0x80, 0x00])).tolist() == [8, -8, 32256, -32256, 5504, -5504]


def test_every_byte_survives_the_round_trip() -> None:
    """All 256 codes are distinct levels and come back as themselves."""
    every = bytes(range(256))
    assert pcm_to_alaw(alaw_to_pcm(every)) == every


def test_every_sample_goes_to_the_nearest_level() -> None:
    """No 16-bit sample is further from its level than from any other."""
    samples = np.arange(-32768, 32768, dtype=np.int16)
    levels = np.sort(alaw_to_pcm(bytes(range(256)))).astype(int)
    nearest = np.abs(levels[np.clip(np.searchsorted(levels, samples), 1, 255)] - samples)
    nearest = np.minimum(nearest, np.abs(levels[np.clip(np.searchsorted(levels, samples) - 1, 0, 255)] - samples))
    error = np.abs(alaw_to_pcm(pcm_to_alaw(samples)).astype(int) - samples)
    assert np.array_equal(error, nearest)


def test_silence() -> None:
    """Digital zero is the silence byte that fills gaps."""
    assert pcm_to_alaw(np.zeros(3, np.int16)) == bytes([ALAW_SILENCE] * 3)
