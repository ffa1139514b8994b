"""`callbot watch` as a process."""

import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from callbot.store.migrate import migrate


def test_the_watch_of_a_demo_that_was_thrown_away_ends(tmp_path: Path) -> None:
    """Nobody has to look for it: without its folder it is gone within seconds."""
    demo = tmp_path / "demo"
    demo.mkdir()
    migrate(f"sqlite:///{demo}/callbot.db", demo / "keys.json", datetime.now(UTC)).store.close()
    environ = os.environ | {"CALLBOT_DATA_DIR": str(tmp_path), "CALLBOT_WATCH_PORT": "1"}
    command = [sys.executable, "-m", "callbot.cli", "watch", "--demo"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as watch:
        try:
            deadline = time.monotonic() + 60
            while not (demo / "watch" / "today.sealed").exists():
                assert watch.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            shutil.rmtree(demo)
            assert watch.wait(30) == 0
        finally:
            if watch.poll() is None:
                watch.kill()
