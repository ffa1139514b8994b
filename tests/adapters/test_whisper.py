"""Recogniser processes: real Whisper weights, real processes."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from callbot.adapters import whisper
from callbot.adapters.whisper import ModelUnusable, WhisperEars
from callbot.adapters.whisper_worker import LONGEST_S, RATE, pieces
from callbot.settings import load
from callbot.talk.ports import EarsDown

MODEL = load({}).whisper_dir
SECOND = np.zeros(8000, dtype=np.int16)


def with_ears(test: Callable[[WhisperEars], Awaitable[None]], **options: int) -> None:
    async def run() -> None:
        ears = WhisperEars(MODEL, **({"workers": 1, "threads": 2} | options))
        await ears.start()
        try:
            await test(ears)
        finally:
            await ears.close()

    asyncio.run(run())


def workers() -> list[psutil.Process]:
    alive = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "whisper_worker" in " ".join(child.cmdline())]


def test_no_directory_is_one_clear_sentence(tmp_path: Path) -> None:
    """The message names the directory and the mend."""
    with pytest.raises(ModelUnusable, match=r"nowhere does not exist; run `make setup`"):
        WhisperEars(tmp_path / "nowhere")


def test_an_incomplete_model_names_what_is_missing(tmp_path: Path) -> None:
    """A model without its tokenizer is refused before any call."""
    (tmp_path / "model.bin").write_bytes(b"x")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelUnusable, match=r"has no tokenizer\.json"):
        WhisperEars(tmp_path)


def test_weights_that_cannot_be_loaded_are_told_at_start(tmp_path: Path) -> None:
    """A file that is no model fails `start`, not the first call."""
    for name in whisper.NEEDED:
        (tmp_path / name).write_text("{}")

    async def run() -> None:
        with pytest.raises(ModelUnusable, match="cannot be loaded"):
            await WhisperEars(tmp_path).start()

    asyncio.run(run())


def test_cancelled_decodes_leave_the_queue() -> None:
    """Of five wanted at once four are called off: the fifth does not wait for them, and the backlog is honest."""

    async def test(ears: WhisperEars) -> None:
        tasks = [asyncio.create_task(ears.transcribe(SECOND)) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert ears.backlog() == 5
        for task in tasks[:4]:
            task.cancel()
        await asyncio.sleep(0)
        assert ears.backlog() == 1
        assert (await tasks[4]).rejected == "no_speech"
        assert ears.backlog() == 0

    with_ears(test)


def test_a_killed_worker_fails_its_decode_and_is_replaced() -> None:
    """EarsDown for the utterance it held; the next one is decoded by a new process."""

    async def test(ears: WhisperEars) -> None:
        (worker,) = workers()
        task = asyncio.create_task(ears.transcribe(SECOND))
        await asyncio.sleep(0.05)
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(EarsDown):
            await task
        heard = await ears.transcribe(SECOND)
        assert heard.rejected == "no_speech"
        assert ears.healthy()
        (after,) = workers()
        assert after.pid != worker.pid

    with_ears(test)


def test_too_many_waiting_is_told_at_once() -> None:
    """The queue is bounded: one more fails immediately instead of coming too late; closing fails the rest."""

    async def run() -> None:
        ears = WhisperEars(MODEL, workers=1)
        await ears.start()
        tasks = [asyncio.create_task(ears.transcribe(SECOND)) for _ in range(whisper.QUEUE)]
        await asyncio.sleep(0)
        with pytest.raises(EarsDown, match="waiting"):
            await ears.transcribe(SECOND)
        await ears.close()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, EarsDown) for result in results)
        assert workers() == []

    asyncio.run(run())


def test_long_audio_is_cut_where_it_is_quiet() -> None:
    """60 s come in pieces of at most 25 s, cut in a pause, without losing a sample."""
    sound = np.ones(60 * RATE, dtype=np.float32)
    quiet = 22 * RATE
    sound[quiet : quiet + RATE // 5] = 0.0
    parts = pieces(sound)
    assert sum(map(len, parts)) == len(sound)
    assert max(map(len, parts)) <= LONGEST_S * RATE
    assert quiet <= len(parts[0]) <= quiet + RATE // 5
