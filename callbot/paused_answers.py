"""Answers with pauses inside, spoken and recognised: what `callbot bench endpoint` makes its timelines of.

Each sentence is spoken part by part by embedded voices; what the recogniser makes of every beginning ("밥은 먹었는데") is decoded
once and kept: that is the text which the turn policy sees in a pause.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from callbot.adapters.kokoro import VOICES, KokoroVoice
from callbot.adapters.whisper import WhisperEars
from callbot.bench_ears import on_the_line, speak
from callbot.listen.listen_for import QuestionKind
from callbot.settings import ROOT
from callbot.speech_measures import RATE, Pcm

MATERIAL = ROOT / "tests" / "data" / "paused_answers.yaml"
JOIN_S = 0.7
"""Silence between the parts of a beginning when it is decoded."""
VOICES_EACH = 2
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


@dataclass(frozen=True)
class PausedAnswer:
    """One answer by one voice; `beginnings[i]`: of the parts up to and including i."""

    kind: QuestionKind
    voice: str
    parts: tuple[str, ...]
    beginnings: tuple[Beginning, ...]


def sentences(path: Path = MATERIAL) -> Iterator[tuple[QuestionKind, str, tuple[str, ...]]]:
    """(kind of question, voice, parts), each sentence with VOICES_EACH voices."""
    content = YAML(typ="safe").load(path.read_text("utf-8"))
    for round_ in range(VOICES_EACH):
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


async def recognised(ears: WhisperEars, cache: Path, progress: Callable[[str], None]) -> list[PausedAnswer]:
    """Every sentence spoken and every beginning decoded; kept in `cache`, so that only the first time takes minutes."""
    file = cache / "beginnings.json"
    known: dict[str, list[dict[str, object]]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    engine = KokoroVoice()
    found: list[PausedAnswer] = []
    for kind, voice, texts in sentences():
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
    found: list[Beginning] = []
    for count in range(1, len(parts) + 1):
        heard = await ears.transcribe(on_the_line(joined(parts[:count], [JOIN_S] * (count - 1))))
        found.append(Beginning(heard.text, heard.rejected, round(heard.confidence, 3), round(heard.cpu_seconds, 3)))
    return found
