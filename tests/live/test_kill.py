"""kill -9 in the middle of a call, and while a phone rings: the ladder goes on, and nobody is called twice for one attempt."""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from demo_run import CALLBOT, ServeRun

pytestmark = pytest.mark.timeout(600)
FINE, NO_ANSWER = "010-0000-0101", "010-0000-0104"
ARGUMENTS = ("--only", "101", "--only", "104", "--no-phones", "--until-done", "--json")


@dataclass
class Crash:
    """What happened, and when (seconds since the epoch)."""

    run: ServeRun
    killed_at: float
    code: int
    summary: dict[str, Any]
    left_behind: list[int]
    """Processes of the killed service that were alive 5 s later, Asterisk apart."""

    def attempts(self, number: str) -> list[str]:
        """Ends of a person's attempts, in order."""
        person = next(row for row in self.summary["people"] if row["person"] == f"demo-{number[-4:]}")
        return list(person["attempts"])

    def phone(self, number: str, event: str) -> list[dict[str, Any]]:
        """Events of a phone, in order."""
        rows: list[dict[str, Any]] = []
        for file in (self.run.data_dir / "phones").glob("events-*.jsonl"):
            rows += [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        mine = [row for row in rows if row["number"] == number and row["event"] == event]
        return sorted(mine, key=lambda row: row["at"])


@contextlib.contextmanager
def phones(run: ServeRun, *numbers: str) -> Iterator[None]:
    """`callbot phones`, which outlives the service."""
    run.data_dir.mkdir(parents=True, exist_ok=True)
    with (run.data_dir / "phones.log").open("w") as log:
        process = subprocess.Popen(
            [CALLBOT, "phones", *numbers], env=run.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    try:
        for number in numbers:
            assert process.stdout.readline().startswith(f"READY {number}"), (run.data_dir / "phones.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="module")
def crash() -> Iterator[Crash]:
    """One person in the middle of a call, another whose phone rings; kill -9; `--resume`, until all is done."""
    directory = Path(tempfile.mkdtemp(prefix="callbot-kill-", dir="/tmp"))
    directory.chmod(0o755)
    run = ServeRun(directory)
    try:
        with phones(run, FINE, NO_ANSWER):
            run.start(*ARGUMENTS)
            run.await_rows(
                "SELECT 1 FROM attempts ringing JOIN attempts talking WHERE ringing.state = 'ringing' AND talking.state = "
                "'answered' AND EXISTS (SELECT 1 FROM calls JOIN turns ON turns.call_id = calls.id "
                "WHERE calls.attempt_id = talking.id AND turns.who = 'person' AND turns.has_words)",
            )
            children = descendants(run)
            run.kill()
            killed_at = time.time()
            left = [pid for pid in children if outlives(pid, killed_at + 5)]
            run.start(*ARGUMENTS, "--resume")
            code, summary = run.wait()
        yield Crash(run, killed_at, code, summary, left)
    finally:
        run.stop()
        shutil.rmtree(directory, ignore_errors=True)


def descendants(run: ServeRun) -> list[int]:
    """Pids of the service's processes; Asterisk is none of them, it has a session of its own."""
    assert run.process is not None
    found, waiting = [], [run.process.pid]
    while waiting:
        task = Path(f"/proc/{waiting.pop()}/task")
        for children in task.glob("*/children"):
            pids = [int(pid) for pid in children.read_text().split()]
            found += [pid for pid in pids if "asterisk.conf" not in command_line(pid)]
            waiting += pids
    return found


def command_line(pid: int) -> str:
    """Empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def outlives(pid: int, until: float) -> bool:
    """Whether a process is still there at that time."""
    while command_line(pid):
        if time.time() > until:
            return True
        time.sleep(0.1)
    return False


def test_the_ladder_goes_on(crash: Crash) -> None:
    """Both were interrupted once, and what follows is as if nothing had happened; no promise of the ledger is broken."""
    assert crash.code == 0, crash.run.log[-3000:]
    assert (crash.summary["due"], crash.summary["open"], crash.summary["violations"]) == (2, 0, {})
    assert crash.attempts(FINE) == ["interrupted", "person"]
    assert crash.summary["dispositions"] == {"contacted": 1, "not_reached": 1}
    ends = crash.attempts(NO_ANSWER)
    assert ends.count("interrupted") == 1
    assert set(ends) == {"interrupted", "no_answer"}


def test_nobody_is_called_twice_for_one_attempt(crash: Crash) -> None:
    """As many calls at each phone as attempts in the ledger, each under a key of its own."""
    for number in (FINE, NO_ANSWER):
        assert len(crash.phone(number, "called")) == len(crash.attempts(number))
    rows = crash.run.rows("SELECT key, dialling_at FROM attempts")
    assert len({key for key, _ in rows}) == len(rows)
    assert all(dialled is not None for _, dialled in rows)


def test_the_orphaned_calls_are_gone_first(crash: Crash) -> None:
    """The phone that was ringing or talking is hung up before it is called again."""
    for number in (FINE, NO_ANSWER):
        called = [row["at"] for row in crash.phone(number, "called")]
        ended = [row["at"] for row in crash.phone(number, "ended")]
        assert len(ended) == len(called)
        assert all(end < again for end, again in zip(ended, called[1:], strict=False))


def test_what_was_said_is_kept(crash: Crash) -> None:
    """The turns of the broken call are in the ledger, its call is closed, and its recording can be read up to the kill."""
    rows = crash.run.rows(
        "SELECT calls.ended_at, calls.recording_path, (SELECT COUNT(*) FROM turns WHERE call_id = calls.id) "
        "FROM calls JOIN attempts ON attempts.id = calls.attempt_id WHERE attempts.\"end\" = 'interrupted'"
    )
    assert len(rows) == 1
    ended_at, path, turns = rows[0]
    assert ended_at is not None
    assert turns >= 2
    assert (crash.run.ledger.parent / path).exists()


def test_nothing_is_left_running(crash: Crash) -> None:
    """Recogniser and renderer end with their parent; Asterisk was taken over, and is gone in the end."""
    assert crash.left_behind == []
    pid = crash.run.data_dir / "demo" / "asterisk" / "run" / "asterisk.pid"
    assert not pid.exists() or not Path(f"/proc/{pid.read_text().strip()}").exists()
