"""`callbot transcribe WAV...`: whole files through the ears of a call: the same voice activity, turns, recogniser, gates."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import soxr
import typer
from numpy.typing import NDArray

from callbot.adapters.silero import SileroVad, WeightsMissing
from callbot.adapters.whisper import ModelUnusable, WhisperEars
from callbot.listen.segments import Segment, segments
from callbot.listen.utterance import Transcript
from callbot.settings import SettingsError, load
from callbot.talk.ports import EarsDown

VAD_RATE = 8000
STEP = 160
"""Samples of 20 ms at VAD_RATE."""
BEST_RATE = 16_000
"""Recordings better than a telephone are decoded at what Whisper hears."""
NO_SPEECH = "no_speech"
"""`rejected` of a file in which no voice was found."""


class CannotRead(ValueError):
    """A file is no readable sound; the message names it."""


@dataclass(frozen=True)
class Recording:
    """Mono sound."""

    pcm: NDArray[np.int16]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.pcm) / self.rate

    def at(self, rate: int) -> "Recording":
        """The same at another rate."""
        if rate == self.rate:
            return self
        return Recording(np.asarray(soxr.resample(self.pcm, self.rate, rate), dtype=np.int16), rate)

    def cut(self, part: Segment) -> NDArray[np.int16]:
        return self.pcm[round(part.start_s * self.rate) : round(part.end_s * self.rate)]


def read(path: Path) -> Recording:
    """Any rate, channels (mixed to one) and format that libsndfile knows. Raises CannotRead."""
    if not path.is_file():
        raise CannotRead(f"{path}: no such file")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
        raise CannotRead(f"{path}: not a sound file that can be read ({str(error).rstrip('.')})") from error
    if not len(samples):
        raise CannotRead(f"{path}: holds no sound")
    mono = np.nan_to_num(samples.mean(axis=1))
    return Recording((np.clip(mono, -1.0, 1.0) * 32767).astype(np.int16), int(rate))


def utterances(recording: Recording) -> list[Segment]:
    """Where somebody speaks, by voice activity and the turn reducer of a live call."""
    pcm, vad = recording.at(VAD_RATE).pcm, SileroVad()
    return segments(vad.step(pcm[start : start + STEP]) for start in range(0, len(pcm), STEP))


async def transcribe_file(path: Path, ears: WhisperEars) -> dict[str, object]:
    """One JSON object for one file. Raises CannotRead, EarsDown."""
    recording = read(path)
    began = time.process_time()
    parts = await asyncio.to_thread(utterances, recording)
    cpu_seconds = time.process_time() - began
    spoken = recording.at(BEST_RATE) if recording.rate > VAD_RATE else recording
    heard = [await ears.transcribe(spoken.cut(part), rate=spoken.rate) for part in parts]
    text = " ".join(one.text for one in heard if one.text)
    return {
        "file": str(path),
        "text": text,
        "seconds": round(recording.seconds, 3),
        "cpu_seconds": round(cpu_seconds + sum(one.cpu_seconds for one in heard), 3),
        "rejected": None if text else _reasons(heard),
    }


def _reasons(heard: list[Transcript]) -> str:
    """Names of the gates, each once, in order; a file without any voice is no speech."""
    return ",".join(dict.fromkeys(one.rejected for one in heard if one.rejected)) or NO_SPEECH


async def transcribe_files(paths: list[Path], ears: WhisperEars) -> bool:
    """Print a line a file as it is done; True when every file could be read."""
    good = True
    try:
        for path in paths:
            try:
                answer = await transcribe_file(path, ears)
            except (CannotRead, EarsDown, WeightsMissing) as error:
                print(error, file=sys.stderr)  # noqa: T201 - the command's own voice
                good = False
            else:
                print(json.dumps(answer, ensure_ascii=False), flush=True)  # noqa: T201 - the command's data
    finally:
        await ears.close()
    return good


def command(
    files: Annotated[list[Path], typer.Argument(metavar="WAV...", help="Sound files: any rate, any channels.")],
    model: Annotated[
        Path | None, typer.Option(help="Directory of a CTranslate2 Whisper model; default: setting whisper_model.")
    ] = None,
) -> None:
    """Transcribe recordings as a call would hear them. One JSON object a line: file, text, seconds, cpu_seconds, rejected."""
    try:
        settings = load()
        ears = WhisperEars(model or settings.whisper_dir, workers=1, threads=settings.ears_threads)
        good = asyncio.run(transcribe_files(files, ears))
    except (ModelUnusable, SettingsError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - as above
        raise typer.Exit(1) from error
    if not good:
        raise typer.Exit(1)
