"""One service a directory; the next one waits for a predecessor that is finishing its calls."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from callbot.instance_lock import AlreadyRunning, instance_lock, tell_draining

HOLDER = (
    "import sys, time; from pathlib import Path;"
    "from callbot.instance_lock import instance_lock, tell_draining;"
    "place = Path(sys.argv[1]);"
    "lock = instance_lock(place, 'serve'); lock.__enter__();"
    "sys.argv[2] == 'drains' and tell_draining(place, 'serve');"
    "print('held', flush=True); time.sleep(float(sys.argv[3]))"
)


def holder(place: Path, how: str, seconds: float) -> "subprocess.Popen[str]":
    """Another process that has the lock."""
    words = [sys.executable, "-c", HOLDER, str(place), how, str(seconds)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    """Whatever state it is in."""
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_running_one_is_not_waited_for(tmp_path: Path) -> None:
    """It is named, at once, even to one who would wait."""
    process = holder(tmp_path, "runs", 60)
    try:
        with pytest.raises(AlreadyRunning, match=str(process.pid)), instance_lock(tmp_path, "serve", on_wait=print):
            pass
    finally:
        end(process)


def test_a_draining_one_is_waited_for(tmp_path: Path) -> None:
    """The lock is had the moment its holder is gone, and not before; the mark of draining is not inherited."""
    process = holder(tmp_path, "drains", 1.0)
    told: list[str] = []
    try:
        with instance_lock(tmp_path, "serve", on_wait=told.append):
            assert process.wait(5) == 0, "two held it at once"
            assert set(told) == {str(process.pid)}
            assert "draining" not in (tmp_path / "serve.lock").read_text()
    finally:
        end(process)


def test_not_for_ever(tmp_path: Path) -> None:
    """One that does not come to its end is reported; without leave to wait it is reported at once."""
    process = holder(tmp_path, "drains", 60)
    began = time.monotonic()
    try:
        with pytest.raises(AlreadyRunning), instance_lock(tmp_path, "serve"):
            pass
        with pytest.raises(AlreadyRunning), instance_lock(tmp_path, "serve", on_wait=lambda _: None, longest_s=0.3):
            pass
        assert time.monotonic() - began < 5
    finally:
        end(process)


def test_killed_holder(tmp_path: Path) -> None:
    """kill -9 gives the lock back."""
    end(holder(tmp_path, "runs", 60))
    with instance_lock(tmp_path, "serve"):
        tell_draining(tmp_path, "serve")
