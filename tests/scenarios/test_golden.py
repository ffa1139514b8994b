"""Golden calls (tests/scenarios/*.yaml): the real dialogue, script and understanding; no telephone."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from golden import Golden, as_yaml, without_comments

from callbot.script_files import load_script
from callbot.understand.understander import Understander

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.yaml"))
SCRIPT = load_script(HERE.parents[1] / "prompts/scripts/weekly-checkin.yaml").script


@dataclass(frozen=True)
class Held:
    """All golden calls, held once."""

    calls: dict[Path, dict[str, Any]]
    cpu_s: float


@pytest.fixture(scope="module")
def held(understander: Understander) -> Held:
    goldens = [Golden.load(path) for path in FILES]
    began = time.process_time()
    calls = {golden.path: golden.held(SCRIPT, understander) for golden in goldens}
    return Held(calls, time.process_time() - began)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_call(path: Path, held: Held, request: pytest.FixtureRequest) -> None:
    """The call goes as written: every line, page, answer, and what it comes to."""
    found = held.calls[path]

    if request.config.getoption("--update", default=False):
        path.write_text(as_yaml(found), "utf-8")
    else:
        assert without_comments(found) == Golden.load(path).data, f"changed; if right: --update\n{as_yaml(found)}"


def test_there_are_enough_and_they_are_fast(held: Held) -> None:
    """At least 25 calls, all held in under 5 seconds (of this process, so that a busy machine fails nobody)."""
    assert len(held.calls) >= 25
    assert held.cpu_s < 5, f"{len(held.calls)} calls took {held.cpu_s:.1f} s"


def test_no_golden_call_is_glad_about_anything_but_fine(held: Held) -> None:
    """Read in the plays themselves: "다행" and its kin stand only where the answer above was taken as fine."""
    for path, call in held.calls.items():
        glad = {entry["bot"] for entry in call["call"] if entry.get("bot", "").endswith(".ok")}
        bad = {f"{topic}.ok" for topic, value in call["answers"].items() if value != "ok"}
        taken_back = any("barge-in" in entry for entry in call["call"])
        assert taken_back or not glad & bad, path.name
