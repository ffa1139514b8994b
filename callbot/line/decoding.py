"""The decodes of one call that are on their way: at most one speculative, the rest bounded."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from callbot.line.ports import Ears, EarsDown, Pcm
from callbot.listen.endings import SentenceEnding, sentence_ending
from callbot.listen.utterance import Transcript

FAINT = 0.4
"""Confidence at most of what only the room said: something critical in it is 미확인 and asked about."""
EndingOf = Callable[[Transcript], SentenceEnding]


def ending_by_suffix(heard: Transcript) -> SentenceEnding:
    """Without an analyser of Korean."""
    return SentenceEnding.UNKNOWN if heard.rejected is not None else sentence_ending(heard.text)


class Decoding:
    """Starts, drops and hands over recognitions, by the number the turn reducer gave them."""

    def __init__(self, ears: Ears, ending_of: EndingOf = ending_by_suffix) -> None:
        """`ending_of` is called in a thread."""
        self._ears = ears
        self._ending_of = ending_of
        self._endings: dict[int, SentenceEnding] = {}
        self._tasks: dict[int, asyncio.Task[Transcript]] = {}
        self._current: int | None = None
        self._topic = ""

    def expect(self, topic: str) -> None:
        """What is being asked; empty: nothing."""
        self._topic = topic

    def start(self, number: int, pcm: Pcm) -> None:
        """A new speculative decode; it replaces the one before."""
        self._tasks[number] = self._begin(pcm, number)
        self._current = number

    def drop(self, number: int) -> None:
        """Speech resumed: leave the queue of the ears."""
        task = self._tasks.pop(number, None)
        if task is not None:
            task.cancel()
        if self._current == number:
            self._current = None

    def take(self, number: int) -> asyncio.Future[Transcript]:
        """Hand over a decode for good."""
        if self._current == number:
            self._current = None
        return self._tasks[number]

    def aside(self, pcm: Pcm, *, faint: bool = False) -> asyncio.Future[Transcript]:
        """Decode something that was only overheard. `faint`: in the room; whatever it says is hardly sure."""
        return self._begin(pcm, most=FAINT if faint else 1.0)

    def ending(self) -> SentenceEnding | None:
        """How the text of the current decode ends; None while it is not there."""
        task = self._tasks.get(self._current) if self._current is not None else None
        if task is None or not task.done():
            return None
        return self._endings.get(self._current or 0, SentenceEnding.UNKNOWN)

    def _begin(self, pcm: Pcm, number: int | None = None, most: float = 1.0) -> asyncio.Task[Transcript]:
        task = asyncio.get_running_loop().create_task(self._transcribe(pcm, number, most))
        task.add_done_callback(_retrieve)
        return task

    async def _transcribe(self, pcm: Pcm, number: int | None, most: float) -> Transcript:
        heard = await self._ears.transcribe(pcm, topic=self._topic)
        heard = replace(heard, confidence=min(heard.confidence, most))
        if number is not None:
            self._endings[number] = await asyncio.to_thread(self._ending_of, heard)
        return heard


def no_words(why: str) -> asyncio.Future[Transcript]:
    """Something that is no speech, in the place of an utterance's words."""
    future: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
    future.set_result(Transcript("", 0.0, rejected=why))
    return future


def _retrieve(task: "asyncio.Task[Transcript]") -> None:
    """A decode nobody waits for any more must not warn about its unread exception."""
    if not task.cancelled():
        task.exception()


__all__ = ["Decoding", "EarsDown"]
