"""What people say through a real call is what the ledger says they said. Takes about an hour: `make prove`."""

import json
from typing import Any

import pytest

from callbot.bench_audio_path import ANSWERS
from callbot.bench_methods import METHODS
from callbot.bench_report import circumstances
from callbot.cli_bench import measure_audio_path
from callbot.settings import ROOT, load

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module", params=ANSWERS, ids=lambda path: path.stem)
def figures(request: pytest.FixtureRequest) -> dict[str, Any]:
    """All answers of a set through real calls, once; kept in .run/prove/audio-path-*.json."""
    around, measured = circumstances(), measure_audio_path(load(), answers=request.param)
    found = {"bench": "audio-path", **around, "method": METHODS["audio-path"], **measured}
    kept = ROOT / ".run" / "prove" / f"audio-path-{request.param.stem}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return found


def test_nothing_bad_is_recorded_as_fine(figures: dict[str, Any]) -> None:
    """Of 630 spoken answers, by five voices, not one that says "I am not well" stands in the ledger as ok."""
    assert figures["n"] >= 70
    assert len(figures["by_voice"]) == 5
    wrong = [error for error in figures["errors"] if error["verdict"] == "bad_as_ok"]
    assert wrong == []


def test_every_call_was_held(figures: dict[str, Any]) -> None:
    """Each of those people ends as contacted, and no promise of the ledger is broken."""
    assert figures["dispositions"] == {"contacted": figures["calls"]}
    assert figures["violations"] == {}


def test_no_fewer_answers_are_understood_than_measured(figures: dict[str, Any]) -> None:
    """A floor against getting worse, not the goal: 32 % of the loosest set were right with the embedded voice and Whisper base
    (docs/measurements.md); the others are unsure, which a human looks at. A larger model is the mend."""
    assert figures["right"] / figures["n"] >= 0.28
