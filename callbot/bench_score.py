"""`callbot bench score`: how fast calls are scored, and how well, on the labelled transcripts of tests/data/score."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.assess.dialogue_score import score_dialogue
from callbot.cli_score import read_line
from callbot.lexicon_files import load_lexicon
from callbot.settings import ROOT
from callbot.understand.meaning import Intent, Level, Topic
from callbot.understand.understander import Understander

SETS = ROOT / "tests" / "data" / "score"
_ONE = '{"id":"1","turns":[{"who":"person","text":"밥 먹었어요."}]}\n'


def ready_s() -> float:
    """From starting `callbot score` to its first line of output."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "callbot.cli", "score"], input=_ONE, text=True, check=True, capture_output=True
    )
    return time.perf_counter() - began


def measure(directory: Path = SETS) -> dict[str, Any]:
    """Calls a second in one process once it is warm; by set, how often the level is the one expected."""
    understander = Understander(load_lexicon(), KiwiAnalyser())
    score_dialogue(read_line(_ONE)[1], understander)
    sets: dict[str, Any] = {}
    seconds, scored = 0.0, 0
    for path in sorted(directory.glob("*.jsonl")):
        items = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        if items and "turns" not in items[0]:
            sets[path.stem] = _openings(items, understander)
            continue
        calls = [(Level(item["expect"]), read_line(json.dumps(item))[1]) for item in items]
        began = time.perf_counter()
        found = [(expected, score_dialogue(turns, understander).level) for expected, turns in calls]
        seconds += time.perf_counter() - began
        scored += len(found)
        sets[path.stem] = levels(found)
    return {
        "calls_per_s": round(scored / seconds, 1) if seconds else None,
        "ready_s": round(ready_s(), 2),
        "sets": sets,
    }


def _openings(items: list[dict[str, Any]], understander: Understander) -> dict[str, Any]:
    """First words ({"expect": person|machine|announcement, "text"}): was a person told from a machine?"""
    machine = {Intent.MACHINE, Intent.ANNOUNCEMENT}
    found = [
        (item["expect"] == "person", not understander.hear(item["text"], Topic.NOTICE).intents & machine)
        for item in items
    ]
    return {
        "n": len(found),
        "exact": _share(sum(is_person is taken for is_person, taken in found), len(found)),
        "machine_taken_for_a_person": sum(taken and not is_person for is_person, taken in found),
        "person_taken_for_a_machine": sum(is_person and not taken for is_person, taken in found),
    }


def levels(found: list[tuple[Level, Level]]) -> dict[str, Any]:
    """(expected, given) pairs in figures.

    >>> levels([(Level.EMERGENCY, Level.EMERGENCY), (Level.NONE, Level.HIGH), (Level.WATCH, Level.WATCH)])["false_alarms"]
    0.5
    """
    expected = Counter(level for level, _ in found)
    exact = Counter(level for level, given in found if level is given)
    grave = [given.rank for level, given in found if level.rank >= Level.HIGH.rank]
    harmless = [given.rank for level, given in found if level.rank < Level.HIGH.rank]
    urgent = [given for level, given in found if level is Level.EMERGENCY]
    return {
        "n": len(found),
        "exact": _share(sum(exact.values()), len(found)),
        "exact_by_level": {level.value: _share(exact[level], expected[level]) for level in Level if expected[level]},
        "emergencies_found": _share(sum(given is Level.EMERGENCY for given in urgent), len(urgent)),
        "emergencies_below_high": sum(given.rank < Level.HIGH.rank for given in urgent),
        "high_or_worse_found": _share(sum(rank >= Level.HIGH.rank for rank in grave), len(grave)),
        "false_alarms": _share(sum(rank >= Level.HIGH.rank for rank in harmless), len(harmless)),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
