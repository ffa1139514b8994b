"""The line simulation and the error rate do what they say."""

import numpy as np
import pytest

from callbot.speech_measures import (
    RATE,
    alaw,
    band,
    character_error_rate,
    character_errors,
    comparable,
    through_telephone,
    to_pcm,
)


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def loudness(pcm: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean((pcm / 32768.0) ** 2)) + 1e-12))


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("밥 먹었어요.", "밥먹었어요", (0, 5)),
        ("밥 먹었어요", "밤 먹었어요", (1, 5)),
        ("밥 먹었어요", "", (5, 5)),
        ("네", "네, 네", (1, 1)),
        ("ABC 12", "abc12", (0, 5)),
    ],
)
def test_errors_are_counted_in_syllables(said: str, heard: str, errors: tuple[int, int]) -> None:
    """Spaces, punctuation and case do not count; what was added does."""
    assert character_errors(said, heard) == errors


def test_the_rate_is_over_all_characters_together() -> None:
    """One wrong syllable of ten in two sentences is 10 %; nothing said is 0."""
    assert character_error_rate([("가나다라마", "가나다라바"), ("바사아자차", "바사아자차")]) == pytest.approx(0.1)
    assert character_error_rate([]) == 0.0


def test_decomposed_hangul_is_the_same_text() -> None:
    """A file name from a Mac, or a server that decomposes, makes no errors."""
    assert comparable("각") == comparable("각") == "각"


@pytest.mark.parametrize(("hertz", "passes"), [(100, False), (1000, True), (3000, True), (3700, False)])
def test_the_line_carries_300_to_3400_hertz(hertz: float, passes: bool) -> None:
    """Tones outside are at least 30 dB weaker."""
    through = band(tone(hertz).astype(np.float64), 300, 3400)
    assert (loudness(through * 32768.0) > -20) == passes
    assert passes or loudness(through * 32768.0) < -40


def test_the_level_is_set_and_rate_and_length_follow() -> None:
    """16 kHz in, 8 kHz out, as long, at -23 dBFS."""
    heard = through_telephone(tone(1000, rate=16_000), 16_000)
    assert heard.dtype == np.int16
    assert len(heard) == RATE
    assert loudness(heard) == pytest.approx(-23, abs=0.5)


def test_noise_has_the_ratio_asked_for() -> None:
    """At 10 dB the difference to the clean line is 10 dB below the speech (within what the band takes away)."""
    clean, noisy = through_telephone(tone(1000), RATE), through_telephone(tone(1000), RATE, snr_db=10)
    assert loudness(clean) - loudness(noisy.astype(np.float64) - clean) == pytest.approx(10, abs=3)


def test_lost_packets_are_replaced_by_the_one_before() -> None:
    """About a tenth of the packets differ, the same ones every time."""
    random = np.random.default_rng(1)
    speech = random.standard_normal(RATE * 10).astype(np.float32)
    whole, lossy = through_telephone(speech, RATE), through_telephone(speech, RATE, lost=0.1)
    lost = (whole != lossy).reshape(-1, 160).any(axis=1).mean()
    assert 0.05 < lost < 0.15
    assert (lossy == through_telephone(speech, RATE, lost=0.1)).all()


def test_alaw_is_close_and_clips_nothing() -> None:
    """There and back costs less than 3 % of the level; too loud is clipped at 16 bit."""
    pcm = to_pcm(tone(1000))
    assert np.abs(alaw(pcm).astype(int) - pcm).max() < 32768 * 0.03
    assert to_pcm(np.array([2.0, -2.0])).tolist() == [32767, -32767]
