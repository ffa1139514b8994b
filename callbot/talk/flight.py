"""One attempt of this process between its claim and its end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from callbot.converse.outcome import Outcome
from callbot.converse.transcript import Turn
from callbot.dial.progress import CallProgress
from callbot.line.recording import Recording
from callbot.understand.meaning import Signal
from callbot.workflows.place_due import DialOrder


@dataclass
class Flight:
    """What is known so far. Made when `dialling` is committed, gone when the attempt has ended in the ledger."""

    order: DialOrder
    progress: "asyncio.Queue[CallProgress]" = field(default_factory=asyncio.Queue)
    answered: "asyncio.Future[int]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """The call's id, once the answer is in the ledger."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """The leg has been served to its end (or there never was one)."""
    has_leg: bool = False
    served: bool = False
    """The leg was served to its end without a fault of ours."""
    abort: Callable[[], None] | None = None
    """Drops the bot's leg so that the person hears the apology."""
    interrupted: bool = False
    """We broke it off: the process ends before the call did."""
    unnamed: bool = False
    """No voice: pre-rendered lines, nobody is named (converse.lines.UNNAMED)."""
    announcement: str | None = None
    """What the network said before any answer (prompts/lexicon/announcements.yaml)."""
    outcome: Outcome | None = None
    turns: dict[int, Turn] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    pauses_s: list[float] = field(default_factory=list)
    """Inside the sentences of whoever spoke."""
    recording: Recording | None = None

    @property
    def call_id(self) -> int | None:
        """None while (or where) nobody answered."""
        return self.answered.result() if self.answered.done() and not self.answered.cancelled() else None
