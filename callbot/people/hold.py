"""A hold: nobody calls this person while it lasts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldReason(StrEnum):
    """Why."""

    HOSPITAL = "hospital"
    TRAVEL = "travel"
    DO_NOT_CALL = "do_not_call"  # the person said so
    DEAD = "dead"
    MOVED = "moved"
    OTHER = "other"


HOLD_KO: dict[HoldReason, str] = {
    HoldReason.HOSPITAL: "입원",
    HoldReason.TRAVEL: "여행·출타",
    HoldReason.DO_NOT_CALL: "통화 거부",
    HoldReason.DEAD: "사망(확인 필요)",
    HoldReason.MOVED: "이사(확인 필요)",
    HoldReason.OTHER: "기타",
}


@dataclass(frozen=True)
class Hold:
    """From `starts_at` to `until` (None: until somebody lifts it)."""

    reason: HoldReason
    starts_at: datetime
    until: datetime | None = None
    lifted_at: datetime | None = None

    def at(self, now: datetime) -> bool:
        """In force at `now`."""
        if now < self.starts_at or (self.lifted_at is not None and self.lifted_at <= now):
            return False
        return self.until is None or now < self.until
