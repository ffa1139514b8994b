"""Recognition in worker processes: Whisper by CTranslate2, weights by path."""

import asyncio
import json
import os
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from callbot.listen.gates import RawTranscript, judge
from callbot.listen.utterance import Transcript, Weighed
from callbot.talk.ports import EarsDown

log = structlog.get_logger()

Expected = Mapping[str, Sequence[str]]
"""Usual answers by topic."""

NEEDED = ("model.bin", "config.json", "tokenizer.json")
QUEUE = 16
"""Decodes that may wait; one more is EarsDown at once rather than an answer nobody waits for."""
START_S = 120.0
DECODE_S = 30.0
"""A decode that takes longer means a worker that hangs; it is replaced."""
RESTARTS = 3
"""Failed starts in a row after which recognition is given up until `start` is called again."""


class ModelUnusable(ValueError):
    """The model directory cannot be used; the message says what is wrong and what to do."""


class WorkerDied(EarsDown):
    """The process that held this decode ended."""


def check_model(model_dir: Path) -> None:
    """Raise ModelUnusable, in one sentence, where `model_dir` is no CTranslate2 Whisper model."""
    if not model_dir.is_dir():
        raise ModelUnusable(
            f"Whisper model: {model_dir} does not exist; run `make setup`, or set CALLBOT_WHISPER_MODEL to a directory "
            "with a CTranslate2 Whisper model"
        )
    missing = [name for name in NEEDED if not (model_dir / name).is_file()]
    if missing:
        raise ModelUnusable(
            f"Whisper model: {model_dir} has no {', '.join(missing)}; it must hold a model converted with "
            "ct2-transformers-converter (--copy_files tokenizer.json)"
        )


@dataclass
class _Worker:
    process: asyncio.subprocess.Process

    @classmethod
    async def spawn(cls, model_dir: Path, threads: int, expected: Expected) -> "_Worker":
        """Start a process and wait until its model is loaded and warm."""
        environ = os.environ | {
            "OMP_NUM_THREADS": str(threads),
            "KMP_BLOCKTIME": "0",  # idle threads must not spin: calls share these cores
            "HF_HUB_OFFLINE": "1",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "callbot.adapters.whisper_worker",
            str(model_dir),
            str(threads),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environ,
            start_new_session=True,  # Ctrl-C is for the service, which closes its workers in order
        )
        worker = cls(process)
        try:
            await worker._write(json.dumps(expected, ensure_ascii=False).encode())
            hello = await asyncio.wait_for(worker._read(), START_S)
        except BaseException:
            await worker.stop()
            raise
        if "failed" in hello:
            await worker.stop()
            raise ModelUnusable(f"Whisper model: {model_dir} cannot be loaded: {hello['failed']}")
        return worker

    async def decode(self, pcm: NDArray[np.int16], rate: int, topic: str) -> RawTranscript:
        await self._write(json.dumps({"rate": rate, "topic": topic}).encode() + b"\n" + pcm.tobytes())
        try:
            answer = await asyncio.wait_for(self._read(), DECODE_S)
        except TimeoutError as error:
            raise WorkerDied(f"recogniser did not answer in {DECODE_S:.0f} s") from error
        if "failed" in answer:
            raise EarsDown(f"recogniser: {answer['failed']}")
        raw = answer["raw"]
        weighed = tuple(Weighed(**one) for one in raw["weighed"])
        return RawTranscript(**{**raw, "alternatives": tuple(raw["alternatives"]), "weighed": weighed})

    async def _write(self, body: bytes) -> None:
        if self.process.stdin is None:
            raise WorkerDied("recogniser has no input")
        try:
            self.process.stdin.write(struct.pack("<I", len(body)) + body)
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WorkerDied("recogniser process ended") from error

    async def _read(self) -> dict[str, Any]:
        if self.process.stdout is None:
            raise WorkerDied("recogniser has no output")
        try:
            (size,) = struct.unpack("<I", await self.process.stdout.readexactly(4))
            answer: dict[str, Any] = json.loads(await self.process.stdout.readexactly(size))
        except asyncio.IncompleteReadError as error:
            raise WorkerDied("recogniser process ended") from error
        return answer

    async def stop(self, *, at_once: bool = False) -> None:
        """End the process: by closing its input, or by killing it."""
        if at_once and self.process.returncode is None:
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 2.0)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@dataclass(eq=False)
class _Job:
    pcm: NDArray[np.int16]
    rate: int
    topic: str
    raw: asyncio.Future[RawTranscript]


class WhisperEars:
    """Ears of callbot.talk.ports, for one event loop. `start` loads and warms the workers (3 s); `close` ends them.

    Cancelling the task that awaits `transcribe` takes the decode out of the queue; one that is running is finished and
    thrown away.
    """

    def __init__(
        self, model_dir: Path, workers: int = 2, threads: int = 1, *, expected: Expected | None = None
    ) -> None:
        """Raise ModelUnusable where `model_dir` is no model. `expected`: usual answers by topic, weighed against what was heard
        (as a prompt they replaced it: facts/speech.md, section 4). On shared cores workers of one thread beat one worker of
        many: threads wait for each other at every layer (docs/measurements/ears.md)."""
        check_model(model_dir)
        self.model_dir = model_dir
        self.workers = workers
        self.threads = threads
        self.expected = expected or {}
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._open: set[asyncio.Future[RawTranscript]] = set()
        self._runners: list[asyncio.Task[None]] = []
        self._starting: asyncio.Lock = asyncio.Lock()

    async def start(self) -> None:
        """Load the model in every worker. Raises ModelUnusable where it cannot be loaded. Again after all have failed."""
        async with self._starting:
            if self.healthy():
                return
            found = [await _Worker.spawn(self.model_dir, self.threads, self.expected) for _ in range(self.workers)]
            self._runners = [asyncio.create_task(self._run(worker)) for worker in found]

    async def close(self) -> None:
        """End the workers; what waits fails with EarsDown."""
        for runner in self._runners:
            runner.cancel()
        await asyncio.gather(*self._runners, return_exceptions=True)
        self._runners = []
        self._fail_waiting()

    def healthy(self) -> bool:
        """At least one worker is there, or on its way."""
        return any(not runner.done() for runner in self._runners)

    def backlog(self) -> int:
        """Decodes waiting or running whose words somebody still wants."""
        return len(self._open)

    async def transcribe(self, pcm: NDArray[np.int16], *, topic: str = "", rate: int = 8000) -> Transcript:
        """Words of one utterance of mono samples, or a rejection. `topic`: key of `expected`. Raises EarsDown: no worker, or too many waiting."""
        if not self._runners:
            await self.start()
        if not self.healthy():
            raise EarsDown("recognition has stopped: its processes end as soon as they start")
        if self.backlog() >= QUEUE:
            raise EarsDown(f"{QUEUE} utterances are waiting to be recognised")
        job = _Job(np.ascontiguousarray(pcm, dtype=np.int16), rate, topic, asyncio.get_running_loop().create_future())
        self._open.add(job.raw)
        job.raw.add_done_callback(self._open.discard)
        self._jobs.put_nowait(job)
        return judge(await job.raw)

    async def _run(self, worker: _Worker) -> None:
        """Serve the queue with one process, replaced when it dies."""
        current: _Worker | None = worker
        try:
            while current is not None:
                job = await self._jobs.get()
                if job.raw.done():  # cancelled while it waited
                    continue
                current = await self._serve(current, job)
        finally:
            if current is not None:
                await current.stop()
        self._fail_waiting()

    async def _serve(self, worker: _Worker, job: _Job) -> _Worker | None:
        """Decode one job; returns the worker for the next one, None where recognition is given up."""
        try:
            raw = await worker.decode(job.pcm, job.rate, job.topic)
        except EarsDown as error:
            if not job.raw.done():
                job.raw.set_exception(error)
            if not isinstance(error, WorkerDied):
                return worker
            log.warning("recogniser.died", pid=worker.process.pid, returncode=worker.process.returncode)
            await worker.stop(at_once=True)
            return await self._replace()
        except asyncio.CancelledError:
            job.raw.cancel()
            await worker.stop(at_once=True)
            raise
        if not job.raw.done():
            job.raw.set_result(raw)
        return worker

    async def _replace(self) -> _Worker | None:
        for attempt in range(1, RESTARTS + 1):
            try:
                return await _Worker.spawn(self.model_dir, self.threads, self.expected)
            except (EarsDown, ModelUnusable, TimeoutError, OSError) as error:
                log.warning("recogniser.restart_failed", attempt=attempt, error=type(error).__name__)
        return None

    def _fail_waiting(self) -> None:
        """When the last worker is gone nobody would ever answer."""
        if any(not runner.done() and runner is not asyncio.current_task() for runner in self._runners):
            return
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            if not job.raw.done():
                job.raw.set_exception(EarsDown("recognition has stopped"))
