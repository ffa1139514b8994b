"""The embedded voice, really speaking (a few seconds of CPU)."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from callbot.adapters.kokoro import VOICES, KokoroVoice, model_file
from callbot.adapters.korean_phonemes import phonemes
from callbot.settings import ROOT
from callbot.talk.voice_cache import CannotSpeak


@pytest.fixture(scope="module")
def voice() -> KokoroVoice:
    return pickle.loads(pickle.dumps(KokoroVoice(threads=2)))  # noqa: S301 - our own, as the render process gets it


@pytest.mark.parametrize(
    ("text", "ipa"),
    [
        ("국물", "ɡuŋmul"),  # nasalisation
        ("같이", "ɡaʨʰi"),  # palatalisation
        ("좋아요", "ʥoajo"),  # ㅎ drops
        ("먹어요", "mɔɡɔjo"),  # liaison
        ("신라", "ɕilla"),  # ㄴㄹ -> ㄹㄹ
        ("쌀", "ssal"),
        ("네, 네.", "ne, ne."),
    ],
)
def test_pronunciation(text: str, ipa: str) -> None:
    """Spelling is turned into standard pronunciation before it is spoken."""
    assert phonemes(text) == ipa


def test_speech(voice: KokoroVoice) -> None:
    """Telephone sound: 8 kHz, no silence at the ends, a steady level, no clipping."""
    pcm = voice.speak("네, 안녕하세요.")
    assert pcm.dtype == np.int16
    assert 0.8 < len(pcm) / 8000 < 2.5
    loud = np.flatnonzero(np.abs(pcm) > 300)
    assert loud[0] < 800
    assert len(pcm) - loud[-1] < 1600
    active = pcm[np.abs(pcm) > 0.1 * np.abs(pcm).max()] / 32768
    assert -22 < 20 * np.log10(np.sqrt(np.mean(active**2))) < -18
    assert np.abs(pcm).max() < 32000


def test_slow_is_slower_and_louder(voice: KokoroVoice) -> None:
    """After "뭐라고?" a line is longer and louder."""
    normal, slow = voice.speak("식사하셨어요?"), voice.speak("식사하셨어요?", slow=True)
    assert len(slow) > 1.1 * len(normal)
    assert np.sqrt(np.mean(slow.astype(float) ** 2)) > 1.15 * np.sqrt(np.mean(normal.astype(float) ** 2))


def test_same_text_same_sound(voice: KokoroVoice) -> None:
    """Rendering is repeatable, so that a cached clip is what would be spoken."""
    assert np.array_equal(voice.speak("네."), voice.speak("네."))


def test_voices_differ_and_mix(voice: KokoroVoice) -> None:
    """Five voices, and mixtures of them."""
    assert len(VOICES) == 5
    a, b, mixed = (voice.speak("네.", name) for name in ("jf_nezumi", "jm_kumo", "jf_nezumi:0.6+jm_kumo:0.4"))
    assert len({a.tobytes(), b.tobytes(), mixed.tobytes()}) == 3


def test_no_long_pause_inside(voice: KokoroVoice) -> None:
    """A comma is no end of turn: no silence of more than 0.5 s inside a line."""
    pcm = np.abs(voice.speak("안녕하세요, 동구청, 안부 전화예요. 식사하셨어요?").astype(int))
    loud = np.flatnonzero(pcm > 0.03 * pcm.max())
    assert np.diff(loud).max() / 8000 < 0.5


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [("", "jf_nezumi", "한글"), ("!!!", "jf_nezumi", "한글"), ("네", "jf_nobody", "jf_nezumi")],
)
def test_what_cannot_be_spoken(voice: KokoroVoice, text: str, name: str, said: str) -> None:
    """Bad input is one sentence that names it."""
    with pytest.raises(CannotSpeak, match=said):
        voice.speak(text, name)


def test_model_is_joined_and_checked(tmp_path: Path) -> None:
    """The joined model equals the one the packages promise, and nothing half-written stays."""
    path = model_file(tmp_path / "models")
    assert path.stat().st_size == model_file(ROOT / ".models").stat().st_size
    assert [p.name for p in path.parent.iterdir()] == [path.name]
