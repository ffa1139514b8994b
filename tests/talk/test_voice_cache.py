"""Clips ready to be spoken."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callbot.talk.render_lines import RenderProcess
from callbot.talk.voice_cache import VoiceCache

LINES = [("안녕하세요.", False), ("안녕하세요.", True), ("식사는 하셨어요?", False)]


class ToneEngine:
    """A real engine in small: one tone a line, its length by the text."""

    def __init__(self, version: str = "tone-1") -> None:
        self.version = version
        self.spoken: list[str] = []

    def speak(self, text: str, voice: str, speed: float, *, slow: bool = False) -> NDArray[np.int16]:  # noqa: ARG002
        """100 ms a character."""
        self.spoken.append(text)
        if text == "터진다":
            os._exit(3)
        t = np.arange(len(text) * (1000 if slow else 800))
        return (8000 * np.sin(t * 2 * np.pi * 440 / 8000)).astype(np.int16)


@pytest.fixture
def cache(tmp_path: Path) -> VoiceCache:
    return VoiceCache(tmp_path / "voice", ToneEngine(), "v", 0.9)


def test_clip_never_renders(cache: VoiceCache) -> None:
    """A line that was not rendered is None at once: a live call never waits for the voice."""
    assert cache.clip("안녕하세요.") is None


def test_render_once(cache: VoiceCache) -> None:
    """Every missing line is rendered once, and the second time there is nothing to do."""
    seen: list[tuple[int, int]] = []
    assert cache.render([*LINES, LINES[0]], lambda done, of: seen.append((done, of))) == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert cache.render(LINES) == 0
    assert cache.missing(LINES) == []


def test_slow_is_another_clip(cache: VoiceCache) -> None:
    """A line spoken slower is longer than the same line at its normal pace."""
    cache.render(LINES)
    normal, slow = cache.clip("안녕하세요."), cache.clip("안녕하세요.", slow=True)
    assert normal is not None
    assert slow is not None
    assert len(slow) > len(normal) == 6 * 800


def test_hashes_only(cache: VoiceCache) -> None:
    """A name said in a line does not appear in the cache directory."""
    cache.render([("김순자 어르신", False)])
    names = [p.name for p in cache.directory.rglob("*") if p.is_file()]
    assert len(names) == 1
    assert all(ord(char) < 128 for char in names[0])


def test_another_engine_version_is_another_clip(cache: VoiceCache) -> None:
    """A new voice does not speak with the old one's clips."""
    cache.render(LINES)
    newer = VoiceCache(cache.directory, ToneEngine("tone-2"), "v", 0.9)
    assert newer.missing(LINES) == LINES


def test_the_reading_is_what_counts(cache: VoiceCache) -> None:
    """Two spellings of the same sound share one clip."""
    cache.render([("3번", False)])
    assert cache.missing([("세 번", False)]) == []


def test_clips_survive_a_restart(cache: VoiceCache) -> None:
    """Another process finds what this one rendered."""
    cache.render(LINES)
    again = VoiceCache(cache.directory, ToneEngine(), "v", 0.9)
    assert again.clip("식사는 하셨어요?") == cache.clip("식사는 하셨어요?") is not None


def test_forget(cache: VoiceCache) -> None:
    """The clips of a forgotten person are gone from disk and memory."""
    cache.render(LINES)
    cache.clip("안녕하세요.")
    assert cache.forget(LINES[:1]) == 1
    assert cache.clip("안녕하세요.") is None
    assert cache.clip("안녕하세요.", slow=True) is not None


def test_nothing_half_written_is_left(cache: VoiceCache, tmp_path: Path) -> None:
    """Where the disk refuses, the error is raised and no half clip is taken for a whole one."""
    (tmp_path / "voice").mkdir()
    cache.path("안녕하세요.").parent.write_text("a file where a directory must be")
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        cache.render(LINES[:1])
    assert cache.clip("식사는 하셨어요?") is None


def test_rendered_in_another_process(cache: VoiceCache) -> None:
    """The live loop's process never speaks itself, and a worker that dies is replaced."""

    async def scenario() -> int:
        worker = RenderProcess(cache, nice=1)
        try:
            return await worker.render(LINES)
        finally:
            worker.close()

    assert asyncio.run(scenario()) == 3
    assert cache.engine.spoken == []  # type: ignore[attr-defined]
    assert cache.missing(LINES) == []


def test_a_dying_worker_is_reported(cache: VoiceCache) -> None:
    """A line that kills the worker twice raises; the lines before it are there."""

    async def scenario() -> None:
        worker = RenderProcess(cache, nice=1)
        try:
            await worker.render([("네.", False), ("터진다", False)])
        finally:
            worker.close()

    with pytest.raises(Exception, match="terminated abruptly"):
        asyncio.run(scenario())
    assert cache.clip("네.") is not None


def test_a_fresh_sentence_is_kept_nowhere(cache: VoiceCache) -> None:
    """It may hold what somebody said; and a worker that dies of it is replaced for the next."""

    async def scenario() -> bytes:
        worker = RenderProcess(cache, nice=1)
        try:
            with pytest.raises(Exception, match="terminated abruptly"):
                await worker.speak("터진다")
            return await worker.speak("많이 힘드셨겠어요.")
        finally:
            worker.close()

    clip = asyncio.run(scenario())
    assert len(clip) == len("많이 힘드셨겠어요.") * 800
    assert not list(cache.directory.rglob("*.alaw"))
    assert cache.clip("많이 힘드셨겠어요.") is None
