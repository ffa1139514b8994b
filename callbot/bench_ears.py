"""`callbot bench ears`: character error rate and cost of recognition, on sentences spoken by the embedded voices."""

import asyncio
import hashlib
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from callbot.adapters.kokoro import VOICES, KokoroVoice
from callbot.adapters.whisper import WhisperEars
from callbot.listen.utterance import Transcript
from callbot.settings import ROOT
from callbot.speech_measures import RATE, Pcm, alaw, character_error_rate, comparable, through_telephone

SENTENCES = ROOT / "tests" / "data" / "spoken_sentences.txt"
AROUND_S = (0.3, 0.2)
"""Silence before and after, as the turn reducer cuts utterances out of a call."""


@dataclass(frozen=True)
class Spoken:
    """One sentence by one voice, as it arrives through the telephone."""

    text: str
    voice: str
    pcm: Pcm


@dataclass(frozen=True)
class Decoded:
    """What was made of it."""

    spoken: Spoken
    transcript: Transcript
    wall_s: float


def sentences(path: Path = SENTENCES) -> list[str]:
    """Lines that are not comments."""
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def speak(text: str, voice: str, cache: Path, engine: KokoroVoice, speed: float = 0.9) -> Pcm:
    """Mono 8 kHz before the telephone, kept in `cache`: a second of speech costs 0.9 CPU seconds."""
    key = hashlib.sha256(f"{engine.version}|{voice}|{speed}|{text}".encode()).hexdigest()[:20]
    file = cache / f"{key}.wav"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        soundfile.write(unfinished, engine.speak(text, voice, speed), RATE, subtype="PCM_16", format="WAV")
        unfinished.rename(file)
    pcm: NDArray[np.int16] = soundfile.read(file, dtype="int16")[0]
    return pcm


def on_the_line(pcm: Pcm, **line: Any) -> Pcm:
    """With the silence around it that an utterance of a call has, through the telephone (see `through_telephone`)."""
    before, after = (np.zeros(round(seconds * RATE), np.float32) for seconds in AROUND_S)
    heard = through_telephone(pcm.astype(np.float32) / 32768.0, RATE, **line)
    return np.concatenate((alaw(before.astype(np.int16)), heard, alaw(after.astype(np.int16))))


async def decode_all(ears: WhisperEars, clips: Iterable[Spoken], *, at_once: int = 1) -> list[Decoded]:
    """Decode every clip, `at_once` at the same time, as that many calls that answer together would."""
    waiting = list(clips)[::-1]
    done: list[Decoded] = []

    async def one_call() -> None:
        while waiting:
            spoken = waiting.pop()
            began = time.perf_counter()
            transcript = await ears.transcribe(spoken.pcm)
            done.append(Decoded(spoken, transcript, time.perf_counter() - began))

    await asyncio.gather(*(one_call() for _ in range(at_once)))
    return done


def figures(decoded: list[Decoded]) -> dict[str, Any]:
    """Error rates as fractions; seconds of CPU and of waiting."""
    heard = [(item.spoken.text, item.transcript.text) for item in decoded]
    walls = sorted(item.wall_s for item in decoded)
    rejected = [item.transcript.rejected for item in decoded if item.transcript.rejected]
    return {
        "n": len(decoded),
        "cer": round(character_error_rate(heard), 4),
        "exact": round(sum(comparable(said) == comparable(got) for said, got in heard) / len(heard), 3),
        "rejected": {name: rejected.count(name) for name in sorted(set(rejected))},
        "no_speech_prob_max": round(max(item.transcript.no_speech_prob for item in decoded), 3),
        "seconds_of_audio": round(sum(item.transcript.seconds for item in decoded), 1),
        "cpu_s": {"mean": round(statistics.mean(item.transcript.cpu_seconds for item in decoded), 3)},
        "wall_s": {"p50": round(percentile(walls, 50), 3), "p95": round(percentile(walls, 95), 3)},
    }


def percentile(ordered: list[float], percent: float) -> float:
    """Nearest rank of sorted values."""
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


async def measure(
    ears: WhisperEars,
    cache: Path,
    *,
    voices: Iterable[str] = VOICES,
    every: int = 1,
    progress: Callable[[str], None] = print,
) -> dict[str, Any]:
    """By voice: clean G.711, then 20 dB noise and 3 % loss for the first voice. `every`: use each n-th sentence only."""
    engine = KokoroVoice()
    results: dict[str, Any] = {}
    texts = sentences()[::every]
    for number, voice in enumerate(voices):
        clips = [(text, speak(text, voice, cache, engine)) for text in texts]
        lines: dict[str, dict[str, float]] = {"g711": {}}
        if number == 0:
            lines |= {"g711_20dB": {"snr_db": 20.0}, "g711_10dB": {"snr_db": 10.0}, "g711_loss3": {"lost": 0.03}}
        for name, line in lines.items():
            decoded = await decode_all(ears, [Spoken(text, voice, on_the_line(pcm, **line)) for text, pcm in clips])
            results[f"{voice} {name}"] = figures(decoded)
            progress(f"{voice} {name} {results[f'{voice} {name}']}")
    return results
