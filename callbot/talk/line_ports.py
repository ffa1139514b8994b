"""What a conversation needs of the line it is held on, and of whoever may join it."""

from typing import Protocol

from callbot.converse.commands import Transfer
from callbot.converse.events import WorkerState
from callbot.line.happenings import Answered, Said, Utterance
from callbot.listen.listen_for import ListenFor


class LiveLine(Protocol):
    """callbot.line.live_line, as far as a conversation needs it."""

    @property
    def closed(self) -> bool:
        """The other side has gone."""

    def seconds(self) -> float:
        """Now, on the call's own clock (seconds of recording)."""

    async def await_pickup(self, silence_s: float) -> bool:
        """True: something was said first."""

    async def say(self, clip: bytes, *, interruptible: bool = True) -> Said:
        """Play to the end, or until the person takes the turn."""

    async def ask(self, clip: bytes, listen: ListenFor) -> Answered:
        """Play, then listen."""

    def take_overheard(self) -> tuple[Utterance, ...]:
        """What was said and has not been part of a reply yet."""

    async def hang_up(self) -> None:
        """End the call."""


class Connecting(Protocol):
    """callbot.talk.transfer_desk: a worker on the way into this call."""

    @property
    def in_room(self) -> bool:
        """Others than the person are heard on the line: their words are not the person's."""

    async def perform(self, command: Transfer, line: LiveLine) -> tuple[WorkerState, tuple[Utterance, ...]]:
        """What it came to, and what was said meanwhile. Raises LineClosed."""

    async def close(self) -> None:
        """The conversation is over."""
