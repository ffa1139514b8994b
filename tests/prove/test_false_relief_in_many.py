"""Ten thousand simulated calls with a model that says "다행이에요" to everything (issue 4)."""

import json

import pytest
from simulated_talks import hold_many

from callbot.bench_report import circumstances
from callbot.settings import ROOT
from callbot.understand.understander import Understander

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3 * 3600)]
CALLS = 10_000


def test_false_relief_is_zero_in_ten_thousand_calls(understander: Understander) -> None:
    """Neither the model nor the rules are glad about what was not meant as fine; figures go to .run/prove."""
    around = circumstances()
    talks = hold_many(understander, CALLS, seed=1)
    kept = ROOT / ".run" / "prove" / "false_relief.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "calls": talks.calls, "glad": talks.glad, "false_relief": len(talks.false_relief), "model_lines_spoken": talks.worded,
        **talks.counts,
    }  # fmt: skip
    kept.write_text(json.dumps({**around, **figures}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert talks.false_relief == []
    assert talks.worded == 0
