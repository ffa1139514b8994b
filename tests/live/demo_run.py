"""Runs `callbot serve` as a user would: its own process, its own ports, its own data directory."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import ROOT, free_ports
from free_ports import free_port

CALLBOT = Path(sys.executable).with_name("callbot")
LONGEST_S = 600


@dataclass
class ServeRun:
    """One `callbot serve --demo ...`; the same data directory and ports may be used by several, one after another."""

    data_dir: Path
    ports: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None

    def __post_init__(self) -> None:
        given = free_ports()
        numbers = {
            "SIP_PORT": given.sip,
            "AMI_PORT": given.ami,
            "RTP_START": given.rtp_start,
            "RTP_END": given.rtp_end,
            "MEDIA_PORT": free_port(),
            "CONSOLE_PORT": free_port(),
            "PHONES_PORT": free_port(),
        }
        self.ports = {f"CALLBOT_{name}": str(port) for name, port in numbers.items()}

    @property
    def environment(self) -> dict[str, str]:
        """Of the command."""
        return {**os.environ, **self.ports, "CALLBOT_DATA_DIR": str(self.data_dir)}

    @property
    def ledger(self) -> Path:
        """The demo's SQLite file."""
        return self.data_dir / "demo" / "callbot.db"

    @property
    def log(self) -> str:
        """What the command said on stderr, in all its runs."""
        return (self.data_dir / "stderr.log").read_text("utf-8")

    def start(self, *arguments: str) -> None:
        """Start `callbot serve --demo` with these arguments; stdout is kept."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        command = [str(CALLBOT), "serve", "--demo", *arguments]
        with (self.data_dir / "stderr.log").open("a") as log, (self.data_dir / "stdout.log").open("w") as out:
            self.process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=out, stderr=log, text=True)

    def wait(self) -> tuple[int, dict[str, Any]]:
        """Its exit code and its JSON."""
        assert self.process is not None
        code = self.process.wait(LONGEST_S)
        out = (self.data_dir / "stdout.log").read_text("utf-8")
        return code, json.loads(out) if out.strip() else {}

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ctrl-C, and once more for the impatient."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the ledger says (columns that are not encrypted)."""
        connection = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def await_rows(self, sql: str, seconds: float = 120) -> list[tuple[Any, ...]]:
        """The rows, as soon as there are any."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if found := self.rows(sql):
                    return found
            except sqlite3.OperationalError:
                pass  # not made yet
            time.sleep(0.2)
        raise AssertionError(f"nothing within {seconds} s for: {sql}\n{self.log[-2000:]}")

    def console(self, path: str) -> tuple[int, str]:
        """Status and body of a page, not logged in."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['CALLBOT_CONSOLE_PORT']}{path}") as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
