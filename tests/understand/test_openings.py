"""Who or what picked up, from the first words."""

import json
from pathlib import Path

from callbot.understand.meaning import Intent, Topic

OPENINGS = [json.loads(line) for line in Path("tests/data/score/openings.jsonl").read_text("utf-8").splitlines()]


def test_no_machine_is_taken_for_a_person_and_no_person_for_a_machine(understander):
    """131 openings written for development (docs/scoring.md); a mailbox and a carrier's announcement may be mixed up."""
    wrong = []
    for opening in OPENINGS:
        meaning = understander.hear(opening["text"], Topic.NOTICE)
        is_machine = bool(meaning.intents & {Intent.MACHINE, Intent.ANNOUNCEMENT})
        if is_machine is (opening["expect"] == "person"):
            wrong.append(opening["text"])
    assert wrong == []


def test_the_set_is_large_enough_to_mean_something():
    """At least 120, of all three kinds."""
    kinds = [opening["expect"] for opening in OPENINGS]
    assert len(kinds) >= 120
    assert min(kinds.count(kind) for kind in ("person", "machine", "announcement")) >= 15
