"""`callbot export workload`: a table that a spreadsheet opens."""

import csv
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from ledger_fixtures import build_town, fresh_sqlite

from callbot.escalate.case import CaseKind, CaseOutcome
from callbot.schedule.window import SEOUL
from callbot.understand.meaning import Level
from callbot.workflows.handle_case import close_case
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording


def run(directory: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environ = os.environ | {"CALLBOT_DATA_DIR": str(directory)}
    command = [sys.executable, "-m", "callbot.cli", "export", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_workload_as_a_table(sqlite_template: Path, tmp_path: Path) -> None:
    """One worker, one day: two pages, one true case, one false alarm; no name of a care recipient. Excel's own mark first."""
    store = fresh_sqlite(sqlite_template, tmp_path / "ledger")
    now = datetime.now(UTC)
    town = build_town(store, 2)
    for person, outcome in zip(town.person_ids, (CaseOutcome.VISITED, CaseOutcome.FALSE_ALARM), strict=True):
        case = open_case(store, Matter(person, CaseKind.DISTRESS, Level.HIGH, Wording("x"), "y", "z"), now)
        close_case(store, case.case_id, outcome, "", now)
    store.close()
    file = tmp_path / "workload.csv"
    done = run(tmp_path / "ledger", "workload", "-o", str(file))
    assert done.returncode == 0, done.stderr
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    assert rows[1:] == [[f"{now.astimezone(SEOUL):%Y-%m-%d}", "한담당", "2", "2", "1", "1", "0", "0.50"]]
    assert "박철수" not in file.read_text("utf-8-sig")


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    """No ledger here: one sentence, exit 1, no traceback."""
    done = run(tmp_path, "workload")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
