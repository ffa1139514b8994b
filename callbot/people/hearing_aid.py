"""How slowly and how loudly somebody is spoken to: "뭐라고?" and "안 들려" ask for more of it, and it is kept for the next call."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HearingAid:
    """Relative to how everybody is spoken to."""

    speed: float = 1.0
    """0.8 takes a quarter longer."""
    louder_db: float = 0.0


NO_AID = HearingAid()
STEPS = (NO_AID, HearingAid(0.88, 3.0), HearingAid(0.78, 6.0))
"""Slower than the last step words fall apart, louder than it G.711 clips."""
SPEEDS = {1.0: "보통", 0.88: "조금 천천히", 0.78: "아주 천천히"}
LOUDNESS = {0.0: "보통", 3.0: "크게", 6.0: "아주 크게"}
"""What a worker may choose, in words."""


def more(aid: HearingAid) -> HearingAid:
    """The next step of speed and loudness, each from where it is; the last one stays.

    >>> more(HearingAid(1.0, 6.0))
    HearingAid(speed=0.88, louder_db=6.0)
    """
    slower = next((step.speed for step in STEPS if step.speed < aid.speed), aid.speed)
    louder = next((step.louder_db for step in STEPS if step.louder_db > aid.louder_db), aid.louder_db)
    return HearingAid(slower, louder)


def aid_of(speed: float | None, louder_db: float | None, *, hard_of_hearing: bool) -> HearingAid:
    """What is known of a person; who is enrolled as hard of hearing begins at the first step."""
    usual = STEPS[1] if hard_of_hearing else NO_AID
    return HearingAid(
        usual.speed if speed is None else speed,
        usual.louder_db if louder_db is None else louder_db,
    )
