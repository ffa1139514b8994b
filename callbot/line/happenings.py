"""What came of one command on the line."""

import asyncio
from dataclasses import dataclass, field

from callbot.line.ports import Digit, MarkReached
from callbot.listen.decisions import Acknowledge, FlushPlayback, Resumed, SilenceOver, TurnOver
from callbot.listen.utterance import Transcript


class LineClosed(Exception):
    """The other side is gone; raised by every operation of the line from then on."""


@dataclass(frozen=True)
class Utterance:
    """Speech between two moments of the recording, its words perhaps still on the way."""

    start_s: float
    end_s: float
    words: asyncio.Future[Transcript]
    """Raises EarsDown where recognition is not available."""
    pause_s: float = 0.0
    """The silence that was waited for before the turn was called over."""


@dataclass(frozen=True)
class Said:
    """A line was played, wholly or in part."""

    began_s: float
    """First sound of the line, on the call's clock."""
    overheard: tuple[Utterance, ...] = ()
    """What did not take the turn."""
    took_turn: Utterance | None = None
    """What the person said when taking the turn; its words are there."""
    said_until_s: float | None = None
    """Seconds played before the person took the turn; None: all of it."""


@dataclass(frozen=True)
class Answered:
    """A line was played and then listened to. Exactly one of `utterance`, `digit`, `silence_s` is set."""

    began_s: float
    overheard: tuple[Utterance, ...] = ()
    utterance: Utterance | None = None
    """Its words are there."""
    digit: str | None = None
    silence_s: float | None = None
    said_until_s: float | None = None


@dataclass(frozen=True)
class Closed:
    """The leg ended."""


@dataclass
class Overhearing:
    """Utterances that did not take the turn, kept until the next reply."""

    pending: list[Utterance] = field(default_factory=list)

    def take(self) -> tuple[Utterance, ...]:
        """All of them, once."""
        taken, self.pending = tuple(self.pending), []
        return taken


Happening = TurnOver | SilenceOver | FlushPlayback | Resumed | Acknowledge | Digit | MarkReached | Closed
"""What an operation of the line waits for."""


class Happenings(asyncio.Queue[Happening]):
    """What has happened on the line and was not asked for yet, in order. `Closed` stays for whoever asks next."""

    async def next(self, deadline: float | None = None) -> Happening | None:
        """The next one; None at the deadline (loop time). Raises LineClosed."""
        try:
            async with asyncio.timeout_at(deadline):
                happening = await self.get()
        except TimeoutError:
            return None
        return self._open(happening)

    def forget_old(self) -> None:
        """Empty it: a new operation begins. Raises LineClosed."""
        while not self.empty():
            self._open(self.get_nowait())

    def _open(self, happening: Happening) -> Happening:
        if isinstance(happening, Closed):
            self.put_nowait(happening)
            raise LineClosed
        return happening
