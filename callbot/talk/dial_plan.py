"""What dialling needs of its surroundings."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callbot.dial.progress import CallOrder


class SwitchboardPort(Protocol):
    """callbot.adapters.asterisk_ami, as far as dialling needs it."""

    @property
    def connected(self) -> bool:
        """Calls can be placed."""

    async def originate(self, order: CallOrder) -> None:
        """Place a call; whatever it raises, nobody was called."""

    async def hang_up(self, attempt_key: str) -> None:
        """End a call quietly."""


class Renderer(Protocol):
    """Renders lines beside the live calls."""

    async def render(self, lines: list[tuple[str, bool]]) -> int:
        """How many were missing."""


@dataclass(frozen=True)
class DialPlan:
    """How this installation dials."""

    owner: str
    """Of leases: unique to this process."""
    dial_string: Callable[[str], str]
    """E.164 -> Asterisk's dial string. Raises KeyError for a number that cannot be dialled here."""
    ring_s: float
    max_calls: int
    data_dir: Path
    trunk: bool = False
