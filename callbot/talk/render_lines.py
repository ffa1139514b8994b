"""Rendering beside the live calls: a process of its own, at low priority."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from callbot.talk.voice_cache import VoiceCache

_cache: VoiceCache | None = None


class RenderProcess:
    """One worker process that renders into the cache; it dies with its parent and starts anew after a crash.

    The engine of `cache` must be picklable and load itself on first use.
    """

    def __init__(self, cache: VoiceCache, *, nice: int = 10) -> None:
        self._cache = cache
        self._nice = nice
        self._pool: ProcessPoolExecutor | None = None

    async def render(self, lines: Iterable[tuple[str, bool]]) -> int:
        """Like VoiceCache.render, without holding up the event loop. A crashed worker is replaced once, then it raises."""
        todo = self._cache.missing(lines)
        if not todo:
            return 0
        try:
            return await self._submit(todo)
        except BrokenProcessPool:
            self.close()
            return await self._submit(self._cache.missing(todo))

    async def speak(self, text: str) -> bytes:
        """One sentence now, kept nowhere (talk.advising.SpeakNow). Raises CannotSpeak, or BrokenProcessPool."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._started(), _speak, text)
        except BrokenProcessPool:
            self.close()  # the next line starts a new one
            raise

    def close(self) -> None:
        """End the worker; what it was rendering is left out."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            cache = VoiceCache(
                self._cache.directory, self._cache.engine, self._cache.voice, self._cache.speed, pack=self._cache.pack
            )
            self._pool = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), initializer=_start, initargs=(cache, self._nice)
            )
        return self._pool

    async def _submit(self, todo: list[tuple[str, bool]]) -> int:
        pool = self._started()
        done = 0
        for line in todo:  # one job a line, so that close() and cancellation take effect between lines
            done += await asyncio.get_running_loop().run_in_executor(pool, _render, line)
        return done


def _start(cache: VoiceCache, nice: int) -> None:
    global _cache  # noqa: PLW0603 - the one piece of state a pool worker has
    _cache = cache
    os.nice(nice)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _render(line: tuple[str, bool]) -> int:
    if _cache is None:
        raise RuntimeError("the render worker was not started by RenderProcess")
    return _cache.render([line])


def _speak(text: str) -> bytes:
    if _cache is None:
        raise RuntimeError("the render worker was not started by RenderProcess")
    return _cache.fresh(text)
