"""The person's voice, our echo and the room behind them, told apart on real sound: clips of the voice pack, Silero, G.711."""

import numpy as np
import pytest
from numpy.typing import NDArray

from callbot.adapters.kokoro import KokoroVoice
from callbot.adapters.silero import SileroVad
from callbot.line.g711 import alaw_to_pcm, pcm_to_alaw
from callbot.line.hearing import FRAME, Hearing, Step
from callbot.settings import ROOT
from callbot.speech_measures import band
from callbot.talk.voice_cache import VOICE_PACK, VoiceCache

Pcm = NDArray[np.int16]


VOICE = VoiceCache(VOICE_PACK, KokoroVoice(ROOT / ".models"))


def spoken(text: str) -> bytes:
    """A line of the voice pack."""
    found = VOICE.clip(text)
    assert found is not None, f"{text} is not in prompts/voice-pack: run scripts/render-voice-pack.py"
    return found


BOT = spoken("안부 여쭈려고 전화드렸어요. 지금 통화 괜찮으세요?")
PERSON = spoken("혹시 필요하신 것이나 불편하신 점이 있으세요?")
TELEVISION = spoken("요즘 몸은 좀 어떠세요? 아픈 데는 없으세요?")


def at_level(clip: bytes, db: float, late_s: float = 0.0) -> NDArray[np.float64]:
    """The clip through a telephone, `db` louder, later."""
    samples = band(alaw_to_pcm(clip).astype(np.float64), 300, 3400) * 10 ** (db / 20)
    return np.concatenate([np.zeros(round(late_s * 8000)), samples])


def on_the_line(*sounds: NDArray[np.float64], seconds: float) -> Pcm:
    """Their sum, with the noise of a line, through G.711."""
    total = np.random.default_rng(1).normal(0, 12, round(seconds * 8000))
    for sound in sounds:
        length = min(len(sound), len(total))
        total[:length] += sound[:length]
    return alaw_to_pcm(pcm_to_alaw(np.clip(total, -32768, 32767).astype(np.int16)))


def hear(pcm: Pcm, hearing: Hearing | None = None, *, playing: bytes = b"", from_s: float = 0.0) -> list[Step]:
    """Step through it; `playing` begins with it."""
    hearing = hearing or Hearing(SileroVad())
    if playing:
        hearing.played(playing, from_s)
    return [
        hearing.step(pcm[at : at + FRAME], from_s + (at + FRAME) / 8000) for at in range(0, len(pcm) - FRAME + 1, FRAME)
    ]


def voiced(steps: list[Step]) -> int:
    """Steps that count as speech, of 20 ms."""
    return sum(step.speech >= 0.6 for step in steps)


@pytest.mark.parametrize("late_s", [0.04, 0.15, 0.4])
@pytest.mark.parametrize("db", [-6.0, -18.0])
def test_our_own_echo_is_not_speech(late_s: float, db: float) -> None:
    """However late and weak it comes back: never 0.2 s of it, and a barge-in needs 0.4 s."""
    steps = hear(on_the_line(at_level(BOT, db, late_s), seconds=3.0), playing=BOT)
    longest = run = 0
    for step in steps:
        run = run + 1 if step.speech >= 0.35 else 0
        longest = max(longest, run)
    assert longest < 10


def test_somebody_who_speaks_over_our_line_is_heard() -> None:
    """Without an echo, and with one 12 dB below their voice: as much voice as when nothing is played."""
    alone = voiced(hear(on_the_line(at_level(PERSON, 0.0), seconds=3.0)))
    over = voiced(hear(on_the_line(at_level(PERSON, 0.0), seconds=3.0), playing=BOT))
    both = voiced(hear(on_the_line(at_level(PERSON, 0.0), at_level(BOT, -12.0, 0.12), seconds=3.0), playing=BOT))
    assert alone > 60
    assert over >= 0.95 * alone
    assert both >= 0.8 * alone


def test_what_we_said_long_ago_is_no_echo() -> None:
    """A person who says our own words after us (the very same sound) is a person."""
    hearing = Hearing(SileroVad())
    hear(on_the_line(seconds=1.0), hearing, playing=BOT[:8000])
    hear(on_the_line(seconds=1.5), hearing, from_s=1.0)
    assert voiced(hear(on_the_line(at_level(BOT, 0.0), seconds=3.0), hearing, from_s=2.5)) > 60


def answered(hearing: Hearing) -> None:
    """The person at the mouthpiece, and half a second of silence."""
    hear(on_the_line(at_level(PERSON, 0.0)[:20000], seconds=3.0), hearing)


def test_a_television_is_no_answer_but_is_overheard() -> None:
    """Speech 24 dB below the person's voice: none of it counts, one stretch of it is handed over to be decoded."""
    hearing = Hearing(SileroVad())
    answered(hearing)
    steps = hear(on_the_line(at_level(TELEVISION, -24.0), seconds=4.0), hearing, from_s=3.0)
    assert voiced(steps) == 0
    stretches = [step.background for step in steps if step.background is not None]
    assert len(stretches) == 1
    assert stretches[0][1] - stretches[0][0] >= 0.6


def test_a_softer_answer_is_an_answer() -> None:
    """8 dB softer than before, as people are: heard as if nobody had spoken louder before."""
    hearing = Hearing(SileroVad())
    answered(hearing)
    softer = voiced(hear(on_the_line(at_level(PERSON, -8.0), seconds=3.0), hearing, from_s=3.0))
    assert softer >= 0.95 * voiced(hear(on_the_line(at_level(PERSON, -8.0), seconds=3.0)))


def test_before_anybody_is_known_everything_counts() -> None:
    """The first words of a call may be faint: there is nothing to hold them against."""
    assert voiced(hear(on_the_line(at_level(PERSON, -20.0), seconds=3.0))) > 60


def test_a_telephone_laid_aside_is_heard_again() -> None:
    """24 dB softer from now on, and nobody at the mouthpiece: after ten seconds that voice counts."""
    hearing = Hearing(SileroVad())
    answered(hearing)
    first = hear(on_the_line(at_level(TELEVISION, -24.0), seconds=4.0), hearing, from_s=3.0)
    hear(on_the_line(seconds=7.0), hearing, from_s=7.0)
    later = hear(on_the_line(at_level(TELEVISION, -24.0), seconds=4.0), hearing, from_s=14.0)
    assert voiced(first) == 0
    assert voiced(later) > 60


def test_an_answer_over_a_television_ends() -> None:
    """The person stops, the television goes on: to us it is silent."""
    hearing = Hearing(SileroVad())
    answered(hearing)
    television = np.concatenate([at_level(TELEVISION, -24.0)] * 3)
    steps = hear(on_the_line(at_level(PERSON, 0.0)[:16000], television, seconds=5.0), hearing, from_s=3.0)
    assert voiced(steps[:95]) > 50
    assert voiced(steps[135:]) == 0
