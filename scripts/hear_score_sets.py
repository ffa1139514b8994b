"""The labelled sentences of tests/data/score as a recogniser hears them: embedded voice, G.711, Whisper base.

    nice -n 19 .venv/bin/python scripts/hear_score_sets.py tests/data/score/heldout.jsonl [--every none=3,watch=2]

Writes tests/data/score/heard/<set>.jsonl, a line an item, as it goes; items already there are left alone, so that it can be
stopped and started again. Voices in turn; every fourth line carries noise 20 dB below speech. About 4 CPU seconds an item.
"""

import argparse
import asyncio
import json
from collections import Counter
from pathlib import Path

from callbot.adapters.kokoro import VOICES, KokoroVoice
from callbot.adapters.whisper import WhisperEars
from callbot.bench_ears import on_the_line
from callbot.settings import ROOT, load

METHOD = "kokoro-82m int8, G.711 A-law, whisper base int8"
NOISY = {"snr_db": 20.0}


def chosen(path: Path, every: dict[str, int]) -> list[dict[str, object]]:
    """Every n-th item of a level, first ones of all levels first, so that a stopped run is a fair sample."""
    seen: Counter[str] = Counter()
    ranked = []
    for line in path.read_text("utf-8").splitlines():
        item = json.loads(line)
        seen[item["expect"]] += 1
        number, step = seen[item["expect"]], every.get(item["expect"], 1)
        if number % step == 0:
            ranked.append((number // step, item))
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]


def append(out: Path, record: dict[str, object]) -> None:
    """One line."""
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


async def hear(path: Path, out: Path, every: dict[str, int], done: set[str]) -> None:
    """Append one line for each item that `out` lacks."""
    ears = WhisperEars(load().whisper_dir, workers=1, threads=1)
    engine = KokoroVoice(threads=1)
    try:
        for number, item in enumerate(chosen(path, every)):
            if item["id"] in done:
                continue
            said = item["turns"][-1]["text"]  # type: ignore[index]
            voice = VOICES[number % len(VOICES)]
            line = NOISY if number % 4 == 3 else {}  # noqa: PLR2004 - every fourth
            heard = await ears.transcribe(on_the_line(engine.speak(said, voice), **line))
            turns = [*item["turns"][:-1], {"who": "person", "text": heard.text}]  # type: ignore[index]
            record = {**item, "turns": turns, "said": said, "voice": voice, "line": line or "g711"}
            record |= {
                "alternatives": list(heard.alternatives),
                "rejected": heard.rejected,
                "confidence": round(heard.confidence, 3),
            }
            append(out, record)
    finally:
        await ears.close()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("--every", default="")
    options = parser.parse_args()
    every = {level: int(step) for level, _, step in (part.partition("=") for part in options.every.split(",") if part)}
    out = ROOT / "tests" / "data" / "score" / "heard" / options.set.name
    out.parent.mkdir(exist_ok=True)
    done = {json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()} if out.exists() else set()
    asyncio.run(hear(options.set, out, every, done))


if __name__ == "__main__":
    main()
