"""How often things happen to people in the simulation. Shares a person and week unless named otherwise.

Distress 0.2 % of contacts and 4-14 % missed contacts are what published welfare-call programmes report (facts/korea.md); the
others are chosen, so that every path of the ledger is walked often, and are printed with the result.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Rates:
    """Of a week."""

    distress: float = 0.002
    hospital: float = 0.003
    death: float = 0.0005
    move: float = 0.0007
    withdraw: float = 0.0004
    do_not_call: float = 0.0005
    refuse_today: float = 0.004
    """Of calls."""
    busy_now: float = 0.01
    """Of calls: "나중에"."""
    hang_up: float = 0.01
    """Of calls: in the middle."""
    says_nothing: float = 0.006
    """Of calls."""
    request: float = 0.01
    """Of answers to "필요하신 것이 있으세요?"."""
    ring_back: float = 0.25
    """Of missed calls: the person rings the number back within the hour."""

    def as_dict(self) -> dict[str, float]:
        return asdict(self)
