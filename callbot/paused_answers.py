"""Answers with pauses inside, spoken and recognised: what `callbot bench endpoint` makes its timelines of.

Each sentence is spoken part by part by embedded voices; what the recogniser makes of every beginning ("밥은 먹었는데") is decoded
once and kept: that is the text which the turn policy sees in a pause.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from callbot.adapters.kokoro import VOICES, KokoroVoice
from callbot.adapters.silero import SileroVad
from callbot.adapters.whisper import WhisperEars
from callbot.bench_ears import on_the_line, speak
from callbot.listen.endings import SentenceEnding, sentence_ending
from callbot.listen.listen_for import QuestionKind
from callbot.listen.turn import STEP_S
from callbot.listen.utterance import Transcript
from callbot.settings import ROOT
from callbot.simulate.turn_timeline import SpokenAnswer
from callbot.speech_measures import RATE, Pcm

MATERIAL = ROOT / "tests" / "data" / "paused_answers.yaml"
UNSEEN = MATERIAL.with_name("paused_answers_2.yaml")
"""Written after the policy was chosen on the first, before it was spoken."""
STEP = round(STEP_S * RATE)
EDGE = 0.35
"""Voice probability at which a part begins and ends."""
JOIN_S = 0.7
"""Silence between the parts of a beginning when it is decoded."""
VOICES_EACH = {MATERIAL: 2, UNSEEN: 1}
"""How many of the five voices say a sentence."""
_STRIDE = 2


@dataclass(frozen=True)
class Beginning:
    """What was recognised of the first parts of an answer."""

    text: str
    rejected: str | None
    confidence: float
    cpu_s: float
    """What the decode cost; on an idle core about what it takes."""
    alternatives: tuple[str, ...] = ()
    """Other hypotheses, best first."""


@dataclass(frozen=True)
class PausedAnswer:
    """One answer by one voice; `beginnings[i]`: of the parts up to and including i."""

    kind: QuestionKind
    voice: str
    parts: tuple[str, ...]
    beginnings: tuple[Beginning, ...]


def sentences(path: Path = MATERIAL) -> Iterator[tuple[QuestionKind, str, tuple[str, ...]]]:
    """(kind of question, voice, parts), each sentence with as many voices as VOICES_EACH says."""
    content = YAML(typ="safe").load(path.read_text("utf-8"))
    for round_ in range(VOICES_EACH.get(path, 1)):
        index = 0
        for kind, entries in content.items():
            for entry in entries:
                yield QuestionKind(kind), VOICES[(index + _STRIDE * round_) % len(VOICES)], tuple(entry)
                index += 1


def spoken_parts(answer: PausedAnswer, cache: Path, engine: KokoroVoice) -> list[Pcm]:
    """8 kHz, before the telephone."""
    return [speak(part, answer.voice, cache, engine) for part in answer.parts]


def joined(parts: list[Pcm], pauses_s: list[float]) -> Pcm:
    """The parts with silence between them."""
    pieces: list[Pcm] = []
    for part, pause in zip(parts, [*pauses_s, 0.0], strict=True):
        pieces += [part, np.zeros(round(pause * RATE), np.int16)]
    return np.concatenate(pieces)


def heard_file(material: Path) -> Path:
    """What was spoken and recognised of it (`callbot bench endpoint --render`)."""
    return material.with_name(f"{material.stem}_heard.jsonl")


async def recognised(
    ears: WhisperEars, cache: Path, progress: Callable[[str], None], material: Path = MATERIAL
) -> list[PausedAnswer]:
    """Every sentence spoken and every beginning decoded; kept in `cache`, so that only the first time takes minutes."""
    file = cache / f"{material.stem}.json"
    known: dict[str, list[dict[str, object]]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    engine = KokoroVoice()
    found: list[PausedAnswer] = []
    for kind, voice, texts in sentences(material):
        key = f"{voice}|{'|'.join(texts)}"
        if key not in known:
            progress(f"{len(found)}: {' ... '.join(texts)}")
            parts = [speak(text, voice, cache, engine) for text in texts]
            known[key] = [asdict(one) for one in await _decode(ears, parts)]
            file.write_text(json.dumps(known, ensure_ascii=False, indent=0), "utf-8")
        beginnings = tuple(Beginning(**row) for row in known[key])  # type: ignore[arg-type]
        found.append(PausedAnswer(kind, voice, texts, beginnings))
    return found


async def _decode(ears: WhisperEars, parts: list[Pcm]) -> list[Beginning]:
    found = []
    for count in range(1, len(parts) + 1):
        heard = await ears.transcribe(on_the_line(joined(parts[:count], [JOIN_S] * (count - 1))))
        found.append(
            Beginning(
                heard.text,
                heard.rejected,
                round(heard.confidence, 3),
                round(heard.cpu_seconds, 3),
                heard.alternatives,
            )
        )
    return found


def voice_tracks(answer: PausedAnswer, cache: Path, engine: KokoroVoice) -> list[list[float]]:
    """Silero's probabilities of each part through the telephone, one a 20 ms step."""
    tracks = []
    for part in spoken_parts(answer, cache, engine):
        vad, heard = SileroVad(), on_the_line(part)
        steps = [vad.step(heard[at : at + STEP]) for at in range(0, len(heard) - STEP + 1, STEP)]
        voiced = [index for index, speech in enumerate(steps) if speech >= EDGE]
        first, last = (voiced[0], voiced[-1]) if voiced else (0, len(steps) - 1)
        tracks.append([round(speech, 2) for speech in steps[first : last + 1]])
    return tracks


def save_heard(answers: list[PausedAnswer], cache: Path, file: Path) -> None:
    """One line of JSON an answer: everything that a timeline needs, without a voice or a recogniser."""
    engine = KokoroVoice()
    rows = [asdict(answer) | {"speech": voice_tracks(answer, cache, engine)} for answer in answers]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def read_heard(file: Path, *, exact: bool = False) -> list[SpokenAnswer]:
    """Answers for timelines. `exact`: as a recogniser that makes no mistakes would hear them, after the same time."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        said = [" ".join(row["parts"][: index + 1]) for index in range(len(row["parts"]))]
        found.append(
            SpokenAnswer(
                QuestionKind(row["kind"]),
                tuple(tuple(part) for part in row["speech"]),
                tuple(_exact(text) for text in said) if exact else tuple(map(_heard, row["beginnings"])),
                tuple(one["cpu_s"] for one in row["beginnings"]),
                tuple(sentence_ending(text) is not SentenceEnding.BARE for text in said[:-1]),
            )
        )
    return found


def _exact(text: str) -> Transcript:
    return Transcript(text, 1.0)


def _heard(row: dict[str, Any]) -> Transcript:
    return Transcript(row["text"], row["confidence"], row["rejected"], alternatives=tuple(row["alternatives"]))
