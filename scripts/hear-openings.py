"""Passes openings (tests/data/openings.yaml) through voice, telephone and recogniser; what was heard goes to openings_heard.jsonl.

Takes about 6 CPU seconds a sentence; what is in the file already is not heard again. Machines: every second sentence; people:
every fifth. Clips are kept in .run/openings.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from callbot.adapters.kokoro import VOICES, KokoroVoice
from callbot.adapters.model_files import WHISPER_BASE, join_whisper
from callbot.adapters.whisper_worker import Recogniser
from callbot.bench_ears import on_the_line, speak
from callbot.listen.gates import judge
from callbot.settings import ROOT

DATA = ROOT / "tests" / "data"
HEARD = DATA / "openings_heard.jsonl"
PEOPLE = ("person", "organisation")
MACHINE_SPEED = 0.95


def wanted() -> Iterator[tuple[str, str, str, bool]]:
    """(kind, sentence, voice, held out), machines and people in turn."""
    groups = YAML(typ="safe").load((DATA / "openings.yaml").read_text("utf-8"))
    rows: list[list[tuple[str, str, str, bool]]] = [[], []]
    for kind, sentences in groups.items():
        people = kind in PEOPLE
        for index, sentence in enumerate(sentences):
            if index % (5 if people else 2) == 0:
                voice = VOICES[index % len(VOICES)] if people else VOICES[index // 2 % 3]
                rows[people].append((kind, sentence, voice, index % 3 == 2))  # noqa: PLR2004 - every third is held out
    machines, persons = rows
    for number, row in enumerate(machines):
        yield row
        yield from persons[number : number + 1]
    yield from persons[len(machines) :]


def main() -> None:
    """Hear what is missing."""
    join_whisper(ROOT / ".models")
    known = {json.loads(line)["said"] for line in HEARD.read_text("utf-8").splitlines()} if HEARD.exists() else set()
    recogniser, engine = Recogniser(ROOT / ".models" / WHISPER_BASE, 1), KokoroVoice(threads=1)
    with HEARD.open("a", encoding="utf-8") as file:
        for kind, said, voice, held_out in wanted():
            if said in known:
                continue
            speed = 0.9 if kind in PEOPLE else MACHINE_SPEED
            pcm = on_the_line(speak(said, voice, Path(".run/openings"), engine, speed))
            heard = judge(recogniser.transcribe(pcm, 8000, ()))
            row = {
                "kind": kind,
                "said": said,
                "voice": voice,
                "held_out": held_out,
                "heard": heard.text,
                "alternatives": list(heard.alternatives),
                "confidence": round(heard.confidence, 2),
                "rejected": heard.rejected,
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            sys.stderr.write(".")


if __name__ == "__main__":
    main()
