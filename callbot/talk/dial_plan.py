"""What dialling needs of its surroundings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from callbot.dial.progress import CallOrder
from callbot.workflows.trunk_calls import Trunks


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
    """E.164 of a virtual recipient -> Asterisk's dial string. Raises KeyError for a number that cannot be dialled here."""
    ring_s: float
    """Where neither person nor programme says."""
    max_calls: int
    data_dir: Path
    trunks: Trunks = field(default_factory=Trunks)
    trunk_dial_string: Callable[[str, str], str] = lambda trunk, _e164: _no_trunk(trunk)
    """(trunk, E.164) -> Asterisk's dial string."""
    least_free_gb: float = 0.0
    """With less room in `data_dir` no new call is placed."""

    @property
    def trunk(self) -> bool:
        """Real numbers can be dialled."""
        return bool(self.trunks.policies)


def _no_trunk(trunk: str) -> str:
    raise KeyError(trunk)
