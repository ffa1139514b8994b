"""`callbot bench score`: how fast calls are scored, and how well, on the labelled transcripts of tests/data/score.

Of held-out sets only figures are given, never an item: rules are not to be mended by looking at them.
"""

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from callbot.adapters.kiwi import KiwiAnalyser
from callbot.assess.dialogue_score import score_dialogue
from callbot.assess.interval import share
from callbot.cli_score import read_line
from callbot.lexicon_files import load_lexicon
from callbot.settings import ROOT
from callbot.understand.meaning import Category, Intent, Level, Topic
from callbot.understand.understander import Understander

SETS = ROOT / "tests" / "data" / "score"
_ONE = '{"id":"1","turns":[{"who":"person","text":"밥 먹었어요."}]}\n'
_ENOUGH_CALLS = 100
"""Whole calls for the throughput."""


def ready_s() -> float:
    """From starting `callbot score` to its first line of output."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "callbot.cli", "score"], input=_ONE, text=True, check=True, capture_output=True
    )
    return time.perf_counter() - began


def measure(directory: Path = SETS) -> dict[str, Any]:
    """Throughput in one warmed process; by set, levels against labels with 95 % intervals."""
    understander = Understander(load_lexicon(), KiwiAnalyser())
    score_dialogue(read_line(_ONE)[1], understander)
    sets: dict[str, Any] = {}
    for path in sorted(directory.glob("*.jsonl")):
        items = read_items(path)
        labelled = bool(items) and "turns" in items[0]
        sets[path.stem] = score_set(items, understander) if labelled else _openings(items, understander)
    for path in sorted((directory / "heard").glob("*.jsonl")):
        sets[f"heard/{path.stem}"] = score_set(read_items(path), understander)
    for path in sorted((directory / "ideation").glob("*.jsonl")):
        sets[f"ideation/{path.stem}"] = ideation(read_items(path), understander)
    return {**throughput(directory, understander), "ready_s": round(ready_s(), 2), "sets": sets}


def read_items(path: Path) -> list[dict[str, Any]]:
    """One JSON object a line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def throughput(directory: Path, understander: Understander) -> dict[str, Any]:
    """Whole calls (eight answers) a second and the slowest answers: wall clock and CPU, one core; nothing remembered from
    an earlier pass but what calls share (questions, "네")."""
    path = directory / "heldout-dialogues.jsonl"
    if not path.exists():
        return {"calls_per_s": None}
    calls = [read_line(json.dumps(item))[1] for item in read_items(path)][:_ENOUGH_CALLS]
    fresh = Understander(understander.lexicon, understander.analyser)
    wall, cpu = time.perf_counter(), time.process_time()
    for turns in calls:
        score_dialogue(turns, fresh)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    answers = []
    fresh = Understander(understander.lexicon, understander.analyser)
    for turn in (turn for turns in calls for turn in turns if turn.who == "person"):
        began = time.process_time()
        fresh.hear(turn.text, Topic.NOTICE)
        answers.append(time.process_time() - began)
    answers.sort()
    return {
        "calls_per_s": round(len(calls) / wall, 1),
        "calls_per_cpu_s": round(len(calls) / cpu, 1),
        "answer_cpu_ms": {
            "p50": round(1000 * answers[len(answers) // 2], 2),
            "p99": round(1000 * answers[int(0.99 * len(answers))], 2),
        },
    }


def score_set(items: Sequence[dict[str, Any]], understander: Understander) -> dict[str, Any]:
    """Levels found against `expect`; what the recogniser rejected counts as nothing found."""
    found: list[tuple[Level, Level]] = []
    by_category: defaultdict[str, list[tuple[Level, Level]]] = defaultdict(list)
    for item in items:
        expected = Level(item["expect"])
        given = Level.NONE if item.get("rejected") else _level(item, understander)
        found.append((expected, given))
        by_category[item.get("category") or "any"].append((expected, given))
    categories = (
        {name: _by_category(pairs) for name, pairs in sorted(by_category.items())} if len(by_category) > 1 else {}
    )
    return {**levels(found), "by_category": categories}


def _level(item: dict[str, Any], understander: Understander) -> Level:
    turns = read_line(json.dumps(item))[1]
    level = score_dialogue(turns, understander).level
    alternatives = item.get("alternatives") or ()
    if not alternatives:
        return level
    more = understander.hear(turns[-1].text, Topic.NOTICE, alternatives=alternatives).signals
    return max([level, *(signal.level for signal in more)], key=lambda each: each.rank)


def ideation(items: Sequence[dict[str, Any]], understander: Understander) -> dict[str, Any]:
    """A signal of suicide at high or above, and at watch or above; `unclear` items are in no figure."""
    worst: Counter[tuple[str, int]] = Counter()
    for item in items:
        text = item.get("text") or item["turns"][-1]["text"]
        signals = understander.hear(text, Topic.NOTICE).signals
        worst[
            item["expect"],
            max((signal.level.rank for signal in signals if signal.category is Category.SUICIDE), default=0),
        ] += 1
    result: dict[str, Any] = {}
    for expected, name in (("ideation", "found"), ("other", "false_alarms")):
        whole = sum(count for (label, _), count in worst.items() if label == expected)
        for least, at in ((Level.HIGH, "high"), (Level.WATCH, "watch")):
            hits = sum(count for (label, rank), count in worst.items() if label == expected and rank >= least.rank)
            result[f"{name}_at_{at}"] = share(hits, whole)
    return result


def _openings(items: list[dict[str, Any]], understander: Understander) -> dict[str, Any]:
    """First words ({"expect": person|machine|announcement, "text"}): was a person told from a machine?"""
    machine = {Intent.MACHINE, Intent.ANNOUNCEMENT}
    found = [
        (item["expect"] == "person", not understander.hear(item["text"], Topic.NOTICE).intents & machine)
        for item in items
    ]
    return {
        "n": len(found),
        "exact": share(sum(is_person is taken for is_person, taken in found), len(found)),
        "machine_taken_for_a_person": sum(taken and not is_person for is_person, taken in found),
        "person_taken_for_a_machine": sum(is_person and not taken for is_person, taken in found),
    }


def levels(found: Sequence[tuple[Level, Level]]) -> dict[str, Any]:
    """(expected, given) pairs in figures, each share with its Wilson interval.

    >>> levels([(Level.EMERGENCY, Level.EMERGENCY), (Level.NONE, Level.HIGH), (Level.WATCH, Level.WATCH)])["none_flagged"]["share"]
    1.0
    """
    matrix = Counter((expected.value, given.value) for expected, given in found)
    calm = [given for expected, given in found if expected in (Level.NONE, Level.UNASSESSABLE)]
    return {
        "n": len(found),
        "matrix": {f"{expected} as {given}": count for (expected, given), count in sorted(matrix.items())},
        "emergency_recall": _part(found, [Level.EMERGENCY], Level.EMERGENCY),
        "high_recall": _part(found, [Level.EMERGENCY, Level.HIGH], Level.HIGH),
        "watch_recall": _part(found, [Level.EMERGENCY, Level.HIGH, Level.WATCH], Level.WATCH),
        "emergency_false_alarms": _part(found, [Level.HIGH, Level.WATCH, Level.NONE], Level.EMERGENCY),
        "emergency_among_watch_and_none": _part(found, [Level.WATCH, Level.NONE], Level.EMERGENCY),
        "high_false_alarms": _part(found, [Level.WATCH, Level.NONE], Level.HIGH),
        "none_flagged": share(sum(given.rank > 0 for given in calm), len(calm)),
        "precision": {level.value: _precision(found, level) for level in (Level.EMERGENCY, Level.HIGH, Level.WATCH)},
    }


def _by_category(found: Sequence[tuple[Level, Level]]) -> dict[str, Any]:
    """At or above the expected level; or, where nothing was to be found, flagged."""
    calm = [given for expected, given in found if expected.rank == 0]
    grave = [(expected, given) for expected, given in found if expected.rank > 0]
    figures: dict[str, Any] = {}
    if grave:
        figures["at_or_above"] = share(sum(given.rank >= expected.rank for expected, given in grave), len(grave))
    if calm:
        figures["flagged"] = share(sum(given.rank > 0 for given in calm), len(calm))
        figures["flagged_per_1000"] = round(1000 * sum(given.rank > 0 for given in calm) / len(calm), 1)
    return figures


def _part(found: Iterable[tuple[Level, Level]], expected: Sequence[Level], least: Level) -> dict[str, Any]:
    given = [level for label, level in found if label in expected]
    return share(sum(level.rank >= least.rank for level in given), len(given))


def _precision(found: Sequence[tuple[Level, Level]], least: Level) -> dict[str, Any]:
    """Of those given at least this level, how many were labelled with at least it."""
    flagged = [expected for expected, given in found if given.rank >= least.rank]
    return share(sum(expected.rank >= least.rank for expected in flagged), len(flagged))
