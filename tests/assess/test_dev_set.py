"""Floors on the development set (docs/scoring.md: the rules were written looking at it)."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from recogniser_noise import KINDS

from callbot.assess.dialogue_score import score_dialogue
from callbot.converse.transcript import Turn
from callbot.understand.meaning import Level, Topic
from callbot.understand.understander import Understander

ITEMS = [json.loads(line) for line in Path("tests/data/score/dev.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def confusion(understander):
    """Counts by (expected, found)."""
    return _found(ITEMS, understander)


LATER = ("dev-2", "dev-3", "dev-4", "dev-5", "dev-6")


def _found(items: list[dict[str, Any]], understander: Understander) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for item in items:
        turns = [Turn(index, turn["who"], turn["text"]) for index, turn in enumerate(item["turns"])]
        found[item["expect"], score_dialogue(turns, understander).level.value] += 1
    return found


def test_what_was_mended_later_stays_mended(understander):
    """Over all later development sets: emergencies 98 %, false emergencies 1 %, any flag among none 7 %."""
    lines = [line for name in LATER for line in Path(f"tests/data/score/{name}.jsonl").read_text("utf-8").splitlines()]
    found = _found([json.loads(line) for line in lines], understander)
    emergencies = sum(count for (expect, _), count in found.items() if expect == "emergency")
    none = sum(count for (expect, _), count in found.items() if expect == "none")
    false = sum(count for (expect, got), count in found.items() if got == "emergency" and expect != got)
    assert found["emergency", "emergency"] >= 0.98 * emergencies
    assert false <= 0.01 * (sum(found.values()) - emergencies)
    assert none - found["none", "none"] <= 0.07 * none


def test_the_set_holds_enough_hard_negatives():
    """At least 45 % that must not be flagged."""
    none = sum(item["expect"] == "none" for item in ITEMS)
    assert len(ITEMS) >= 150
    assert none / len(ITEMS) >= 0.45


def test_every_emergency_is_an_emergency(confusion):
    """100 % on the development set."""
    missed = {pair: count for pair, count in confusion.items() if pair[0] == "emergency" and pair[1] != "emergency"}
    assert missed == {}


def test_high_is_at_least_high(confusion):
    """100 % on the development set."""
    missed = {pair: count for pair, count in confusion.items() if pair[0] == "high" and pair[1] in ("none", "watch")}
    assert missed == {}


def test_false_alarms_are_few(confusion):
    """Emergencies among the rest at most 1 %, any flag among `none` at most 6 %."""
    rest = sum(count for (expect, _), count in confusion.items() if expect in ("none", "watch"))
    false_emergencies = sum(
        n for (expect, got), n in confusion.items() if expect in ("none", "watch") and got == "emergency"
    )
    none = sum(count for (expect, _), count in confusion.items() if expect == "none")
    flagged = sum(n for (expect, got), n in confusion.items() if expect == "none" and got != "none")
    assert false_emergencies <= 0.01 * rest
    assert flagged <= 0.06 * none


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_emergencies_survive_the_spelling_of_a_recogniser(understander, kind):
    """At least 92 % of development emergencies stay high or above, whatever the noise."""
    emergencies = [item["turns"][-1]["text"] for item in ITEMS if item["expect"] == "emergency"]
    kept = 0
    for text in emergencies:
        signals = understander.hear(KINDS[kind](text), Topic.NOTICE).signals
        kept += any(signal.level.rank >= Level.HIGH.rank for signal in signals)
    assert kept >= 0.92 * len(emergencies)
