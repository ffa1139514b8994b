"""`callbot call` as a user runs it, and what must not hurt it while it talks."""

import json
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from demo_run import CALLBOT, ServeRun

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def run() -> Iterator[ServeRun]:
    """Ports and a data directory."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-call-", dir="/tmp"))
    directory.chmod(0o755)
    yield ServeRun(directory)
    shutil.rmtree(directory, ignore_errors=True)


def start(run: ServeRun, *words: str) -> "subprocess.Popen[str]":
    """`callbot` with these words."""
    command = [CALLBOT, *words]
    with (run.data_dir / "call.log").open("w") as log:
        return subprocess.Popen(
            command, env=run.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
        )


def await_words(run: ServeRun, words: str, seconds: float = 90) -> None:
    """Until the transcript shows them."""
    log = run.data_dir / "call.log"
    deadline = time.monotonic() + seconds
    while words not in log.read_text("utf-8"):
        assert time.monotonic() < deadline, log.read_text("utf-8")[-3000:]
        time.sleep(0.2)


def test_one_call_now(run: ServeRun) -> None:
    """Chest pain: the page is shown while the call goes on, the result is JSON, and a second service that wants the same
    ports says so in one sentence and leaves the call alone."""
    calling = start(run, "call", "010-0000-0102", "--json")
    try:
        await_words(run, "상대")
        second = subprocess.run(
            [CALLBOT, "serve", "--demo"],
            env={**run.environment, "CALLBOT_DATA_DIR": str(run.data_dir / "second")},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert calling.poll() is None, "the first call ended"
        out, _ = calling.communicate(timeout=180)
    finally:
        calling.kill()
        calling.communicate()
    assert second.returncode == 1
    assert len(second.stderr.strip().splitlines()) == 1, second.stderr
    assert "CALLBOT_" in second.stderr
    assert calling.returncode == 0, (run.data_dir / "call.log").read_text("utf-8")[-3000:]
    result = json.loads(out)
    assert (result["end"], result["disposition"], result["level"]) == ("person", "contacted", "emergency")
    assert ["distress", "emergency"] in result["cases"]
    assert result["pages"]
    assert set(result["pages"]) == {"unsent"}
    shown = [line.strip() for line in (run.data_dir / "call.log").read_text("utf-8").splitlines()]
    paged = next(number for number, line in enumerate(shown) if line.startswith("★"))
    assert any(line.startswith("봇") for line in shown[paged:]), "the call went on after the page"
    assert not any("Traceback" in line for line in shown)


def test_interrupted_by_the_caller(run: ServeRun) -> None:
    """Ctrl-C hangs up; the call ends in the ledger like any other, and nothing is left running."""
    calling = start(run, "call", "010-0000-0101")
    try:
        await_words(run, "녹음됩니다")
        calling.send_signal(signal.SIGINT)
        out, _ = calling.communicate(timeout=60)
    finally:
        calling.kill()
        calling.communicate()
    assert calling.returncode == 0, (run.data_dir / "call.log").read_text("utf-8")[-3000:]
    assert out.startswith("결과: ")
    ledger = sqlite3.connect(run.data_dir / "call" / "callbot.db")
    try:
        assert ledger.execute(
            "SELECT state, hung_up FROM attempts JOIN calls ON attempt_id = attempts.id"
        ).fetchall() == [("ended", 1)]
        assert ledger.execute("SELECT state FROM due_contacts").fetchall() == [("ended",)]
    finally:
        ledger.close()
    pid = run.data_dir / "call" / "asterisk" / "run" / "asterisk.pid"
    assert not pid.exists() or not Path(f"/proc/{pid.read_text().strip()}").exists()
