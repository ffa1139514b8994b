"""The real watch beside a real service process that is killed: minutes, so `make prove`."""

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from free_ports import free_port
from ledger_fixtures import build_town

from callbot.escalate.case import CaseKind
from callbot.store.migrate import migrate
from callbot.understand.meaning import Level
from callbot.workflows.open_case import Matter, open_case
from callbot.workflows.page_workers import Wording

pytestmark = [pytest.mark.prove, pytest.mark.timeout(240)]

BEATS = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from callbot.heartbeat import Heartbeat
from callbot.store.migrate import open_store
place = Path(sys.argv[1])
store = open_store(f"sqlite:///{place}/callbot.db", place / "keys.json")
heart = Heartbeat(store, "serve:line-1", lambda: datetime.now(UTC), dict)
async def live():
    while True:
        await heart.beat()
        print("beat", flush=True)
        await asyncio.sleep(5)
asyncio.run(live())
"""


@contextlib.contextmanager
def process(command: list[str], environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        command, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
                running.wait(20)


def alarms(port: int) -> list[str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/state", timeout=5) as answer:
            body = json.load(answer)
    except urllib.error.HTTPError as error:
        body = json.load(error)
    except OSError:
        return ["unreachable"]
    return [one["name"] if isinstance(one, dict) else one for one in body["alarms"]]


def test_a_killed_service_is_noticed_within_90_seconds_and_the_list_printed(tmp_path: Path) -> None:
    """kill -9 on a process that beats: the watch's page says so in time; list and CSV name everybody, also without a database."""
    now = datetime.now(UTC)
    migrated = migrate(f"sqlite:///{tmp_path}/callbot.db", tmp_path / "keys.json", now)
    town = build_town(migrated.store, 3, now)
    for person_id in town.person_ids:  # whatever day it is: an emergency that nobody took is always on the list
        matter = Matter(person_id, CaseKind.DISTRESS, Level.EMERGENCY, Wording("응급증상"), "숨이 참", f"t/{person_id}")
        open_case(migrated.store, matter, now)
    migrated.store.close()
    port = free_port()
    environ = os.environ | {"CALLBOT_DATA_DIR": str(tmp_path), "CALLBOT_WATCH_PORT": str(port)}
    callbot = [sys.executable, "-m", "callbot.cli"]
    with process([sys.executable, "-c", BEATS, str(tmp_path)], environ) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "beat\n"
        with process([*callbot, "watch"], environ):
            deadline = time.monotonic() + 30
            while (found := alarms(port)) and time.monotonic() < deadline:
                time.sleep(0.5)
            assert found == []
            service.kill()
            killed = time.monotonic()
            while "service_down" not in alarms(port):
                assert time.monotonic() - killed < 90
                time.sleep(0.5)
            noticed = time.monotonic() - killed
    print(f"noticed after {noticed:.1f} s")
    (tmp_path / "callbot.db").rename(tmp_path / "gone.db")
    (tmp_path / "callbot.db").write_bytes(b"this is no database any more" * 100)
    listed = subprocess.run([*callbot, "watch", "--csv", str(tmp_path / "list.csv")], env=environ, check=False)

    assert listed.returncode == 0
    rows = list(csv.reader((tmp_path / "list.csv").read_text("utf-8-sig").splitlines()))
    assert sorted(row[0] for row in rows[1:]) == ["박철수", "이영희", "최말순"]
