"""Virtual recipients for a demo or a test: their voices rendered, their phones running in processes of their own."""

import json
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from callbot.simulate.answering import KnownLine
from callbot.simulate.persona import Persona, clip_name
from callbot.talk.voice_cache import Progress, SpeechEngine, VoiceCache

PERSONAS_PER_PROCESS = 3
"""pjsua2 takes 4 calls a process and answers a fifth with a false "busy"."""
_STOP_S = 5.0


class PhonesDown(RuntimeError):
    """A phone process did not start; the message says why."""


class PhoneFarm:
    """Start, dial `dial_port(number)` with the digits of the number as SIP user, read `events`, stop.

    `lines`: the bot's lines that each number may hear (simulate.known_lines), so that answers fit questions; a number
    without lines answers everything with its default. Their clips may be rendered after the start, until the call.
    """

    def __init__(
        self,
        personas: Sequence[Persona],
        *,
        first_port: int,
        workdir: Path,
        voice_cache_dir: Path,
        engine: SpeechEngine,
        lines: Mapping[str, Sequence[KnownLine]] | None = None,
        per_process: int = PERSONAS_PER_PROCESS,
        exchange: int | None = None,
    ) -> None:
        """`exchange`: SIP port of the exchange, for personas who ring back."""
        self._exchange = exchange
        self.personas = list(personas)
        self.workdir = workdir
        self._cache_dir = voice_cache_dir
        self._engine = engine
        self._lines = lines or {}
        groups = [self.personas[i : i + per_process] for i in range(0, len(self.personas), per_process)]
        self._groups = {first_port + index: group for index, group in enumerate(groups)}
        self._processes: dict[int, subprocess.Popen[str]] = {}

    @property
    def ports(self) -> dict[str, int]:
        """SIP port (UDP, 127.0.0.1) by number, `010-0000-0101`."""
        return {persona.number: port for port, group in self._groups.items() for persona in group}

    def dial_port(self, number: str) -> int:
        """The port of one number, in any spelling (010-0000-0101, 01000000101, +821000000101). KeyError: nobody there."""
        digits = "".join(char for char in number if char.isdigit())
        local = "0" + digits.removeprefix("82") if number.startswith("+") else digits
        return self.ports[f"{local[:3]}-{local[3:7]}-{local[7:]}"]

    def caches(self) -> dict[tuple[str, float], VoiceCache]:
        """One cache a voice and speed, all in the same directory."""
        wanted = {(voice, speed) for persona in self.personas for voice, speed, _ in persona.clips()}
        return {(voice, speed): VoiceCache(self._cache_dir, self._engine, voice, speed) for voice, speed in wanted}

    def render(self, progress: Progress | None = None) -> int:
        """Everything the personas may say, where it is missing; how many clips that were. Blocks."""
        caches, wanted = self.caches(), defaultdict(list)
        for persona in self.personas:
            for voice, speed, text in persona.clips():
                wanted[(voice, speed)].append((text, False))
        total = sum(len(caches[how].missing(lines)) for how, lines in wanted.items())
        done = 0
        for how, lines in wanted.items():
            base = done

            def tell(number: int, _of: int, base: int = base) -> None:
                if progress:
                    progress(base + number, total)

            done += caches[how].render(lines, tell)
        return done

    def start(self) -> dict[str, int]:
        """Start the processes and wait until they listen; the port of each number. Raises PhonesDown."""
        for port in self._groups:
            _require_free(port)
        self.workdir.mkdir(parents=True, exist_ok=True)
        for port, group in self._groups.items():
            config = self.workdir / f"phones-{port}.json"
            config.write_text(json.dumps(self._config(port, group), ensure_ascii=False), "utf-8")
            with (self.workdir / f"phones-{port}.log").open("w") as log:
                self._processes[port] = subprocess.Popen(
                    [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "callbot.simulate.phones", str(config)],
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        for port, process in self._processes.items():
            self._await_ready(port, process)
        return self.ports

    def alive(self) -> bool:
        """Every process runs."""
        return bool(self._processes) and all(process.poll() is None for process in self._processes.values())

    def stop(self) -> None:
        """End all calls and processes; recordings and events are complete afterwards."""
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + _STOP_S
        for process in self._processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        self._processes.clear()

    def events(self, number: str | None = None) -> list[dict[str, Any]]:
        """What happened so far, by time: `at` (unix s of the entry), `number`, `call` (0, 1, ...), `event`, facts, and `t`.

        `t` is the phone's own clock: seconds of sound since the event `line_open`. Events: called, ringing, answered, refused,
        line_open, bot_speaks, bot_silent (line, whole, played_s), says (text, seconds), says_nothing, pressed, beeped, hangs_up,
        clip_missing, ended (code, recording). Greeting latency = bot_speaks.t - (says.t + says.seconds) of the pick-up.
        """
        found: list[dict[str, Any]] = []
        for path in sorted(self.workdir.glob("events-*.jsonl")):
            rows = path.read_text("utf-8").splitlines()
            found += [json.loads(row) for row in rows if row.endswith("}")]  # the last line may be half written
        return sorted((e for e in found if number in (None, e["number"])), key=lambda event: event["at"])

    def _config(self, port: int, group: Iterable[Persona]) -> dict[str, Any]:
        group, caches = list(group), self.caches()
        return {
            "port": port,
            "exchange": self._exchange,
            "events": str(self.workdir / f"events-{port}.jsonl"),
            "recordings": str(self.workdir / "recordings"),
            "personas": [persona.model_dump(mode="json") for persona in group],
            "clips": {
                persona.number: {clip_name(*clip): str(caches[clip[:2]].path(clip[2])) for clip in persona.clips()}
                for persona in group
            },
            "lines": {
                persona.number: [asdict(line) for line in self._lines.get(persona.number, ())] for persona in group
            },
        }

    def _await_ready(self, port: int, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None  # noqa: S101 - piped above
        # pjsip chats before it is told to be quiet; end of file comes at once where the process dies
        if not any(line.startswith("READY") for line in process.stdout):
            self.stop()
            said = (self.workdir / f"phones-{port}.log").read_text("utf-8").strip().splitlines()
            raise PhonesDown(f"가상 전화기가 시작되지 않았습니다(포트 {port}). {said[-1] if said else ''}")


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PhonesDown(
                f"가상 전화기의 포트 {port}을(를) 다른 프로그램이 쓰고 있습니다. 그것을 끝내거나 CALLBOT_PHONES_PORT로 다른 포트를 정해 주세요."
            ) from error
