"""A process of virtual recipients: `python -m callbot.simulate.phones CONFIG.json`; prints READY, ends on SIGTERM.

CONFIG is a PhonesConfig. Events go to `events` as JSON lines, recordings (left: heard, right: said) to `recordings`.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from callbot.simulate.answering import KnownLine
from callbot.simulate.persona import Persona, Pickup
from callbot.simulate.phone_call import PhoneCall
from callbot.simulate.sip_endpoint import FRAME_BYTES, Line, PhoneEndpoint, report
from callbot.simulate.sounds import line_noise, write_stereo


class PhonesConfig(BaseModel):
    """What a phone process is told by its farm."""

    port: int
    events: Path
    recordings: Path
    personas: list[Persona]
    clips: dict[str, dict[str, str]]
    """number -> persona.clip_name -> path of its clip."""
    exchange: int | None = None
    """SIP port of the exchange that personas ring back; None: nobody does."""
    lines: dict[str, list[KnownLine]] = {}
    """number -> lines of the bot."""


class Phones:
    """All phones of one process."""

    def __init__(self, config: PhonesConfig) -> None:
        self._config = config
        self._personas = {persona.user: persona for persona in config.personas}
        self._calls: dict[str, int] = {}
        self._rang_back: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._events = config.events.open("a", encoding="utf-8", buffering=1)
        config.recordings.mkdir(parents=True, exist_ok=True)
        self._endpoint = PhoneEndpoint(config.port, self._incoming)

    async def serve(self, stop: asyncio.Event) -> None:
        """Until `stop`; calls in progress are ended and recorded."""
        await self._endpoint.pump(stop)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        self._events.close()

    def _incoming(self, line: Line) -> None:
        persona = self._personas.get(line.user)
        task = asyncio.get_running_loop().create_task(
            self._unknown(line) if persona is None else self._call(line, persona)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _unknown(self, line: Line) -> None:
        line.respond(404)
        await line.ended.wait()
        self._endpoint.give_back(line)

    async def _call(self, line: Line, persona: Persona, to: str | None = None) -> None:
        """`to`: the persona calls; None: is called."""
        number, count = persona.number, self._calls.get(persona.number, 0)
        self._calls[number] = count + 1

        def log(event: str, t: float | None = None, **facts: Any) -> None:
            facts = {
                "number": number,
                "call": count,
                "event": event,
                "t": round(line.now_s if t is None else t, 3),
                "ago": round(0.0 if t is None else line.now_s - t, 3),
                **facts,
            }
            self._events.write(json.dumps({"at": round(time.time(), 3), **facts}, ensure_ascii=False) + "\n")

        if persona.noise_dbfs is not None:
            noise = line_noise(persona.noise_dbfs).astype("<i2").tobytes()
            line.port.noise = [noise[i : i + FRAME_BYTES] for i in range(0, len(noise) - FRAME_BYTES + 1, FRAME_BYTES)]
        log("called" if to is None else "calls", met_by=persona.met_by(count))
        clips = self._config.clips.get(number, {})
        call = PhoneCall(line, persona, count, lines=self._config.lines.get(number, []), clips=clips, log=log)
        try:
            await (call.run() if to is None else call.run_outgoing())
        except Exception as error:  # noqa: BLE001 - one call's failure must not take the other phones along
            report(f"call to {number}", error)
            line.hang_up()
        await line.ended.wait()
        recorded = self._recorded(line, number, count)
        log("ended", code=line.last_code, recording=recorded)
        self._endpoint.give_back(line)
        missed = persona.met_by(count) in {Pickup.NO_ANSWER, Pickup.BUSY}
        if to is None and missed and persona.calls_back_after_s is not None and persona.number not in self._rang_back:
            self._rang_back.add(persona.number)
            await asyncio.sleep(persona.calls_back_after_s)
            await self._ring_back(persona)

    async def _ring_back(self, persona: Persona) -> None:
        if self._config.exchange is None:
            return
        to = f"sip:0620000000@127.0.0.1:{self._config.exchange}"
        await self._call(self._endpoint.dial(to, persona.user), persona, to)

    def _recorded(self, line: Line, number: str, count: int) -> str | None:
        heard, said = b"".join(line.port.kept), b"".join(line.port.sent)
        if not heard:
            return None
        path = self._config.recordings / f"{number}-{count}.wav"
        write_stereo(path, np.frombuffer(heard, np.int16), np.frombuffer(said, np.int16))
        return str(path)


async def _main(config: PhonesConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    phones = Phones(config)
    print(f"READY {config.port}", flush=True)  # noqa: T201 - what the farm waits for
    watch = loop.create_task(_stop_with_parent(stop))
    await phones.serve(stop)
    watch.cancel()


async def _stop_with_parent(stop: asyncio.Event) -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells a process that its parent died
        await asyncio.sleep(1)
    stop.set()


def main(path: str) -> None:
    """Ends with os._exit: pjsua2's destructors abort in the wrong order, and all is flushed by then."""
    code = 0
    try:
        asyncio.run(_main(PhonesConfig.model_validate_json(Path(path).read_text("utf-8"))))
    except OSError as error:
        print(f"phones: {error}", file=sys.stderr)  # noqa: T201 - the farm shows it
        code = 2
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
