"""`callbot phones`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SHARED = "010-0000-0104"  # never answers, so nothing but its pickup line has to be rendered


def start(tmp_path: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "callbot.cli", "phones", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"CALLBOT_DATA_DIR": str(tmp_path)},
    )


def test_ready_until_terminated(tmp_path: Path) -> None:
    """Prints where each number listens, and SIGTERM ends it and its phone processes."""
    phones = start(tmp_path, SHARED, "--port", "15460")
    assert phones.stdout is not None
    assert phones.stdout.readline().strip() == f"READY {SHARED} 15460"
    phones.send_signal(signal.SIGTERM)
    phones.communicate(timeout=10)
    assert phones.returncode == 0
    assert f":{15460:04X} " not in Path("/proc/net/udp").read_text("ascii")


@pytest.mark.parametrize(("number", "said"), [("010-0000-7777", "010-0000-7777"), ("01000000104", "01000000104")])
def test_unknown_number(tmp_path: Path, number: str, said: str) -> None:
    """A number without a persona is one sentence that names it and those there are."""
    phones = start(tmp_path, number)
    _, err = phones.communicate(timeout=30)
    assert phones.returncode == 1
    assert said in err
    assert SHARED in err


def test_killed(tmp_path: Path) -> None:
    """Where `callbot phones` is killed, its phone processes end by themselves and free their ports."""
    phones = start(tmp_path, SHARED, "--port", "15462")
    assert phones.stdout is not None
    assert phones.stdout.readline().startswith("READY")
    phones.kill()
    phones.communicate(timeout=10)
    deadline = time.monotonic() + 10
    while f":{15462:04X} " in Path("/proc/net/udp").read_text("ascii") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert f":{15462:04X} " not in Path("/proc/net/udp").read_text("ascii")
