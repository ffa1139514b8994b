"""The long proof of the ledger: a hundred thousand due contacts with faults of every kind. Takes hours on two cores."""

import json
from pathlib import Path
from typing import Any

import pytest

from callbot.cli_simulate import run
from callbot.settings import ROOT
from callbot.simulate.weeks.weeks import Plan

pytestmark = [pytest.mark.prove, pytest.mark.timeout(8 * 3600)]
PEOPLE, WEEKS = 3600, 26
A_MILLION = 1_000_000
MEASURED = {"seconds", "cpu_seconds", "memory_mb", "memory_by_due_mb", "load_1m", "machine"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """About 1.1 contacts a person and week; kept in .run/prove/simulate.json with what a million would take, by growth."""
    found = run(Plan(PEOPLE, WEEKS, seed=7, chaos=True), "", tmp_path_factory.mktemp("simulate"), group=PEOPLE)
    found["a_million"] = extrapolated(found)
    kept = ROOT / ".run" / "prove" / "simulate.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return found


def extrapolated(found: dict[str, Any]) -> dict[str, float]:
    """Linear: time by contact, memory by its growth over the second half of the run."""
    grown = sorted((int(due), mb) for due, mb in found["memory_by_due_mb"].items())
    middle, last = grown[len(grown) // 2], grown[-1]
    per_due = (last[1] - middle[1]) / max(last[0] - middle[0], 1)
    return {
        "cpu_hours": round(found["cpu_seconds"] / found["due"] * A_MILLION / 3600, 1),
        "memory_mb": round(last[1] + per_due * (A_MILLION - last[0])),
    }


def test_a_hundred_thousand_due_contacts(result: dict[str, Any]) -> None:
    """Not one broken promise, in the ledger or at the line, under thousands of faults."""
    assert result["due"] >= 100_000
    assert result["violations"] == {}, result["broken"]
    assert sum(result["dispositions"].values()) == result["due"]


def test_memory_is_flat(result: dict[str, Any]) -> None:
    """The second half of the run grows by less than a fifth of what the process holds."""
    grown = sorted((int(due), mb) for due, mb in result["memory_by_due_mb"].items())
    assert grown[-1][1] < 1.2 * grown[len(grown) // 2][1]


def test_the_load_is_realistic(result: dict[str, Any]) -> None:
    """4 to 14 % missed, about 0.2 % of contacts in distress: what published programmes report."""
    assert 0.03 <= result["missed_share"] <= 0.14
    assert Path(ROOT / ".run" / "prove" / "simulate.json").exists()


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    """Two groups, one after the other or both at once: the same figures."""
    found = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        result = run(Plan(40, 1, seed=5, chaos=True), "", folder, jobs=jobs, group=20)
        found.append({name: value for name, value in result.items() if name not in MEASURED})
    assert found[0] == found[1]
    assert found[0]["groups"] == 2
