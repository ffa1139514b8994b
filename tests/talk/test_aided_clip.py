"""A line for somebody who hears badly: longer and louder, at the same pitch, and never broken."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbot.line.g711 import alaw_to_pcm, pcm_to_alaw
from callbot.people.hearing_aid import NO_AID, STEPS, HearingAid, more
from callbot.talk.aided_clip import aided
from callbot.talk.voice_cache import VOICE_PACK


def clips() -> list[bytes]:
    """A few real lines of the voice pack."""
    return [path.read_bytes() for path in sorted(VOICE_PACK.glob("*/*.alaw"))[:40:8]]


def loudness(alaw: bytes) -> float:
    pcm = alaw_to_pcm(alaw).astype(np.float64)
    active = pcm[np.abs(pcm) > 0.1 * np.abs(pcm).max()]
    return float(20 * np.log10(np.sqrt(np.mean(active**2))))


def pitch(alaw: bytes) -> float:
    """The commonest period of the voice, Hz, over pieces of 60 ms."""
    pcm = alaw_to_pcm(alaw).astype(np.float64)
    periods = []
    for at in range(0, len(pcm) - 480, 240):
        piece = pcm[at : at + 480]
        if np.sqrt(np.mean(piece**2)) < 1000:
            continue
        likeness = np.correlate(piece, piece, "full")[480:]
        lag = 20 + int(likeness[20:160].argmax())
        periods.append(8000 / lag)
    return float(np.median(periods))


@pytest.mark.parametrize("aid", STEPS[1:])
@pytest.mark.parametrize("clip", clips(), ids=lambda clip: f"{len(clip) / 8000:.1f}s")
def test_slower_and_louder_at_the_same_pitch(clip: bytes, aid: HearingAid) -> None:
    """As much longer as asked, about as much louder as asked, and the voice is the same voice."""
    result = aided(clip, aid)
    assert len(result) == pytest.approx(len(clip) / aid.speed, abs=2)
    assert aid.louder_db - 2.0 <= loudness(result) - loudness(clip) <= aid.louder_db + 0.5
    assert pitch(result) == pytest.approx(pitch(clip), rel=0.08)


def test_the_voice_is_not_chopped() -> None:
    """No clicks: neighbouring samples do not jump more than in the original."""
    clip = clips()[0]
    jumps = [
        float(np.abs(np.diff(alaw_to_pcm(each).astype(float))).max()) for each in (clip, aided(clip, HearingAid(0.78)))
    ]
    assert jumps[1] <= jumps[0] * 1.25


def test_a_slow_line_is_not_slowed_twice() -> None:
    """What was rendered a fifth slower and 3 dB louder needs no more at the first step, and a little at the second."""
    clip = clips()[0]
    assert aided(clip, STEPS[1], slow=True) == clip
    assert len(clip) < len(aided(clip, STEPS[2], slow=True)) < len(aided(clip, STEPS[2]))


def test_most_people_hear_the_clip_itself() -> None:
    """Nothing is done, not even a copy."""
    clip = clips()[0]
    assert aided(clip, NO_AID) is clip
    assert aided(b"", STEPS[2]) == b""


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5000), st.sampled_from(STEPS[1:]), st.integers(0, 2**32 - 1))
def test_any_length_and_any_sound(samples: int, aid: HearingAid, seed: int) -> None:
    """Clips shorter than a piece, noise at full scale: a clip of the right length comes out."""
    noise = np.random.default_rng(seed).integers(-32768, 32767, samples, dtype=np.int16)
    assert len(aided(pcm_to_alaw(noise), aid)) == round(samples / aid.speed)


def test_more_ends_at_the_last_step() -> None:
    """Asking again and again makes nobody shout."""
    aid = NO_AID
    for _ in range(5):
        aid = more(aid)
    assert aid == STEPS[-1]
