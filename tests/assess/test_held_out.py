"""The held-out sets are large enough, and apart from what rules are mended by."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

SETS = Path("tests/data/score")


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / name).read_text("utf-8").splitlines()]


def _said(items: list[dict[str, Any]]) -> set[str]:
    """What persons said, of more than one word."""
    texts = [turn["text"] for item in items for turn in item["turns"] if turn["who"] == "person"]
    return {text for text in texts if " " in text.strip()}


def test_the_held_out_sets_are_as_large_as_promised():
    """At least 600 utterances with 45 % hard negatives, 100 whole calls, 100 phrasings of ideation."""
    for name in ("heldout", "heldout-2"):
        utterances = _read(f"{name}.jsonl")
        none = Counter(item["expect"] for item in utterances)["none"]
        assert len(utterances) >= 600
        assert none >= 0.45 * len(utterances)
        assert len(_read(f"{name}-dialogues.jsonl")) >= 100
    assert sum(item["expect"] == "ideation" for item in _read("ideation/own.jsonl")) >= 100


def test_no_held_out_sentence_is_a_development_sentence():
    """Nor one of the lexicon's examples: those are written by whoever mends rules."""
    development = _said(
        [item for name in ("dev", "dev-2", "dev-3", "dev-4", "dev-5", "dev-6") for item in _read(f"{name}.jsonl")]
    )
    lexicon = "\n".join(path.read_text("utf-8") for path in Path("prompts/lexicon").glob("*.yaml"))
    held_out = _said([*_read("heldout.jsonl"), *_read("heldout-2.jsonl"), *_read("ideation/own.jsonl")])
    assert held_out & development == set()
    long = {text for text in held_out if len(text) > 14}
    assert {text for text in long if text in lexicon} == set()
