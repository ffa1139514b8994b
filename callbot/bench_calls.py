"""Real calls for a measurement: invented people, `callbot serve --demo` in a process of its own, and what the phones noticed."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from callbot.settings import Settings
from callbot.simulate.persona import Persona, load_personas
from callbot.store.database import Store
from callbot.store.migrate import migrate

NAME, FORM = "김순자", "어르신"
"""Everybody has the name of the demo's first person: the lines of the call are in the voice pack already."""
FIRST_NUMBER = 301
PEOPLE_AT_MOST = 100
_PORTS = ("SIP", "AMI", "MEDIA", "CONSOLE", "PHONES")
_RTP_PORTS = 98


class CallsFailed(RuntimeError):
    """The service did not do its part; the message holds the end of its log."""


def number_of(index: int) -> str:
    """The virtual number of person `index` (from 0)."""
    return f"010-0000-{FIRST_NUMBER + index:04d}"


@dataclass(frozen=True)
class RealCalls:
    """A finished run. Its folder stays: ledger, recordings of both sides, logs."""

    directory: Path
    personas: tuple[Persona, ...]
    summary: dict[str, Any]
    """What `serve --until-done --json` printed."""

    @property
    def demo(self) -> Path:
        """The folder of the ledger."""
        return self.directory / "demo"

    def events(self) -> list[dict[str, Any]]:
        """What the phones noticed (PhoneFarm.events), by time."""
        rows = [
            json.loads(row)
            for path in sorted((self.demo / "phones").glob("events-*.jsonl"))
            for row in path.read_text("utf-8").splitlines()
        ]
        return sorted(rows, key=lambda row: row["at"])

    def calls(self) -> dict[tuple[str, int], list[dict[str, Any]]]:
        """The events by (number, call)."""
        found: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for event in self.events():
            found.setdefault((event["number"], event["call"]), []).append(event)
        return found

    def store(self) -> Store:
        """The ledger, with its keys; one that an older version wrote is brought up to date."""
        return migrate(f"sqlite:///{self.demo / 'callbot.db'}", self.demo / "keys.json", datetime.now(UTC)).store


def last_calls(directory: Path) -> RealCalls:
    """The run that lies there, to be looked at again. Raises CallsFailed where there is none."""
    said = directory / "stdout.json"
    if not said.is_file() or not said.read_text("utf-8").strip():
        raise CallsFailed(f"no finished run in {directory}")
    return RealCalls(
        directory, tuple(load_personas(directory / "prompts" / "personas")), json.loads(said.read_text("utf-8"))
    )


def share_voice(settings: Settings, directory: Path) -> None:
    """Clips are dear: all measurements, each in a `directory` of its own, share them."""
    directory.mkdir(parents=True, exist_ok=True)
    shared = settings.data_dir / "voice"
    shared.mkdir(exist_ok=True)
    if not (directory / "voice").exists():
        (directory / "voice").symlink_to(shared)


def make_calls(
    settings: Settings,
    personas: Iterable[Persona],
    directory: Path,
    *,
    at_once: int = 3,
    tell: Callable[[str], None] = lambda _: None,
    meanwhile: Callable[[Path], None] = lambda _: None,
    longest_s: float = 3600.0,
    sms: Path | None = None,
) -> RealCalls:
    """Call everybody once (and as often as the ladder says), `at_once` at the same time. Blocks for minutes.

    `meanwhile` is called with the folder of the ledger about 50 times a second. Raises CallsFailed.
    """
    people = tuple(personas)
    prompts = _prompts(settings, people, directory / "prompts")
    environment = {
        **os.environ,
        **_ports(),
        "CALLBOT_DATA_DIR": str(directory),
        "CALLBOT_PROMPTS_DIR": str(prompts),
        "CALLBOT_MAX_CALLS": str(at_once),
        "CALLBOT_SMS": str(sms or ""),
    }
    command = [sys.executable, "-m", "callbot.cli", "serve", "--demo", "--until-done", "--json"]
    out, log = directory / "stdout.json", directory / "stderr.log"
    with out.open("w") as stdout, log.open("w") as stderr:
        process = subprocess.Popen(command, env=environment, stdout=stdout, stderr=stderr)
        try:
            _wait(process, directory / "demo", log, tell, meanwhile, longest_s)
        finally:
            _end(process)
    said = out.read_text("utf-8")
    if not said.strip():
        raise CallsFailed(f"callbot serve ended with {process.returncode}: {log.read_text('utf-8')[-1500:]}")
    return RealCalls(directory, people, json.loads(said))


def _wait(
    process: "subprocess.Popen[bytes]",
    ledger: Path,
    log: Path,
    tell: Callable[[str], None],
    meanwhile: Callable[[Path], None],
    longest_s: float,
) -> None:
    began, seen = time.monotonic(), 0
    while process.poll() is None:
        if time.monotonic() - began > longest_s:
            raise CallsFailed(f"not finished after {longest_s:.0f} s: {log.read_text('utf-8')[-1500:]}")
        meanwhile(ledger)
        finished = log.read_text("utf-8").count("call_finished")
        if finished != seen:
            seen = finished
            tell(f"{finished} calls, {time.monotonic() - began:.0f} s")
        time.sleep(0.02)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ctrl-C twice: it takes its Asterisk and its phones along."""
    for patience_s in (2, 30):
        if process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def _prompts(settings: Settings, personas: tuple[Persona, ...], directory: Path) -> Path:
    """The prompts of the settings, with these people instead of the demo's."""
    if len(personas) > PEOPLE_AT_MOST:
        raise CallsFailed(f"{len(personas)} people are too many for one run; at most {PEOPLE_AT_MOST}")
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "personas").mkdir(parents=True)
    for shared in settings.prompts_dir.resolve().iterdir():
        if shared.name != "personas":
            (directory / shared.name).symlink_to(shared)
    for persona in personas:
        with (directory / "personas" / f"{persona.user}.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(persona.model_dump(mode="json"), file)
    return directory


def _ports() -> dict[str, str]:
    """Those of the environment, else free ones; a service that runs with the default ports is left alone."""
    chosen = {name: os.environ.get(f"CALLBOT_{name}_PORT") or str(_free_port()) for name in _PORTS}
    found = {f"CALLBOT_{name}_PORT": port for name, port in chosen.items()}
    if "CALLBOT_RTP_START" not in os.environ:
        start = 24000 + 100 * (os.getpid() % 80)
        found |= {"CALLBOT_RTP_START": str(start), "CALLBOT_RTP_END": str(start + _RTP_PORTS)}
    return found


def _free_port() -> int:
    """Free now for TCP and, with those after it that phones take, probably for UDP."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
